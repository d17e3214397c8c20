/* What stands around the map: a panel of sections, a bar of tools, and a dock of tabs below. */
(function (geoplan) {
  'use strict';

  const SVG = 'http://www.w3.org/2000/svg';
  const { element, given, t } = geoplan;

  /* Features put what they have into these lists before the page is built. Texts are English and
     are translated when they are shown.
     A section of the panel: { key, title(view), fill(view, box), available(view), open, on }, where
     `on` names the events after which it is filled again.
     A tool of the bar: { key, label, icon, press(view, button), pressed(view), available(view) }.
     A tab of the dock: { key, title, fill(view, box), available(view) }. */
  geoplan.sections = [];
  geoplan.tools = [];
  geoplan.tabs = [];

  const isThere = (view) => ({ available = () => true }) => available(view);

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
    return control;
  };

  /** Lays a box over the map's lower edge, above those that are there. */
  geoplan.addFoot = function (view, box) {
    if (!view.foot) {
      view.foot = element('div', 'geoplan-foot');
      view.map.getContainer().append(view.foot);
    }
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    view.foot.prepend(box);
    return box;
  };

  /** A drawing of one path in a square of 24 units, for buttons. */
  geoplan.icon = function (path) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    const line = document.createElementNS(SVG, 'path');
    line.setAttribute('d', path);
    svg.append(line);
    return svg;
  };

  /* The panel */

  function sectionBox(view, section) {
    const box = element('details', `geoplan-section geoplan-${section.key}`, element('summary'), element('div'));
    box.open = (section.open ?? true) && !geoplan.narrow();
    const fill = () => {
      box.firstChild.textContent = section.title(view);
      box.lastChild.replaceChildren();
      section.fill(view, box.lastChild);
    };
    fill();
    view.on(['language', ...(section.on || [])].join(' '), fill);
    return box;
  }

  /** On narrow screens one section is open at a time, else the map would vanish. */
  function foldOthers(panel) {
    panel.addEventListener('toggle', ({ target }) => {
      if (!target.open || !geoplan.narrow() || target.parentElement !== panel) return;
      panel.querySelectorAll(':scope > details[open]').forEach((other) => {
        if (other !== target) other.open = false;
      });
    }, true);
  }

  geoplan.foldPanel = function (view) {
    view.panel.querySelectorAll(':scope > details[open]').forEach((box) => { box.open = false; });
  };

  /** Opens a section of the panel, and what it stands in. */
  geoplan.reveal = function (row) {
    for (let box = row.closest('details'); box; box = box.parentElement.closest('details')) {
      box.open = true;
    }
    row.scrollIntoView({ block: 'nearest' });
    row.focus();
  };

  function panel(view) {
    const { title, notice } = view.data;
    const box = element('section', 'geoplan-panel');
    box.append(element('h1', '', given(title)));
    if (notice) box.append(element('p', 'geoplan-notice', given(notice)));
    box.append(geoplan.searchBox(view));
    geoplan.sections.filter(isThere(view)).forEach((section) => box.append(sectionBox(view, section)));
    foldOthers(box);
    return box;
  }

  /* The bar of tools */

  function toolButton(view, tool) {
    const button = geoplan.button('', t(tool.label), () => {
      tool.press(view, button);
      show();
    }, geoplan.icon(tool.icon));
    button.dataset.tool = tool.key;
    const show = () => {
      button.title = t(tool.label);
      button.setAttribute('aria-label', t(tool.label));
      if (tool.pressed) button.setAttribute('aria-pressed', String(tool.pressed(view)));
    };
    show();
    view.on('language theme tool dock', show);
    return button;
  }

  function languageChoice(view) {
    const choice = element('select');
    Object.entries(geoplan.languageNames).forEach(([code, name]) => {
      const option = new Option(name, code, false, code === geoplan.language());
      option.lang = code;
      choice.append(option);
    });
    const name = () => {
      choice.setAttribute('aria-label', t('Language'));
      choice.value = geoplan.language();
    };
    name();
    choice.addEventListener('change', () => view.speak(choice.value));
    view.on('language', name);
    return choice;
  }

  function bar(view) {
    const box = element('div', 'geoplan-bar', languageChoice(view));
    box.setAttribute('role', 'toolbar');
    box.append(...geoplan.tools.filter(isThere(view)).map((tool) => toolButton(view, tool)));
    view.on('language', () => box.setAttribute('aria-label', t('Tools')));
    box.setAttribute('aria-label', t('Tools'));
    return box;
  }

  /* The dock */

  function fillDock(view) {
    const { dock } = view;
    const tab = geoplan.tabs.find(({ key }) => key === dock.dataset.tab);
    dock.querySelectorAll('[role=tab]').forEach((button) => {
      const chosen = button.dataset.tab === tab.key;
      button.setAttribute('aria-selected', String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    });
    const box = element('div', 'geoplan-tab');
    box.setAttribute('role', 'tabpanel');
    box.tabIndex = 0; // a chart that is longer than the dock has nothing else to be reached by
    box.setAttribute('aria-label', t(tab.title));
    dock.querySelector('.geoplan-tab').replaceWith(box);
    tab.fill(view, box);
  }

  /** Opens the dock at a tab. */
  /** Gives the map the room that the dock leaves; what was wholly in view is so again. */
  function fitMap(view) {
    const { map } = view;
    const whole = map.getBounds().contains(view.data.bounds);
    map.invalidateSize({ animate: false, pan: false });
    if (view.selected !== null) view.visit(view.selected, { focus: false });
    else if (whole) map.fitBounds(view.data.bounds, { ...view.clearing(), animate: false });
  }

  geoplan.openDock = function (view, key = view.dock.dataset.tab) {
    const opens = view.dock.hidden;
    view.dock.hidden = false;
    view.dock.dataset.tab = key;
    fillDock(view);
    if (opens) fitMap(view);
    view.tell('dock');
  };

  geoplan.closeDock = function (view) {
    if (view.dock.hidden) return;
    view.dock.hidden = true;
    fitMap(view);
    view.tell('dock');
  };

  /** Arrow keys walk from tab to tab. */
  function walkTabs(view, event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const tabs = [...event.currentTarget.children];
    const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
    geoplan.openDock(view, next.dataset.tab);
    next.focus();
  }

  function tabList(view) {
    const list = element('div', 'geoplan-tablist');
    list.setAttribute('role', 'tablist');
    geoplan.tabs.filter(isThere(view)).forEach((tab) => {
      const button = geoplan.button('', t(tab.title), () => geoplan.openDock(view, tab.key));
      button.setAttribute('role', 'tab');
      button.dataset.tab = tab.key;
      view.on('language', () => { button.textContent = t(tab.title); });
      list.append(button);
    });
    list.addEventListener('keydown', (event) => walkTabs(view, event));
    return list;
  }

  function dock(view) {
    const close = geoplan.button('geoplan-close', t('Close'), () => geoplan.closeDock(view), '×');
    const box = element(
      'section', 'geoplan-dock', element('header', '', tabList(view), close), element('div', 'geoplan-tab'),
    );
    box.hidden = true;
    box.dataset.tab = geoplan.tabs.find(isThere(view))?.key || '';
    view.on('language', () => {
      close.setAttribute('aria-label', t('Close'));
      close.title = t('Close');
      box.setAttribute('aria-label', t('Tables and charts'));
      if (!box.hidden) fillDock(view);
    });
    box.setAttribute('aria-label', t('Tables and charts'));
    return box;
  }

  function northArrow(view) {
    const box = element('div', 'geoplan-north', element('span', 'geoplan-needle'), element('span'));
    const name = () => {
      box.setAttribute('aria-label', t('North is up'));
      box.lastChild.textContent = t('N');
    };
    box.setAttribute('role', 'img');
    name();
    view.on('language', name);
    return box;
  }

  /* Leaflet's own control of layers, in the reader's language. */
  function nameLayers(view) {
    const titles = new Map(Object.values(view.layers).map((layer) => [layer, layer.title]));
    const control = view.map.layersControl;
    if (!control) return;
    control._layers.forEach((entry) => {
      if (titles.get(entry.layer)) entry.name = t(titles.get(entry.layer));
    });
    control._update();
    control._layersLink?.setAttribute('aria-label', t('Layers'));
    if (control._layersLink) control._layersLink.title = t('Layers');
  }

  function nameZoom(view, zoom) {
    const name = () => {
      [[zoom._zoomInButton, t('Zoom in')], [zoom._zoomOutButton, t('Zoom out')]].forEach(([button, title]) => {
        button.title = title;
        button.setAttribute('aria-label', title);
      });
      view.map.getContainer().setAttribute('aria-label', t('Map of the plan'));
      view.panel.setAttribute('aria-label', t('About this plan'));
      nameLayers(view);
    };
    name();
    view.on('language', name);
  }

  /* Leaflet's own scale, in the reader's language. */
  function scaleBar(view) {
    const bar = L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 140 });
    bar._updateMetric = function (longest_m) {
      const round_m = this._getRoundNum(longest_m);
      const [length, unit] = round_m < 1000 ? [round_m, t('m')] : [round_m / 1000, t('km')];
      this._updateScale(this._mScale, `${length} ${unit}`, round_m / longest_m);
    };
    view.on('language', () => bar._update());
    return bar;
  }

  geoplan.buildShell = function (view) {
    const { map } = view;
    document.documentElement.lang = geoplan.language();
    view.panel = panel(view);
    geoplan.addPanel(map, 'topleft', view.panel);
    view.bar = bar(view);
    geoplan.addPanel(map, 'topright', view.bar);
    if (map.layersControl) map.layersControl.addTo(map); // again, so that it stands under the bar
    scaleBar(view).addTo(map);
    const zoom = L.control.zoom({ position: 'bottomright' }).addTo(map);
    geoplan.addPanel(map, 'bottomright', northArrow(view));
    view.dock = dock(view);
    map.getContainer().after(view.dock);
    nameZoom(view, zoom);
  };

  geoplan.sections.push({
    key: 'figures',
    title: () => t('Key figures'),
    fill(view, box) {
      const list = element('dl', 'geoplan-fields');
      view.data.figures.forEach(({ label, text, numbers }) => {
        const told = Object.fromEntries(Object.entries(numbers).map(([name, [value, digits]]) => (
          [name, geoplan.formatNumber(value, { digits })]
        )));
        list.append(element('dt', '', t(label)), element('dd', '', t(text, told)));
      });
      box.append(list);
    },
  });
})((window.geoplan = window.geoplan || {}));
