/* The page: its data, what its reader chose, and the pieces that all sections are made of. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;
  const SVG = 'http://www.w3.org/2000/svg';
  const TRILLION = 1000; // of billions
  const CURRENCIES = ['KZT', 'USD'];
  const LETTERS_MOST = 26;

  geoplan.sections = []; // { key, title(), build(page) -> nodes }, in the order of the page

  /** What the page shows of a programme: its data, a currency, a region and a park. */
  geoplan.Page = class {
    constructor(data) {
      this.data = data;
      this.parks = new geoplan.Table(data.parks.fields, data.parks.count);
      this.projects = new geoplan.Table(data.projects.fields, data.projects.count);
      this.currency = CURRENCIES[0];
      this.region = null;
      this.park = -1;
      this.ledgers = {};
    }

    get regions() { return this.parks.field('region')?.texts.map((text) => text) || []; }

    /** A park's name without what stands in brackets and without words that all parks' names have. */
    shortName(row) {
      const wordsOf = (name) => name.replace(/\s*\(.*$/s, '').trim().split(/\s+/);
      this.names ??= Array.from({ length: this.parks.count }, (_, one) => wordsOf(this.parkName(one)));
      const { names } = this;
      this.common ??= new Set(names.length < 2 ? [] : names[0].filter((word) => names.every((words) => words.includes(word))));
      const own = names[row].filter((word) => !this.common.has(word)).join(' ');
      return own && own.length <= LETTERS_MOST ? own : this.parks.at('park_id', row) ?? '';
    }

    parkName(row) { return this.parks.at('name', row) ?? this.parks.at('park_id', row); }

    /** Parks of the region that is chosen, or all; the greatest investment first. */
    parksShown() {
      const rows = Array.from({ length: this.parks.count }, (_, row) => row);
      const worth = (row) => this.parks.at('invest_bn_kzt', row) ?? 0;
      return rows.filter((row) => this.inRegion(row)).sort((a, b) => worth(b) - worth(a) || a - b);
    }

    inRegion(row) { return this.region === null || this.parks.at('region', row) === this.region; }

    /** Whether a project stands in the region that is chosen, or may. */
    projectInRegion(row) {
      if (this.region === null) return true;
      const where = this.projects.at('where', row);
      return where === null || where.split('; ').includes(this.region);
    }

    /** Draws the page anew, in the language and currency chosen; keys stay where they were. */
    draw() {
      const held = document.activeElement?.dataset.key;
      document.documentElement.lang = geoplan.language();
      this.resizing?.disconnect();
      this.resizing = new ResizeObserver((seen) => seen.forEach(({ target }) => target.fit?.()));
      const main = element('main', '', ...geoplan.sections.map((section) => this.section(section)));
      const old = [...document.body.children].filter(({ tagName }) => ['HEADER', 'MAIN'].includes(tagName));
      old.forEach((node) => node.remove());
      document.body.prepend(this.header(), main);
      document.querySelectorAll('.fitted').forEach((box) => {
        box.fit();
        this.resizing.observe(box);
      });
      if (held) document.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
    }

    section({ key, title, build }) {
      const section = element('section', '', element('h2', '', title()), ...build(this));
      section.id = key;
      return section;
    }

    header() {
      const { name, notice } = this.data;
      const links = geoplan.sections.slice(1).map(({ key, title }) => {
        const link = element('a', '', title());
        link.href = `#${key}`;
        return link;
      });
      const says = notice ? [element('p', 'notice', given(notice))] : [];
      const nav = element('nav', '', ...links);
      nav.setAttribute('aria-label', t('Sections'));
      return element(
        'header', '', element('div', 'choices', this.currencies(), this.languages()),
        element('p', 'over', t('Programme of industrial parks')), element('h1', '', given(name)), ...says, nav,
      );
    }

    currencies() {
      const rate = geoplan.formatNumber(this.data.rate, { digits: 2 });
      const buttons = CURRENCIES.map((currency) => {
        const button = geoplan.button('', currency, () => {
          this.currency = currency;
          this.draw();
        });
        button.dataset.key = currency;
        button.setAttribute('aria-pressed', String(currency === this.currency));
        return button;
      });
      const box = element('span', 'switch', ...buttons);
      box.setAttribute('role', 'group');
      box.setAttribute('aria-label', t('Money in'));
      return element('span', '', box, ' ', element('small', '', t('1 USD = {rate} KZT', { rate })));
    }

    languages() {
      const { languageNames } = geoplan;
      const select = element('select', '', ...Object.entries(languageNames).map(([code, name]) => {
        const option = new Option(name, code, code === geoplan.language(), code === geoplan.language());
        option.lang = code;
        return option;
      }));
      select.dataset.key = 'language';
      select.setAttribute('aria-label', t('Language'));
      select.addEventListener('change', () => {
        geoplan.speak(select.value, this.data.catalogues);
        this.draw();
      });
      return select;
    }

    /** Chooses a region, or all for null. */
    chooseRegion(region) {
      this.region = region;
      if (this.park >= 0 && !this.inRegion(this.park)) this.park = -1;
      this.draw();
    }

    /* Money, which the data hold in billions of KZT */

    /** An amount in a currency's own unit: the number, and what it counts. */
    counted(bn, currency = this.currency) {
      const amount = currency === 'USD' ? bn / this.data.rate : bn;
      const size = Math.abs(amount);
      const number = (value) => geoplan.inDigits(value, geoplan.digitsFor(value));
      if (currency === 'USD') {
        return size && size < 0.1 ? [number(amount * 1000), t('mln USD')] : [number(amount), t('bn USD')];
      }
      return size >= TRILLION ? [number(amount / TRILLION), t('trn KZT')] : [number(amount), t('bn KZT')];
    }

    money(bn, currency) { return this.counted(bn, currency).join('\u00a0'); }

    /** The other currency, for whoever thinks in that. */
    otherwise(bn) { return this.money(bn, CURRENCIES.find((name) => name !== this.currency)); }
  };

  /** Decimals that tell a number by three digits. */
  geoplan.digitsFor = (value) => (Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);

  /** A number with so many decimals, zeros as well. */
  geoplan.inDigits = (value, digits) => geoplan.formatNumber(value, { digits, atLeast: digits });

  geoplan.percentOf = function (share, digits = 1) {
    return t('{n} %', { n: geoplan.inDigits(100 * share, digits) });
  };

  /** An element of a drawing. */
  geoplan.shape = function (tag, attributes, ...children) {
    const shape = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => shape.setAttribute(name, value));
    shape.append(...children);
    return shape;
  };

  /** A box whose drawing is made for its width, whenever that changes; on paper for another. */
  geoplan.fitted = function (className, paperPx, make) {
    const box = element('div', `fitted ${className}`);
    box.onPaper = false;
    box.fit = (paper = box.onPaper) => {
      box.onPaper = paper;
      const width = paper ? paperPx : Math.max(260, Math.floor(box.clientWidth));
      if (width === box.drawnFor) return;
      box.drawnFor = width;
      const held = box.contains(document.activeElement) && document.activeElement.dataset.key;
      box.replaceChildren(make(width));
      if (held) box.querySelector(`[data-key="${held}"]`)?.focus({ preventScroll: true });
    };
    return box;
  };

  /** A table; a cell is a text or an element, or { number: text }, which is set to the right. */
  geoplan.figuresTable = function (caption, heads, rows, foot = null) {
    const cell = (tag, content) => {
      const box = element(tag, content?.number === undefined ? '' : 'n');
      box.append(content?.number ?? content ?? '');
      return box;
    };
    const line = (cells) => element('tr', '', ...cells.map((content, i) => {
      const box = cell(i ? 'td' : 'th', content);
      if (!i) box.scope = 'row';
      return box;
    }));
    const head = element('tr', '', ...heads.map((content) => {
      const box = cell('th', content);
      box.scope = 'col';
      return box;
    }));
    const table = element(
      'table', '', element('caption', '', caption), element('thead', '', head),
      element('tbody', '', ...rows.map(line)), ...(foot ? [element('tfoot', '', line(foot))] : []),
    );
    return geoplan.scrolled(table, caption);
  };

  /** A box that scrolls sideways where what it holds is wider, and by keys as well. */
  geoplan.scrolled = function (table, label) {
    const box = element('div', 'wide', table);
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', label);
    return box;
  };

  /** A bar of parts, each { share, name }, beside a figure; screen readers pass it over. */
  geoplan.barOf = function (...parts) {
    const box = element('span', 'bar', ...parts.map(({ share, name }) => {
      const part = element('i', name);
      part.style.width = `${100 * Math.min(Math.max(share, 0), 1)}%`;
      return part;
    }));
    box.setAttribute('aria-hidden', 'true');
    return box;
  };
})((window.geoplan = window.geoplan || {}));
