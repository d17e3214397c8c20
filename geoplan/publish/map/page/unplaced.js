/* Projects without a plot, and why. */
(function (geoplan) {
  'use strict';

  const MOST = 300; // the tables show all
  const { element, given, t, tn } = geoplan;

  function unplaced(view) {
    const { table } = view.data.projects;
    const rows = [];
    for (let row = 0; row < table.count; row++) {
      if (table.at('state', row) === 'unplaced') rows.push(row);
    }
    return rows;
  }

  function item(view, project) {
    const { table } = view.data.projects;
    const row = element('li', '', given(view.projectId(project)));
    row.tabIndex = -1;
    row.dataset.project = project;
    const name = table.at('name', project);
    const area = table.field('area_ha')?.told(project);
    if (name) row.append(' · ', given(name));
    if (area) row.append(` · ${area}`);
    const reason = table.at('reason', project);
    row.append(element('p', '', reason ? given(reason, 'en') : t('no reason given')));
    geoplan.projectParts.forEach((part) => row.append(...part(view, project)));
    return row;
  }

  /** Opens the list of unplaced projects at one of them. */
  geoplan.showUnplaced = function (view, project) {
    const row = view.panel.querySelector(`[data-project="${project}"]`);
    if (row) geoplan.reveal(row);
  };

  /** Functions of view and project that return more elements for its place in this list. */
  geoplan.projectParts = [];

  geoplan.sections.push({
    key: 'unplaced',
    on: ['edit'],
    title: (view) => tn('{n} project without a plot', '{n} projects without a plot', unplaced(view).length),
    open: false,
    available: (view) => unplaced(view).length > 0,
    fill(view, box) {
      const rows = unplaced(view);
      const list = element('ul', 'geoplan-list');
      list.tabIndex = 0; // a list that scrolls has to be reached by the keyboard
      rows.slice(0, MOST).forEach((project) => list.append(item(view, project)));
      box.append(list);
      if (rows.length > MOST) {
        box.append(element('p', '', t('The table of projects lists the others.')));
      }
    },
  });
})((window.geoplan = window.geoplan || {}));
