/* Reads the page's data: a tree of JSON, and arrays of whole numbers in a block of bytes. */
(function (geoplan) {
  'use strict';

  const STEP_DEGREES = 1e-7;

  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /** Where each of several runs begins in what follows one another, and where the last ends. */
  geoplan.running = function (counts) {
    const starts = new Uint32Array(counts.length + 1);
    for (let i = 0; i < counts.length; i++) starts[i + 1] = starts[i] + counts[i];
    return starts;
  };

  /* Many texts, each told by what it shares with the one before and the rest. Like an array, but
     a text is put together when it is asked for; going through them in order costs least. */
  class Texts {
    constructor({ rests, length, shared }) {
      Object.assign(this, { rests, shared, length: length.length, row: -1 });
      this.starts = geoplan.running(length);
    }

    rest(row) { return this.rests.slice(this.starts[row], this.starts[row + 1]); }

    at(row) {
      let from = row;
      while (this.shared[from] && from !== this.row) from -= 1;
      if (from !== this.row) this.text = this.rest(from);
      while (from < row) {
        from += 1;
        this.text = this.text.slice(0, this.shared[from]) + this.rest(from);
      }
      this.row = row;
      return this.text;
    }

    map(make) { return Array.from({ length: this.length }, (_, row) => make(this.at(row), row)); }
  }

  /** Whole numbers of seven bits a byte, the lowest first; the lowest bit tells the sign. */
  function numbersAt(bytes, place, count, stepped) {
    const numbers = new Int32Array(count);
    let at = place;
    for (let i = 0; i < count; i++) {
      let byte = bytes[at++];
      let folded = byte & 127;
      for (let shift = 128; byte > 127; shift *= 128) {
        byte = bytes[at++];
        folded += (byte & 127) * shift;
      }
      numbers[i] = folded % 2 ? -(folded + 1) / 2 : folded / 2;
      if (stepped && i) numbers[i] += numbers[i - 1];
    }
    return numbers;
  }

  const parsed = (bytes, place, length) => (
    JSON.parse(new TextDecoder().decode(bytes.subarray(place, place + length)))
  );

  /** Puts arrays and long texts where the tree refers to them; what is there twice is read once. */
  function filledIn(tree, bytes) {
    const read = new Map();
    const once = (key, make) => read.get(key) || read.set(key, make()).get(key);
    const fill = (value) => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value['@'])) return once(`${value['@']}`, () => numbersAt(bytes, ...value['@']));
      if (Array.isArray(value.$)) return once(`$${value.$}`, () => parsed(bytes, ...value.$));
      Object.keys(value).forEach((key) => { value[key] = fill(value[key]); });
      return value.shared instanceof Int32Array ? new Texts(value) : value;
    };
    return fill(tree);
  }

  async function unzipped(base64) {
    const stream = new Blob([bytesOf(base64)]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  geoplan.readPayload = async function (element) {
    const bytes = await unzipped(JSON.parse(element.textContent).gzip);
    const length = new DataView(bytes.buffer).getUint32(0, true);
    return filledIn(parsed(bytes, 4, length), bytes.subarray(4 + length));
  };

  /** Coordinates as fractions of the square that Web Mercator makes of the world. */
  geoplan.readPoints = function ({ x, y }) {
    const world = { x: new Float64Array(x.length), y: new Float64Array(y.length) };
    let east = 0;
    let north = 0;
    for (let i = 0; i < x.length; i++) {
      east += x[i];
      north += y[i];
      const latitude = (north * STEP_DEGREES * Math.PI) / 180;
      world.x[i] = east * STEP_DEGREES / 360 + 0.5;
      world.y[i] = 0.5 - Math.asinh(Math.tan(latitude)) / (2 * Math.PI);
    }
    return world;
  };

  geoplan.toLatLng = function (x, y) {
    const latitude = Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI));
    return L.latLng((latitude * 180) / Math.PI, (x - 0.5) * 360);
  };

  geoplan.toWorld = function (latlng) {
    const latitude = (latlng.lat * Math.PI) / 180;
    return {
      x: latlng.lng / 360 + 0.5,
      y: 0.5 - Math.asinh(Math.tan(latitude)) / (2 * Math.PI),
    };
  };
})((window.geoplan = window.geoplan || {}));
