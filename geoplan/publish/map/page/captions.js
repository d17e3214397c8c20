/* Captions and passports, built as text nodes only: nothing a plan says becomes markup. */
(function (geoplan) {
  'use strict';

  const { element, given, t, tn } = geoplan;

  /** Names and values of a row's fields; those without a value are left out. */
  geoplan.fieldList = function (fields, row) {
    const list = element('dl', 'geoplan-fields');
    fields.forEach((field) => {
      const value = field.told(row);
      if (value === null) return;
      list.append(element('dt', '', t(field.label)), element('dd', '', given(value, field.lang)));
    });
    return list;
  };

  function caption(heading, ...lines) {
    const box = element('section', 'geoplan-caption', element('strong', '', given(heading)));
    lines.forEach((line) => box.append(element('p', '', line instanceof Node ? line : given(line))));
    return box;
  }

  /** What a feature of a layer says when pointed at. */
  geoplan.featureCaption = function (layer, row) {
    const noun = layer.noun(row);
    const heading = [noun && t(noun), layer.subject(row)].filter((part) => part !== null).join(' ');
    const lines = layer.table.fields.filter((field) => field.told(row) !== null).map((field) => (
      field.label ? `${t(field.label)}: ${field.told(row)}` : given(field.told(row), field.lang)
    ));
    return caption(heading, ...lines);
  };

  geoplan.projectName = (view, project) => (
    view.data.projects.table.at('name', project) || view.projectId(project)
  );

  geoplan.plotCaption = function (view, plot) {
    const { plots } = view.data;
    const project = plots.project[plot];
    const lines = view.when ? [t(view.when)] : [];
    if (project >= 0) lines.push(geoplan.projectName(view, project));
    const area = plots.table.field('area_ha')?.told(plot);
    if (area) lines.push(area);
    return caption(t('Plot {id}', { id: view.plotId(plot) }), ...lines);
  };

  function shownFields(table, without) {
    return table.fields.filter(({ column, passport }) => passport && !without.includes(column));
  }

  /** All that is known of a plot and of the project on it; `geoplan.passportParts` may add more. */
  geoplan.passport = function (view, plot) {
    const { plots, projects } = view.data;
    const project = plots.project[plot];
    const id = view.plotId(plot);
    const box = element('section', 'geoplan-passport');
    box.setAttribute('aria-label', t('Passport of plot {id}', { id }));
    box.append(element('h2', '', given(t('Plot {id}', { id }))));
    if (view.when) box.append(element('p', 'geoplan-when', t(view.when)));
    const without = project < 0 ? ['plot_id'] : ['plot_id', 'project_id'];
    box.append(geoplan.fieldList(shownFields(plots.table, without), plot));
    if (project >= 0) {
      box.append(element('h3', '', given(geoplan.projectName(view, project))));
      box.append(geoplan.fieldList(shownFields(projects.table, ['name']), project));
      const others = view.plotsOf(project).filter((other) => other !== plot);
      if (others.length) {
        const ids = others.map((other) => view.plotId(other)).join(', ');
        box.append(element('p', '', given(tn('With plot {ids}', 'With plots {ids}', others.length, { ids }))));
      }
    }
    if (!view.when) geoplan.passportParts.forEach((part) => box.append(...part(view, plot)));
    return box;
  };

  /** Functions of view and plot that return more elements for the passport, in order. */
  geoplan.passportParts = [];
})((window.geoplan = window.geoplan || {}));
