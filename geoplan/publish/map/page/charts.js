/* Charts that are tables: each figure stands as a number, with a bar beside it. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;
  const KINDS = [
    ['plot', t('Plots')], ['street', t('Streets')], ['green', t('Green land')],
    ['utilities', t('Utilities land')], ['services', t('Services')], ['reserve', t('Reserve')],
    ['excluded', t('Excluded')], ['residual', t('Residual land')],
  ];
  const WHOLE = 'all';

  const number = (value, digits = 1) => geoplan.formatNumber(value, { digits, atLeast: digits });
  const plain = (share) => geoplan.formatNumber(100 * share, { digits: 2 });
  const percent = (share, digits = 2) => t('{n} %', { n: number(100 * share, digits) });

  const tableOf = ({ fields, count }) => new geoplan.Table(fields, count);

  function rowsOf(table, columns) {
    return Array.from({ length: table.count }, (_, row) => (
      Object.fromEntries(columns.map((column) => [column, table.at(column, row)]))
    ));
  }

  /* A cell is text, an element, or { number: text } which is set to the right. */
  function cellOf(content, i) {
    const cell = element(i === 0 ? 'th' : 'td', content?.number === undefined ? '' : 'geoplan-number');
    if (i === 0) cell.scope = 'row';
    cell.append(content?.number ?? content ?? '');
    return cell;
  }

  function chart(title, heads, rows) {
    const head = element('tr', '', ...heads.map((label) => {
      const cell = element('th', '', label);
      cell.scope = 'col';
      return cell;
    }));
    const lines = rows.map(({ cells, total }) => (
      element('tr', total ? 'geoplan-total' : '', ...cells.map(cellOf))
    ));
    lines[0]?.querySelectorAll('.geoplan-number').forEach((cell) => {
      head.children[cell.cellIndex].className = 'geoplan-number';
    });
    return element('table', 'geoplan-chart', element('caption', '', title),
      element('thead', '', head), element('tbody', '', ...lines));
  }

  /** Marks from one share of the width to another, which screen readers pass over. */
  function bar(...marks) {
    const box = element('span', 'geoplan-bars', ...marks.map(([name, from, to]) => {
      const mark = element('i', name);
      mark.style.left = `${100 * Math.max(0, from)}%`;
      mark.style.width = `${100 * Math.max(0, Math.min(to, 1) - Math.max(0, from))}%`;
      return mark;
    }));
    box.setAttribute('aria-hidden', 'true');
    return box;
  }

  function verdict(good, words) {
    return element('span', good ? 'geoplan-good' : 'geoplan-bad', `${good ? '✓' : '✗'} ${words}`);
  }

  const known = (kind) => KINDS.find(([name]) => name === kind);

  const colourOf = (kind) => (known(kind) ? `geoplan-k-${kind}` : '');

  function kindName(kind) {
    const swatch = element('i', `geoplan-kind ${colourOf(kind)}`);
    swatch.setAttribute('aria-hidden', 'true');
    return element('span', '', swatch, known(kind) ? t(known(kind)[1]) : given(kind));
  }

  /* Land balance */

  function balanceOf(view) {
    const rows = rowsOf(tableOf(view.data.ledgers.balance), [
      'zone_id', 'kind', 'area_ha', 'share', 'norm_min', 'norm_max', 'ok',
    ]);
    return Map.groupBy(rows, ({ zone_id: zone }) => zone);
  }

  function normWords({ norm_min: least, norm_max: most }) {
    if (least === null && most === null) return '–';
    return t('{least} – {most} %', { least: plain(least ?? 0), most: plain(most ?? 1) });
  }

  /** Whether land of a kind keeps to its norm, else by how much it misses the nearer end. */
  function kept({ share, norm_min: least, norm_max: most, ok }, parkHa) {
    if (ok === null) return '–';
    if (ok === 'yes') return verdict(true, t('within the norm'));
    const [under, over] = [(least ?? -Infinity) - share, share - (most ?? Infinity)];
    const area = geoplan.formatArea(Math.max(under, over) * parkHa);
    return verdict(false, under > over ? t('{area} too little', { area }) : t('{area} too much', { area }));
  }

  function parkChart(rows) {
    const parkHa = rows.reduce((sum, { area_ha: area }) => sum + area, 0);
    const widest = Math.max(...rows.map(({ share, norm_max: most }) => Math.max(share, most ?? 0)));
    return chart(
      t('Land of the whole park: {area}', { area: geoplan.formatArea(parkHa, 1) }),
      [t('Kind'), t('Share and the norm’s range'), t('Share'), t('Area, ha'), t('Norm'), t('Verdict')],
      rows.map((row) => ({
        cells: [
          kindName(row.kind),
          bar(
            ['geoplan-norm', (row.norm_min ?? 0) / widest, (row.norm_max ?? 0) / widest],
            [`geoplan-share ${colourOf(row.kind)}`, 0, row.share / widest],
          ),
          { number: percent(row.share) }, { number: number(row.area_ha, 2) },
          { number: normWords(row) }, kept(row, parkHa),
        ],
      })),
    );
  }

  function zoneNames({ layers: { zones } }) {
    return new Map(Array.from({ length: zones.shapes.count }, (_, row) => (
      [zones.subject(row), zones.table.at('name', row)]
    )));
  }

  function zoneChart(view, zones) {
    const names = zoneNames(view.data);
    const there = new Set([...zones.values()].flat().map(({ kind }) => kind));
    const kinds = KINDS.filter(([kind]) => there.has(kind));
    return chart(
      t('Land of each zone'),
      [t('Zone'), t('Land by kind'), t('Area, ha'), ...kinds.map(([kind]) => kindName(kind))],
      [...zones].map(([zone, rows]) => {
        let from = 0;
        const marks = rows.map(({ kind, share }) => [`geoplan-part ${colourOf(kind)}`, from, from += share]);
        const shares = kinds.map(([kind]) => rows.find((row) => row.kind === kind)?.share);
        const name = element('span', '', given(zone));
        if (names.get(zone)) name.append(' · ', given(names.get(zone)));
        const area = rows.reduce((sum, row) => sum + row.area_ha, 0);
        return {
          cells: [
            name, bar(...marks), { number: number(area, 2) },
            ...shares.map((share) => ({ number: share ? percent(share) : '–' })),
          ],
        };
      }),
    );
  }

  geoplan.tabs.push({
    key: 'balance',
    title: t('Balance'),
    available: ({ data }) => data.ledgers.balance.count > 0,
    fill(view, box) {
      const zones = balanceOf(view);
      const park = zones.get(WHOLE);
      zones.delete(WHOLE);
      if (park) box.append(parkChart(park));
      if (zones.size) box.append(zoneChart(view, zones));
    },
  });

  /* Capacities of the utilities */

  function useOf(used, capacity, unit) {
    const n = `${number(Math.abs(capacity - used))} ${t(unit)}`;
    return used > capacity ? verdict(false, t('{n} too much', { n })) : verdict(true, t('{n} free', { n }));
  }

  function capacityRow({ name, used, capacity, unit, total }) {
    const whole = Math.max(used, capacity) || 1;
    return {
      total,
      cells: [
        name,
        bar(
          ['geoplan-norm', 0, capacity / whole],
          [`geoplan-share ${used > capacity ? 'geoplan-over' : ''}`, 0, used / whole],
        ),
        { number: number(used) }, { number: number(capacity) }, unit ? t(unit) : '',
        { number: capacity > 0 ? percent(used / capacity, 0) : '–' }, useOf(used, capacity, unit || ''),
      ],
    };
  }

  geoplan.tabs.push({
    key: 'capacities',
    title: t('Capacities'),
    available: ({ data }) => data.ledgers.capacities.count > 0,
    fill(view, box) {
      const all = rowsOf(tableOf(view.data.ledgers.capacities), [
        'utility_id', 'kind', 'unit', 'capacity', 'used',
      ]);
      const rows = [...new Set(all.map(({ kind }) => kind))].flatMap((kind) => {
        const own = all.filter((row) => row.kind === kind);
        const sum = (column) => own.reduce((total, row) => total + (row[column] ?? 0), 0);
        const [used, capacity] = [sum('used'), sum('capacity')];
        const total = { name: given(t(kind)), used, capacity, unit: own[0].unit, total: true };
        return [total, ...own.map((row) => ({
          ...row, name: element('span', 'geoplan-under', given(row.utility_id)),
        }))].map(capacityRow);
      });
      box.append(chart(t('Utilities: what placed projects use of each'), [
        t('Utility'), t('Used of the capacity'), t('Used'), t('Capacity'), t('Unit'), t('Used, %'), t('Free'),
      ], rows));
    },
  });

  /* Sectors */

  /** What the projects of each sector ask for and what those that are placed bring. */
  function sectorsOf({ plots, projects: { table } }) {
    const sectors = new Map();
    const area = new Float64Array(table.count);
    const ha = plots.table.field('area_ha');
    plots.project.forEach((project, plot) => {
      if (project >= 0) area[project] += ha.at(plot);
    });
    for (let row = 0; row < table.count; row++) {
      const name = table.at('sector', row);
      if (!sectors.has(name)) {
        const nothing = { all: 0, placed: 0, area: 0, invest: 0, jobs: 0, investAsked: 0, jobsAsked: 0 };
        sectors.set(name, { name, ...nothing });
      }
      const one = sectors.get(name);
      const placed = table.at('state', row) === 'placed' ? 1 : 0;
      const [invest, jobs] = [table.at('invest_bn_kzt', row) ?? 0, table.at('jobs', row) ?? 0];
      one.all += 1;
      one.placed += placed;
      one.area += area[row];
      one.invest += placed * invest;
      one.jobs += placed * jobs;
      one.investAsked += invest;
      one.jobsAsked += jobs;
    }
    return [...sectors.values()].sort((a, b) => b.invest - a.invest || b.area - a.area);
  }

  function sectorRow(one, most) {
    const outOf = (part, whole, digits) => `${number(part, digits)} / ${number(whole, digits)}`;
    const of = (key) => bar(
      ['geoplan-norm', 0, one[`${key}Asked`] / most[key]], ['geoplan-share', 0, one[key] / most[key]],
    );
    return {
      total: one.total,
      cells: [
        one.total ? t('All') : given(t(one.name === null ? 'sector not stated' : one.name.replaceAll('_', ' '))),
        { number: outOf(one.placed, one.all, 0) }, { number: number(one.area, 2) },
        one.total ? '' : of('invest'), { number: outOf(one.invest, one.investAsked, 1) },
        one.total ? '' : of('jobs'), { number: outOf(one.jobs, one.jobsAsked, 0) },
      ],
    };
  }

  geoplan.tabs.push({
    key: 'sectors',
    title: t('Sectors'),
    available: ({ data: { projects: { table } } }) => table.count > 0
      && ['invest_bn_kzt', 'jobs'].some((column) => table.has(column)),
    fill(view, box) {
      const sectors = sectorsOf(view.data);
      const most = {
        invest: Math.max(...sectors.map((one) => one.investAsked)) || 1,
        jobs: Math.max(...sectors.map((one) => one.jobsAsked)) || 1,
      };
      const total = { ...sectors[0], total: true };
      Object.keys(total).filter((key) => typeof sectors[0][key] === 'number').forEach((key) => {
        total[key] = sectors.reduce((sum, one) => sum + one[key], 0);
      });
      box.append(chart(t('Sectors: placed of all that asked'), [
        t('Sector'), t('Projects'), t('Area given, ha'), t('Investment'), t('bn KZT'), t('Jobs'), t('persons'),
      ], [...sectors, total].map((one) => sectorRow(one, most))));
    },
  });
})((window.geoplan = window.geoplan || {}));
