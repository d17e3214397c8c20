/* One plan on one map: its data, and what of it is shown, pointed at and chosen. */
(function (geoplan) {
  'use strict';

  const EDGE_PX = 16;
  const CLOSEST_ZOOM = 17;

  function readLayer(coded) {
    return {
      shapes: new geoplan.Shapes(coded.shapes),
      look: geoplan.readTexts(coded.look),
      noun: geoplan.readTexts(coded.noun),
      subject: geoplan.readTexts(coded.subject),
      label: geoplan.readTexts(coded.label),
      labelled: coded.labelled,
      points: geoplan.readPoints(coded.points),
      table: new geoplan.Table(coded.fields, coded.shapes.dimension.length),
    };
  }

  geoplan.readPlots = function (plots) {
    const shapes = new geoplan.Shapes(plots.shapes);
    return {
      ...plots,
      shapes,
      points: geoplan.readPoints(plots.points),
      table: new geoplan.Table(plots.fields, shapes.count),
    };
  };

  geoplan.readPlan = function (payload) {
    const { plots, projects, layers } = payload;
    return {
      ...payload,
      layers: Object.fromEntries(
        Object.entries(layers).map(([part, coded]) => [part, readLayer(coded)]),
      ),
      plots: geoplan.readPlots(plots),
      projects: { ...projects, table: new geoplan.Table(projects.fields, projects.count) },
    };
  };

  class View {
    constructor(map) {
      this.map = map;
      this.data = null;
      this.layers = {};
      this.colouringKey = null;
      this.patterned = false;
      this.painted = null; // entries and codes that stand in for the colouring's own
      this.density = null; // pixels of a canvas to one of the page; on paper more than on screen
      this.theme = 'day';
      this.hovered = null;
      this.selected = null;
      this.filters = new Map();
      this.shown = null;
      this.listeners = new Map();
    }

    /* Events: colouring, filter, select, language, theme, data; laid, of a canvas. */

    on(names, listener) {
      names.split(' ').forEach((name) => {
        if (!this.listeners.has(name)) this.listeners.set(name, []);
        this.listeners.get(name).push(listener);
      });
      return this;
    }

    tell(name, ...facts) {
      (this.listeners.get(name) || []).forEach((listener) => listener(...facts));
    }

    async load(element) {
      this.data = geoplan.readPlan(await geoplan.readPayload(element));
      this.colouringKey = this.data.colourings[0].key;
      geoplan.speak(this.data.language, this.data.words);
      geoplan.buildShell(this);
      geoplan.followPointer(this);
      this.highlight = new geoplan.CanvasLayer(this, 'highlight', geoplan.drawHighlight);
      this.highlight.addTo(this.map);
      this.map.on('overlayadd overlayremove', () => this.redraw('labels'));
      geoplan.features.forEach((begin) => begin(this));
      this.tell('data');
      // Setting the view paints every layer that is on.
      if (!this.placed) this.map.fitBounds(this.data.bounds, { ...this.clearing(), animate: false });
      this.map.getContainer().dataset.ready = 'true';
      setTimeout(() => this.data.plots.shapes.grid); // else the first hover would wait for it
    }

    /** What the map shows at a place: this plan; where two are compared, it may be the other. */
    at() { return this; }

    plotId(plot) { return String(this.data.plots.table.at('plot_id', plot)); }

    projectId(project) { return String(this.data.projects.table.at('project_id', project)); }

    /** The row of the plot with an id, or -1. */
    plotOf(id) {
      this.plotRows ||= rowsOf(this.data.plots.table, 'plot_id');
      return this.plotRows.get(id) ?? -1;
    }

    projectOf(id) {
      this.projectRows ||= rowsOf(this.data.projects.table, 'project_id');
      return this.projectRows.get(id) ?? -1;
    }

    /** Rows of the plots that a project holds. */
    plotsOf(project) {
      this.held ||= heldBy(this.data.plots.project, this.data.projects.table.count);
      return [...this.held.plots.subarray(this.held.starts[project], this.held.starts[project + 1])];
    }

    colouring() {
      return this.data.colourings.find(({ key }) => key === this.colouringKey);
    }

    colourBy(key) {
      if (!this.data.colourings.some((one) => one.key === key) || key === this.colouringKey) return;
      this.colouringKey = key;
      this.filters.delete('legend');
      this.sift();
      this.tell('colouring');
    }

    /** Fades the plots that a test says no to; without a test, none. Filters add up. */
    filter(name, test = null) {
      if (test) this.filters.set(name, test);
      else this.filters.delete(name);
      this.sift();
      this.tell('filter', name);
    }

    sift() {
      const tests = [...this.filters.values()];
      const { count } = this.data.plots.shapes;
      this.shown = tests.length ? new Uint8Array(count) : null;
      for (let i = 0; this.shown && i < count; i++) {
        this.shown[i] = tests.every((test) => test(i)) ? 1 : 0;
      }
      this.redraw('plots');
    }

    wear(theme) {
      this.theme = theme;
      geoplan.dress(theme);
      this.map.getContainer().closest('body').dataset.theme = theme;
      this.repaint();
      this.tell('theme');
    }

    speak(language) {
      geoplan.speak(language, this.data.words);
      document.documentElement.lang = geoplan.language();
      this.map.closePopup();
      this.tell('language');
      this.redraw('labels');
    }

    pattern(patterned) {
      this.patterned = patterned;
      this.redraw('plots');
      this.tell('colouring');
    }

    shows(part) {
      return part in this.layers && this.map.hasLayer(this.layers[part]);
    }

    redraw(part) {
      if (this.shows(part)) this.layers[part].redraw();
    }

    repaint() {
      Object.keys(this.layers).forEach((part) => this.redraw(part));
      this.highlight?.redraw();
    }

    hover(plot) {
      if (plot === this.hovered) return;
      this.hovered = plot;
      this.highlight.redraw();
    }

    select(plot) {
      if (plot === this.selected) return;
      this.selected = plot;
      this.highlight.redraw();
      this.tell('select', plot);
    }

    /** How much of each side panels cover: padding for fitting and for popups. */
    clearing() {
      const container = this.map.getContainer();
      const whole = container.getBoundingClientRect();
      const panel = this.panel.getBoundingClientRect();
      if (geoplan.narrow()) {
        const low = this.foot?.getBoundingClientRect().top ?? Infinity;
        const corner = container.querySelector('.leaflet-bottom.leaflet-right');
        return {
          paddingTopLeft: [EDGE_PX, panel.bottom - whole.top + EDGE_PX],
          paddingBottomRight: [EDGE_PX, whole.bottom - Math.min(low, corner.getBoundingClientRect().top)],
        };
      }
      const foot = this.foot?.offsetHeight || 0;
      const controls = [...container.querySelectorAll('.leaflet-top.leaflet-right > *')];
      const left = Math.min(whole.right, ...controls.map((box) => box.getBoundingClientRect().left));
      return {
        paddingTopLeft: [panel.right - whole.left + EDGE_PX, EDGE_PX],
        paddingBottomRight: [whole.right - left + EDGE_PX, EDGE_PX + foot],
      };
    }

    /** Opens a popup where no panel covers it. */
    open(latlng, content, plot) {
      if (geoplan.narrow()) geoplan.foldPanel(this);
      const { paddingTopLeft, paddingBottomRight } = this.clearing();
      const size = this.map.getSize();
      const room = size.y - paddingTopLeft[1] - paddingBottomRight[1] - 60;
      this.map.closePopup();
      const popup = L.popup({
        maxWidth: Math.min(340, size.x - 60),
        minWidth: Math.min(240, size.x - 90),
        maxHeight: Math.max(140, Math.min(560, room)),
        autoPanPaddingTopLeft: paddingTopLeft,
        autoPanPaddingBottomRight: paddingBottomRight,
      });
      popup.on('remove', () => this.select(null));
      popup.setLatLng(latlng).setContent(content).openOn(this.map);
      popup.getElement().querySelector('.leaflet-popup-close-button')
        ?.setAttribute('aria-label', geoplan.t('Close'));
      this.select(plot);
      this.makeReachable(popup.getElement());
      return popup;
    }

    /** Lets the keyboard scroll and close a popup. */
    makeReachable(box) {
      box.tabIndex = -1;
      // Leaflet would take a click on a button that is gone by then for one on the map.
      box.addEventListener('click', (event) => event.stopPropagation());
      box.querySelector('.leaflet-popup-scrolled')?.setAttribute('tabindex', '0');
      box.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        this.map.closePopup();
        this.map.getContainer().focus();
      });
    }

    /** Goes to a plot and opens its passport; shows the plots `among` which it is as well. */
    visit(plot, { focus = true, among = [plot] } = {}) {
      const { shapes, points } = this.data.plots;
      const bounds = L.latLngBounds(among.map((each) => shapes.bounds(each)));
      this.map.fitBounds(bounds, { ...this.clearing(), maxZoom: CLOSEST_ZOOM, animate: false });
      const popup = this.open(
        geoplan.toLatLng(points.x[plot], points.y[plot]), geoplan.passport(this, plot), plot,
      );
      if (focus) popup.getElement().focus({ preventScroll: true });
    }
  }

  /** Plots sorted by the project that holds them, and where each project's begin. */
  function heldBy(projectOfPlot, count) {
    const counts = new Uint32Array(count);
    projectOfPlot.forEach((project) => { if (project >= 0) counts[project] += 1; });
    const starts = geoplan.running(counts);
    const plots = new Uint32Array(starts[count]);
    const next = starts.slice();
    projectOfPlot.forEach((project, plot) => { if (project >= 0) plots[next[project]++] = plot; });
    return { starts, plots };
  }

  function rowsOf(table, column) {
    const rows = new Map();
    for (let row = 0; row < table.count; row++) rows.set(String(table.at(column, row)), row);
    return rows;
  }

  geoplan.View = View;

  /** Functions that begin a feature of the page once the data are there and the shell stands. */
  geoplan.features = [];
})((window.geoplan = window.geoplan || {}));
