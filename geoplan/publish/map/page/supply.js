/* What supplies a plot, and how much of it is free. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;

  function line({ noun, subject, table }, row) {
    const unit = t(table.at('unit', row));
    const free = table.field('free')?.told(row);
    const from = table.field('available_year')?.told(row);
    const said = [
      subject(row), free && t('{n} free', { n: `${free} ${unit}` }), from && t('from {year}', { year: from }),
    ];
    return [
      element('dt', '', t(noun(row))), element('dd', '', given(said.filter(Boolean).join(' · '))),
    ];
  }

  geoplan.passportParts.unshift((view, plot) => {
    const { supply, layers, plots } = view.data;
    const rows = supply.map((serving) => serving[plot]).filter((row) => row >= 0);
    if (!rows.length || plots.table.at('market', plot) === 'taken') return [];
    const list = element('dl', 'geoplan-fields');
    rows.forEach((row) => list.append(...line(layers.utilities, row)));
    return [element('h3', '', t('Utilities here')), list];
  });
})((window.geoplan = window.geoplan || {}));
