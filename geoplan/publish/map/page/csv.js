/* Tables as CSV files, by the rules of geoplan/publish/cells.py. */
(function (geoplan) {
  'use strict';

  const ROWS_AT_ONCE = 20000;
  const NAME_MOST = 80;
  /* A spreadsheet runs a cell that begins with one of these; where the list separator is the
     semicolon, cells begin after semicolons and line ends too. */
  const FORMULA = /(^|[;\r\n])(?=[=+\-@\t\r])/g;
  const UNWRITABLE = /[\0-\x08\v\f\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]/gu;

  function cell(value) {
    const text = typeof value === 'number'
      ? String(value) : value.replace(UNWRITABLE, '\ufffd').replace(FORMULA, "$1'");
    return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  const line = (values) => `${values.map((value) => (value === null ? '' : cell(value))).join()}\r\n`;

  /** A file of rows: titles with units, numbers with points, texts as the reader is told them. */
  geoplan.csvOf = function (fields, rows) {
    const parts = ['\ufeff', line(fields.map(geoplan.titleOf))];
    const value = (field, row) => (field.numeric ? field.at(row) : field.told(row));
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = Array.from(rows.subarray(start, start + ROWS_AT_ONCE));
      parts.push(some.map((row) => line(fields.map((field) => value(field, row)))).join(''));
    }
    return new Blob(parts, { type: 'text/csv;charset=utf-8' });
  };

  /** A text as a name that every file system takes. */
  geoplan.fileName = (text) => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').slice(0, NAME_MOST)
    .replace(/^-|-$/g, '').replace(/[\ud800-\udfff]/gu, '');

  geoplan.download = function (blob, name) {
    const link = geoplan.element('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
})((window.geoplan = window.geoplan || {}));
