/* The sheet at the map's foot while the plan is worked on: what is collected, or the choice of a plot. */
(function (geoplan) {
  'use strict';

  const MOST = 100; // plots listed at once
  const { act, element, given, named, t, tn } = geoplan;

  class Picker {
    constructor(view) {
      this.view = view;
      this.box = geoplan.addFoot(view, element('section', 'geoplan-sheet geoplan-edit'));
      this.tooltip = L.tooltip({ direction: 'auto', offset: [14, 0], className: 'geoplan-tooltip' });
      const { map } = view;
      // Leaflet would take a click on a button that is gone by then for one on the map.
      this.box.addEventListener('click', (event) => event.stopPropagation());
      map.on('click', ({ latlng }) => this.isOn() && this.choose(this.plotAt(latlng)));
      map.on('mousemove', ({ latlng }) => this.isOn() && this.point(latlng));
      map.on('mouseout', () => this.tooltip.remove());
      document.addEventListener('keydown', ({ key }) => {
        if (key === 'Escape' && this.isOn()) this.end();
      });
      view.on('tool', () => { if (view.edits.picking !== null && !this.isOn()) this.end(); });
      view.on('edit language', () => this.show());
      this.show();
    }

    isOn() { return this.view.tool === 'edit'; }

    /** Begins to work on the plan, or stops; what was changed is kept. */
    turn() {
      const { edits } = this.view;
      if (edits.picking !== null) this.end();
      edits.on = !edits.on;
      this.view.tell('edit');
    }

    plotAt(latlng) {
      const { x, y } = geoplan.toWorld(latlng);
      return this.view.data.plots.shapes.hit(x, y, 0);
    }

    begin(project) {
      const { view } = this;
      view.edits.picking = project;
      this.fits = view.data.edit.barred ? view.edits.fitting(project) : null;
      view.map.closePopup();
      if (geoplan.narrow()) {
        geoplan.foldPanel(view);
        geoplan.closeDock(view);
      }
      view.tool = 'edit';
      view.tell('tool');
      view.map.getContainer().classList.add('geoplan-choosing');
      if (this.fits) {
        const on = new Set([...this.fits, ...view.plotsOf(project)]);
        view.filter('edit', (plot) => on.has(plot));
      }
      this.show();
      this.showFits(project);
      this.box.querySelector('input').focus();
    }

    /** Brings the plots that fit into view, unless they are. */
    showFits(project) {
      const { view } = this;
      const { map } = view;
      if (!this.fits?.length) return;
      const among = [...this.fits, ...view.plotsOf(project)];
      const bounds = L.latLngBounds(among.map((plot) => view.data.plots.shapes.bounds(plot)));
      if (!map.getBounds().contains(bounds)) {
        map.fitBounds(bounds, { ...view.clearing(), maxZoom: 17, animate: false });
      }
    }

    end() {
      const { view } = this;
      view.edits.picking = null;
      this.tooltip.remove();
      view.hover(null);
      if (this.isOn()) {
        view.tool = null;
        view.tell('tool');
      }
      view.map.getContainer().classList.remove('geoplan-choosing');
      view.filter('edit');
      this.show();
    }

    why(plot) { return this.view.edits.whyNot(this.view.edits.picking, plot); }

    point(latlng) {
      const plot = this.plotAt(latlng);
      this.look(plot);
      if (plot < 0) this.tooltip.remove();
      else this.tooltip.setLatLng(latlng).setContent(this.status.cloneNode(true)).openOn(this.view.map);
    }

    /** Says of a plot whether it can be had. */
    look(plot) {
      this.view.hover(plot < 0 ? null : plot);
      if (plot < 0) return;
      const why = this.why(plot);
      const told = why ?? this.view.edits.givesWay(this.view.edits.picking, plot) ?? t('it fits');
      this.status.className = why ? 'geoplan-no' : '';
      this.status.replaceChildren(given(t('Plot {id}', { id: this.view.plotId(plot) })), ': ', given(told));
    }

    choose(plot) {
      const { view } = this;
      const project = view.edits.picking;
      if (plot < 0) return;
      if (this.why(plot)) {
        this.look(plot);
        return;
      }
      const own = view.plotsOf(project);
      this.end();
      view.edits.put({ kind: 'pin', project, plots: own.includes(plot) ? own : [plot] });
      view.visit(plot);
    }

    show() {
      const { view } = this;
      const { edits } = view;
      this.box.hidden = !edits.on;
      this.box.classList.toggle('geoplan-idle', edits.picking === null);
      this.box.setAttribute('aria-label', t('Work on the plan'));
      if (edits.picking === null) this.box.replaceChildren(...this.idle());
      else this.box.replaceChildren(...this.choice());
    }

    idle() {
      const { view } = this;
      const { edits } = view;
      const { length } = edits.list;
      const told = length ? tn('{n} change', '{n} changes', length) : t('No changes yet');
      const save = act(t('Download'), () => edits.save());
      save.disabled = !length;
      return [
        element('strong', '', told),
        element('p', '', t('Click a plot to pin, move or withdraw its project, or to take it off the market.')),
        element('div', '', act(t('Changes'), () => geoplan.openDock(view, 'changes')), save),
      ];
    }

    choice() {
      const { view } = this;
      const { picking } = view.edits;
      const area = view.data.projects.table.field('area_ha')?.told(picking);
      const title = t('A plot for {project}', { project: view.edits.project(picking) });
      this.status = element('output');
      this.status.textContent = this.fits
        ? tn('{n} plot fits', '{n} plots fit', this.fits.length)
        : t('Too many plots to tell which fit: geoplan checks that when it plans again.');
      this.input = element('input');
      Object.assign(this.input, { type: 'search', autocomplete: 'off', placeholder: t('Id of a plot') });
      this.input.setAttribute('aria-label', t('Id of a plot'));
      this.input.addEventListener('input', () => this.list());
      this.input.addEventListener('keydown', ({ key }) => {
        if (key === 'Enter') this.choose(view.plotOf(this.input.value.trim()));
      });
      this.listed = element('ul');
      this.list();
      return [
        element('strong', '', given(area ? `${title} · ${area}` : title)), this.status,
        element('div', '', this.input, act(t('Cancel'), () => this.end())), this.listed,
      ];
    }

    /** Lists fitting plots whose ids have what is written; of any plot by its id says why not. */
    list() {
      const { view } = this;
      const sought = this.input.value.trim().toLocaleLowerCase();
      const exact = view.plotOf(this.input.value.trim());
      const found = (this.fits ?? []).filter((plot) => view.plotId(plot).toLocaleLowerCase().includes(sought));
      this.listed.replaceChildren(...found.slice(0, MOST).map((plot) => this.item(plot)));
      if (exact >= 0) this.look(exact);
    }

    item(plot) {
      const { view } = this;
      const leaves = view.edits.givesWay(view.edits.picking, plot);
      const button = geoplan.button('', '', () => this.choose(plot));
      const area = geoplan.formatArea(view.data.plots.table.at('area_ha', plot));
      const holder = view.data.plots.project[plot];
      const now = leaves ? t('{project} gives way', { project: view.projectId(holder) }) : t('free');
      button.replaceChildren(named(view.plotId(plot)), named(area), named(now));
      ['mouseenter', 'focus'].forEach((event) => button.addEventListener(event, () => view.hover(plot)));
      return element('li', '', button);
    }
  }

  geoplan.Picker = Picker;
})((window.geoplan = window.geoplan || {}));
