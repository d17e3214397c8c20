/* Lengths and areas as the plan measures them, and a tool that measures on the map. */
(function (geoplan) {
  'use strict';

  const A_M = 6378137; // the ellipsoid WGS 84
  const E2 = 0.00669437999014;
  const E = Math.sqrt(E2);
  const RAD = Math.PI / 180;
  const SNAP_PX = 9;
  const SAME_PX = 4;
  const PANE = 'geoplan-measure';
  const { element, t } = geoplan;

  function stepM(a, b) {
    const middle = ((a.lat + b.lat) / 2) * RAD;
    const w = 1 - E2 * Math.sin(middle) ** 2;
    const east = ((b.lng - a.lng) * RAD * Math.cos(middle) * A_M) / Math.sqrt(w);
    const north = ((b.lat - a.lat) * RAD * A_M * (1 - E2)) / w ** 1.5;
    return Math.hypot(east, north);
  }

  /** How far north a latitude lies on the cylinder that keeps the ellipsoid's areas. */
  function authalicM(lat) {
    const s = Math.sin(lat * RAD);
    return ((A_M * (1 - E2)) / 2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E);
  }

  /** Length of a line in the plan's metres; `metric` tells how these relate to the ellipsoid's. */
  geoplan.lengthM = ({ areal }, points) => Math.sqrt(areal) * points.reduce((sum, point, i) => (
    i ? sum + stepM(points[i - 1], point) : 0
  ), 0);

  /** Area within a ring, in hectares of the plan. */
  geoplan.areaHa = function ({ areal }, points) {
    const [first] = points;
    const at = points.map(({ lat, lng }) => (
      [(lng - first.lng) * RAD * A_M, authalicM(lat) - authalicM(first.lat)]
    ));
    const twice = at.reduce((sum, [x, y], i) => {
      const [nextX, nextY] = at[(i + 1) % at.length];
      return sum + x * nextY - nextX * y;
    }, 0);
    return (Math.abs(twice) / 2 / 10000) * areal;
  };

  /** The corner of a plot within reach, or the place itself. */
  function snapped(view, latlng) {
    const { shapes } = view.data.plots;
    if (!shapes.count || !view.shows('plots')) return latlng;
    const { x, y } = geoplan.toWorld(latlng);
    let reach = SNAP_PX / view.map.options.crs.scale(view.map.getZoom());
    let corner = -1;
    shapes.grid.near(x - reach, y - reach, x + reach, y + reach).forEach((i) => {
      const end = shapes.vertexStart[shapes.ringStart[i + 1]];
      for (let v = shapes.vertexStart[shapes.ringStart[i]]; v < end; v++) {
        const away = Math.hypot(shapes.x[v] - x, shapes.y[v] - y);
        if (away < reach) {
          reach = away;
          corner = v;
        }
      }
    });
    return corner < 0 ? latlng : geoplan.toLatLng(shapes.x[corner], shapes.y[corner]);
  }

  class Measure {
    constructor(view) {
      this.view = view;
      this.points = [];
      this.done = false;
      this.ahead = null; // where the pointer is
      const pane = view.map.createPane(PANE);
      pane.style.zIndex = 480; // over all that is drawn, below popups
      pane.style.pointerEvents = 'none';
      this.marks = L.layerGroup();
      this.label = L.tooltip({ permanent: true, direction: 'right', offset: [10, 0], className: 'geoplan-tooltip geoplan-measure-label' });
      this.box = this.readout();
      view.map.on('click', ({ latlng }) => this.isOn() && this.add(snapped(view, latlng)));
      view.map.on('mousemove', ({ latlng }) => this.isOn() && this.look(snapped(view, latlng)));
      view.map.on('dblclick', () => this.isOn() && this.finish());
      document.addEventListener('keydown', (event) => this.isOn() && this.key(event));
      view.on('tool', () => this.turned());
      view.on('language', () => this.show());
    }

    isOn() { return this.view.tool === 'measure'; }

    /** Takes the pointer, or leaves it. */
    turn() {
      this.view.tool = this.isOn() ? null : 'measure';
      this.view.tell('tool');
    }

    /** Begins or ends when the pointer has come to this tool or gone to another. */
    turned() {
      const { map } = this.view;
      const on = this.isOn();
      if (on === map.hasLayer(this.marks)) return;
      map.doubleClickZoom[on ? 'disable' : 'enable']();
      map.getContainer().classList.toggle('geoplan-measuring', on);
      this.box.hidden = !on;
      this.clear();
      if (on) {
        map.closePopup();
        this.marks.addTo(map);
        map.getContainer().focus({ preventScroll: true });
      } else this.marks.remove();
    }

    add(point) {
      if (this.done) this.clear();
      const { map } = this.view;
      const last = this.points.at(-1);
      const away = last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(point));
      if (away < SAME_PX) return; // the second click of a double one
      this.points.push(point);
      this.show();
    }

    look(point) {
      if (this.done || !this.points.length) return;
      this.ahead = point;
      this.show();
    }

    finish() {
      this.done = this.points.length > 1;
      this.ahead = null;
      this.show();
    }

    undo() {
      this.points.pop();
      this.done = false;
      this.ahead = null;
      this.show();
    }

    clear() {
      this.points = [];
      this.done = false;
      this.ahead = null;
      this.show();
    }

    key(event) {
      const { map } = this.view;
      if (event.target.closest('input, select, textarea, button, dialog')) return;
      const acts = {
        Enter: () => this.finish(),
        Backspace: () => this.undo(),
        Escape: () => (this.points.length ? this.clear() : this.turn()),
        ' ': () => this.add(snapped(this.view, map.getCenter())),
      };
      if (!Object.hasOwn(acts, event.key)) return;
      event.preventDefault();
      acts[event.key]();
    }

    /** Length, and the area where there are corners enough. */
    text() {
      const { metric } = this.view.data;
      const points = this.ahead ? [...this.points, this.ahead] : this.points;
      const length = geoplan.lengthM(metric, points);
      const parts = [`${geoplan.formatNumber(length, { digits: length < 1000 ? 1 : 0 })} ${t('m')}`];
      if (points.length > 2) {
        const area = geoplan.areaHa(metric, points);
        parts.push(geoplan.formatArea(area, area < 10 ? 4 : 2));
      }
      return parts.join(' · ');
    }

    show() {
      const points = this.ahead ? [...this.points, this.ahead] : this.points;
      const option = { pane: PANE, className: 'geoplan-measured', interactive: false };
      this.marks.clearLayers();
      this.label.remove();
      this.name();
      if (!this.points.length) return;
      this.marks.addLayer(L.polygon(points, { ...option, weight: 1, dashArray: '4 4' }));
      this.marks.addLayer(L.polyline(points, { ...option, weight: 2.5 }));
      this.points.forEach((point) => this.marks.addLayer(L.circleMarker(point, { ...option, radius: 4 })));
      if (points.length > 1) this.label.setLatLng(points.at(-1)).setContent(this.text()).addTo(this.view.map);
    }

    readout() {
      const said = element('output');
      const hint = element('p');
      const buttons = [() => this.undo(), () => this.finish(), () => this.clear()]
        .map((press) => geoplan.button('', '', press));
      const box = element('section', 'geoplan-sheet geoplan-measure', said, hint, element('div', '', ...buttons));
      box.hidden = true;
      return geoplan.addFoot(this.view, box);
    }

    name() {
      const [said, hint, { children }] = this.box.children;
      const { crs } = this.view.data.metric;
      said.textContent = this.points.length > 1 || this.ahead ? this.text() : t('Click points on the map');
      hint.textContent = t('Measured as the plan does ({crs}); snaps to corners of plots. Double click or Enter ends, Escape clears, Space takes the middle of the map.', { crs });
      [t('Undo'), t('Finish'), t('Clear')].forEach((words, i) => { children[i].textContent = words; });
      this.box.setAttribute('aria-label', t('Measure'));
    }
  }

  geoplan.tools.push({
    key: 'measure',
    label: geoplan.t('Measure length and area'),
    icon: 'M3 16.5 16.5 3 21 7.5 7.5 21ZM6.5 13l2 2M9.5 10l3 3M12.5 7l2 2',
    press: (view) => view.measure.turn(),
    pressed: (view) => view.tool === 'measure',
  });

  geoplan.features.push((view) => { view.measure = new Measure(view); });
})((window.geoplan = window.geoplan || {}));
