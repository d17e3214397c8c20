/* How things look: calm fills, few hues, one dark ink. */
(function (geoplan) {
  'use strict';

  const INK = '#3a4048';

  geoplan.styles = {
    ink: INK,
    zones: {
      production: { fill: '#eee6d9' }, logistics: { fill: '#e2e5f0' },
      services: { fill: '#f1e1e9' }, utilities: { fill: '#e3dfd8' },
      green: { fill: '#d7e7cd' }, reserve: { fill: '#ececea' },
    },
    receptors: { other: { fill: '#ead3c2', line: '#a8744f', width: 1.2, point: 'circle' } },
    spz: { ring: { line: '#9c4f63', width: 1.1, dash: [9, 6] } },
    land: {
      green: { fill: '#cfe3c4', line: '#a9c59b', width: 0.7 },
      utilities: { fill: '#d8d2c8', line: '#b3aa9c', width: 0.7 },
      services: { fill: '#edd5e1', line: '#c9a5b8', width: 0.7 },
      reserve: { fill: '#ececea', line: '#c4c4c0', width: 0.7 },
      residual: { fill: '#e6d9a8', line: '#b6a25c', width: 0.7 },
    },
    exclusions: {
      water: { fill: '#bcd9ea', line: '#7aa9c6', width: 1 },
      other: { hatch: '#8f8577', fill: '#e9e4db', line: '#8f8577', width: 1 },
    },
    streets: {
      land: { fill: '#d9d9d7' },
      main: { line: '#737a84', width: 2.2 },
      collector: { line: '#868d96', width: 1.5 },
      local: { line: '#9aa0a8', width: 1 },
    },
    utilities: {
      power_mw: { line: '#a26b00', width: 1.3, dash: [3, 4], point: 'letter', letter: 'P' },
      water_m3d: { line: '#2f7ba6', width: 1.3, dash: [3, 4], point: 'letter', letter: 'W' },
      wastewater_m3d: { line: '#6b6457', width: 1.3, dash: [3, 4], point: 'letter', letter: 'S' },
      gas_m3h: { line: '#8a5a9c', width: 1.3, dash: [3, 4], point: 'letter', letter: 'G' },
      heat_gcalh: { line: '#b0472f', width: 1.3, dash: [3, 4], point: 'letter', letter: 'H' },
    },
    findings: {
      error: { line: '#b3261e', tint: 'rgba(179, 38, 30, 0.18)', width: 2, point: 'circle' },
      warning: { line: '#b86a00', tint: 'rgba(184, 106, 0, 0.18)', width: 2, point: 'circle' },
      info: { line: '#41699a', tint: 'rgba(65, 105, 154, 0.15)', width: 1.5, point: 'circle' },
    },
    gates: {
      road: { line: INK, width: 4, point: 'triangle' },
      rail: { line: INK, width: 3, railway: true, point: 'square' },
      port: { line: '#2f7ba6', width: 4, point: 'circle' },
    },
    zoneEdge: { line: '#565c64', width: 1.4, dash: [8, 4, 2, 4] },
    plotEdge: '#6f675b',
    hover: { line: '#1f2328', width: 2.2 },
    selected: { line: '#b3261e', width: 3 },
  };

  /** The style of one look in a layer; a kind that is not known gets the layer's plainest. */
  geoplan.styleOf = function (part, look) {
    const styles = geoplan.styles[part];
    return Object.hasOwn(styles, look) ? styles[look] : styles.other || Object.values(styles)[0];
  };
})((window.geoplan = window.geoplan || {}));
