/* Parks on the country: circles by investment, coloured by how much of something is taken. */
(function (geoplan) {
  'use strict';

  const { element, shape, t } = geoplan;
  const CLASSES = [
    [0.5, 'room-4'], [0.75, 'room-3'], [0.9, 'room-2'], [0.98, 'room-1'], [Infinity, 'room-0'],
  ];
  const SMALLEST_PX = 3.5;
  const PAPER_PX = 480; // its width on A4, at the size of letters there
  const NARROW_PX = 440;
  const LABELS_FEW = 8;
  const CROWD = 100;
  const ROUNDS = 80;
  const LABEL_PX = 14;
  const FONT = '12px system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
  const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

  /** Which part of what a park has is taken; null where it has none. */
  geoplan.takenOf = function (supply, row) {
    const capacity = supply.capacity[row];
    return capacity > 0 ? supply.used[row] / capacity : null;
  };

  /** The class of the colour that tells how much is taken. */
  geoplan.roomOf = (share) => (share === null ? 'room-none' : CLASSES.find(([most]) => share < most)[1]);

  /** Land and utilities that can be shown, and the one whose use is the highest of all. */
  function supplyOf(page, row) {
    const { supplies } = page.data;
    if (page.supply) return geoplan.takenOf(supplies.find(({ kind }) => kind === page.supply), row);
    const shares = supplies.map((supply) => geoplan.takenOf(supply, row)).filter((share) => share !== null);
    return shares.length ? Math.max(...shares) : null;
  }

  /** Circles where the parks are, moved apart no more than it takes to tell them apart. */
  function circlesOf(page, width) {
    const { country } = page.data;
    const scale = width / country.width;
    const rows = page.parksShown();
    const most = Math.max(...Array.from({ length: page.parks.count }, (_, row) => page.parks.at('invest_bn_kzt', row) ?? 0), 1e-9);
    const crowd = Math.min(1, Math.sqrt(40 / Math.max(page.parks.count, 1)));
    const largest = Math.max(SMALLEST_PX, Math.min(width * 0.026, 24) * (0.4 + 0.6 * crowd));
    const circles = rows.map((row) => {
      const [x, y] = [country.x[row] * scale, country.y[row] * scale];
      const share = Math.max(page.parks.at('invest_bn_kzt', row) ?? 0, 0) / most;
      return { row, x, y, cx: x, cy: y, r: Math.max(SMALLEST_PX, largest * Math.sqrt(share)) };
    });
    for (let round = 0; round < ROUNDS; round++) if (!partedOnce(circles, 2 * largest)) break;
    return circles;
  }

  function partedOnce(circles, farthest) {
    let moved = false;
    circles.forEach((a, i) => {
      for (let j = i + 1; j < circles.length; j++) {
        const b = circles[j];
        const [dx, dy] = [b.cx - a.cx || 0.01 * (j - i), b.cy - a.cy || 0.01];
        const apart = Math.hypot(dx, dy);
        const short = a.r + b.r + 1.5 - apart;
        if (short > 0.05) {
          moved = true;
          const weight = b.r / (a.r + b.r);
          move(a, (-dx / apart) * short * weight, (-dy / apart) * short * weight, farthest);
          move(b, (dx / apart) * short * (1 - weight), (dy / apart) * short * (1 - weight), farthest);
        }
      }
    });
    return moved;
  }

  function move(circle, dx, dy, farthest) {
    const [x, y] = [circle.cx + dx - circle.x, circle.cy + dy - circle.y];
    const far = Math.hypot(x, y);
    const held = far > farthest ? farthest / far : 1;
    circle.cx = circle.x + x * held;
    circle.cy = circle.y + y * held;
  }

  /* Labels: the largest first, each where it touches neither a circle nor a label. */

  const pen = document.createElement('canvas').getContext('2d');
  pen.font = FONT;

  function labelsOf(page, circles, width, height) {
    const taken = circles.map(({ cx, cy, r }) => [cx - r, cy - r, cx + r, cy + r]);
    const clear = ([a, b, c, d]) => a >= 2 && b >= 2 && c <= width - 2 && d <= height - 2
      && taken.every(([e, f, g, h]) => c <= e || a >= g || d <= f || b >= h);
    const labels = [];
    const tried = width < NARROW_PX ? circles.slice(0, LABELS_FEW) : circles;
    tried.forEach((circle) => {
      const { cx, cy, r, row } = circle;
      for (const said of new Set([page.shortName(row), page.parks.at('park_id', row) ?? ''])) {
        const wide = pen.measureText(said).width + 4;
        const half = LABEL_PX / 2;
        const boxes = [
          [cx + r + 2, cy - half], [cx - r - 2 - wide, cy - half], [cx - wide / 2, cy - r - LABEL_PX - 1],
          [cx - wide / 2, cy + r + 1], [cx + r * 0.7 + 1, cy - r * 0.7 - LABEL_PX], [cx + r * 0.7 + 1, cy + r * 0.7],
          [cx - r * 0.7 - 1 - wide, cy - r * 0.7 - LABEL_PX], [cx - r * 0.7 - 1 - wide, cy + r * 0.7],
        ].map(([x, y]) => [x, y, x + wide, y + LABEL_PX]);
        const free = said && boxes.find(clear);
        if (free) {
          taken.push(free);
          labels.push(shape('text', { class: 'park-name', x: free[0] + 2, y: free[1] + 11 }, said));
          return;
        }
      }
    });
    return labels;
  }

  function told(page, row) {
    const taken = supplyOf(page, row);
    return [
      page.parkName(row), page.money(page.parks.at('invest_bn_kzt', row) ?? 0),
      geoplan.tn('{n} project', '{n} projects', page.parks.at('projects', row) ?? 0),
      taken === null ? '' : t('{share} taken', { share: geoplan.percentOf(taken, 0) }),
    ].filter(Boolean).join(', ');
  }

  /** Lines to the places of parks whose circles lie beside them; in a crowd they would be specks. */
  function tethersOf(circles) {
    if (circles.length > CROWD) return [];
    return circles.filter(({ x, y, cx, cy, r }) => Math.hypot(cx - x, cy - y) > r).flatMap(({ x, y, cx, cy }) => [
      shape('path', { class: 'tether', d: `M${x} ${y}L${cx} ${cy}` }),
      shape('circle', { class: 'place', cx: x, cy: y, r: 1.5 }),
    ]);
  }

  function parkMark(page, { row, cx, cy, r }) {
    const mark = shape(
      'g', { class: 'park', role: 'button', tabindex: -1, 'data-key': `park-${row}`, 'data-park': row },
      shape('circle', { class: geoplan.roomOf(supplyOf(page, row)), cx, cy, r }),
    );
    mark.setAttribute('aria-label', told(page, row));
    mark.setAttribute('aria-pressed', String(page.park === row));
    const choose = () => choosePark(page, row);
    mark.addEventListener('click', choose);
    mark.addEventListener('focus', choose);
    mark.addEventListener('keydown', (event) => {
      if (['Enter', ' '].includes(event.key)) choose();
      else if (STEPS[event.key]) step(mark, STEPS[event.key]);
      else return;
      event.preventDefault();
    });
    return mark;
  }

  function step(mark, by) {
    const marks = [...mark.closest('svg').querySelectorAll('.park')];
    marks[(marks.indexOf(mark) + by + marks.length) % marks.length].focus();
  }

  /** Makes one park the chosen one: on the map, and on the card. */
  function choosePark(page, row) {
    page.park = row;
    document.querySelectorAll('#parks .park').forEach((mark) => {
      mark.setAttribute('aria-pressed', String(Number(mark.dataset.park) === row));
    });
    reachable(document.querySelector('#parks svg'), row);
    document.querySelector('#parks .card').replaceWith(geoplan.cardOf(page));
  }

  /** One circle is a stop of the Tab key: the chosen one, or else the greatest. */
  function reachable(drawing, row) {
    const marks = [...drawing.querySelectorAll('.park')];
    marks.forEach((mark) => mark.setAttribute('tabindex', -1));
    (marks.find((mark) => Number(mark.dataset.park) === row) || marks[0])?.setAttribute('tabindex', 0);
  }

  const lineOf = (points, scale) => `M${points.map(([x, y]) => `${(x * scale).toFixed(1)} ${(y * scale).toFixed(1)}`).join('L')}Z`;

  function picture(page, width) {
    const { country } = page.data;
    const scale = width / country.width;
    const height = Math.ceil(country.height * scale);
    const lines = [
      ...(country.outline.length ? [shape('path', { class: 'land', d: lineOf(country.outline, scale) })] : []),
      ...country.waters.map((water) => shape('path', { class: 'water', d: lineOf(water, scale) })),
    ];
    const circles = circlesOf(page, width);
    const labels = shape('g', { 'aria-hidden': true }, ...labelsOf(page, circles, width, height));
    const drawing = shape(
      'svg', { viewBox: `0 0 ${width} ${height}`, role: 'group', class: 'country' },
      ...lines, ...tethersOf(circles), ...circles.map((circle) => parkMark(page, circle)), labels,
    );
    drawing.setAttribute('aria-label', t('Parks on the map; arrow keys go from one to the next'));
    reachable(drawing, page.park);
    return drawing;
  }

  /* Choices and legend */

  function choice(label, key, options, chosen, choose) {
    const select = element('select', '', ...options.map(([text, value]) => (
      new Option(text, value, value === chosen, value === chosen)
    )));
    select.dataset.key = key;
    select.addEventListener('change', () => choose(select.value));
    return element('label', '', `${label} `, select);
  }

  function choices(page) {
    const { regions } = page;
    const region = choice(
      t('Region'), 'region', [[t('all'), ''], ...regions.map((name, i) => [t(name), String(i)])],
      page.region === null ? '' : String(regions.indexOf(page.region)),
      (value) => page.chooseRegion(value === '' ? null : regions[Number(value)]),
    );
    const colour = choice(
      t('Colour'), 'colour',
      [[t('what is scarcest'), ''], ...page.data.supplies.map(({ kind, label }) => [t(label), kind])],
      page.supply || '', (value) => {
        page.supply = value;
        page.draw();
      },
    );
    return element('p', 'choices-of-map', region, colour);
  }

  function legend() {
    const says = [
      t('below 50 %'), t('50–75 %'), t('75–90 %'), t('90–98 %'), t('full'),
    ];
    return element(
      'ul', 'legend', element('li', '', t('Taken:')),
      ...CLASSES.map(([, name], i) => element('li', '', element('i', name), ` ${says[i]}`)),
      element('li', '', t('the larger a circle, the more is invested')),
    );
  }

  geoplan.sections.push({
    key: 'parks',
    title: () => t('Parks'),
    build: (page) => [
      choices(page),
      element(
        'div', 'pair map-and-card',
        element('figure', '', geoplan.fitted('map', PAPER_PX, (width) => picture(page, width)), legend(),
          ...(page.data.country.outline.length
            ? [element('figcaption', 'hint', t('The border is schematic: not for measuring.'))] : [])),
        geoplan.cardOf(page),
      ),
    ],
  });
})((window.geoplan = window.geoplan || {}));
