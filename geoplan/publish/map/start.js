/* What the Folium templates call: a map of the plan, and its layers. */
(function (geoplan) {
  'use strict';

  const EDGE_PX = 16;
  const CLOSEST_ZOOM = 17;

  function readLayers(layers) {
    return Object.fromEntries(Object.entries(layers).map(([part, coded]) => [part, {
      shapes: new geoplan.Shapes(coded.shapes),
      look: geoplan.readColumn(coded.look),
      caption: geoplan.readColumn(coded.caption),
      labels: { text: coded.labels.text, points: geoplan.readPoints(coded.labels) },
    }]));
  }

  function ids(fields, column, count) {
    return Array.from({ length: count }, (_, i) => String(geoplan.valueOf(fields, column, i)));
  }

  function readPlan(payload) {
    const { plots, projects } = payload;
    const shapes = new geoplan.Shapes(plots.shapes);
    const columns = (table, column) => ids(table.fields, column, table.count ?? shapes.count);
    return {
      ...payload,
      layers: readLayers(payload.layers),
      plots: {
        ...plots, shapes, points: geoplan.readPoints(plots.points), id: columns(plots, 'plot_id'),
      },
      projects: {
        ...projects, id: columns(projects, 'project_id'), reason: geoplan.readColumn(projects.reason),
      },
    };
  }

  /** One plan on one map: its data, and what of it is shown, pointed at and chosen. */
  class View {
    constructor(map) {
      this.map = map;
      this.data = null;
      this.layers = {};
      this.colouringKey = 'sector';
      this.hovered = null;
      this.selected = null;
      this.entryInFocus = null;
    }

    async load(element) {
      this.data = readPlan(await geoplan.readPayload(element));
      geoplan.addPanels(this);
      geoplan.followPointer(this);
      this.highlight = new geoplan.CanvasLayer(this, 'highlight', geoplan.drawHighlight);
      this.highlight.addTo(this.map);
      this.map.on('overlayadd overlayremove', () => this.redraw('labels'));
      // Setting the view paints every layer that is on.
      this.map.fitBounds(this.data.bounds, { ...this.clearing(), animate: false });
      this.map.getContainer().dataset.ready = 'true';
    }

    colouring() {
      return this.data.colourings.find(({ key }) => key === this.colouringKey);
    }

    colourBy(key) {
      this.colouringKey = key;
      this.entryInFocus = null;
      if (!this.data) return;
      geoplan.fillLegend(this);
      this.redraw('plots');
    }

    focusEntry(number) {
      this.entryInFocus = number;
      this.redraw('plots');
    }

    shows(part) {
      return part in this.layers && this.map.hasLayer(this.layers[part]);
    }

    redraw(part) {
      if (this.shows(part)) this.layers[part].redraw();
    }

    hover(plot) {
      if (plot === this.hovered) return;
      this.hovered = plot;
      this.highlight.redraw();
    }

    select(plot) {
      this.selected = plot;
      this.highlight.redraw();
    }

    /** How much of each side panels cover: padding for fitting and for popups. */
    clearing() {
      const whole = this.map.getContainer().getBoundingClientRect();
      const panel = this.panel.getBoundingClientRect();
      if (geoplan.narrow()) {
        const corner = this.map.getContainer().querySelector('.leaflet-bottom.leaflet-right');
        return {
          paddingTopLeft: [EDGE_PX, panel.bottom - whole.top + EDGE_PX],
          paddingBottomRight: [EDGE_PX, whole.bottom - corner.getBoundingClientRect().top],
        };
      }
      const control = this.map.getContainer().querySelector('.leaflet-control-layers');
      const right = control ? whole.right - control.getBoundingClientRect().left : 0;
      return {
        paddingTopLeft: [panel.right - whole.left + EDGE_PX, EDGE_PX],
        paddingBottomRight: [right + EDGE_PX, EDGE_PX],
      };
    }

    /** Opens a popup where no panel covers it. */
    open(latlng, content, plot) {
      if (geoplan.narrow()) {
        this.panel.querySelectorAll(':scope > details[open]').forEach((box) => { box.open = false; });
      }
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
      this.select(plot);
      this.makeReachable(popup.getElement());
      return popup;
    }

    /** Lets the keyboard scroll and close a popup. */
    makeReachable(box) {
      box.tabIndex = -1;
      box.querySelector('.leaflet-popup-scrolled')?.setAttribute('tabindex', '0');
      box.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        this.map.closePopup();
        this.map.getContainer().focus();
      });
    }

    /** Goes to a plot and opens its passport. */
    visit(plot) {
      const { shapes, points } = this.data.plots;
      const [west, north, east, south] = shapes.boxes.subarray(4 * plot, 4 * plot + 4);
      const bounds = L.latLngBounds(geoplan.toLatLng(west, south), geoplan.toLatLng(east, north));
      this.map.fitBounds(bounds, { ...this.clearing(), maxZoom: CLOSEST_ZOOM, animate: false });
      const popup = this.open(
        geoplan.toLatLng(points.x[plot], points.y[plot]), geoplan.passport(this, plot), plot,
      );
      popup.getElement().focus({ preventScroll: true });
    }
  }

  const Colours = L.Layer.extend({
    initialize(view, key) {
      this.view = view;
      this.key = key;
    },
    onAdd() { this.view.colourBy(this.key); },
    onRemove() {},
  });

  function sayBroken(map, error) {
    const message = geoplan.element('p', 'geoplan-panel', `The plan cannot be shown: ${error.message}`);
    message.setAttribute('role', 'alert');
    geoplan.addPanel(map, 'topleft', message);
    throw error;
  }

  /** Makes the map of the plan whose data stand in the page under the map's name. */
  geoplan.map = function (name, options) {
    const map = L.map(name, { zoomDelta: 0.5, wheelPxPerZoomLevel: 90, ...options });
    map.getContainer().setAttribute('aria-label', 'Map of the plan');
    const view = new View(map);
    map.plan = view;
    const load = () => view.load(document.getElementById(`${name}_data`));
    // The layers are made after the map, by the scripts that follow this call.
    setTimeout(() => load().catch((error) => sayBroken(map, error)));
    return map;
  };

  geoplan.layer = function (map, part) {
    const view = map.plan;
    if (part === 'sector' || part === 'state') return new Colours(view, part);
    const draw = { plots: geoplan.drawPlots, labels: geoplan.drawLabels }[part];
    const layer = new geoplan.CanvasLayer(view, part, draw || geoplan.drawFeatures(part));
    view.layers[part] = layer;
    return layer;
  };
})((window.geoplan = window.geoplan || {}));
