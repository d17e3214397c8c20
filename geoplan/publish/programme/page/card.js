/* The card beside the map: one park, or all of those shown. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;
  const FULL = 0.98;
  const LISTED = 6;

  function figures(...pairs) {
    return element('dl', '', ...pairs.filter(([, value]) => value !== null).flatMap(([label, value]) => [
      element('dt', '', label), element('dd', '', value),
    ]));
  }

  const amount = (value) => geoplan.formatNumber(value, { digits: value < 100 ? 1 : 0 });

  /** Land and utilities of parks: a bar each, and what is left. */
  function supplies(page, rows) {
    const lines = page.data.supplies.flatMap((supply) => {
      const sum = (values) => rows.reduce((total, row) => total + (values[row] ?? 0), 0);
      const [capacity, used] = [sum(supply.capacity), sum(supply.used)];
      if (!(capacity > 0)) return [];
      const share = used / capacity;
      const left = t('{free} of {whole} {unit} free', {
        free: amount(Math.max(capacity - used, 0)), whole: amount(capacity), unit: t(supply.unit),
      });
      return [element(
        'li', '', element('span', 'label', t(supply.label)),
        geoplan.barOf({ share, name: geoplan.roomOf(share) }), element('span', 'detail', left),
      )];
    });
    return element('ul', 'supplies', ...lines);
  }

  /** What stops more projects in a park. */
  function binds(page, row) {
    const full = page.data.supplies.filter((supply) => geoplan.takenOf(supply, row) >= FULL)
      .map(({ label }) => t(label).toLocaleLowerCase());
    const waiting = page.data.lacks.filter(({ park }) => park === row);
    const lines = waiting.map((lack) => element('li', '', geoplan.remedyOf(page, lack)));
    return [
      element('p', '', full.length ? t('Used up: {those}.', { those: full.join(', ') }) : t('Nothing is used up.')),
      ...(lines.length ? [element('h4', '', t('What would help here')), element('ul', 'plain', ...lines)] : []),
    ];
  }

  function parkCard(page, row) {
    const at = (column) => page.parks.at(column, row);
    const from = at('available_year');
    const region = at('region');
    const close = geoplan.button('close', t('All parks'), () => {
      page.park = -1;
      document.querySelectorAll('#parks .park').forEach((mark) => mark.setAttribute('aria-pressed', 'false'));
      document.querySelector('#parks .card').replaceWith(geoplan.cardOf(page));
      document.querySelector('#parks .card').focus();
    });
    const card = element(
      'div', 'card', close, element('h3', '', given(page.parkName(row))),
      element('p', 'detail', given(at('park_id') ?? ''), ' · ', region === null ? '' : given(t(region))),
      figures(
        [t('Investment'), page.money(at('invest_bn_kzt') ?? 0)],
        [t('Projects'), geoplan.formatNumber(at('projects') ?? 0)],
        [t('Jobs'), geoplan.formatNumber(at('jobs') ?? 0)],
        [t('Gross area'), at('gross_ha') === null ? null : geoplan.formatArea(at('gross_ha'), 0)],
        [t('Open from'), from === null ? null : String(from)],
      ),
      supplies(page, [row]), ...binds(page, row),
    );
    if (page.data.maps[row]) {
      const link = element('a', '', t("The park's map"));
      link.href = `parks/${encodeURIComponent(at('park_id').toWellFormed?.() ?? at('park_id'))}/map.html`;
      card.append(element('p', '', link));
    }
    return card;
  }

  function parkButton(page, row) {
    const press = () => {
      const mark = document.querySelector(`#parks [data-park="${row}"]`);
      mark?.focus();
    };
    return element('li', '', geoplan.button('plain', page.parkName(row), press, given(page.shortName(row))),
      element('span', 'n', page.money(page.parks.at('invest_bn_kzt', row) ?? 0)));
  }

  function allCard(page) {
    const rows = page.parksShown();
    const sum = (column) => rows.reduce((total, row) => total + (page.parks.at(column, row) ?? 0), 0);
    return element(
      'div', 'card', element('h3', '', page.region === null ? t('All parks') : given(t(page.region))),
      element('p', 'detail', t('Choose a circle for its figures.')),
      figures(
        [t('Parks'), geoplan.formatNumber(rows.length)],
        [t('Investment'), page.money(sum('invest_bn_kzt'))],
        [t('Projects'), geoplan.formatNumber(sum('projects'))],
        [t('Jobs'), geoplan.formatNumber(sum('jobs'))],
      ),
      supplies(page, rows), element('h4', '', t('Greatest investment')),
      element('ul', 'ranked', ...rows.slice(0, LISTED).map((row) => parkButton(page, row))),
    );
  }

  /** The card of the park that is chosen, or of all that are shown. */
  geoplan.cardOf = function (page) {
    const card = page.park < 0 ? allCard(page) : parkCard(page, page.park);
    card.setAttribute('role', 'region');
    card.setAttribute('aria-label', t('The park chosen'));
    card.setAttribute('aria-live', 'polite');
    card.tabIndex = -1;
    return card;
  };
})((window.geoplan = window.geoplan || {}));
