/* Painting shapes on a canvas. */
(function (geoplan) {
  'use strict';

  const POINT = 0;
  const POLYGON = 2;
  const FADED = 0.18;
  const SIGN_PX = 7;
  const BATCH = 16;
  const EDGE_FULL_PX = 20; // plots smaller than this have thinner edges, else these are all one sees

  /** Adds one shape's rings to the path; all coordinates become pixels of the frame. */
  function trace(context, frame, shapes, i) {
    for (let r = shapes.ringStart[i]; r < shapes.ringStart[i + 1]; r++) {
      const start = shapes.vertexStart[r];
      const end = shapes.vertexStart[r + 1];
      for (let v = start; v < end; v++) {
        const x = shapes.x[v] * frame.scale - frame.x0;
        const y = shapes.y[v] * frame.scale - frame.y0;
        if (v === start) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      if (shapes.dimension[i] === POLYGON) context.closePath();
    }
  }

  function stroke(context, { line, width, dash }) {
    context.strokeStyle = line;
    context.lineWidth = width;
    context.setLineDash(dash || []);
    context.lineJoin = 'round';
    context.stroke();
    context.setLineDash([]);
  }

  const patterns = {};

  function hatchPattern(context, colour, density) {
    patterns[colour + density] ||= newHatch(context, colour, density);
    return patterns[colour + density];
  }

  function newHatch(context, colour, density) {
    const tile = document.createElement('canvas');
    const side = 8 * density;
    tile.width = tile.height = side;
    const pen = tile.getContext('2d');
    pen.strokeStyle = colour;
    pen.lineWidth = density;
    pen.beginPath();
    [-side, 0, side].forEach((shift) => {
      pen.moveTo(shift, side);
      pen.lineTo(shift + side, 0);
    });
    pen.stroke();
    const pattern = context.createPattern(tile, 'repeat');
    pattern.setTransform(new DOMMatrix().scale(1 / density));
    return pattern;
  }

  function railway(context, style) {
    stroke(context, { line: style.line, width: style.width });
    stroke(context, { line: '#ffffff', width: style.width - 1.4, dash: [7, 7] });
  }

  const SIGNS = {
    circle(context, r) { context.arc(0, 0, r, 0, 2 * Math.PI); },
    square(context, r) { context.rect(-r, -r, 2 * r, 2 * r); },
    letter(context, r) { context.rect(-r, -r, 2 * r, 2 * r); },
    triangle(context, r) {
      context.moveTo(0, -r * 1.1);
      context.lineTo(r, r * 0.8);
      context.lineTo(-r, r * 0.8);
      context.closePath();
    },
  };

  geoplan.drawSign = function (context, x, y, style) {
    const filled = style.point !== 'letter';
    context.save();
    context.translate(x, y);
    context.beginPath();
    SIGNS[style.point || 'circle'](context, SIGN_PX);
    stroke(context, { line: '#ffffff', width: 4 });
    context.fillStyle = filled ? style.line : '#ffffff';
    context.fill();
    if (!filled) {
      stroke(context, { line: style.line, width: 1.5 });
      context.fillStyle = style.line;
      context.font = '600 10px system-ui, sans-serif';
      context.textAlign = 'center';
      context.textBaseline = 'middle';
      context.fillText(style.letter, 0, 0.5);
    }
    context.restore();
  };

  /** Paints a sample of a style, 26 x 16, for the legend. */
  geoplan.drawSwatch = function (context, style) {
    context.beginPath();
    if (style.fill) context.rect(1, 2, 24, 12);
    else {
      context.moveTo(1, 8);
      context.lineTo(25, 8);
    }
    paint(context, style, { isArea: Boolean(style.fill), density: 2 });
  };

  function paint(context, style, { isArea, density }) {
    const fills = isArea ? [style.fill, style.tint] : [];
    if (isArea && style.hatch) fills.push(hatchPattern(context, style.hatch, density));
    fills.filter(Boolean).forEach((fill) => {
      context.fillStyle = fill;
      context.fill('evenodd');
    });
    if (style.railway) railway(context, style);
    else if (style.line) stroke(context, style);
  }

  function drawShape(context, frame, shapes, i, style) {
    context.beginPath();
    trace(context, frame, shapes, i);
    paint(context, style, { isArea: shapes.dimension[i] === POLYGON, density: frame.density });
  }

  function drawPoints(context, frame, shapes, i, style) {
    for (let v = shapes.vertexStart[shapes.ringStart[i]];
      v < shapes.vertexStart[shapes.ringStart[i + 1]]; v++) {
      const x = shapes.x[v] * frame.scale - frame.x0;
      const y = shapes.y[v] * frame.scale - frame.y0;
      geoplan.drawSign(context, x, y, style);
    }
  }

  function inFrame(shapes, frame, i) {
    const slack = 20 / frame.scale; // signs and wide lines reach beyond their shape
    return shapes.meets(
      i, frame.west - slack, frame.north - slack, frame.east + slack, frame.south + slack,
    );
  }

  /** Draws a layer whose few shapes each have a look. */
  geoplan.drawFeatures = function (part) {
    return function (context, frame, view) {
      const { shapes, look } = view.data.layers[part];
      for (let i = 0; i < shapes.count; i++) {
        if (!inFrame(shapes, frame, i)) continue;
        const draw = shapes.dimension[i] === POINT ? drawPoints : drawShape;
        draw(context, frame, shapes, i, geoplan.styleOf(part, look[i]));
      }
    };
  };

  /** Ends a path every so many shapes: a canvas is slow with few shapes a path, and with many. */
  function inBatches(context, frame, shapes, chosen, finish) {
    for (let start = 0; start < chosen.length; start += BATCH) {
      context.beginPath();
      chosen.slice(start, start + BATCH).forEach((i) => trace(context, frame, shapes, i));
      finish();
    }
  }

  /** Draws all plots: fills colour by colour, then the edges. */
  geoplan.drawPlots = function (context, frame, view) {
    const { shapes } = view.data.plots;
    const { entries, codes } = view.colouring();
    const visible = [];
    for (let i = 0; i < shapes.count; i++) if (inFrame(shapes, frame, i)) visible.push(i);
    entries.forEach((entry, number) => {
      context.globalAlpha = view.entryInFocus === null || view.entryInFocus === number ? 1 : FADED;
      context.fillStyle = entry.colour;
      const own = visible.filter((i) => codes[i] === number);
      inBatches(context, frame, shapes, own, () => context.fill('evenodd'));
    });
    context.globalAlpha = 1;
    const width = Math.max(0.2, Math.min(1, (shapes.side * frame.scale) / EDGE_FULL_PX));
    const edge = { line: geoplan.styles.plotEdge, width };
    inBatches(context, frame, shapes, visible, () => stroke(context, edge));
    view.plotsDrawn = visible.length;
  };

  /** Draws the outlines of the plot under the pointer and of the one whose passport is open. */
  geoplan.drawHighlight = function (context, frame, view) {
    [[view.selected, 'selected'], [view.hovered, 'hover']].forEach(([plot, style]) => {
      if (plot === null) return;
      context.beginPath();
      trace(context, frame, view.data.plots.shapes, plot);
      stroke(context, geoplan.styles[style]);
    });
  };

  geoplan.drawZoneEdges = function (context, frame, view) {
    const { shapes } = view.data.layers.zones;
    for (let i = 0; i < shapes.count; i++) {
      drawShape(context, frame, shapes, i, geoplan.styles.zoneEdge);
    }
  };
})((window.geoplan = window.geoplan || {}));
