/* The panels around the map: title, key figures, unplaced projects, legend, north arrow. */
(function (geoplan) {
  'use strict';

  const NARROW_PX = 720;
  const { element } = geoplan;

  geoplan.narrow = () => window.innerWidth < NARROW_PX;

  geoplan.addPanel = function (map, position, content) {
    const control = new L.Control({ position });
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(content);
      L.DomEvent.disableScrollPropagation(content);
      // Leaflet would take a click on a button that is gone by then for one on the map.
      content.addEventListener('click', (event) => event.stopPropagation());
      return content;
    };
    control.addTo(map);
  };

  function folding(title, className, ...children) {
    const details = element('details', className, element('summary', '', title), ...children);
    details.open = !geoplan.narrow();
    return details;
  }

  function figureList(figures) {
    const list = element('dl', 'geoplan-fields');
    figures.forEach(({ label, value }) => {
      list.append(element('dt', '', label), element('dd', '', value));
    });
    return list;
  }

  function unplacedRow(view, project) {
    const { projects } = view.data;
    const name = geoplan.valueOf(projects.fields, 'name', project);
    const area = geoplan.valueOf(projects.fields, 'area_ha', project);
    const row = element('li', '', element('bdi', '', projects.id[project]));
    row.tabIndex = -1;
    row.dataset.project = project;
    if (name) row.append(' · ', element('bdi', '', name));
    if (area !== null) row.append(` · ${geoplan.formatNumber(area, { digits: 2 })} ha`);
    row.append(element('p', '', element('bdi', '', projects.reason[project] || 'no reason given')));
    return row;
  }

  function unplacedList(view) {
    const { unplaced, count } = view.data.projects;
    if (!unplaced.length) return [];
    const title = `${geoplan.formatNumber(unplaced.length)} of ${geoplan.formatNumber(count)} projects unplaced`;
    const list = element('ul', 'geoplan-list');
    list.tabIndex = 0; // a list that scrolls has to be reached by the keyboard
    unplaced.forEach((project) => list.append(unplacedRow(view, project)));
    const details = folding(title, 'geoplan-unplaced', list);
    details.open = false;
    return [details];
  }

  /** Opens the list of unplaced projects at one of them. */
  geoplan.showUnplaced = function (view, project) {
    const row = view.panel.querySelector(`[data-project="${project}"]`);
    for (let box = row.closest('details'); box; box = box.parentElement.closest('details')) {
      box.open = true;
    }
    row.scrollIntoView({ block: 'nearest' });
    row.focus();
  };

  /* Signs other than the plots' colours: words, layer and look. */
  const SIGNS = [
    ['Green land', 'land', 'green'], ['Services', 'land', 'services'],
    ['Utilities land', 'land', 'utilities'], ['Reserve', 'land', 'reserve'],
    ['Residual land', 'land', 'residual'], ['Street land', 'streets', 'land'],
    ['Main street', 'streets', 'main'], ['Collector', 'streets', 'collector'],
    ['Local street', 'streets', 'local'], ['Water', 'exclusions', 'water'],
    ['Other exclusion', 'exclusions', 'other'], ['Receptor', 'receptors', 'other'],
    ['Sanitary distance', 'spz', 'ring'], ['Road gate', 'gates', 'road'],
    ['Rail gate, siding', 'gates', 'rail'], ['Port gate', 'gates', 'port'],
    ['Power', 'utilities', 'power_mw'], ['Water supply', 'utilities', 'water_m3d'],
    ['Waste water', 'utilities', 'wastewater_m3d'], ['Gas', 'utilities', 'gas_m3h'],
    ['Heat', 'utilities', 'heat_gcalh'], ['Error', 'findings', 'error'], ['Warning', 'findings', 'warning'], ['Note', 'findings', 'info'],
  ];

  function isOnMap(view, part, look) {
    const { look: looks } = view.data.layers[part];
    const style = geoplan.styleOf(part, look);
    return looks.some((value) => geoplan.styleOf(part, value) === style);
  }

  /** A swatch drawn by the map's own painter, so that the two cannot differ. */
  function sign(part, look) {
    const canvas = element('canvas', 'geoplan-sign');
    canvas.width = 52;
    canvas.height = 32;
    canvas.setAttribute('aria-hidden', 'true');
    const style = geoplan.styleOf(part, look);
    const context = canvas.getContext('2d');
    context.scale(2, 2);
    if (style.point && !style.railway) geoplan.drawSign(context, 13, 8, style);
    else geoplan.drawSwatch(context, style);
    return canvas;
  }

  function signList(view) {
    const list = element('ul', 'geoplan-signs');
    SIGNS.filter(([, part, look]) => isOnMap(view, part, look)).forEach(([words, part, look]) => {
      list.append(element('li', '', sign(part, look), words));
    });
    return list;
  }

  /** A button for each entry: pressing it sets the entry's plots off, pressing again ends it. */
  function legendEntry(view, entry, number) {
    const swatch = element('span', 'geoplan-swatch');
    swatch.style.backgroundColor = entry.colour;
    const count = element('span', 'geoplan-count', geoplan.formatNumber(entry.count));
    const area = geoplan.formatNumber(entry.area_ha, { digits: 1, atLeast: 1 });
    const button = element(
      'button', '', swatch, element('bdi', '', entry.label), count,
      element('span', 'geoplan-count', `${area} ha`),
    );
    button.type = 'button';
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      const focus = view.entryInFocus === number ? null : number;
      view.focusEntry(focus);
      button.parentElement.parentElement.querySelectorAll('button').forEach((other) => {
        other.setAttribute('aria-pressed', String(other === button && focus !== null));
      });
    });
    return element('li', '', button);
  }

  geoplan.fillLegend = function (view) {
    const { title, entries } = view.colouring();
    const list = element('ul', 'geoplan-legend-entries');
    list.append(...entries.map((entry, number) => legendEntry(view, entry, number)));
    view.legend.querySelector('summary').textContent = title;
    view.legend.querySelector('.geoplan-entries').replaceChildren(list);
  };

  function northArrow() {
    const box = element('div', 'geoplan-north');
    box.setAttribute('role', 'img');
    box.setAttribute('aria-label', 'North is up');
    box.append(element('span', 'geoplan-needle'), 'N');
    return box;
  }

  function mainPanel(view) {
    const { title, notice, figures } = view.data;
    const panel = element('section', 'geoplan-panel');
    panel.setAttribute('aria-label', 'About this plan');
    panel.append(element('h1', '', element('bdi', '', title)));
    if (notice) panel.append(element('p', 'geoplan-notice', element('bdi', '', notice)));
    panel.append(geoplan.searchBox(view));
    panel.append(folding('Key figures', '', figureList(figures), ...unplacedList(view)));
    const signs = folding('Signs', '', signList(view));
    signs.open = false;
    view.legend = folding('', 'geoplan-legend', element('div', 'geoplan-entries'), signs);
    panel.append(view.legend);
    return panel;
  }

  /** On narrow screens one part of the panel is open at a time, else the map would vanish. */
  function foldOthers(panel) {
    panel.addEventListener('toggle', ({ target }) => {
      if (!target.open || !geoplan.narrow() || target.parentElement !== panel) return;
      panel.querySelectorAll(':scope > details[open]').forEach((other) => {
        if (other !== target) other.open = false;
      });
    }, true);
  }

  geoplan.addPanels = function (view) {
    view.panel = mainPanel(view);
    foldOthers(view.panel);
    geoplan.addPanel(view.map, 'topleft', view.panel);
    geoplan.fillLegend(view);
    L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 140 }).addTo(view.map);
    L.control.zoom({ position: 'bottomright' }).addTo(view.map);
    geoplan.addPanel(view.map, 'bottomright', northArrow());
  };
})((window.geoplan = window.geoplan || {}));
