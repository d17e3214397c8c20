/* Tables: fields by name, each with a value per row. */
(function (geoplan) {
  'use strict';

  const NULL = -(2 ** 31);
  const IN_ENGLISH = new Set(['reason', 'message', 'remedy']); // sentences that geoplan makes

  class Field {
    constructor(coded) {
      Object.assign(this, coded);
      this.numeric = Boolean(coded.numbers);
      this.lang = IN_ENGLISH.has(coded.column) ? 'en' : '';
      this.scale = 10 ** -(coded.digits || 0);
    }

    /** The value in a row: a number, a text as the input gave it, or null. */
    at(row) {
      if (this.numeric) {
        const steps = this.numbers[row];
        if (steps === NULL) return null;
        return this.digits > 0 ? steps / 10 ** this.digits : steps * this.scale; // as near as can be
      }
      const code = this.codes[row];
      return code < 0 ? null : this.texts.at(code);
    }

    /** A text as the reader is told it. */
    say(text) { return this.worded ? geoplan.t(text.replaceAll('_', ' ')) : text; }

    /** The value as the reader is told it, with its unit; null where there is none. */
    told(row, { unit = true } = {}) {
      const value = this.at(row);
      if (value === null) return null;
      if (!this.numeric) return this.say(value);
      const text = geoplan.formatNumber(value, { digits: Math.max(0, this.digits), grouped: this.grouped });
      return unit && this.unit ? `${text} ${geoplan.t(this.unit)}` : text;
    }
  }

  class Table {
    constructor(fields, count) {
      this.count = count;
      this.fields = fields.map((coded) => new Field(coded));
      this.byName = new Map(this.fields.map((field) => [field.column, field]));
    }

    has(column) { return this.byName.has(column); }

    field(column) { return this.byName.get(column); }

    /** The value of a column in a row, or null where the table has no such column. */
    at(column, row) { return this.byName.get(column)?.at(row) ?? null; }
  }

  geoplan.Field = Field;
  geoplan.Table = Table;

  /** A column of texts alone: what each row says, or null. */
  geoplan.readTexts = ({ texts, codes }) => (row) => (codes[row] < 0 ? null : texts.at(codes[row]));
})((window.geoplan = window.geoplan || {}));
