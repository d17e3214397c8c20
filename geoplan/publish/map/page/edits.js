/* What is changed on the page, in words and as a file. */
(function (geoplan) {
  'use strict';

  const VERSION = 1;
  const { t } = geoplan;
  const { CONTRACT, LOCKED, WITHDRAWN } = geoplan.STAYS;

  /* A change is { kind, project, plots } or { kind, plot }, by rows; a project has one at most,
     and so has a plot. */
  const UNDONE = { pin: 'unpin', withdraw: 'reinstate', off_market: 'on_market' };

  class Edits {
    constructor(view) {
      const { pinned, withdrawn, off_market: off } = view.data.edit.decisions;
      this.view = view;
      this.on = false;
      this.list = [];
      this.saved = true;
      this.picking = null; // the project that a plot is sought for
      const rows = (ids, rowOf) => ids.map(rowOf).filter((row) => row >= 0);
      this.pinned = new Map(Object.entries(pinned).map(([id, plots]) => (
        [view.projectOf(id), rows(plots.split(';'), (plot) => view.plotOf(plot))]
      )));
      this.gone = new Set(rows(withdrawn, (id) => view.projectOf(id)));
      this.off = new Set(rows(off, (id) => view.plotOf(id)));
    }

    ofProject(project) { return this.list.find((change) => change.project === project); }

    ofPlot(plot) { return this.list.find((change) => change.plot === plot); }

    /** The change by which a plot is given to somebody. */
    givenBy(plot) { return this.list.find(({ plots }) => plots?.includes(plot)); }

    isOff(plot) {
      const change = this.ofPlot(plot);
      return change ? change.kind === 'off_market' : this.off.has(plot);
    }

    put(change) {
      this.list = this.list.filter(({ project, plot }) => (
        (project === undefined || project !== change.project) && (plot === undefined || plot !== change.plot)
      ));
      if (!this.isVain(change)) this.list.push(change);
      this.told();
    }

    /** Whether a change says what holds anyway. */
    isVain({ kind, project, plot, plots }) {
      if (kind === 'on_market') return !this.off.has(plot);
      if (kind === 'off_market') return this.off.has(plot);
      if (kind === 'unpin') return !this.pinned.has(project);
      if (kind === 'reinstate') return !this.gone.has(project);
      if (kind === 'withdraw') return this.gone.has(project);
      return String(this.pinned.get(project)) === String(plots);
    }

    undo(change) {
      this.list = this.list.filter((other) => other !== change);
      this.told();
    }

    told() {
      this.saved = !this.list.length;
      this.view.tell('edit');
    }

    /** Why a project may not be moved at all, or null. */
    whyStays(project) {
      const fixed = this.view.data.edit.fixed[project];
      if (fixed === CONTRACT) return t('It has a contract, so it cannot be moved.');
      if (fixed === LOCKED) return t('The portfolio locks it to its plot, so it cannot be moved.');
      if (fixed === WITHDRAWN) return t('It has withdrawn, so it is given no plot.');
      return this.gone.has(project) && this.ofProject(project)?.kind !== 'reinstate'
        ? t('It is withdrawn by an earlier change; take that back first.') : null;
    }

    /** Why a project cannot have a plot, in words, or null. */
    whyNot(project, plot) {
      const { view } = this;
      const { rules, barred } = view.data.edit;
      const rule = barred ? rules[barred[project * view.data.plots.table.count + plot] - 1] : undefined;
      if (rule) return geoplan.WHY[rule](view, project, plot);
      const other = this.givenBy(plot);
      if (other && other.project !== project) {
        return t('given to {project} by a change', { project: view.projectId(other.project) });
      }
      return this.isOff(plot) ? t('taken off the market') : null;
    }

    /** Plots that a project could have, by rows, the nearest in area first. */
    fitting(project) {
      const { data } = this.view;
      const area = data.plots.table.field('area_ha');
      const asked = data.projects.table.at('area_ha', project) ?? 0;
      const off = (plot) => Math.abs(area.at(plot) - asked);
      const found = [];
      for (let plot = 0; plot < data.plots.table.count; plot++) {
        if (data.plots.project[plot] !== project && !this.whyNot(project, plot)) found.push(plot);
      }
      return found.sort((a, b) => off(a) - off(b) || a - b);
    }

    /* In words */

    project(row) {
      const name = this.view.data.projects.table.at('name', row);
      const id = this.view.projectId(row);
      return name ? `${id} ${name}` : id;
    }

    ids(plots) { return plots.map((plot) => this.view.plotId(plot)).join(', '); }

    say({ kind, project, plot, plots }) {
      const told = { plot: plot === undefined ? '' : this.view.plotId(plot) };
      if (kind === 'off_market') return t('Plot {plot} is taken off the market.', told);
      if (kind === 'on_market') return t('Plot {plot} is put back on the market.', told);
      told.project = this.project(project);
      if (kind === 'unpin') return t('{project} is no longer pinned to its plot.', told);
      if (kind === 'withdraw') return t('{project} withdraws.', told);
      if (kind === 'reinstate') return t('{project} has not withdrawn after all.', told);
      return this.sayPin(project, plots, told);
    }

    sayPin(project, plots, told) {
      const from = this.view.plotsOf(project);
      Object.assign(told, { plot: this.ids(plots), from: this.ids(from) });
      if (String(from) === String(plots)) return t('{project} is pinned to plot {plot}.', told);
      const moves = from.length
        ? t('{project} moves from plot {from} to plot {plot}.', told) : t('{project} is given plot {plot}.', told);
      const leaves = this.givesWay(project, plots[0]);
      return leaves ? `${moves} ${leaves}` : moves;
    }

    /** Who has to leave a plot for a project, or null. */
    givesWay(project, plot) {
      const holder = this.view.data.plots.project[plot];
      const leaves = this.ofProject(holder);
      if (holder < 0 || holder === project || (leaves && leaves.kind !== 'unpin')) return null;
      return t('{project} has to give way and is found another place.', { project: this.view.projectId(holder) });
    }

    /* As a file */

    content() {
      const { view } = this;
      const changes = this.list.map(({ kind, project, plot, plots }) => ({
        [kind]: {
          ...(project !== undefined && { project_id: view.projectId(project) }),
          ...(plot !== undefined && { plot_id: view.plotId(plot) }),
          ...(plots && { plot_id: plots.map((each) => view.plotId(each)).join(';') }),
        },
      }));
      const { title: name, edit: { digest } } = view.data;
      return { geoplan_changes: VERSION, plan: { name, digest }, changes };
    }

    save() {
      const text = `${JSON.stringify(this.content(), null, 2)}\n`;
      geoplan.download(new Blob([text], { type: 'application/json' }), 'changes.json');
      this.saved = true;
      this.view.tell('edit');
    }

    /** Takes in a file's changes; returns what could not be taken, in words. */
    load(text) {
      let content;
      try {
        content = JSON.parse(text);
      } catch {
        return [t('This is no file of changes.')];
      }
      const { digest, lineage } = this.view.data.edit;
      if (content?.geoplan_changes !== VERSION || !Array.isArray(content.changes)) {
        return [t('This is no file of changes.')];
      }
      if (![digest, ...lineage].includes(content.plan?.digest)) {
        return [t('These changes were made on another plan.')];
      }
      return content.changes.map((told) => this.take(told)).filter(Boolean);
    }

    /** Takes one change of a file; returns why it cannot be taken, or null. */
    take(told) {
      const [[kind, what] = []] = Object.entries(told ?? {});
      const { project_id: project, plot_id: plot } = what ?? {};
      const change = { kind };
      if (![...Object.keys(UNDONE), ...Object.values(UNDONE)].includes(kind)) return t('This is no file of changes.');
      if (!kind.endsWith('market')) change.project = this.view.projectOf(String(project));
      if (kind === 'pin') change.plots = String(plot).split(';').map((id) => this.view.plotOf(id));
      else if (kind.endsWith('market')) change.plot = this.view.plotOf(String(plot));
      if ([change.project, change.plot, ...(change.plots ?? [])].includes(-1)) {
        return t('The plan does not have {ids}.', { ids: [project, plot].filter(Boolean).join(', ') });
      }
      const why = kind === 'pin' ? this.whyNotPinned(change) : null;
      if (why) return `${project}, ${plot}: ${why}`;
      this.put(change);
      return null;
    }

    whyNotPinned({ project, plots }) {
      if (String(plots) === String(this.view.plotsOf(project))) return null;
      return this.whyStays(project) ?? this.whyNot(project, plots[0]);
    }
  }

  geoplan.Edits = Edits;
  geoplan.UNDONE = UNDONE;
})((window.geoplan = window.geoplan || {}));
