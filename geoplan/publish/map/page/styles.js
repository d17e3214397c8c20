/* How things look: calm fills, few hues, one dark ink; by day and by night. */
(function (geoplan) {
  'use strict';

  /* A colour for each of the commodities with most tonnes, in their order; the last is for others. */
  const FLOW_COLOURS = ['#1b6ca8', '#b3541e', '#3f7d3a', '#7a4a9c', '#a3335c', '#5b636d'];
  const FLOW_WIDTHS = [1.2, 2.2, 3.8, 6];
  const FLOWS = Object.fromEntries(FLOW_COLOURS.flatMap((colour, rank) => (
    FLOW_WIDTHS.map((width, step) => [`${rank}-${step}`, { line: `${colour}b0`, width }])
  )));

  const DAY = {
    ink: '#3a4048',
    text: '#2c3036',
    halo: 'rgba(255, 255, 255, 0.82)',
    paper: '#ffffff',
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
    flows: FLOWS,
    gates: {
      road: { line: '#3a4048', width: 4, point: 'triangle' },
      rail: { line: '#3a4048', width: 3, railway: true, point: 'square' },
      port: { line: '#2f7ba6', width: 4, point: 'circle' },
    },
    zoneEdge: { line: '#565c64', width: 1.4, dash: [8, 4, 2, 4] },
    plotEdge: '#6f675b',
    pattern: 'rgba(44, 48, 54, 0.5)',
    hover: { line: '#1f2328', width: 2.2 },
    selected: { line: '#b3261e', width: 3 },
    labels: {
      zones: '#33383f', gates: '#33383f', receptors: '#7d4c29', spz: '#84374c', plots: '#2c3036',
    },
  };

  const NIGHT = {
    ...DAY,
    ink: '#d5d9de',
    text: '#e4e6e9',
    halo: 'rgba(24, 27, 31, 0.82)',
    paper: '#1d2126',
    zones: {
      production: { fill: '#2d2a25' }, logistics: { fill: '#272a34' },
      services: { fill: '#33282e' }, utilities: { fill: '#2c2a26' },
      green: { fill: '#24312a' }, reserve: { fill: '#2a2b2c' },
    },
    receptors: { other: { fill: '#4a392d', line: '#c08a63', width: 1.2, point: 'circle' } },
    spz: { ring: { line: '#d08397', width: 1.1, dash: [9, 6] } },
    land: {
      green: { fill: '#2f4234', line: '#4c6a52', width: 0.7 },
      utilities: { fill: '#3b3832', line: '#5c574e', width: 0.7 },
      services: { fill: '#45343d', line: '#6c5160', width: 0.7 },
      reserve: { fill: '#313334', line: '#505355', width: 0.7 },
      residual: { fill: '#4b4326', line: '#7a6d3c', width: 0.7 },
    },
    exclusions: {
      water: { fill: '#27404f', line: '#4b7c98', width: 1 },
      other: { hatch: '#857c6f', fill: '#2f2d2a', line: '#857c6f', width: 1 },
    },
    streets: {
      land: { fill: '#3a3d41' },
      main: { line: '#aeb5be', width: 2.2 },
      collector: { line: '#959ca5', width: 1.5 },
      local: { line: '#7d848c', width: 1 },
    },
    gates: {
      road: { line: '#d5d9de', width: 4, point: 'triangle' },
      rail: { line: '#d5d9de', width: 3, railway: true, point: 'square' },
      port: { line: '#6cb2da', width: 4, point: 'circle' },
    },
    zoneEdge: { line: '#a0a7b0', width: 1.4, dash: [8, 4, 2, 4] },
    plotEdge: '#24272b',
    hover: { line: '#ffffff', width: 2.4 },
    selected: { line: '#ff6b5e', width: 3 },
    labels: {
      zones: '#e4e6e9', gates: '#e4e6e9', receptors: '#e0b592', spz: '#e6a8b7', plots: '#22262b',
    },
  };

  const THEMES = { day: DAY, night: NIGHT };

  geoplan.styles = DAY;

  geoplan.dress = (theme) => { geoplan.styles = THEMES[theme] || DAY; };

  /** The style of one look in a layer; a kind that is not known gets the layer's plainest. */
  geoplan.styleOf = function (part, look) {
    const styles = geoplan.styles[part];
    return Object.hasOwn(styles, look) ? styles[look] : styles.other || Object.values(styles)[0];
  };
})((window.geoplan = window.geoplan || {}));
