/* Which rows of a table are shown, in which order, and what their numbers add up to. */
(function (geoplan) {
  'use strict';

  const NULL = -(2 ** 31);
  const CHOICES_MOST = 24;
  /* Columns whose numbers may be added; of the others the least and the greatest are told. */
  const ADDED = new Set([
    'area_ha', 'area_ha_a', 'area_ha_b', 'given_ha', 'asked_ha', 'price_mln_kzt', 'invest_bn_kzt', 'jobs', 'power_mw',
    'water_m3d', 'wastewater_m3d', 'gas_m3h', 'heat_gcalh', 'length_m',
  ]);
  const TESTS = {
    '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b,
    '=': (a, b) => a === b,
  };

  const folded = (text) => text.toLocaleLowerCase();
  const inWords = (field) => field.texts.map((text) => field.say(text));

  /** A test of numbers from `>5`, `<=2.5`, `1-3` or `7`; null where that cannot be understood. */
  geoplan.readRange = function (text) {
    const plain = text.replace(/\s/g, '').replaceAll(',', '.').replace('≥', '>=').replace('≤', '<=');
    const [, sign = '=', first, second] = /^([<>]=?|=)?(-?[\d.]+)(?:[-–](-?[\d.]+))?$/.exec(plain) || [];
    const [low, high] = [Number(first), Number(second ?? first)];
    if (Number.isNaN(low) || Number.isNaN(high) || (second && sign !== '=')) return null;
    return second ? (number) => number >= low && number <= high : (number) => TESTS[sign](number, low);
  };

  function numberTest(field, within) {
    return within && ((row) => {
      const number = field.at(row);
      return number !== null && within(number);
    });
  }

  /** Texts are searched once each, not once a row. */
  function textTest(field, sought) {
    const met = Uint8Array.from(inWords(field), (text) => Number(folded(text).includes(sought)));
    return (row) => met[field.codes[row]] === 1;
  }

  function columnTest(field, wanted) {
    if (field.numeric) return numberTest(field, geoplan.readRange(wanted));
    if (geoplan.hasChoices(field)) return (row) => field.codes[row] === Number(wanted);
    return textTest(field, folded(wanted));
  }

  /** Whether a column says so few different things that one can choose among them. */
  geoplan.hasChoices = ({ numeric, worded, texts, codes }) => !numeric
    && texts.length <= CHOICES_MOST && (worded || texts.length * 4 <= codes.length);

  /** Numbers that sort rows as their values do; NaN where there is none. */
  function keysOf(field) {
    if (field.numeric) return Float64Array.from(field.numbers, (number) => (number === NULL ? NaN : number));
    const { compare } = new Intl.Collator(geoplan.locale(), { numeric: true });
    const words = inWords(field);
    const rank = new Float64Array(words.length);
    Array.from(words.keys()).sort((a, b) => compare(words[a], words[b]))
      .forEach((code, place) => { rank[code] = place; });
    return Float64Array.from(field.codes, (code) => (code < 0 ? NaN : rank[code]));
  }

  geoplan.Sift = class {
    constructor(fields, count) {
      Object.assign(this, { fields, count, sought: '', filters: new Map(), sort: null, hidden: new Set() });
    }

    shownFields() { return this.fields.filter(({ column }) => !this.hidden.has(column)); }

    /** All rows in order; where there is nothing to sort by, rows come last. */
    ordered() {
      const { column, down } = this.sort || {};
      const key = [column, down, geoplan.language()].join();
      if (this.orderedBy === key) return this.order;
      this.orderedBy = key;
      const rows = Uint32Array.from({ length: this.count }, (_, row) => row);
      const field = this.fields.find((one) => one.column === column);
      this.order = rows;
      if (field) {
        const keys = keysOf(field);
        const sign = down ? -1 : 1;
        const known = rows.filter((row) => !Number.isNaN(keys[row]));
        known.sort((a, b) => sign * (keys[a] - keys[b]) || a - b);
        this.order = new Uint32Array(this.count);
        this.order.set(known);
        this.order.set(rows.filter((row) => Number.isNaN(keys[row])), known.length);
      }
      return this.order;
    }

    /** What is sought may stand in any column: within texts, or as a number. */
    anywhere() {
      const sought = folded(this.sought.trim());
      const number = Number(sought.replace(',', '.'));
      const tests = this.fields.map((field) => {
        if (!field.numeric) return textTest(field, sought);
        return Number.isNaN(number) ? null : numberTest(field, (value) => value === number);
      }).filter(Boolean);
      return (row) => tests.some((test) => test(row));
    }

    /** Rows that pass all filters, in order; filters that cannot be understood let all pass. */
    rows() {
      const tests = [...this.filters].map(([column, wanted]) => (
        columnTest(this.fields.find((field) => field.column === column), wanted)
      ));
      if (this.sought.trim()) tests.push(this.anywhere());
      const asked = tests.filter(Boolean);
      return asked.length ? this.ordered().filter((row) => asked.every((test) => test(row))) : this.ordered();
    }
  };

  /** How many decimals a column needs, so that its numbers stand one under the other. */
  function decimalsOf(field) {
    const fits = (decimals) => {
      const step = 10 ** (field.digits - decimals);
      return field.numbers.every((number) => number === NULL || number % step === 0);
    };
    let decimals = 0;
    while (decimals < field.digits && !fits(decimals)) decimals += 1;
    return decimals;
  }

  /** A number of a column as its cells say it. */
  geoplan.inColumn = function (field, number) {
    field.decimals ??= decimalsOf(field);
    return geoplan.formatNumber(number, {
      digits: field.decimals, atLeast: field.decimals, grouped: field.grouped,
    });
  };

  /** What the numbers of rows come to: their sum, or the least and the greatest. */
  geoplan.together = function (field, rows) {
    let [sum, least, greatest] = [0, Infinity, -Infinity];
    rows.forEach((row) => {
      const steps = field.numbers[row];
      if (steps === NULL) return;
      sum += steps;
      least = Math.min(least, steps);
      greatest = Math.max(greatest, steps);
    });
    if (least === Infinity) return '';
    const told = (steps) => geoplan.inColumn(field, steps * field.scale);
    if (ADDED.has(field.column)) return `Σ ${told(sum)}`;
    return least === greatest ? told(least) : `${told(least)} – ${told(greatest)}`;
  };
})((window.geoplan = window.geoplan || {}));
