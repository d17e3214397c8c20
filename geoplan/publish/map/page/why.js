/* Why a plot cannot be had: the rule that bars it first, in words. */
(function (geoplan) {
  'use strict';

  const NEVER = 9999;
  const CONTRACT = 1; // as geoplan/publish/map/fits.py numbers why a project stays
  const LOCKED = 2;
  const WITHDRAWN = 3;
  const { t } = geoplan;

  geoplan.STAYS = { CONTRACT, LOCKED, WITHDRAWN };

  /* Each rule of geoplan/allocate/rules.py in words; the plan tells which one bars a pair first. */
  geoplan.WHY = {
    lock: (view, project, plot) => whyHeld(view, plot),
    market: (view, project, plot) => (
      view.edits.isOff(plot) ? t('taken off the market') : t('not for sale')
    ),
    'zone use': ({ data }, project, plot) => (
      t('use: {use} only', { use: data.plots.table.field('use')?.told(plot) ?? '' })
    ),
    area: whyNotArea,
    rail: () => t('no rail within reach'),
    'main street': () => t('on a local street, and heavy goods vehicles come'),
    hazard: ({ data }, project) => t('its zone does not take hazard class {hazard}', {
      hazard: data.projects.table.at('hazard_class', project),
    }),
    'sanitary distance': whyTooNear,
    year: ({ data }, project, plot) => t('land is served from {year}', {
      year: data.plots.table.field('available_year')?.told(plot) ?? '',
    }),
    utilities: whyNotSupplied,
  };

  function whyHeld({ data }, plot) {
    const holder = data.plots.project[plot];
    if (holder < 0) return t('held for another project');
    const id = data.projects.table.at('project_id', holder);
    return data.edit.fixed[holder] === CONTRACT
      ? t('held by {project}, which has a contract', { project: id })
      : t('held by {project}, which the portfolio locks there', { project: id });
  }

  function whyNotArea({ data }, project, plot) {
    const at = (column) => data.projects.table.at(column, project);
    const area = data.plots.table.at('area_ha', plot);
    const least = (at('area_min_ha') ?? 0) - area;
    const most = area - (at('area_max_ha') ?? Infinity);
    if (least > 0.00005) return t('{area} too small', { area: geoplan.formatArea(least, least < 0.01 ? 4 : 2) });
    if (most > 0.00005) return t('{area} too large', { area: geoplan.formatArea(most, most < 0.01 ? 4 : 2) });
    return t('too deep for the frontage that it needs');
  }

  function whyTooNear({ data }, project, plot) {
    const hazard = data.projects.table.at('hazard_class', project);
    const near = data.edit.near.find((each) => each.hazard === hazard);
    const receptor = near ? near.receptor[plot] : -1;
    if (receptor < 0) return t('too near to housing or the like for hazard class {hazard}', { hazard });
    const { noun } = data.layers.receptors;
    return t('class {hazard} stands {metres} m from {receptor}, {needed} m needed', {
      hazard,
      metres: geoplan.formatNumber(near.metres[plot]),
      needed: geoplan.formatNumber(near.needed[plot]),
      receptor: t(noun(receptor) ?? 'housing').toLocaleLowerCase(geoplan.language()),
    });
  }

  function whyNotSupplied({ data }, project, plot) {
    const start = data.projects.table.at('start_year', project) ?? Infinity;
    const lacking = data.edit.supplied.find(({ kind, year }) => (
      data.projects.table.at(kind, project) > 0 && (year[plot] === NEVER || year[plot] > start)
    ));
    if (!lacking) return t('a utility that it needs does not reach it in time');
    const noun = t(lacking.noun);
    return lacking.year[plot] === NEVER
      ? t('{utility}: no supply', { utility: noun })
      : t('{utility}: supplied from {year}', { utility: noun, year: lacking.year[plot] });
  }

})((window.geoplan = window.geoplan || {}));
