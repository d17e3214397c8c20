/* The legend: how plots are coloured, entries that filter, and the other signs of the map. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;

  /* Signs other than the plots' colours: words, layer and look. */
  const SIGNS = [
    [t('Green land'), 'land', 'green'], [t('Services'), 'land', 'services'],
    [t('Utilities land'), 'land', 'utilities'], [t('Reserve'), 'land', 'reserve'],
    [t('Residual land'), 'land', 'residual'], [t('Street land'), 'streets', 'land'],
    [t('Main street'), 'streets', 'main'], [t('Collector street'), 'streets', 'collector'],
    [t('Local street'), 'streets', 'local'], [t('Water'), 'exclusions', 'water'],
    [t('Other exclusion'), 'exclusions', 'other'], [t('Receptor'), 'receptors', 'other'],
    [t('Sanitary distance'), 'spz', 'ring'], [t('Road gate'), 'gates', 'road'],
    [t('Rail gate, siding'), 'gates', 'rail'], [t('Port gate'), 'gates', 'port'],
    [t('Power'), 'utilities', 'power_mw'], [t('Water supply'), 'utilities', 'water_m3d'],
    [t('Waste water'), 'utilities', 'wastewater_m3d'], [t('Gas'), 'utilities', 'gas_m3h'],
    [t('Heat'), 'utilities', 'heat_gcalh'], [t('Error'), 'findings', 'error'],
    [t('Warning'), 'findings', 'warning'], [t('Note'), 'findings', 'info'],
  ];

  const OTHER_GOODS = '5'; // the rank that commodities share which have no colour of their own

  /** A canvas that the map's own painter draws on, so that legend and map cannot differ. */
  function sample(draw) {
    const canvas = element('canvas', 'geoplan-sign');
    canvas.width = 52;
    canvas.height = 32;
    canvas.setAttribute('aria-hidden', 'true');
    const context = canvas.getContext('2d');
    context.scale(2, 2);
    draw(context);
    return canvas;
  }

  geoplan.sample = sample;

  function isOnMap(view, part, look) {
    const layer = view.data.layers[part];
    const style = geoplan.styleOf(part, look);
    for (let row = 0; row < layer.shapes.count; row++) {
      if (geoplan.styleOf(part, layer.look(row)) === style) return true;
    }
    return false;
  }

  /** The commodities of the flows that are drawn, each with its colour, the widest line of it. */
  function flowSigns(view) {
    const layer = view.data.layers.flows;
    const found = new Map();
    for (let row = 0; layer && row < layer.shapes.count; row++) {
      const look = layer.look(row);
      const rank = look.slice(0, look.indexOf('-'));
      const named = rank === OTHER_GOODS ? t('Other goods') : layer.table.at('commodity', row);
      found.set(rank, [named, look]);
    }
    return [...found.keys()].sort().map((rank) => found.get(rank));
  }

  function sign(part, look) {
    const style = geoplan.styleOf(part, look);
    return sample((context) => {
      if (style.point && !style.railway) geoplan.drawSign(context, 13, 8, style);
      else geoplan.drawSwatch(context, style);
    });
  }

  /** What the map's signs mean; of those alone whose layers are on, if so asked. */
  geoplan.signList = function (view, isAsked = () => true) {
    const list = element('ul', 'geoplan-signs');
    SIGNS.filter(([, part, look]) => isAsked(part) && isOnMap(view, part, look))
      .forEach(([words, part, look]) => list.append(element('li', '', sign(part, look), t(words))));
    if (isAsked('flows')) {
      flowSigns(view).forEach(([words, look]) => list.append(element('li', '', sign('flows', look), given(words))));
    }
    return list;
  };

  geoplan.sections.push({
    key: 'signs',
    title: () => t('Signs'),
    open: false,
    on: ['theme'],
    fill: (view, box) => box.append(geoplan.signList(view)),
  });

  /** Shows the plots of the entries that are pressed, or all where none is. */
  function sift(view, list) {
    const pressed = new Set();
    list.querySelectorAll('button').forEach((button, number) => {
      if (button.getAttribute('aria-pressed') === 'true') pressed.add(number);
    });
    const { codes } = view.colouring();
    view.pressed = pressed; // a plan that is compared has codes of its own
    view.filter('legend', pressed.size ? (plot) => pressed.has(codes[plot]) : null);
  }

  /** The cells of a legend's entry: sample, words, plots and hectares. */
  geoplan.entryCells = function (view, entry, number) {
    const style = { fill: entry.colour, line: geoplan.styles.plotEdge, width: 1 };
    const swatch = sample((context) => {
      geoplan.drawSwatch(context, {
        ...style, pattern: view.patterned ? geoplan.patternOf(context, number, 2) : null,
      });
    });
    return [
      swatch, given(t(entry.label)),
      element('span', 'geoplan-count', geoplan.formatNumber(entry.count)),
      element('span', 'geoplan-count', entry.area_ha === null ? '' : geoplan.formatArea(entry.area_ha, 1)),
    ];
  };

  function entryButton(view, entry, number) {
    const button = geoplan.button(
      '', t('Show these plots'), () => {
        const on = button.getAttribute('aria-pressed') !== 'true';
        button.setAttribute('aria-pressed', String(on));
        sift(view, button.closest('ul'));
      },
      ...geoplan.entryCells(view, entry, number),
    );
    button.removeAttribute('aria-label'); // its own text says more
    button.setAttribute('aria-pressed', 'false');
    return element('li', '', button);
  }

  function colourChoice(view) {
    const choice = element('select', 'geoplan-colour-by');
    choice.setAttribute('aria-label', t('Colour plots by'));
    view.data.colourings.forEach(({ key, title }) => {
      choice.append(new Option(t(title), key, false, key === view.colouringKey));
    });
    choice.addEventListener('change', () => view.colourBy(choice.value));
    return choice;
  }

  function patternChoice(view) {
    const box = element('input');
    box.type = 'checkbox';
    box.checked = view.patterned;
    box.addEventListener('change', () => view.pattern(box.checked));
    return element('label', 'geoplan-check', box, t('Patterns besides colours'));
  }

  geoplan.sections.push({
    key: 'legend',
    title: () => t('Legend'),
    on: ['colouring', 'theme'],
    fill(view, box) {
      const list = element('ul', 'geoplan-legend-entries');
      list.append(...view.colouring().entries.map((entry, number) => entryButton(view, entry, number)));
      box.append(colourChoice(view), list, patternChoice(view));
      view.filter('legend');
    },
  });
})((window.geoplan = window.geoplan || {}));
