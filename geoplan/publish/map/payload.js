/* Reads the page's data: gzip in base64 in JSON, with coded columns and coordinates. */
(function (geoplan) {
  'use strict';

  const STEP_DEGREES = 1e-7;

  geoplan.readPayload = async function (element) {
    const packed = atob(JSON.parse(element.textContent).gzip);
    const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
    return new Response(stream).json();
  };

  /** A column's value in each row; null where it has none. */
  geoplan.readColumn = function ({ values, codes }) {
    return codes.map((code) => (code < 0 ? null : values[code]));
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
