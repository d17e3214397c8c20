/* Names on the map; one that would cover another is left out. */
(function (geoplan) {
  'use strict';

  const LABELS = [ // the more important first
    { part: 'zones', font: '700 15px system-ui, sans-serif', fill: '#33383f' },
    { part: 'gates', font: '600 12px system-ui, sans-serif', fill: '#33383f', dx: 12, left: true },
    { part: 'receptors', font: '600 12px system-ui, sans-serif', fill: '#7d4c29', dy: -16 },
    { part: 'spz', font: '500 11px system-ui, sans-serif', fill: '#84374c' },
  ];
  const PLOT_LABEL = { font: '500 10.5px system-ui, sans-serif', fill: '#2c3036' };
  const HALO = 'rgba(255, 255, 255, 0.82)';
  const LINE_PX = 14;

  class Placer {
    constructor(context) {
      this.context = context;
      this.taken = [];
    }

    /** Writes a text unless it would cover one that stands already. */
    write(text, x, y, style, { widest = Infinity, halo = true } = {}) {
      this.context.font = style.font;
      const width = this.context.measureText(text).width;
      if (width > widest) return;
      const left = style.left ? x + style.dx : x - width / 2;
      const box = [left - 3, y - LINE_PX / 2 - 1, left + width + 3, y + LINE_PX / 2 + 1];
      const covers = this.taken.some((other) => box[0] < other[2] && box[2] > other[0]
        && box[1] < other[3] && box[3] > other[1]);
      if (covers) return;
      this.taken.push(box);
      this.paint(text, left, y, style, halo);
    }

    paint(text, left, y, style, halo) {
      this.context.textAlign = 'left';
      this.context.textBaseline = 'middle';
      this.context.lineJoin = 'round';
      if (halo) {
        this.context.strokeStyle = HALO;
        this.context.lineWidth = 4;
        this.context.strokeText(text, left, y);
      }
      this.context.fillStyle = style.fill;
      this.context.fillText(text, left, y);
    }
  }

  function writeFeatureLabels(placer, frame, view, style) {
    const { text, points } = view.data.layers[style.part].labels;
    text.forEach((label, i) => placer.write(
      label,
      points.x[i] * frame.scale - frame.x0,
      points.y[i] * frame.scale - frame.y0 + (style.dy || 0),
      style,
    ));
  }

  /** Plots have their ids written in them as soon as these fit. */
  function writePlotLabels(placer, frame, view) {
    const { shapes, points, id } = view.data.plots;
    for (let i = 0; i < shapes.count; i++) {
      if (!shapes.meets(i, frame.west, frame.north, frame.east, frame.south)) continue;
      const wide = (shapes.boxes[4 * i + 2] - shapes.boxes[4 * i]) * frame.scale;
      const high = (shapes.boxes[4 * i + 3] - shapes.boxes[4 * i + 1]) * frame.scale;
      if (wide < 30 || high < 24) continue;
      const x = points.x[i] * frame.scale - frame.x0;
      const y = points.y[i] * frame.scale - frame.y0;
      placer.write(id[i], x, y, PLOT_LABEL, { widest: wide * 0.72, halo: false });
    }
  }

  geoplan.drawLabels = function (context, frame, view) {
    geoplan.drawZoneEdges(context, frame, view);
    const placer = new Placer(context);
    LABELS.filter(({ part }) => view.shows(part))
      .forEach((style) => writeFeatureLabels(placer, frame, view, style));
    if (view.shows('plots')) writePlotLabels(placer, frame, view);
  };
})((window.geoplan = window.geoplan || {}));
