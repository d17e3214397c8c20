/* Names on the map; one that would cover another is left out. */
(function (geoplan) {
  'use strict';

  const FONT = 'system-ui, sans-serif';
  const LABELS = [ // the more important first
    { part: 'zones', font: `700 15px ${FONT}` },
    { part: 'gates', font: `600 12px ${FONT}`, dx: 12, left: true },
    { part: 'receptors', font: `600 12px ${FONT}`, dy: -16 },
    { part: 'spz', font: `500 11px ${FONT}`, write: distanceLabel },
  ];
  const PLOT_LABEL = { font: `500 10.5px ${FONT}` };
  const LINE_PX = 14;
  const PLOTS_MOST = 4000; // in view; more would be a grey haze, and take long

  function distanceLabel(layer, row) {
    const distance = layer.table.field('distance_m').told(row);
    return `${distance} · ${layer.label(row)}`;
  }

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
        this.context.strokeStyle = geoplan.styles.halo;
        this.context.lineWidth = 4;
        this.context.strokeText(text, left, y);
      }
      this.context.fillStyle = geoplan.styles.labels[style.part];
      this.context.fillText(text, left, y);
    }
  }

  function writeFeatureLabels(placer, frame, view, style) {
    const layer = view.data.layers[style.part];
    layer.labelled.forEach((row, i) => placer.write(
      style.write ? style.write(layer, row) : geoplan.t(layer.label(row)),
      layer.points.x[i] * frame.scale - frame.x0,
      layer.points.y[i] * frame.scale - frame.y0 + (style.dy || 0),
      style,
    ));
  }

  /** Plots that are large enough in this frame for their ids, or none where these are too many. */
  function legible(shapes, frame) {
    const found = [];
    for (let i = 0; i < shapes.count && found.length <= PLOTS_MOST; i++) {
      if (!shapes.meets(i, frame.west, frame.north, frame.east, frame.south)) continue;
      const wide = (shapes.boxes[4 * i + 2] - shapes.boxes[4 * i]) * frame.scale;
      const high = (shapes.boxes[4 * i + 3] - shapes.boxes[4 * i + 1]) * frame.scale;
      if (wide >= 30 && high >= 24) found.push([i, wide]);
    }
    return found.length > PLOTS_MOST ? [] : found;
  }

  /** Plots have their ids written in them as soon as these fit. */
  function writePlotLabels(placer, frame, view) {
    const { shapes, points, table } = view.data.plots;
    legible(shapes, frame).forEach(([i, wide]) => {
      const x = points.x[i] * frame.scale - frame.x0;
      const y = points.y[i] * frame.scale - frame.y0;
      const style = { ...PLOT_LABEL, part: 'plots' };
      placer.write(table.at('plot_id', i), x, y, style, { widest: wide * 0.72, halo: false });
    });
  }

  geoplan.drawLabels = function (context, frame, view) {
    geoplan.drawZoneEdges(context, frame, view);
    const placer = new Placer(context);
    LABELS.filter(({ part }) => view.shows(part))
      .forEach((style) => writeFeatureLabels(placer, frame, view, style));
    if (view.shows('plots')) writePlotLabels(placer, frame, view);
  };
})((window.geoplan = window.geoplan || {}));
