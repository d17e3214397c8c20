/* What is missing: who has no plot and why, and what would close the gap. */
(function (geoplan) {
  'use strict';

  const { element, given, t, tn } = geoplan;
  const LISTED = 12;
  const TEXTS = { // of kinds, as sentences that begin with an amount
    power_mw: (values) => t('{amount} MW more power in {place}', values),
    water_m3d: (values) => t('{amount} m³/day more water in {place}', values),
    wastewater_m3d: (values) => t('{amount} m³/day more waste water treatment in {place}', values),
    gas_m3h: (values) => t('{amount} m³/h more gas in {place}', values),
    heat_gcalh: (values) => t('{amount} Gcal/h more heat in {place}', values),
    land_ha: (values) => t('{amount} ha more land in plots in {place}', values),
    fit: (values) => t('Strips laid out anew in {place}', values),
  };

  /** Where a lack is: the park, and its region if that says more. */
  function placeOf(page, { park, region }) {
    if (park < 0) return region ? t(region) : t('any region');
    return `${page.shortName(park)} (${page.parks.at('park_id', park)})`;
  }

  /** One change, and whom it would help, as a sentence. */
  geoplan.remedyOf = function (page, lack) {
    const amount = geoplan.formatNumber(lack.amount, { digits: lack.amount < 10 ? 2 : lack.amount < 100 ? 1 : 0 });
    const say = TEXTS[lack.kind] || ((values) => t('{amount} {unit} more in {place}', { ...values, unit: t(lack.unit) }));
    const change = element('b', '', say({ amount, place: placeOf(page, lack) }));
    const others = lack.projects - lack.alone;
    const told = !lack.alone
      ? tn('{n} project waits for it and for something else as well, {money}',
        '{n} projects wait for it and for something else as well, {money}', lack.projects, { money: page.money(lack.bn) })
      : others ? tn('{n} project lacks nothing else ({money}); {others} more would still lack something',
        '{n} projects lack nothing else ({money}); {others} more would still lack something',
        lack.alone, { money: page.money(lack.alone_bn), others: geoplan.formatNumber(others) })
      : tn('{n} project waits for it, {money}', '{n} projects wait for it, {money}', lack.projects, { money: page.money(lack.bn) });
    return element('span', '', change, `: ${told}.`);
  };

  function remedies(page) {
    const lacks = page.data.lacks.filter(({ region }) => page.region === null || !region || region === page.region);
    if (!lacks.length) return [];
    const item = (lack) => element('li', '', geoplan.remedyOf(page, lack));
    const list = element('ol', 'remedies', ...lacks.slice(0, LISTED).map(item));
    const rest = lacks.slice(LISTED);
    const more = rest.length ? [element(
      'details', '', element('summary', '', tn('{n} change more', '{n} changes more', rest.length)),
      element('ol', 'remedies', ...rest.map(item)),
    )] : [];
    more[0]?.lastChild.setAttribute('start', LISTED + 1);
    return [
      element('h3', '', t('What would close the gap, the greatest investment first')), list, ...more,
      element('p', 'hint', t('Counted from what is free in the plan, not planned anew: plan with the change to be sure. What nobody has been able to place is no proof that it cannot be; the proven bound above is.')),
    ];
  }

  const WITHDRAWN = 'withdrawn'; // who has withdrawn waits for nothing

  /** Unplaced projects by where they lack something and what. */
  function grouped(page) {
    const { projects } = page;
    const groups = new Map();
    const causes = new Set();
    for (let row = 0; row < projects.count; row++) {
      const cause = projects.at('cause', row);
      if (cause !== null && cause !== WITHDRAWN && page.projectInRegion(row)) {
        const region = projects.at('lacks_in', row) || '';
        const cells = groups.get(region) || groups.set(region, new Map()).get(region);
        const cell = cells.get(cause) || cells.set(cause, { n: 0, bn: 0 }).get(cause);
        cell.n += 1;
        cell.bn += projects.at('invest_bn_kzt', row) ?? 0;
        causes.add(cause);
      }
    }
    return [groups, [...causes]];
  }

  const begun = (text) => text.slice(0, 1).toLocaleUpperCase() + text.slice(1);

  const sumOf = (cells) => cells.reduce((sum, { n, bn }) => ({ n: sum.n + n, bn: sum.bn + bn }), { n: 0, bn: 0 });

  function unplaced(page) {
    const [groups, causes] = grouped(page);
    if (!groups.size) return [element('p', '', t('Every project has a plot.'))];
    const cellOf = (page_, cell) => (cell && cell.n
      ? { number: `${geoplan.formatNumber(cell.n)} · ${page_.money(cell.bn)}` } : { number: '' });
    const lines = [...groups].map(([region, cells]) => ({ region, cells, all: sumOf([...cells.values()]) }))
      .sort((a, b) => b.all.bn - a.all.bn || (a.region < b.region ? -1 : 1));
    const rows = lines.map(({ region, cells, all }) => [
      region ? given(t(region)) : t('any or several'), cellOf(page, all), ...causes.map((cause) => cellOf(page, cells.get(cause))),
    ]);
    const total = (cause) => sumOf(lines.map(({ cells }) => cells.get(cause)).filter(Boolean));
    const whole = sumOf(lines.map(({ all }) => all));
    const heads = [t('Region'), { number: t('Without a plot') }, ...causes.map((cause) => ({ number: begun(t(cause)) }))];
    const foot = [t('All'), cellOf(page, whole), ...causes.map((cause) => cellOf(page, total(cause)))];
    return [
      element('p', 'verdict', tn('{n} project has no plot: {money}.', '{n} projects have no plot: {money}.', whole.n, { money: page.money(whole.bn) })),
      geoplan.figuresTable(t('Projects without a plot and their investment, by what they lack'), heads, rows, foot),
    ];
  }

  geoplan.sections.push({
    key: 'missing',
    title: () => t('What is missing'),
    build: (page) => [...unplaced(page), ...remedies(page)],
  });
})((window.geoplan = window.geoplan || {}));
