/* A page of one layer alone: lines and points in the colours of its legend too. */
(function (geoplan) {
  'use strict';

  const LINE_PX = 4;
  const EDGE_PX = 1.2;

  function drawThin(context, frame, shapes, i, colour) {
    if (shapes.dimension[i] === 1) {
      geoplan.outline(context, frame, shapes, i, { line: geoplan.styles.ink, width: LINE_PX + 2 * EDGE_PX });
      geoplan.outline(context, frame, shapes, i, { line: colour, width: LINE_PX });
      return;
    }
    for (let v = shapes.vertexStart[shapes.ringStart[i]]; v < shapes.vertexStart[shapes.ringStart[i + 1]]; v++) {
      context.beginPath();
      context.arc(shapes.x[v] * frame.scale - frame.x0, shapes.y[v] * frame.scale - frame.y0, 6, 0, 2 * Math.PI);
      context.fillStyle = colour;
      context.fill();
      context.strokeStyle = geoplan.styles.ink;
      context.lineWidth = EDGE_PX;
      context.stroke();
    }
  }

  function draw(context, frame, view) {
    geoplan.drawPlots(context, frame, view);
    const { shapes } = view.data.plots;
    const { entries, codes } = view.painted || view.colouring();
    const slack = 20 / frame.scale;
    for (let i = 0; i < shapes.count; i++) {
      if (shapes.dimension[i] > 1) continue;
      if (!shapes.meets(i, frame.west - slack, frame.north - slack, frame.east + slack, frame.south + slack)) continue;
      context.globalAlpha = view.shown && !view.shown[i] ? 0.18 : 1;
      drawThin(context, frame, shapes, i, entries[codes[i]].colour);
    }
    context.globalAlpha = 1;
  }

  const { plotCaption } = geoplan;

  /** What the pointer is told: all that the columns say. */
  geoplan.plotCaption = function (view, plot) {
    if (!view.data.explored) return plotCaption(view, plot);
    const { element, given } = geoplan;
    const [, ...fields] = view.data.plots.table.fields;
    return element(
      'section', 'geoplan-caption', element('strong', '', given(view.plotId(plot))), geoplan.fieldList(fields, plot),
    );
  };

  geoplan.features.push((view) => {
    if (view.data.explored) view.layers.plots.draw = draw;
  });
})((window.geoplan = window.geoplan || {}));
