/* The map on paper: a sheet with title, legend, scale and north, in day colours. */
(function (geoplan) {
  'use strict';

  const MARGIN_MM = 10;
  const PX_PER_MM = 96 / 25.4;
  const PAPERS = { A4: [297, 210], A3: [420, 297] };
  const DENSITIES = { A4: 2.5, A3: 2 }; // sharp enough, and canvases that browsers can hold
  const ROUND = [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10];
  const { element, given, t } = geoplan;

  /* What was last asked for; also what a browser's own print command gets. */
  const sheet = { paper: 'A4', upright: false, whole: true };

  /** The smallest round number for a scale that is not below another. */
  function roundScale(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    return power * ROUND.find((round) => round * power >= least * 0.9999);
  }

  /** Metres of the plan in one unit of the world, which is what a map scales, at a place. */
  function metresPerWorld(view, { lat, lng }) {
    const line = [lng - 0.001, lng + 0.001].map((east) => ({ lat, lng: east }));
    return geoplan.lengthM(view.data.metric, line) * 180000;
  }

  /** What of the map no panel covers. */
  function sight(view) {
    const { paddingTopLeft, paddingBottomRight } = view.clearing();
    const corner = view.map.getSize().subtract(paddingBottomRight);
    return L.latLngBounds(
      view.map.containerPointToLatLng(paddingTopLeft), view.map.containerPointToLatLng(corner),
    );
  }

  /** Lays bounds amid the sheet at a round scale and returns that scale. */
  function fit(view, bounds) {
    const { map } = view;
    const { crs } = map.options;
    const size = map.getSize();
    const low = geoplan.toWorld(bounds.getSouthWest());
    const high = geoplan.toWorld(bounds.getNorthEast());
    const share = Math.max((high.x - low.x) / (size.x - 16), (low.y - high.y) / (size.y - 16));
    const middle = geoplan.toLatLng((low.x + high.x) / 2, (low.y + high.y) / 2);
    const metres = metresPerWorld(view, middle);
    const pxPerMetre = PX_PER_MM * 1000;
    const scale = roundScale(metres * share * pxPerMetre);
    map.setView(middle, crs.zoom((metres * pxPerMetre) / scale), { animate: false });
    return scale;
  }

  function legend(view) {
    const { title, entries } = view.colouring();
    const list = element('ul', 'geoplan-legend-entries');
    list.append(...entries.map((entry, number) => element('li', '', ...geoplan.entryCells(view, entry, number))));
    const box = element('aside', '', element('h2', '', t(title)), list);
    if (view.year !== null) box.append(...view.yearNotes());
    const signs = geoplan.signList(view, (part) => view.shows(part));
    if (signs.childElementCount) box.append(element('h2', '', t('Signs')), signs);
    return box;
  }

  function notes(view, scale) {
    const { metric } = view.data;
    const { count } = view.data.plots.shapes;
    return element('footer', '', [
      t('Scale 1:{scale} on {paper}', { scale: geoplan.formatNumber(scale), paper: sheet.paper }),
      metric.crs, `${t('Plots')}: ${geoplan.formatNumber(count)}`, 'geoplan',
    ].join(' · '));
  }

  /** The size of the paper's inside, in millimetres. */
  function inside() {
    const [long, short] = PAPERS[sheet.paper];
    return (sheet.upright ? [short, long] : [long, short]).map((side) => side - 2 * MARGIN_MM);
  }

  function pageRule() {
    const way = sheet.upright ? 'portrait' : 'landscape';
    return element('style', '', `@page { size: ${sheet.paper} ${way}; margin: ${MARGIN_MM}mm; }`);
  }

  /** Turns the page into a sheet and returns what turns it back. */
  function lay(view) {
    const { map } = view;
    const { body } = document;
    const bounds = sheet.whole ? L.latLngBounds(view.data.bounds) : sight(view);
    const before = { centre: map.getCenter(), zoom: map.getZoom(), snap: map.options.zoomSnap, theme: view.theme };
    view.density = DENSITIES[sheet.paper];
    geoplan.dress('day');
    body.dataset.theme = 'day';
    body.classList.add('geoplan-printing');
    body.classList.toggle('geoplan-upright', sheet.upright);
    inside().forEach((side, i) => body.style.setProperty(['--sheet-width', '--sheet-height'][i], `${side}mm`));
    const head = element('header', '', element('h1', '', given(view.data.title)));
    if (view.data.notice) head.append(element('p', '', given(view.data.notice)));
    const added = [pageRule(), head, legend(view)];
    body.append(...added);
    const foot = notes(view, 1);
    body.append(foot);
    map.options.zoomSnap = 0;
    map.invalidateSize({ animate: false, pan: false });
    const told = notes(view, fit(view, bounds));
    foot.replaceWith(told);
    paintAll(view);
    const picture = flatten(view);
    return () => {
      [...added, told, picture].forEach((part) => part.remove());
      body.classList.remove('geoplan-printing', 'geoplan-upright');
      body.dataset.theme = before.theme;
      geoplan.dress(before.theme);
      view.density = null;
      map.invalidateSize({ animate: false, pan: false });
      map.options.zoomSnap = before.snap;
      map.setView(before.centre, before.zoom, { animate: false });
      paintAll(view);
    };
  }

  /** Paints at once: what waits for the next frame would come after the paper. */
  function paintAll(view) {
    Object.keys(view.layers).filter((part) => view.shows(part)).forEach((part) => view.layers[part].paint());
    view.highlight.paint();
  }

  /** All canvases in one on white paper: browsers that print commands show the topmost alone. */
  function flatten({ map, density }) {
    const { x, y } = map.getSize();
    const canvas = element('canvas', 'geoplan-picture');
    canvas.width = x * density;
    canvas.height = y * density;
    const context = canvas.getContext('2d', { alpha: false });
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, canvas.width, canvas.height);
    const level = ({ parentElement }) => Number(parentElement.style.zIndex);
    [...map.getPane('mapPane').querySelectorAll('canvas[data-part]')]
      .sort((a, b) => level(a) - level(b))
      .forEach((layer) => context.drawImage(layer, 0, 0));
    // Pixels that are put there are printed as they are; commands may come out at another size.
    context.putImageData(context.getImageData(0, 0, canvas.width, canvas.height), 0, 0);
    map.getContainer().append(canvas);
    return canvas;
  }

  /* The question before */

  function choice(name, label, options, chosen) {
    const select = element('select');
    options.forEach(([value, words]) => select.append(new Option(words, value, false, value === chosen)));
    select.name = name;
    return element('label', '', element('span', '', label), select);
  }

  function ask() {
    const print = geoplan.button('geoplan-button', t('Print'), () => {
      const { paper, way, extent } = form.elements;
      Object.assign(sheet, { paper: paper.value, upright: way.value === 'portrait', whole: extent.value === 'park' });
      dialog.close();
      window.print();
    });
    const form = element(
      'form', '', element('h2', '', t('Print the map')),
      choice('paper', t('Paper'), Object.keys(PAPERS).map((name) => [name, name]), sheet.paper),
      choice('way', t('Orientation'), [['landscape', t('Landscape')], ['portrait', t('Portrait')]], sheet.upright ? 'portrait' : 'landscape'),
      choice('extent', t('Extent'), [['park', t('The whole park')], ['sight', t('What the map shows now')]], sheet.whole ? 'park' : 'sight'),
      element('p', '', t('The sheet has a round scale if the browser prints at 100 %.')),
      element('div', '', geoplan.button('geoplan-button', t('Cancel'), () => dialog.close()), print),
    );
    const dialog = element('dialog', 'geoplan-ask', form);
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      print.click();
    });
    dialog.setAttribute('aria-label', t('Print the map'));
    dialog.addEventListener('close', () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    print.focus();
  }

  geoplan.tools.push({
    key: 'print',
    label: t('Print the map'),
    icon: 'M7 9V4h10v5M7 17H4v-7.5h16V17h-3M7 14h10v6H7Z',
    press: ask,
  });

  geoplan.features.push((view) => {
    let restore = null;
    window.addEventListener('beforeprint', () => { restore ||= lay(view); });
    window.addEventListener('afterprint', () => {
      restore?.();
      restore = null;
    });
  });
})((window.geoplan = window.geoplan || {}));
