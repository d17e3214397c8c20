/* Painting shapes on a canvas. */
(function (geoplan) {
  'use strict';

  const POINT = 0;
  const POLYGON = 2;
  const FADED = 0.18;
  const SIGN_PX = 7;
  const BATCH = 16;
  const EDGE_FULL_PX = 20; // plots smaller than this have thinner edges, else these are all one sees
  const SPECK_PX = 1.6; // plots smaller than this are a pixel or two: their boxes are filled at once
  const TRACED_MOST = 150000; // plots in view; more are a few pixels each, and tracing takes long
  const PATTERN_PX = 8; // side of a tile; no pattern can be told in plots smaller than one

  /* Closing a ring measures the whole path: of shapes with more rings, these end where they began. */
  const CLOSED_MOST = 50;

  /** Adds one shape's rings to the path; all coordinates become pixels of the frame. */
  function trace(context, frame, shapes, i) {
    const closes = shapes.ringStart[i + 1] - shapes.ringStart[i] <= CLOSED_MOST;
    for (let r = shapes.ringStart[i]; r < shapes.ringStart[i + 1]; r++) {
      const start = shapes.vertexStart[r];
      const end = shapes.vertexStart[r + 1];
      for (let v = start; v < end; v++) {
        const x = shapes.x[v] * frame.scale - frame.x0;
        const y = shapes.y[v] * frame.scale - frame.y0;
        if (v === start) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      if (shapes.dimension[i] !== POLYGON) continue;
      if (closes) context.closePath();
      else context.lineTo(shapes.x[start] * frame.scale - frame.x0, shapes.y[start] * frame.scale - frame.y0);
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

  const lines = (...ends) => (pen, s) => ends.forEach(([ax, ay, bx, by]) => {
    pen.moveTo(ax * s, ay * s);
    pen.lineTo(bx * s, by * s);
  });
  const dot = (x, y, r) => (pen, s) => {
    pen.moveTo((x + r) * s, y * s);
    pen.arc(x * s, y * s, r * s, 0, 2 * Math.PI);
  };
  const rising = lines([-0.1, 1.1, 1.1, -0.1], [-0.1, 0.1, 0.1, -0.1], [0.9, 1.1, 1.1, 0.9]);
  const falling = lines([-0.1, -0.1, 1.1, 1.1], [0.9, -0.1, 1.1, 0.1], [-0.1, 0.9, 0.1, 1.1]);
  const level = lines([0, 0.5, 1, 0.5]);
  const upright = lines([0.5, 0, 0.5, 1]);
  const both = (one, other) => (pen, s) => { one(pen, s); other(pen, s); };

  /* Tiles of one side; together with the colours they tell entries apart without hue. */
  const TILES = [
    null, rising, dot(0.5, 0.5, 0.12), level, falling, upright, both(rising, falling),
    both(level, upright), both(dot(0.25, 0.25, 0.1), dot(0.75, 0.75, 0.1)),
    lines([0, 0.25, 1, 0.25], [0, 0.75, 1, 0.75]), lines([0.25, 0, 0.25, 1], [0.75, 0, 0.75, 1]),
    lines([0, 1, 0.5, 0.5], [0.5, 0.5, 1, 1]),
  ];

  const patterns = new Map();

  /** A repeated tile in a colour; its pixels are the screen's, whatever the density. */
  function patternOf(context, tile, colour, density) {
    const key = [TILES.indexOf(tile), colour, density].join();
    if (!patterns.has(key)) {
      const canvas = document.createElement('canvas');
      const side = PATTERN_PX * density;
      canvas.width = canvas.height = side;
      const pen = canvas.getContext('2d');
      pen.strokeStyle = colour;
      pen.lineWidth = density;
      pen.beginPath();
      tile(pen, side);
      pen.stroke();
      const pattern = context.createPattern(canvas, 'repeat');
      pattern.setTransform(new DOMMatrix().scale(1 / density));
      patterns.set(key, pattern);
    }
    return patterns.get(key);
  }

  /** What is laid over the fill of a legend's entry where patterns are asked for, or null. */
  geoplan.patternOf = function (context, entry, density) {
    const tile = TILES[entry % TILES.length];
    return tile && patternOf(context, tile, geoplan.styles.pattern, density);
  };

  function railway(context, style) {
    stroke(context, { line: style.line, width: style.width });
    stroke(context, { line: geoplan.styles.paper, width: style.width - 1.4, dash: [7, 7] });
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
    const { paper } = geoplan.styles;
    const filled = style.point !== 'letter';
    context.save();
    context.translate(x, y);
    context.beginPath();
    SIGNS[style.point || 'circle'](context, SIGN_PX);
    stroke(context, { line: paper, width: 4 });
    context.fillStyle = filled ? style.line : paper;
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
    if (isArea && style.hatch) fills.push(patternOf(context, rising, style.hatch, density));
    if (isArea && style.pattern) fills.push(style.pattern);
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

  /** Draws a layer whose few shapes each have a look; of these, those that are wanted. */
  geoplan.drawFeatures = function (part, isWanted = () => true) {
    return function (context, frame, view) {
      const { shapes, look } = view.data.layers[part];
      for (let i = 0; i < shapes.count; i++) {
        if (!inFrame(shapes, frame, i) || !isWanted(view, i)) continue;
        const draw = shapes.dimension[i] === POINT ? drawPoints : drawShape;
        draw(context, frame, shapes, i, geoplan.styleOf(part, look(i)));
      }
    };
  };

  /** Ends a path every so many shapes: a canvas is slow with few shapes a path, and with many. */
  function inBatches(context, frame, shapes, chosen, finish) {
    for (let start = 0; start < chosen.length; start += BATCH) {
      context.beginPath();
      const end = Math.min(start + BATCH, chosen.length);
      for (let k = start; k < end; k++) trace(context, frame, shapes, chosen[k]);
      finish();
    }
  }

  /** Plots in the frame by how they are filled: a list for each entry, shown and faded apart. */
  function sorted(shapes, frame, { entries, codes }, shown) {
    const lists = entries.map(() => ({ shown: [], faded: [] }));
    for (let i = 0; i < shapes.count; i++) {
      if (inFrame(shapes, frame, i)) lists[codes[i]][shown && !shown[i] ? 'faded' : 'shown'].push(i);
    }
    return lists;
  }

  function rgb(colour) {
    const number = parseInt(colour.slice(1), 16);
    return [number >> 16, (number >> 8) & 255, number & 255];
  }

  /** Fills the boxes of plots that are smaller than a pixel or two, all in one image; in the plots'
      own order, so that where several share a pixel no entry of the legend has it always. */
  function drawSpecks(context, frame, shapes, { entries, codes }, shown) {
    const { width, height } = context.canvas;
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const scale = frame.scale * frame.density;
    const clampX = (x) => Math.max(0, Math.min(width - 1, Math.floor(x)));
    const clampY = (y) => Math.max(0, Math.min(height - 1, Math.floor(y)));
    const fill = (wanted, alpha) => {
      const colours = entries.map(({ colour }) => {
        const [red, green, blue] = rgb(colour);
        return ((Math.round(255 * alpha) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
      });
      for (let i = 0; i < shapes.count; i++) {
        if ((shown ? shown[i] : 1) !== wanted || !inFrame(shapes, frame, i)) continue;
        const b = 4 * i;
        const colour = colours[codes[i]];
        const left = clampX(shapes.boxes[b] * scale - frame.x0 * frame.density);
        const right = clampX(shapes.boxes[b + 2] * scale - frame.x0 * frame.density);
        const bottom = clampY(shapes.boxes[b + 3] * scale - frame.y0 * frame.density);
        for (let y = clampY(shapes.boxes[b + 1] * scale - frame.y0 * frame.density); y <= bottom; y++) {
          for (let x = left; x <= right; x++) pixels[y * width + x] = colour;
        }
      }
    };
    if (shown) fill(0, FADED);
    fill(1, 1);
    context.putImageData(image, 0, 0);
  }

  function fillPlots(context, frame, shapes, list, colour, pattern) {
    if (!list.length) return;
    inBatches(context, frame, shapes, list, () => {
      context.fillStyle = colour;
      context.fill('evenodd');
      if (!pattern) return;
      context.fillStyle = pattern;
      context.fill('evenodd');
    });
  }

  /** Draws plots in the colours of a colouring: fills entry by entry, then the edges. */
  geoplan.paintPlots = function (context, frame, shapes, colouring, { shown, patterned }) {
    const { entries } = colouring;
    const lists = sorted(shapes, frame, colouring, shown);
    const sidePx = shapes.side * frame.scale;
    const drawn = lists.reduce((sum, list) => sum + list.shown.length + list.faded.length, 0);
    if (sidePx < SPECK_PX || drawn > TRACED_MOST) drawSpecks(context, frame, shapes, colouring, shown);
    else {
      const edge = { line: geoplan.styles.plotEdge, width: Math.max(0.2, Math.min(1, sidePx / EDGE_FULL_PX)) };
      lists.forEach((list, number) => {
        const tile = sidePx < PATTERN_PX ? 0 : entries[number].tile ?? (patterned ? number : 0);
        const pattern = geoplan.patternOf(context, tile, frame.density);
        context.globalAlpha = FADED;
        fillPlots(context, frame, shapes, list.faded, entries[number].colour, pattern);
        context.globalAlpha = 1;
        fillPlots(context, frame, shapes, list.shown, entries[number].colour, pattern);
      });
      lists.forEach(({ shown: full, faded }) => {
        inBatches(context, frame, shapes, full, () => stroke(context, edge));
        context.globalAlpha = FADED;
        inBatches(context, frame, shapes, faded, () => stroke(context, edge));
        context.globalAlpha = 1;
      });
    }
    return drawn;
  };

  geoplan.drawPlots = function (context, frame, view) {
    view.plotsDrawn = geoplan.paintPlots(
      context, frame, view.data.plots.shapes, view.painted || view.colouring(),
      { shown: view.shown, patterned: view.patterned },
    );
  };

  /** Outlines one plot. */
  geoplan.outline = function (context, frame, shapes, plot, style) {
    context.beginPath();
    trace(context, frame, shapes, plot);
    stroke(context, style);
  };

  /** Draws the outlines of the plot under the pointer and of the one whose passport is open. */
  geoplan.drawHighlight = function (context, frame, view) {
    [[view.selected, 'selected'], [view.hovered, 'hover']].forEach(([plot, style]) => {
      if (plot === null) return;
      geoplan.outline(context, frame, view.data.plots.shapes, plot, geoplan.styles[style]);
    });
  };

  geoplan.drawZoneEdges = function (context, frame, view) {
    const { shapes } = view.data.layers.zones;
    for (let i = 0; i < shapes.count; i++) {
      drawShape(context, frame, shapes, i, geoplan.styles.zoneEdge);
    }
  };
})((window.geoplan = window.geoplan || {}));
