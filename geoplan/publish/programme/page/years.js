/* Capital inflow year by year: the plan's bars against the target's line, and what is missing. */
(function (geoplan) {
  'use strict';

  const { element, shape, t, tn } = geoplan;
  const EDGE = { left: 46, right: 8, top: 26, bottom: 30 };
  const LABEL_PX = 15;
  const WIDEST_PX = 96;
  const PAPER_PX = 420; // its width on A4, at the size of letters there
  const STEPS = [1, 2, 2.5, 5, 10];

  /** Round numbers from 0 to beyond a value, about four of them. */
  function ticksTo(most) {
    const rough = Math.max(most, 1e-9) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * STEPS.find((one) => one * power >= rough);
    return Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step);
  }

  /** The unit of the chart: that of its greatest amount, so that all are told in one. */
  function unitOf(page, most) {
    const usd = page.currency === 'USD';
    const divisor = usd ? page.data.rate : most >= 1000 ? 1000 : 1;
    return { of: (bn) => bn / divisor, name: usd ? t('bn USD') : most >= 1000 ? t('trn KZT') : t('bn KZT') };
  }

  const text = (x, y, className, content) => shape('text', { x, y, class: className }, content);

  function chart(page, width) {
    const { years } = page.data;
    const most = Math.max(...years.map(({ target, asked, planned }) => Math.max(target ?? 0, asked, planned)), 0);
    const unit = unitOf(page, most);
    const ticks = ticksTo(unit.of(most));
    const height = Math.round(Math.min(Math.max(width * 0.42, 230), 340));
    const room = { x: width - EDGE.left - EDGE.right, y: height - EDGE.top - EDGE.bottom };
    const up = (bn) => EDGE.top + room.y * (1 - unit.of(bn) / ticks.at(-1));
    const band = room.x / Math.max(years.length, 1);
    const number = (value) => geoplan.inDigits(value, geoplan.digitsFor(unit.of(most)));
    const every = Math.ceil(34 / band); // labels that find room
    const lines = ticks.flatMap((tick) => {
      const y = EDGE.top + room.y * (1 - tick / ticks.at(-1));
      return [
        shape('path', { class: 'grid', d: `M${EDGE.left} ${y}H${width - EDGE.right}` }),
        text(EDGE.left - 7, y + 4, 'end', geoplan.formatNumber(tick, { digits: 2 })),
      ];
    });
    const bars = years.map((year, i) => {
      const middle = EDGE.left + band * (i + 0.5);
      const wide = Math.min(band * 0.62, WIDEST_PX);
      const bar = (bn, name) => shape('rect', {
        class: name, x: middle - wide / 2, y: up(bn), width: wide, height: Math.max(0, EDGE.top + room.y - up(bn)),
      });
      const group = shape('g', { class: 'year' }, bar(year.asked, 'asked'), bar(year.planned, 'planned'));
      const labelled = i % every === 0;
      if (labelled) group.append(text(middle, height - EDGE.bottom + 18, 'middle year-name', String(year.year)));
      let at = up(year.planned) + LABEL_PX;
      if (year.target !== null) {
        const line = up(year.target);
        const half = Math.min(band * 0.46, WIDEST_PX * 0.75);
        group.append(shape('path', { class: 'target', d: `M${middle - half} ${line}H${middle + half}` }));
        if (labelled) group.append(text(middle, line - 6, 'middle aim', number(unit.of(year.target))));
        if (line > at - LABEL_PX - 4 && line < at + LABEL_PX + 6) at = line + LABEL_PX;
      }
      const inside = at + 4 < EDGE.top + room.y;
      if (labelled && inside) group.append(text(middle, at, 'middle inside', number(unit.of(year.planned))));
      return group;
    });
    const drawing = shape(
      'svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', class: 'years' },
      ...lines, ...bars, text(4, 13, 'unit', unit.name),
    );
    drawing.setAttribute('aria-label', t('Planned investment by year against the target; the table below has its figures.'));
    return drawing;
  }

  const key = (name, says) => element('li', '', element('i', name), ` ${says}`);

  function legend(page) {
    const rows = [key('planned', t('planned')), key('asked', t('asked for, without a plot'))];
    if (page.data.target) rows.push(key('target', t('target')));
    return element('ul', 'legend', ...rows);
  }

  /** For how much more the parks have room, by what projects need on average. */
  function room(page) {
    const { room: left } = page.data;
    if (!left) return [];
    const values = { money: page.money(left.bn), what: t(left.label).toLocaleLowerCase() };
    return [element('p', 'hint', t(
      'By what projects placed use on average, the parks have room for about {money} more; {what} runs out first.', values,
    ))];
  }

  /** What is missing, and what would close it, one after the other. */
  function closing(page) {
    const { target } = page.data;
    if (!target) return [element('p', '', t('No targets are stated.'))];
    const { missing } = target;
    const says = t('By {year}: {planned} of {target}.', {
      year: target.last, planned: page.money(target.planned), target: page.money(target.target),
    });
    if (!(missing > 0)) return [element('p', 'verdict', says, ' ', t('The target is met.'))];
    const parts = [
      ['waiting', t('would come if all who wait had plots')],
      ['later', t('are planned after {year}: projects brought forward', { year: target.last })],
      ['unasked', t('nobody has applied for yet')],
    ].filter(([name]) => target[name] > 0);
    return [
      element('p', 'verdict', says, ' ', element('strong', '', t('{missing} missing', { missing: page.money(missing) })), '.'),
      geoplan.barOf(...parts.map(([name]) => ({ share: target[name] / missing, name }))),
      element('ul', 'parts', ...parts.map(([name, told]) => (
        element('li', '', element('i', name), ' ', element('b', '', page.money(target[name])), ` ${told}`)
      ))),
      ...room(page),
    ];
  }

  function table(page) {
    const { years, target } = page.data;
    const most = Math.max(...years.map((year) => Math.max(year.target ?? 0, year.asked)), 0);
    const unit = unitOf(page, most);
    const told = (bn) => ({
      number: bn === null ? '–' : geoplan.formatNumber(unit.of(bn), { digits: 2, atLeast: 2 }),
    });
    const rows = years.map((year) => [
      String(year.year), told(year.target), told(year.planned), told(year.missing), told(year.missing_so_far),
      told(year.asked), { number: geoplan.formatNumber(year.started) },
    ]);
    const heads = [
      t('Year'), ...[t('Target'), t('Planned'), t('Missing'), t('Missing so far'), t('Asked for'), t('Projects that start')]
        .map((head) => ({ number: head })),
    ];
    const foot = target && [
      `${target.first}–${target.last}`, told(target.target), told(target.planned), told(target.target - target.planned),
      { number: '' }, { number: '' }, { number: '' },
    ];
    return geoplan.figuresTable(t('Capital inflow, {unit}', { unit: unit.name }), heads, rows, foot);
  }

  geoplan.sections.push({
    key: 'years',
    title: () => t('Target and plan by year'),
    build: (page) => [
      element(
        'div', 'pair',
        element('figure', '', geoplan.fitted('chart', PAPER_PX, (width) => chart(page, width)), legend(page)),
        element('div', 'closing', ...closing(page)),
      ),
      table(page),
      element('p', 'hint', page.data.build_years === 1
        ? t('A project invests in the year in which it starts, unless it states otherwise.')
        : tn('A project invests in equal parts over {n} year from its start, unless it states otherwise.',
          'A project invests in equal parts over {n} years from its start, unless it states otherwise.', page.data.build_years)),
    ],
  });
})((window.geoplan = window.geoplan || {}));
