/* Many shapes in few arrays, with a grid that finds the ones near a point. */
(function (geoplan) {
  'use strict';

  const POLYGON = 2;

  function distanceToSegment(px, py, ax, ay, bx, by) {
    const dx = bx - ax;
    const dy = by - ay;
    const length2 = dx * dx + dy * dy;
    const along = length2 ? ((px - ax) * dx + (py - ay) * dy) / length2 : 0;
    const t = Math.max(0, Math.min(1, along));
    return Math.hypot(px - ax - t * dx, py - ay - t * dy);
  }

  /** The box around all boxes. */
  function around(boxes) {
    const box = [Infinity, Infinity, -Infinity, -Infinity];
    for (let b = 0; b < boxes.length; b += 4) {
      if (boxes[b] < box[0]) box[0] = boxes[b];
      if (boxes[b + 1] < box[1]) box[1] = boxes[b + 1];
      if (boxes[b + 2] > box[2]) box[2] = boxes[b + 2];
      if (boxes[b + 3] > box[3]) box[3] = boxes[b + 3];
    }
    return box;
  }

  /** Which shapes lie in each cell of a square grid over all of them. */
  class Grid {
    constructor(boxes, count) {
      this.boxes = boxes;
      this.count = count;
      this.side = Math.max(1, Math.ceil(Math.sqrt(count)));
      const [west, north, east, south] = around(boxes);
      Object.assign(this, { west, north });
      this.perX = this.side / (east - west || 1);
      this.perY = this.side / (south - north || 1);
      this.fill();
    }

    column(x) { return Math.max(0, Math.min(this.side - 1, Math.floor((x - this.west) * this.perX))); }

    row(y) { return Math.max(0, Math.min(this.side - 1, Math.floor((y - this.north) * this.perY))); }

    eachCell(west, north, east, south, visit) {
      const last = this.column(east);
      const bottom = this.row(south);
      for (let row = this.row(north); row <= bottom; row++) {
        for (let column = this.column(west); column <= last; column++) visit(row * this.side + column);
      }
    }

    /** Counts first, then writes: two flat arrays instead of a list for each cell. */
    fill() {
      const { boxes } = this;
      const counts = new Uint32Array(this.side * this.side);
      const each = (visit) => {
        for (let i = 0; i < this.count; i++) {
          const b = 4 * i;
          this.eachCell(boxes[b], boxes[b + 1], boxes[b + 2], boxes[b + 3], (cell) => visit(cell, i));
        }
      };
      each((cell) => { counts[cell] += 1; });
      this.start = geoplan.running(counts);
      this.shapes = new Uint32Array(this.start[counts.length]);
      const next = this.start.slice();
      each((cell, i) => { this.shapes[next[cell]++] = i; });
    }

    /** Shapes whose cells a box meets, in order, each once. */
    near(west, north, east, south) {
      const found = new Set();
      this.eachCell(west, north, east, south, (cell) => {
        for (let at = this.start[cell]; at < this.start[cell + 1]; at++) found.add(this.shapes[at]);
      });
      return [...found].sort((a, b) => a - b);
    }
  }

  class Shapes {
    constructor(coded) {
      this.dimension = Uint8Array.from(coded.dimension);
      this.count = coded.dimension.length;
      this.ringStart = geoplan.running(coded.rings);
      this.vertexStart = geoplan.running(coded.vertices);
      Object.assign(this, geoplan.readPoints(coded));
      this.boxes = this.measure();
      this.side = this.typicalSide();
      this.index = null;
    }

    /** West, north, east and south of each shape. */
    measure() {
      const boxes = new Float64Array(4 * this.count);
      for (let i = 0; i < this.count; i++) {
        let west = Infinity;
        let north = Infinity;
        let east = -Infinity;
        let south = -Infinity;
        const end = this.vertexStart[this.ringStart[i + 1]];
        for (let v = this.vertexStart[this.ringStart[i]]; v < end; v++) {
          const x = this.x[v];
          const y = this.y[v];
          if (x < west) west = x;
          if (x > east) east = x;
          if (y < north) north = y;
          if (y > south) south = y;
        }
        boxes[4 * i] = west;
        boxes[4 * i + 1] = north;
        boxes[4 * i + 2] = east;
        boxes[4 * i + 3] = south;
      }
      return boxes;
    }

    /** Side of a square as large as the mean box. */
    typicalSide() {
      let area = 0;
      for (let b = 0; b < this.boxes.length; b += 4) {
        area += (this.boxes[b + 2] - this.boxes[b]) * (this.boxes[b + 3] - this.boxes[b + 1]);
      }
      return Math.sqrt(area / this.count);
    }

    meets(i, west, north, east, south) {
      const b = 4 * i;
      return this.boxes[b] <= east && this.boxes[b + 2] >= west
        && this.boxes[b + 1] <= south && this.boxes[b + 3] >= north;
    }

    get grid() {
      this.index ||= new Grid(this.boxes, this.count);
      return this.index;
    }

    /** All shapes within reach of a point, the one drawn on top first. */
    hits(x, y, reach) {
      if (!this.count) return [];
      return this.grid.near(x - reach, y - reach, x + reach, y + reach).reverse().filter((i) => (
        this.meets(i, x - reach, y - reach, x + reach, y + reach)
        && (this.contains(i, x, y) || this.touches(i, x, y, reach))
      ));
    }

    /** The shape on top within reach of a point, or -1. */
    hit(x, y, reach) {
      return this.hits(x, y, reach)[0] ?? -1;
    }

    contains(i, x, y) {
      if (this.dimension[i] !== POLYGON) return false;
      let inside = false;
      this.eachEdge(i, (ax, ay, bx, by) => {
        if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
      });
      return inside;
    }

    touches(i, x, y, reach) {
      if (this.dimension[i] === POLYGON) return false;
      let near = false;
      this.eachEdge(i, (ax, ay, bx, by) => {
        near = near || distanceToSegment(x, y, ax, ay, bx, by) <= reach;
      });
      return near;
    }

    /** Edges of all rings; a lone point is an edge without length. */
    eachEdge(i, visit) {
      for (let r = this.ringStart[i]; r < this.ringStart[i + 1]; r++) {
        const start = this.vertexStart[r];
        const end = this.vertexStart[r + 1];
        const loops = this.dimension[i] === POLYGON || end - start === 1;
        let previous = loops ? end - 1 : start;
        for (let v = loops ? start : start + 1; v < end; v++) {
          visit(this.x[previous], this.y[previous], this.x[v], this.y[v]);
          previous = v;
        }
      }
    }

    /** Corners of a shape's box as Leaflet's bounds. */
    bounds(i) {
      const [west, north, east, south] = this.boxes.subarray(4 * i, 4 * i + 4);
      return L.latLngBounds(geoplan.toLatLng(west, south), geoplan.toLatLng(east, north));
    }
  }

  geoplan.Shapes = Shapes;
})((window.geoplan = window.geoplan || {}));
