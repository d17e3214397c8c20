/* What flows between plots and gates: lines of some width and colour, year by year. */
(function (geoplan) {
  'use strict';

  /** Tells whether a flow runs in the year that the map shows; without one, all do. */
  geoplan.runsNow = function (view, row) {
    const { year } = view;
    if (year === null || year === undefined) return true;
    const { table } = view.data.layers.flows;
    const from = table.field('from_year')?.at(row) ?? null;
    const until = table.field('to_year')?.at(row) ?? null;
    return (from === null || from <= year) && (until === null || year <= until);
  };

  geoplan.drawFlows = geoplan.drawFeatures('flows', geoplan.runsNow);

  geoplan.features.push((view) => {
    if (view.data.layers.flows) view.on('year', () => view.redraw('flows'));
  });
})((window.geoplan = window.geoplan || {}));
