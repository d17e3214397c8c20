/* Finding a plot or a project by its id, name, investor or cadastral number. */
(function (geoplan) {
  'use strict';

  const HITS_SHOWN = 12;
  const NOTHING = { hits: [], more: 0 };
  const PLOT_COLUMNS = ['plot_id', 'cadastral_number'];
  const PROJECT_COLUMNS = ['project_id', 'name', 'investor'];
  const { element, given, t, tn } = geoplan;

  const NOT_AT_ALL = 3;

  /* What a column says, in lower case and one long text: a million short ones would take long. */
  class Column {
    constructor(field, count) {
      this.rows = field.numeric ? Int32Array.from({ length: count }, (_, row) => row) : field.codes;
      const words = field.numeric ? Array.from(this.rows, (row) => field.at(row) ?? '') : field.texts;
      const lower = words.map((word) => String(word).toLocaleLowerCase());
      this.starts = geoplan.running(lower.map((word) => word.length));
      this.all = lower.join('');
    }

    /** Of each word: 0 it is what is sought, 1 begins so, 2 holds it, 3 does not. */
    rank(sought) {
      const { all, starts } = this;
      const ranks = new Uint8Array(starts.length - 1).fill(NOT_AT_ALL);
      for (let at = all.indexOf(sought); at >= 0; at = all.indexOf(sought, at + 1)) {
        const word = this.wordAt(at);
        const within = at + sought.length <= starts[word + 1];
        const rank = at > starts[word] ? 2 : Number(starts[word + 1] - at > sought.length);
        if (within && rank < ranks[word]) ranks[word] = rank;
      }
      return ranks;
    }

    /** The word in which a place of the long text lies. */
    wordAt(place) {
      let [low, high] = [0, this.starts.length - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (this.starts[middle] <= place) low = middle;
        else high = middle;
      }
      return low;
    }
  }

  class Index {
    constructor(view) {
      this.view = view;
      this.kinds = null;
    }

    columnsOf(table, names) {
      return names.filter((name) => table.has(name)).map((name) => new Column(table.field(name), table.count));
    }

    /** The best of what is sought and how much more there is. */
    find(sought) {
      const { plots, projects } = this.view.data;
      this.kinds ||= [
        ['plot', plots.table.count, this.columnsOf(plots.table, PLOT_COLUMNS)],
        ['project', projects.table.count, this.columnsOf(projects.table, PROJECT_COLUMNS)],
      ];
      const found = [[], [], []];
      let count = 0;
      this.kinds.forEach(([kind, rows, columns]) => {
        const ranks = columns.map((column) => column.rank(sought));
        for (let row = 0; row < rows; row++) {
          const best = columns.reduce((least, column, i) => (
            Math.min(least, ranks[i][column.rows[row]] ?? NOT_AT_ALL)
          ), NOT_AT_ALL);
          if (best === NOT_AT_ALL) continue;
          count += kind === 'plot' ? 1 : this.view.plotsOf(row).length || 1;
          if (found[best].length < HITS_SHOWN) found[best].push(...this.places(kind, row));
        }
      });
      const hits = found.flat().slice(0, HITS_SHOWN);
      return { hits, more: count - hits.length };
    }

    /** A project is found where its plots are, or in the list of those without one. */
    places(kind, row) {
      if (kind === 'plot') return [{ plot: row }];
      const plots = this.view.plotsOf(row);
      return plots.length ? plots.map((plot) => ({ project: row, plot })) : [{ project: row }];
    }
  }

  function titleOf(view, { project, plot }) {
    if (project === undefined) return t('Plot {id}', { id: view.plotId(plot) });
    const id = view.projectId(project);
    const name = geoplan.projectName(view, project);
    return name === id ? id : `${id} · ${name}`;
  }

  function noteOf(view, { project, plot }) {
    if (project === undefined) return '';
    return plot === undefined ? t('unplaced') : t('plot {id}', { id: view.plotId(plot) });
  }

  function hitButton(view, hit, close) {
    const button = element('button', '', given(titleOf(view, hit)));
    const note = noteOf(view, hit);
    if (note) button.append(' ', element('span', 'geoplan-count', given(note)));
    button.type = 'button';
    button.addEventListener('click', () => {
      close();
      if (hit.plot === undefined) geoplan.showUnplaced(view, hit.project);
      else view.visit(hit.plot);
    });
    return element('li', '', button);
  }

  function fill(view, { list, status, close }, { hits, more }) {
    list.replaceChildren(...hits.map((hit) => hitButton(view, hit, close)));
    status.textContent = more > 0 ? tn('and {n} more', 'and {n} more', more) : '';
  }

  /** Arrow keys walk through the hits, Enter takes the first, Escape leaves. */
  function onKey(event, input, { list, close }) {
    const buttons = [...list.querySelectorAll('button')];
    const here = buttons.indexOf(document.activeElement);
    if (event.key === 'ArrowDown') buttons[Math.min(here + 1, buttons.length - 1)]?.focus();
    else if (event.key === 'ArrowUp') (buttons[here - 1] || input).focus();
    else if (event.key === 'Enter' && here < 0) buttons[0]?.click();
    else if (event.key === 'Escape') close();
    else return;
    if (event.key !== 'Enter' || here < 0) event.preventDefault();
  }

  geoplan.searchBox = function (view) {
    const index = new Index(view);
    const input = element('input');
    Object.assign(input, { type: 'search', autocomplete: 'off' });
    const name = () => {
      const all = view.data.projects.count > 0;
      input.placeholder = all ? t('Plot or project') : t('Plot');
      input.setAttribute('aria-label', all ? t('Find a plot or a project by id or name') : t('Find a plot'));
    };
    name();
    view.on('language', name);
    const list = element('ul', 'geoplan-hits');
    const status = element('p', 'geoplan-hit-status');
    status.setAttribute('role', 'status');
    const close = () => {
      input.value = '';
      fill(view, shown, NOTHING);
    };
    const shown = { list, status, close };
    input.addEventListener('input', () => {
      const sought = input.value.trim().toLocaleLowerCase();
      const found = sought ? index.find(sought) : NOTHING;
      fill(view, shown, found);
      if (sought && !found.hits.length) status.textContent = t('Nothing by that name');
    });
    const box = element('div', 'geoplan-search', input, list, status);
    box.setAttribute('role', 'search');
    box.addEventListener('keydown', (event) => onKey(event, input, shown));
    return box;
  };
})((window.geoplan = window.geoplan || {}));
