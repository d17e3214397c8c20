/* The tables of the dock: plots, projects, findings and streets, each linked with the map. */
(function (geoplan) {
  'use strict';

  const { element, t } = geoplan;
  const PLOTS_FIRST = ['plot_id', 'project_id', 'name', 'sector', 'area_ha', 'zone_id', 'use', 'market'];
  const PROJECTS_FIRST = [
    'project_id', 'name', 'state', 'plots', 'given_ha', 'area_ha', 'sector', 'invest_bn_kzt', 'jobs',
    'waiting', 'reason',
  ];
  const JOINED = ['name', 'investor', 'sector'];

  function inOrder(fields, first) {
    const place = ({ column }) => (first.indexOf(column) + 1 || Infinity);
    return fields.slice().sort((a, b) => (place(a) === place(b) ? 0 : place(a) - place(b)));
  }

  /** What the projects' columns say of the plots that they hold. */
  function joined({ plots, projects }) {
    return JOINED.filter((column) => projects.table.has(column)).map((column) => {
      const field = projects.table.field(column);
      return new geoplan.Field({
        ...field, label: column === 'name' ? t('Project name') : field.label,
        codes: plots.project.map((project) => (project < 0 ? -1 : field.codes[project])),
      });
    });
  }

  /** Which plots each project got, and how much land that is. */
  function given(view) {
    const { plots, projects } = view.data;
    const { count } = projects.table;
    const area = plots.table.field('area_ha');
    const numbers = new Int32Array(count).fill(-(2 ** 31));
    const codes = new Int32Array(count).fill(-1);
    const texts = [];
    plots.project.forEach((project, plot) => {
      if (project < 0) return;
      if (codes[project] < 0) {
        codes[project] = texts.push(view.plotId(plot)) - 1;
        numbers[project] = area.numbers[plot];
      } else {
        texts[codes[project]] += `, ${view.plotId(plot)}`;
        numbers[project] += area.numbers[plot];
      }
    });
    return [
      new geoplan.Field({ column: 'plots', label: t('Plots'), texts, codes }),
      new geoplan.Field({ ...area, column: 'given_ha', label: t('Area given'), numbers }),
    ];
  }

  /** On narrow screens the dock would hide what is visited. */
  function makeRoom(view) {
    if (geoplan.narrow()) geoplan.closeDock(view);
  }

  function visitPlots(view, plots, { focus }) {
    view.visit(plots[0], { focus: focus || geoplan.narrow(), among: plots });
  }

  function visitProject(view, project, how) {
    const plots = view.plotsOf(project);
    makeRoom(view);
    if (plots.length) visitPlots(view, plots, how);
    else geoplan.showUnplaced(view, project);
  }

  /** Goes to a shape of a layer, which is switched on for it, and tells what it says. */
  function visitShape(part) {
    return function (view, row, { focus }) {
      const place = view.data.ledgers[part].places[row];
      if (place < 0) return;
      const layer = view.data.layers[part];
      makeRoom(view);
      if (!view.shows(part)) view.layers[part].addTo(view.map);
      const bounds = layer.shapes.bounds(place);
      view.map.fitBounds(bounds, { ...view.clearing(), maxZoom: 17, animate: false });
      const popup = view.open(bounds.getCenter(), geoplan.featureCaption(layer, place), null);
      if (focus) popup.getElement().focus({ preventScroll: true });
    };
  }

  /* Each kind of table: what its fields are, what its rows stand for. */
  const KINDS = [
    {
      key: 'plots',
      title: t('Plots'),
      make(view) {
        const { table } = view.data.plots;
        return {
          fields: inOrder([...table.fields, ...joined(view.data)], PLOTS_FIRST),
          count: table.count,
          visit(_, plot, how) {
            makeRoom(view);
            visitPlots(view, [plot], how);
          },
          plotsOf: (_, plot) => [plot],
          rowOf: (plot) => plot,
        };
      },
    },
    {
      key: 'projects',
      title: t('Projects'),
      make(view) {
        const { plots, projects } = view.data;
        return {
          fields: inOrder([...projects.table.fields, ...given(view)], PROJECTS_FIRST),
          count: projects.table.count,
          visit: visitProject,
          plotsOf: (_, project) => view.plotsOf(project),
          rowOf: (plot) => plots.project[plot],
        };
      },
    },
    ...[['findings', t('Findings')], ['streets', t('Streets')]].map(([key, title]) => ({
      key,
      title,
      make({ data }) {
        const { fields, count } = data.ledgers[key];
        return { fields: new geoplan.Table(fields, count).fields, count, visit: visitShape(key) };
      },
    })),
  ];

  /** A table with what its reader has done to it; made when first opened. */
  function ledgerOf(view, { key, title, make }) {
    view.ledgers ||= new Map();
    if (!view.ledgers.has(key)) {
      const { fields, count, ...links } = make(view);
      const sift = new geoplan.Sift(fields.filter(({ texts, numbers }) => texts?.length || numbers), count);
      view.ledgers.set(key, { key, title, sift, sifting: false, top: 0, ...links });
    }
    return view.ledgers.get(key);
  }

  /* On the map only what the table shows */

  function showOnMap(view, ledger, rows) {
    view.tabled = ledger?.key || null;
    if (!ledger) {
      view.filter('table');
      return;
    }
    const on = new Uint8Array(view.data.plots.table.count);
    rows.forEach((row) => ledger.plotsOf(view, row).forEach((plot) => { on[plot] = 1; }));
    view.filter('table', (plot) => on[plot] === 1);
  }

  /** A reminder on the map that plots are faded, for whoever closes the dock. */
  function remind(view) {
    const box = geoplan.button('geoplan-panel geoplan-reminder', '', () => {
      showOnMap(view, null);
      if (!view.dock.hidden) geoplan.openDock(view);
    });
    let control = null;
    view.on('filter language', () => {
      box.textContent = t('Only plots of the table are shown. Show all');
      if (view.tabled) control ||= geoplan.addPanel(view.map, 'topright', box);
      else {
        control?.remove();
        control = null;
      }
    });
  }

  /* The line of controls over a table */

  function toggle(label, pressed, press) {
    const button = geoplan.button('', label, () => {
      button.setAttribute('aria-pressed', String(press()));
    });
    button.setAttribute('aria-pressed', String(pressed));
    return button;
  }

  function searchField(grid) {
    const input = element('input');
    Object.assign(input, { type: 'search', autocomplete: 'off', value: grid.sift.sought });
    input.placeholder = t('Filter the table');
    input.setAttribute('aria-label', t('Filter the table'));
    input.addEventListener('input', () => {
      grid.sift.sought = input.value;
      grid.changed();
    });
    return input;
  }

  function columnChoice(grid) {
    const { fields, hidden } = grid.sift;
    const box = element('div', 'geoplan-columns', ...fields.map((field, i) => {
      const check = element('input');
      Object.assign(check, { type: 'checkbox', checked: !hidden.has(field.column), disabled: i === 0 });
      check.addEventListener('change', () => {
        hidden[check.checked ? 'delete' : 'add'](field.column);
        grid.sift.filters.delete(field.column); // a filter that nobody sees would puzzle
        grid.sieve();
        grid.build();
      });
      return element('label', '', check, ' ', geoplan.titleOf(field));
    }));
    box.popover = 'auto';
    const button = geoplan.button('', t('Columns'), () => {});
    button.popoverTargetElement = box;
    box.addEventListener('beforetoggle', () => {
      const { left, top } = button.getBoundingClientRect();
      box.style.left = `${Math.max(4, Math.min(left, window.innerWidth - 260))}px`;
      box.style.bottom = `${window.innerHeight - top + 4}px`;
    });
    return [button, box];
  }

  function mapToggle(view, grid) {
    const { ledger } = grid;
    return toggle(t('Only these on the map'), view.tabled === ledger.key, () => {
      const on = view.tabled !== ledger.key;
      showOnMap(view, on ? ledger : null, grid.rows);
      return on;
    });
  }

  function controls(view, grid) {
    const { ledger } = grid;
    const count = element('span', 'geoplan-count');
    count.setAttribute('role', 'status');
    grid.onChange = () => {
      const [n, all] = [grid.rows.length, grid.sift.count].map((rows) => geoplan.formatNumber(rows));
      count.textContent = t('{n} of {all}', { n, all });
      if (view.tabled === ledger.key) showOnMap(view, ledger, grid.rows);
    };
    const box = element('div', 'geoplan-controls', searchField(grid), count);
    box.append(toggle(t('Filter columns'), ledger.sifting, () => {
      ledger.sifting = !ledger.sifting;
      if (!ledger.sifting) grid.sift.filters.clear();
      grid.sieve();
      grid.build();
      return ledger.sifting;
    }), ...columnChoice(grid));
    if (ledger.plotsOf) box.append(mapToggle(view, grid));
    box.append(geoplan.button('', t('Save as CSV'), () => {
      const name = geoplan.fileName(`${view.data.title} ${t(ledger.title)}`);
      geoplan.download(geoplan.csvOf(grid.fields, grid.rows), `${name}.csv`);
    }));
    return box;
  }

  function follow(view, grid) {
    const row = view.selected === null ? -1 : grid.ledger.rowOf?.(view.selected) ?? -1;
    if (row !== grid.marked) grid.mark(row);
  }

  function fill(view, box, kind) {
    const ledger = ledgerOf(view, kind);
    const { top } = ledger;
    const grid = new geoplan.Grid(view, ledger);
    box.classList.add('geoplan-ledger');
    box.append(controls(view, grid), grid.scroller, grid.detail);
    grid.onChange();
    grid.scroller.scrollTop = top;
    grid.draw();
    view.grid = grid;
    follow(view, grid);
  }

  /** Opens the dock at a kind of table, of which only the rows with a choice in a column. */
  geoplan.openLedger = function (view, kind, column, code) {
    const ledger = ledgerOf(view, kind);
    ledger.sifting = true;
    ledger.sift.filters = new Map([[column, String(code)]]);
    geoplan.openDock(view, kind.key);
  };

  geoplan.addLedger = (kind) => geoplan.tabs.push({
    key: kind.key,
    title: kind.title,
    available: ({ data }) => (data[kind.key]?.table || data.ledgers[kind.key])?.count > 0,
    fill: (view, box) => fill(view, box, kind),
  });

  KINDS.forEach(geoplan.addLedger);

  geoplan.tools.push({
    key: 'tables',
    label: t('Tables and charts'),
    icon: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9',
    pressed: (view) => Boolean(view.dock) && !view.dock.hidden,
    press: (view) => (view.dock.hidden ? geoplan.openDock(view) : geoplan.closeDock(view)),
  });

  geoplan.features.push((view) => {
    remind(view);
    view.on('select', () => {
      if (view.grid?.table.isConnected && !view.dock.hidden) follow(view, view.grid);
    });
  });
})((window.geoplan = window.geoplan || {}));
