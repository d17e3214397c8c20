/* What the pointer meets: tooltips on hover, passports on click. */
(function (geoplan) {
  'use strict';

  const REACH_PX = 7;
  const OVER_PLOTS = ['gates', 'utilities', 'flows'];
  const UNDER_PLOTS = ['spz', 'streets', 'exclusions', 'land', 'receptors', 'zones'];

  function isPanel({ originalEvent }) {
    return originalEvent.target.closest?.('.leaflet-control, .leaflet-popup') !== null;
  }

  /** What a layer has at a point: pairs of layer and row. */
  function metIn(view, part, x, y, reach) {
    if (!view.shows(part)) return [];
    const layer = view.data.layers[part];
    return layer.shapes.hits(x, y, reach)
      // A served area is drawn as its outline and must not hide the plots within.
      .filter((row) => part !== 'utilities' || layer.shapes.dimension[row] < 2)
      .filter((row) => part !== 'flows' || geoplan.runsNow(view, row))
      .map((row) => [layer, row]);
  }

  /** What is under the pointer: findings; then a sign, else a plot, else the topmost land. */
  geoplan.meet = function (view, latlng) {
    const { x, y } = geoplan.toWorld(latlng);
    const reach = REACH_PX / view.map.options.crs.scale(view.map.getZoom());
    const at = (parts) => parts.flatMap((part) => metIn(view, part, x, y, reach));
    const findings = at(['findings']);
    const [sign] = at(OVER_PLOTS);
    const plot = !sign && view.shows('plots') ? view.data.plots.shapes.hit(x, y, reach) : -1; // lines and points have a reach
    return { findings, plot, other: sign || (plot < 0 ? at(UNDER_PLOTS)[0] : null) };
  };

  const NOTHING = { findings: [], plot: -1, other: null };

  function describe({ findings, plot, other }, describePlot) {
    const box = geoplan.element('div', '', ...findings.map((met) => geoplan.featureCaption(...met)));
    if (plot >= 0) box.append(describePlot(plot));
    else if (other) box.append(geoplan.featureCaption(...other));
    return box.childElementCount ? box : null;
  }

  function onMove(view, tooltip, event) {
    if (view.tool) return;
    const seen = view.at(event.latlng);
    const met = isPanel(event) ? NOTHING : geoplan.meet(seen, event.latlng);
    seen.hover(met.plot < 0 ? null : met.plot);
    const content = describe(met, (plot) => geoplan.plotCaption(seen, plot));
    view.map.getContainer().style.cursor = content ? 'pointer' : '';
    if (!content) tooltip.remove();
    else tooltip.setLatLng(event.latlng).setContent(content).openOn(view.map);
  }

  function onClick(view, tooltip, event) {
    if (view.tool) return;
    const seen = view.at(event.latlng);
    const met = geoplan.meet(seen, event.latlng);
    const content = describe(met, (plot) => geoplan.passport(seen, plot));
    tooltip.remove();
    if (content) seen.open(event.latlng, content, met.plot < 0 ? null : met.plot);
    else view.map.closePopup();
  }

  /** Follows the pointer; while `view.tool` names a tool, that tool has the pointer. */
  geoplan.followPointer = function (view) {
    const tooltip = L.tooltip({ direction: 'auto', offset: [14, 0], className: 'geoplan-tooltip' });
    const leave = () => {
      view.hover(null);
      tooltip.remove();
    };
    view.map.on('mousemove', (event) => onMove(view, tooltip, event));
    view.map.on('mouseout movestart', leave);
    view.map.on('click', (event) => onClick(view, tooltip, event));
    view.on('tool', leave);
  };
})((window.geoplan = window.geoplan || {}));
