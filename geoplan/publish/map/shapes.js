/* Many shapes in few arrays, with a grid that finds the ones near a point. */
(function (geoplan) {
  'use strict';

  const POLYGON = 2;

  function running(counts) {
    const starts = new Uint32Array(counts.length + 1);
    counts.forEach((count, i) => { starts[i + 1] = starts[i] + count; });
    return starts;
  }

  function distanceToSegment(px, py, ax, ay, bx, by) {
    const dx = bx - ax;
    const dy = by - ay;
    const length2 = dx * dx + dy * dy;
    const along = length2 ? ((px - ax) * dx + (py - ay) * dy) / length2 : 0;
    const t = Math.max(0, Math.min(1, along));
    return Math.hypot(px - ax - t * dx, py - ay - t * dy);
  }

  class Shapes {
    constructor(coded) {
      this.dimension = coded.dimension;
      this.count = coded.dimension.length;
      this.ringStart = running(coded.rings);
      this.vertexStart = running(coded.vertices);
      Object.assign(this, geoplan.readPoints(coded));
      this.boxes = this.measure();
      this.side = this.typicalSide();
      this.grid = null;
    }

    /** West, north, east and south of each shape. */
    measure() {
      const boxes = new Float64Array(4 * this.count);
      for (let i = 0; i < this.count; i++) {
        const box = [Infinity, Infinity, -Infinity, -Infinity];
        const end = this.vertexStart[this.ringStart[i + 1]];
        for (let v = this.vertexStart[this.ringStart[i]]; v < end; v++) {
          box[0] = Math.min(box[0], this.x[v]);
          box[1] = Math.min(box[1], this.y[v]);
          box[2] = Math.max(box[2], this.x[v]);
          box[3] = Math.max(box[3], this.y[v]);
        }
        boxes.set(box, 4 * i);
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

    /** All shapes within reach of a point, the one drawn on top first. */
    hits(x, y, reach) {
      return this.candidates(x, y, reach).reverse().filter((i) => (
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

    candidates(x, y, reach) {
      if (!this.count) return [];
      this.grid = this.grid || this.buildGrid();
      const [west, north, east, south] = this.cellsOf(x - reach, y - reach, x + reach, y + reach);
      const found = new Set();
      for (let row = north; row <= south; row++) {
        for (let column = west; column <= east; column++) {
          (this.grid.cells[row * this.grid.side + column] || []).forEach((i) => found.add(i));
        }
      }
      return [...found].sort((a, b) => a - b);
    }

    buildGrid() {
      const side = Math.max(1, Math.ceil(Math.sqrt(this.count)));
      const box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let b = 0; b < this.boxes.length; b += 4) {
        box[0] = Math.min(box[0], this.boxes[b]);
        box[1] = Math.min(box[1], this.boxes[b + 1]);
        box[2] = Math.max(box[2], this.boxes[b + 2]);
        box[3] = Math.max(box[3], this.boxes[b + 3]);
      }
      this.grid = { side, box, cells: [] };
      for (let i = 0; i < this.count; i++) {
        const [west, north, east, south] = this.cellsOf(...this.boxes.subarray(4 * i, 4 * i + 4));
        for (let row = north; row <= south; row++) {
          for (let column = west; column <= east; column++) {
            (this.grid.cells[row * side + column] ||= []).push(i);
          }
        }
      }
      return this.grid;
    }

    cellsOf(west, north, east, south) {
      const { side, box } = this.grid;
      const clamp = (cell) => Math.max(0, Math.min(side - 1, Math.floor(cell)));
      const width = box[2] - box[0] || 1;
      const height = box[3] - box[1] || 1;
      return [
        clamp(((west - box[0]) / width) * side),
        clamp(((north - box[1]) / height) * side),
        clamp(((east - box[0]) / width) * side),
        clamp(((south - box[1]) / height) * side),
      ];
    }
  }

  geoplan.Shapes = Shapes;
})((window.geoplan = window.geoplan || {}));
