/* Tables of parks and of projects: sorted by a click, searched, and handed on as CSV. */
(function (geoplan) {
  'use strict';

  const { element, given, t, tn } = geoplan;
  const ROWS = 40;
  const CUT = 160;

  geoplan.titleOf = ({ label, unit }) => (unit ? `${t(label)}, ${t(unit)}` : t(label));

  class Ledger {
    constructor(page, key, table, { title, hidden = [], fits, choose = null }) {
      Object.assign(this, { page, key, title, fits, choose, shown: ROWS });
      this.sift = new geoplan.Sift(table.fields, table.count);
      this.sift.sort = { column: 'invest_bn_kzt', down: true };
      hidden.forEach((column) => this.sift.hidden.add(column));
    }

    rows() { return this.sift.rows().filter((row) => this.fits(row)); }

    /** The whole of it, with what its reader has chosen. */
    build() {
      this.body = element('tbody');
      this.count = element('span', 'count');
      this.count.setAttribute('aria-live', 'polite');
      this.more = geoplan.button('more', t('Show more'), () => {
        this.shown *= 4;
        this.fill();
      });
      this.heads = this.sift.shownFields().map((field) => this.head(field));
      const table = element(
        'table', 'ledger', element('caption', '', this.title()),
        element('thead', '', element('tr', '', ...this.heads)), this.body,
      );
      this.fill();
      return element('div', '', this.controls(), geoplan.scrolled(table, this.title()), this.more);
    }

    controls() {
      const search = element('input');
      search.type = 'search';
      search.value = this.sift.sought;
      search.placeholder = t('Search');
      search.dataset.key = `${this.key}-search`;
      search.setAttribute('aria-label', t('Search: {table}', { table: this.title() }));
      search.addEventListener('input', () => {
        this.sift.sought = search.value;
        this.shown = ROWS;
        this.fill();
      });
      const save = geoplan.button('', 'CSV', () => this.save());
      save.setAttribute('aria-label', t('Save as CSV: {table}', { table: this.title() }));
      return element('p', 'controls', search, save, this.count);
    }

    save() {
      const blob = geoplan.csvOf(this.sift.shownFields(), Uint32Array.from(this.rows()));
      geoplan.download(blob, `${geoplan.fileName(`${this.page.data.name} ${this.title()}`)}.csv`);
    }

    head(field) {
      const button = geoplan.button('', geoplan.titleOf(field), () => this.sortBy(field.column));
      const cell = element('th', field.numeric ? 'n' : '', button);
      cell.scope = 'col';
      return cell;
    }

    sortBy(column) {
      const { sort } = this.sift;
      this.sift.sort = { column, down: sort?.column === column && !sort.down };
      this.fill();
    }

    fill() {
      const rows = this.rows();
      const { column, down } = this.sift.sort || {};
      this.sift.shownFields().forEach((field, i) => {
        const says = field.column !== column ? 'none' : down ? 'descending' : 'ascending';
        this.heads[i].setAttribute('aria-sort', says);
      });
      const lines = Array.from(rows.slice(0, this.shown), (row) => this.line(row));
      this.body.replaceChildren(...lines);
      const all = tn('{n} row', '{n} rows', rows.length);
      this.count.textContent = rows.length > this.shown
        ? t('{all}; the first {some} are shown', { all, some: geoplan.formatNumber(this.shown) }) : all;
      this.more.hidden = rows.length <= this.shown;
    }

    line(row) {
      return element('tr', '', ...this.sift.shownFields().map((field, i) => {
        const cell = element(i ? 'td' : 'th', field.numeric ? 'n' : field.column);
        if (!i) cell.scope = 'row';
        const value = field.numeric ? field.at(row) : field.told(row);
        if (value === null) return cell;
        cell.append(field.numeric ? geoplan.inColumn(field, value) : this.text(field, row, value));
        return cell;
      }));
    }

    text(field, row, value) {
      const box = given(value.length > CUT ? `${value.slice(0, CUT)}…` : value, field.lang);
      if (value.length > CUT) box.title = value;
      if (field.column !== 'name' || !this.choose) return box;
      return geoplan.button('plain', value, () => this.choose(row), box);
    }
  }

  function kept(page, key, make) {
    page.ledgers[key] ||= make();
    return page.ledgers[key].build();
  }

  function goTo(page, row) {
    if (!page.inRegion(row)) return;
    document.querySelector(`#parks [data-park="${row}"]`)?.focus();
  }

  geoplan.sections.push({
    key: 'tables',
    title: () => t('Tables'),
    build: (page) => [
      kept(page, 'parks', () => new Ledger(page, 'parks', page.parks, {
        title: () => t('Parks'), fits: (row) => page.inRegion(row), choose: (row) => goTo(page, row),
      })),
      kept(page, 'projects', () => new Ledger(page, 'projects', page.projects, {
        title: () => t('Projects'), hidden: ['lacks_in'], fits: (row) => page.projectInRegion(row),
      })),
    ],
  });
})((window.geoplan = window.geoplan || {}));
