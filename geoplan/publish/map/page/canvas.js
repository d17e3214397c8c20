/* A Leaflet layer that draws on one canvas in a pane of its own. */
(function (geoplan) {
  'use strict';

  /* Panes from the lowest to the highest: what is listed later lies on top, whatever is
     switched off and on. Leaflet's own marks start at 500. */
  const PANES = [
    'zones', 'receptors', 'land', 'exclusions', 'streets', 'plots', 'spz',
    'utilities', 'flows', 'findings', 'highlight', 'edits', 'gates', 'labels',
  ];
  const LOWEST_Z = 410;
  const MARGIN_SHARE = 0.15; // drawn beyond each edge, so that dragging shows no blank
  const DENSITY_MAX = 2;

  function paneFor(map, part) {
    const name = `geoplan-${part}`;
    const pane = map.getPane(name) || map.createPane(name);
    pane.style.zIndex = LOWEST_Z + 5 * PANES.indexOf(part);
    pane.style.pointerEvents = 'none';
    return pane;
  }

  geoplan.CanvasLayer = L.Layer.extend({
    /* `draw(context, frame, view)` paints one frame; it is called when the data have come. */
    initialize(view, part, draw) {
      this.view = view;
      this.part = part;
      this.draw = draw;
    },

    onAdd(map) {
      this.canvas = L.DomUtil.create('canvas', 'leaflet-zoom-animated');
      this.canvas.dataset.part = this.part;
      this.canvas.setAttribute('aria-hidden', 'true');
      paneFor(map, this.part).append(this.canvas);
      this.paint();
    },

    onRemove() {
      cancelAnimationFrame(this.request);
      this.request = null;
      this.canvas.remove();
    },

    getEvents() {
      return {
        moveend: this.paint, resize: this.paint, zoom: this.follow, zoomanim: this.follow,
      };
    },

    /** Paints before the next frame, however often it is asked to. */
    redraw() {
      if (this.request || !this._map) return;
      this.request = requestAnimationFrame(() => this.paint());
    },

    paint() {
      cancelAnimationFrame(this.request);
      this.request = null;
      const frame = this.place();
      const context = this.canvas.getContext('2d');
      context.setTransform(frame.density, 0, 0, frame.density, 0, 0);
      context.clearRect(0, 0, frame.width, frame.height);
      if (this.view.data) this.draw(context, frame, this.view);
    },

    /** Lays the canvas over the view and returns how world units become its pixels. */
    place() {
      const map = this._map;
      const size = map.getSize();
      const margin = size.multiplyBy(this.view.density ? 0 : MARGIN_SHARE).round();
      const corner = map.containerPointToLayerPoint(margin.multiplyBy(-1));
      const origin = map.getPixelOrigin().add(corner);
      const density = this.view.density || Math.min(DENSITY_MAX, window.devicePixelRatio || 1);
      const width = size.x + 2 * margin.x;
      const height = size.y + 2 * margin.y;
      this.canvas.width = width * density;
      this.canvas.height = height * density;
      this.canvas.style.width = `${width}px`;
      this.canvas.style.height = `${height}px`;
      this.lay(corner, 1);
      this.drawn = { zoom: map.getZoom(), origin };
      const scale = map.options.crs.scale(map.getZoom());
      return {
        width, height, density, scale, margin, x0: origin.x, y0: origin.y, zoom: map.getZoom(),
        west: origin.x / scale, north: origin.y / scale,
        east: (origin.x + width) / scale, south: (origin.y + height) / scale,
      };
    },

    /** Stretches what is drawn while the zoom is on its way. */
    follow({ center = this._map.getCenter(), zoom = this._map.getZoom() }) {
      const map = this._map;
      const stretch = map.getZoomScale(zoom, this.drawn.zoom);
      const paneShift = L.DomUtil.getPosition(map.getPane('mapPane'));
      const origin = map.project(center, zoom).subtract(map.getSize().divideBy(2)).add(paneShift);
      const corner = this.drawn.origin.multiplyBy(stretch).subtract(origin.round());
      this.lay(corner, stretch);
    },

    lay(corner, stretch) {
      L.DomUtil.setTransform(this.canvas, corner, stretch);
      this.laid = { corner, stretch };
      this.view.tell('laid', this);
    },
  });
})((window.geoplan = window.geoplan || {}));
