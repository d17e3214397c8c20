/* Words in the reader's language, numbers in its manner, and elements made of text alone. */
(function (geoplan) {
  'use strict';

  const NAMES = { en: 'English', ru: 'Русский', kk: 'Қазақша' };
  /* Browsers know little of Kazakh: its numbers look as Russian ones, and it counts as English does. */
  const NUMBERS = { kk: 'ru' };
  const PLURALS = { kk: 'en' };
  const THIN_SPACE = '\u2009';
  const LONGEST = 5000; // browsers take minutes to lay out a word of a million letters

  let language = 'en';
  let words = new Map();
  let plurals = new Intl.PluralRules('en');

  geoplan.languageNames = NAMES;
  geoplan.language = () => language;

  /** Whose manner of numbers and order of letters is that of the language. */
  geoplan.locale = () => NUMBERS[language] || language;

  /** Turns to a language; of each text `catalogues` have the English and its translations, and
      `own` what a page says instead. */
  geoplan.speak = function (wanted, catalogues) {
    language = Object.hasOwn(NAMES, wanted) ? wanted : 'en';
    const told = language === 'en' ? [] : catalogues[language];
    words = new Map(told.map((text, i) => [catalogues.en[i], text]));
    Object.entries(catalogues.own?.[language] || {}).forEach(([text, own]) => words.set(text, own));
    plurals = new Intl.PluralRules(PLURALS[language] || language);
  };

  function filled(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => (
      Object.hasOwn(values, name) ? String(values[name]) : whole
    ));
  }

  /** A text in the reader's language; names in braces stand for values. */
  geoplan.t = function (text, values = {}) {
    const found = words.get(text);
    return filled((Array.isArray(found) ? found[0] : found) || text, values);
  };

  /** A text that counts; `n` in braces stands for the number. */
  geoplan.tn = function (one, many, n, values = {}) {
    const forms = words.get(one);
    const rule = plurals.select(n);
    const order = plurals.resolvedOptions().pluralCategories.filter((name) => name !== 'other');
    const at = order.indexOf(rule);
    const form = Array.isArray(forms) ? forms[at < 0 ? forms.length - 1 : at] : forms;
    const text = form || (rule === 'one' ? one : many);
    return filled(text, { n: geoplan.formatNumber(n), ...values });
  };

  const formats = new Map();

  function formatOf(digits, atLeast, grouped) {
    const key = [language, digits, atLeast, grouped].join();
    if (!formats.has(key)) {
      formats.set(key, new Intl.NumberFormat(geoplan.locale(), {
        minimumFractionDigits: atLeast, maximumFractionDigits: digits, useGrouping: grouped,
      }));
    }
    return formats.get(key);
  }

  geoplan.formatNumber = function (value, { digits = 0, atLeast = 0, grouped = true } = {}) {
    const text = formatOf(Math.max(digits, atLeast), atLeast, grouped).format(value);
    return language === 'en' ? text.replaceAll(',', THIN_SPACE) : text;
  };

  geoplan.formatArea = (hectares, digits = 2) => (
    `${geoplan.formatNumber(hectares, { digits })} ${geoplan.t('ha')}`
  );

  /** An element with a class and children; strings become text. */
  geoplan.element = function (tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };

  /** Text of an input, set apart so that its direction of writing does not spill over. */
  geoplan.given = function (text, lang = '') {
    const whole = String(text);
    const box = geoplan.element('bdi', '', whole.length > LONGEST ? `${whole.slice(0, LONGEST)}…` : whole);
    if (lang) box.lang = lang;
    return box;
  };

  geoplan.button = function (className, label, press, ...children) {
    const button = geoplan.element('button', className, ...(children.length ? children : [label]));
    button.type = 'button';
    if (children.length) {
      button.title = label;
      button.setAttribute('aria-label', label);
    }
    button.addEventListener('click', press);
    return button;
  };
})((window.geoplan = window.geoplan || {}));
