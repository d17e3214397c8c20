/* What the Folium templates call: a map of the plan, and its layers. */
(function (geoplan) {
  'use strict';

  const NARROW_PX = 720;

  geoplan.narrow = () => window.innerWidth < NARROW_PX;

  function sayBroken(map, error) {
    const text = geoplan.t('The plan cannot be shown: {error}', { error: error.message });
    const message = geoplan.element('p', 'geoplan-panel', text);
    message.setAttribute('role', 'alert');
    const control = new L.Control({ position: 'topleft' });
    control.onAdd = () => message;
    control.addTo(map);
    throw error;
  }

  /** Makes the map of the plan whose data stand in the page under the map's name. */
  geoplan.map = function (name, options) {
    const map = L.map(name, { zoomDelta: 0.5, wheelPxPerZoomLevel: 90, ...options });
    const view = new geoplan.View(map);
    map.plan = view;
    geoplan.plan = view; // for the console and for tests
    const load = () => view.load(document.getElementById(`${name}_data`));
    // The layers are made after the map, by the scripts that follow this call.
    setTimeout(() => load().catch((error) => sayBroken(map, error)));
    return map;
  };

  geoplan.layer = function (map, part, title) {
    const view = map.plan;
    const draw = {
      plots: geoplan.drawPlots, labels: geoplan.drawLabels, flows: geoplan.drawFlows,
    }[part];
    const layer = new geoplan.CanvasLayer(view, part, draw || geoplan.drawFeatures(part));
    layer.title = title;
    view.layers[part] = layer;
    return layer;
  };

  /* Folium makes the control of layers; the page has to find it again. */
  L.Control.Layers.addInitHook(function () {
    const { addTo } = this;
    this.addTo = function (map) {
      map.layersControl = this;
      return addTo.call(this, map);
    };
  });
})((window.geoplan = window.geoplan || {}));
