/* A table of any length: only the rows in view are in the page. */
(function (geoplan) {
  'use strict';

  const ROW_PX = 28;
  const SPARE_ROWS = 6;
  const TALLEST_PX = 15e6; // browsers do not make elements much taller; beyond, scrolling is scaled
  const SAMPLED = 60;
  const WIDTH_CH = [9, 44];
  const { element, given, t, tn } = geoplan;

  geoplan.titleOf = ({ label, unit }) => (unit ? `${t(label)}, ${t(unit)}` : t(label));

  function told(field, row) {
    const value = field.numeric ? field.at(row) : field.told(row);
    return field.numeric && value !== null ? geoplan.inColumn(field, value) : value;
  }

  /** A width that most cells, the title on two lines and the foot fit into, in digits. */
  function widthOf(field, rows) {
    const title = geoplan.titleOf(field);
    let width = Math.max(title.length / 2 + 3, ...title.split(' ').map((word) => word.length + 3));
    if (field.numeric) width = Math.max(width, geoplan.together(field, rows).length + 2);
    const step = Math.ceil(rows.length / SAMPLED);
    for (let place = 0; place < rows.length; place += step) {
      width = Math.max(width, (told(field, rows[place])?.length ?? 0) + 3);
    }
    return Math.round(Math.min(Math.max(width, WIDTH_CH[0]), WIDTH_CH[1]));
  }

  function gap() {
    const row = element('tr', 'geoplan-gap', element('td'));
    row.setAttribute('aria-hidden', 'true');
    return row;
  }

  geoplan.Grid = class {
    /* A ledger is { key, title, sift, visit(view, row, { focus }) } and where its rows stand for
       plots `plotsOf(view, row)` and `rowOf(plot)`. It keeps `active`, the row that was last gone
       to, `top`, how far it was scrolled, and `sifting`, whether columns have filters. */
    constructor(view, ledger) {
      Object.assign(this, { view, ledger, sift: ledger.sift, from: 0, marked: -1 });
      this.body = element('tbody');
      this.table = element('table', 'geoplan-grid');
      this.table.setAttribute('role', 'grid');
      this.table.setAttribute('aria-label', t(ledger.title));
      this.scroller = element('div', 'geoplan-scroller', this.table);
      this.scroller.tabIndex = -1;
      this.detail = element('p', 'geoplan-detail');
      this.scroller.addEventListener('scroll', () => this.onScroll());
      this.scroller.addEventListener('keydown', (event) => this.onKey(event));
      this.body.addEventListener('click', (event) => this.onClick(event));
      this.body.addEventListener('mouseover', (event) => this.point(this.rowAt(event.target)));
      this.body.addEventListener('mouseleave', () => this.point(-1));
      new ResizeObserver(() => this.draw()).observe(this.scroller);
      this.sieve();
      this.build();
    }

    /** Makes the table anew: its columns or their filters have changed. */
    build() {
      const { sift, table } = this;
      this.fields = sift.shownFields();
      const widths = this.fields.map((field) => widthOf(field, sift.ordered()));
      this.widths = widths;
      widths[0] = Math.max(widths[0], this.counted(sift.count).length + 2);
      table.style.width = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
      const columns = element('colgroup', '', ...widths.map((width) => {
        const column = element('col');
        column.style.width = `${width}ch`;
        return column;
      }));
      this.heads = this.fields.map((field) => this.head(field));
      this.feet = this.fields.map((field) => element('td', field.numeric ? 'geoplan-number' : ''));
      this.foot = element('tr', '', ...this.feet);
      table.setAttribute('aria-colcount', this.fields.length);
      table.replaceChildren(
        columns, element('thead', '', element('tr', '', ...this.heads)), this.body,
        element('tfoot', '', this.foot),
      );
      table.tHead.rows[0].setAttribute('aria-rowindex', 1);
      this.showSort();
      this.refresh();
    }

    head(field) {
      const button = geoplan.button('', geoplan.titleOf(field), () => this.sortBy(field.column));
      button.tabIndex = -1;
      const cell = element('th', field.numeric ? 'geoplan-number' : '', button);
      cell.scope = 'col';
      if (this.ledger.sifting) cell.append(this.filterOf(field));
      return cell;
    }

    filterOf(field) {
      const { filters } = this.sift;
      const choices = geoplan.hasChoices(field);
      const input = element(choices ? 'select' : 'input');
      if (choices) {
        input.append(new Option(t('all'), ''), ...field.texts.map((text, code) => (
          new Option(field.say(text), code)
        )));
        if (field.codes.includes(-1)) input.append(new Option(t('not stated'), -1));
      } else input.placeholder = field.numeric ? '>5, 1–3' : '…';
      input.value = filters.get(field.column) ?? '';
      input.setAttribute('aria-label', t('Filter: {column}', { column: t(field.label) }));
      const judge = () => {
        const wanted = filters.get(field.column);
        const good = !wanted || !field.numeric || geoplan.readRange(wanted);
        input.setAttribute('aria-invalid', String(!good));
      };
      judge();
      input.addEventListener('input', () => {
        const wanted = input.value.trim();
        if (wanted) filters.set(field.column, wanted);
        else filters.delete(field.column);
        judge();
        this.changed();
      });
      return input;
    }

    sortBy(column) {
      const { sort } = this.sift;
      this.sift.sort = { column, down: sort?.column === column && !sort.down };
      this.showSort();
      this.changed();
    }

    showSort() {
      const { column, down } = this.sift.sort || {};
      this.fields.forEach((field, i) => {
        const says = field.column !== column ? 'none' : down ? 'descending' : 'ascending';
        this.heads[i].setAttribute('aria-sort', says);
      });
      const reached = Math.max(0, this.fields.findIndex((field) => field.column === column));
      this.heads.forEach(({ firstChild }, i) => { firstChild.tabIndex = i === reached ? 0 : -1; });
    }

    counted(n) { return tn('{n} row', '{n} rows', n); }

    sieve() { this.rows = this.sift.rows(); }

    /** Shows what is left after a change of order or filters, from the top. */
    changed() {
      this.sieve();
      this.scroller.scrollTop = 0;
      this.from = 0;
      this.refresh();
    }

    refresh() {
      this.table.setAttribute('aria-rowcount', this.rows.length + 2);
      this.foot.setAttribute('aria-rowindex', this.rows.length + 2);
      this.fields.forEach((field, i) => {
        this.feet[i].textContent = field.numeric ? geoplan.together(field, this.rows) : '';
      });
      this.feet[0].textContent = this.counted(this.rows.length);
      this.draw();
      this.onChange?.();
    }

    /* Which rows are in view */

    measure() {
      const room = this.scroller.clientHeight - this.table.tHead.offsetHeight - this.table.tFoot.offsetHeight;
      const whole = this.rows.length * ROW_PX;
      const tall = Math.min(whole, TALLEST_PX);
      const stretch = tall < whole ? (whole - room) / (tall - room) : 1;
      return { room: Math.max(room, ROW_PX), tall, stretch };
    }

    onScroll() {
      this.ledger.top = this.scroller.scrollTop;
      this.request ||= requestAnimationFrame(() => this.draw());
    }

    draw() {
      cancelAnimationFrame(this.request);
      this.request = null;
      const { room, tall, stretch } = this.measure();
      const { scrollTop } = this.scroller;
      const top = scrollTop * stretch;
      const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
      const last = Math.min(this.rows.length, Math.ceil((top + room) / ROW_PX) + SPARE_ROWS);
      const above = Math.max(0, scrollTop + first * ROW_PX - top);
      const held = this.body.contains(document.activeElement);
      const lines = [];
      for (let place = first; place < last; place++) lines.push(this.line(place));
      const gaps = [gap(), gap()];
      gaps[0].style.height = `${above}px`;
      gaps[1].style.height = `${Math.max(0, tall - above - lines.length * ROW_PX)}px`;
      this.from = Math.ceil(top / ROW_PX);
      this.body.replaceChildren(gaps[0], ...lines, gaps[1]);
      this.reach();
      if (held) (this.lineOf(this.ledger.active) || this.scroller).focus({ preventScroll: true });
    }

    line(place) {
      const row = this.rows[place];
      const line = element('tr', '', ...this.fields.map((field) => {
        const text = told(field, row);
        const cell = element('td', field.numeric ? 'geoplan-number' : '');
        if (text === null) return cell;
        cell.append(field.numeric ? text : given(text));
        if (field.lang) cell.lang = field.lang;
        if (text.length > WIDTH_CH[0]) cell.title = text;
        return cell;
      }));
      line.dataset.row = row;
      line.tabIndex = -1;
      line.setAttribute('aria-rowindex', place + 2);
      line.setAttribute('aria-selected', String(row === this.marked));
      return line;
    }

    lineOf(row) { return this.body.querySelector(`[data-row="${row}"]`); }

    rowAt(target) { return Number(target.closest('[data-row]')?.dataset.row ?? -1); }

    /** One row is a stop of the Tab key: where one was last, or else the first in view. */
    reach() {
      const line = this.lineOf(this.ledger.active) || this.body.querySelector('[data-row]');
      if (line) line.tabIndex = 0;
    }

    /** Makes a row the one that keys start from, and says below what its cells cut short. */
    reachAt(row) {
      this.ledger.active = row;
      const cut = this.fields.filter((field, i) => told(field, row)?.length + 1 > this.widths[i]);
      this.detail.replaceChildren(...cut.map((field) => (
        element('span', '', `${t(field.label)}: `, given(told(field, row), field.lang))
      )));
    }

    scrollTo(place) {
      const { room, stretch } = this.measure();
      const top = this.scroller.scrollTop * stretch;
      const at = place * ROW_PX;
      if (at < top) this.scroller.scrollTop = at / stretch;
      else if (at + ROW_PX > top + room) this.scroller.scrollTop = (at + ROW_PX - room) / stretch;
      this.draw();
    }

    go(place) {
      if (!this.rows.length) return;
      const at = Math.min(Math.max(place, 0), this.rows.length - 1);
      this.reachAt(this.rows[at]);
      this.scrollTo(at);
      this.lineOf(this.ledger.active)?.focus({ preventScroll: true });
    }

    /** Marks a row and brings it into view; -1 for none. */
    mark(row) {
      this.marked = row;
      const place = row < 0 ? -1 : this.rows.indexOf(row);
      if (place < 0) {
        this.draw();
        return;
      }
      this.reachAt(row);
      this.scrollTo(place);
    }

    point(row) { this.view.hover(row < 0 ? null : this.ledger.plotsOf?.(this.view, row)[0] ?? null); }

    /* Keys and clicks */

    onClick({ target }) {
      const row = this.rowAt(target);
      if (row < 0) return;
      this.reachAt(row);
      this.reach();
      this.ledger.visit(this.view, row, { focus: false });
    }

    onKey(event) {
      const handled = this.table.tHead.contains(event.target)
        ? this.onHeadKey(event) : this.onRowKey(event.key);
      if (handled) event.preventDefault();
    }

    onHeadKey({ key, target }) {
      if (target.tagName !== 'BUTTON') return false;
      if (key === 'ArrowDown') this.go(this.from);
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      if (step) this.heads[this.heads.indexOf(target.parentElement) + step]?.firstChild.focus();
      return key === 'ArrowDown' || Boolean(step);
    }

    onRowKey(key) {
      const here = this.rows.indexOf(this.ledger.active ?? this.rows[0]);
      const page = Math.floor(this.measure().room / ROW_PX);
      const there = {
        ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page,
        Home: 0, End: this.rows.length - 1,
      }[key];
      if (key === 'ArrowUp' && here <= 0) this.table.querySelector('thead [tabindex="0"]').focus();
      else if (there !== undefined) this.go(there);
      else if (key === 'Enter' && here >= 0) this.enter(this.rows[here]);
      return there !== undefined || key === 'Enter';
    }

    /** Goes to what a row tells of; Escape comes back from there. */
    enter(row) {
      this.ledger.visit(this.view, row, { focus: true });
      document.querySelector('.leaflet-popup')?.addEventListener('keydown', ({ key }) => {
        if (key === 'Escape' && this.table.isConnected) this.go(this.rows.indexOf(row));
      });
    }
  };
})((window.geoplan = window.geoplan || {}));
