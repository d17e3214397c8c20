/* Sectors: what is placed of what is asked for. */
(function (geoplan) {
  'use strict';

  const { t } = geoplan;

  function name({ sector }) {
    return sector ? geoplan.given(t(sector.replaceAll('_', ' '))) : t('not stated');
  }

  function table(page) {
    const { sectors } = page.data;
    const most = Math.max(...sectors.map((sector) => sector.asked_bn), 1e-9);
    const number = (value) => ({ number: geoplan.formatNumber(value) });
    const rows = sectors.map((sector) => [
      name(sector), { number: page.money(sector.asked_bn) }, { number: page.money(sector.placed_bn) },
      geoplan.barOf(
        { share: sector.placed_bn / most, name: 'planned' },
        { share: (sector.asked_bn - sector.placed_bn) / most, name: 'asked' },
      ),
      { number: `${geoplan.formatNumber(sector.placed)} / ${geoplan.formatNumber(sector.projects)}` },
      number(sector.jobs),
    ]);
    const heads = [
      t('Sector'), { number: t('Asked for') }, { number: t('Placed') }, t('Share of what is asked for'),
      { number: t('Projects') }, { number: t('Jobs') },
    ];
    return geoplan.figuresTable(t('Investment by sector'), heads, rows);
  }

  geoplan.sections.push({
    key: 'sectors',
    title: () => t('Sectors'),
    build: (page) => [table(page)],
  });
})((window.geoplan = window.geoplan || {}));
