/* Two plans on one map: the earlier left of a line that the reader moves, the later right of it. */
(function (geoplan) {
  'use strict';

  const STEPS = { ArrowLeft: -0.02, ArrowRight: 0.02, ArrowDown: -0.02, ArrowUp: 0.02, PageDown: -0.1, PageUp: 0.1 };
  const CLEAR_PX = 90; // what is visited lies at least so far on its side of the line
  const { element, given, t } = geoplan;
  const BEFORE = t('Before');

  /** The earlier plan as a view of its own, with the map and all choices of the later one's. */
  function earlierOf(view) {
    const { against } = view.data;
    const told = geoplan.readPlan(against);
    const earlier = Object.create(view);
    const colourings = view.data.colourings.map((one, i) => ({ ...one, codes: against.codes[i] }));
    const layers = { ...view.data.layers, ...told.layers };
    return Object.assign(earlier, {
      data: { ...view.data, ...told, layers, colourings },
      when: BEFORE,
      hovered: null, selected: null, shown: null, painted: null,
      plotRows: null, projectRows: null, held: null,
      tell() {}, // tables and address are about the later plan
    });
  }

  /* The line */

  class Swipe {
    constructor(view, earlier) {
      Object.assign(this, { view, earlier, map: view.map, sides: new Map() });
      this.handle = this.build();
      const pane = this.map.createPane('geoplan-swipe'); // over the plots, under passports
      pane.style.zIndex = 640;
      pane.append(this.handle);
      this.map.on('move resize', () => this.clip());
      view.on('laid', (layer) => this.clipOne(layer));
      view.on('language', () => this.name());
      this.name();
    }

    build() {
      const grip = element('span', 'geoplan-grip', '⇔');
      grip.setAttribute('aria-hidden', 'true');
      const box = element('div', 'geoplan-swipe', element('span'), element('span'), grip);
      Object.entries({ role: 'slider', tabindex: 0, 'aria-orientation': 'horizontal', 'aria-valuemin': 0, 'aria-valuemax': 100 })
        .forEach(([name, value]) => box.setAttribute(name, value));
      L.DomEvent.disableClickPropagation(box);
      box.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        box.focus();
        box.setPointerCapture(event.pointerId);
      });
      box.addEventListener('pointermove', (event) => {
        if (!box.hasPointerCapture(event.pointerId)) return;
        const { left } = this.map.getContainer().getBoundingClientRect();
        this.moveTo((event.clientX - left) / this.map.getSize().x);
      });
      box.addEventListener('keydown', (event) => this.onKey(event));
      return box;
    }

    onKey(event) {
      const share = { Home: 0, End: 1 }[event.key] ?? this.share + STEPS[event.key];
      if (Number.isNaN(share)) return;
      event.preventDefault();
      event.stopPropagation(); // else the map would move
      this.moveTo(share);
    }

    name() {
      const { data } = this.view;
      const names = [data.against.title, data.title];
      const [before, after] = this.handle.children;
      [[before, t('Before')], [after, t('After')]].forEach(([box, when], i) => {
        box.replaceChildren(element('strong', '', when));
        if (names[0] !== names[1]) box.append(' ', given(names[i]));
      });
      this.handle.setAttribute('aria-label', t('Line between the plans'));
      this.tellShare();
    }

    tellShare() {
      const percent = Math.round(100 * this.share);
      this.handle.setAttribute('aria-valuenow', percent);
      this.handle.setAttribute('aria-valuetext', t('{percent} % of the map shows the plan before', { percent }));
    }

    get x() { return Math.round(this.share * this.map.getSize().x); }

    get paneAt() { return L.DomUtil.getPosition(this.map.getPane('mapPane')); }

    moveTo(share) {
      this.share = Math.max(0, Math.min(1, share));
      this.clip();
      this.tellShare();
    }

    clip() {
      const { x, y } = this.paneAt; // the map moves below the line
      L.DomUtil.setPosition(this.handle, L.point(this.x - x, -y));
      this.handle.style.height = `${this.map.getSize().y}px`;
      this.sides.forEach((_, layer) => this.clipOne(layer));
    }

    /** Cuts a canvas off at the line: no plot is drawn again. */
    clipOne(layer) {
      if (!this.sides.has(layer) || !layer._map) return;
      const { corner, stretch } = layer.laid;
      const x = (this.x - this.paneAt.x - corner.x) / stretch;
      layer.canvas.style.clipPath = this.sides.get(layer) === this.earlier
        ? `inset(0 calc(100% - ${x}px) 0 0)` : `inset(0 0 0 ${x}px)`;
    }

    /** Moves the line so that a plot lies on its plan's side. */
    uncover(seen, plot) {
      const { points } = seen.data.plots;
      const { x } = this.map.latLngToContainerPoint(geoplan.toLatLng(points.x[plot], points.y[plot]));
      const width = this.map.getSize().x;
      if (seen === this.earlier) this.moveTo(Math.max(this.x, x + CLEAR_PX) / width);
      else this.moveTo(Math.min(this.x, x - CLEAR_PX) / width);
    }
  }

  /** Lays a canvas of the earlier plan beside one of the later's; they come and go together. */
  function twin(swipe, part, layer) {
    const { earlier, map } = swipe;
    const other = new geoplan.CanvasLayer(earlier, part, layer.draw);
    const { redraw } = layer;
    layer.redraw = () => {
      redraw.call(layer);
      other.redraw();
    };
    other.on('add', () => {
      delete other.canvas.dataset.part; // on paper is the later plan alone
      other.canvas.classList.add('geoplan-earlier');
    });
    [layer, other].forEach((one) => swipe.sides.set(one, one.view));
    layer.on('add', () => other.addTo(map)).on('remove', () => other.remove());
    if (map.hasLayer(layer)) other.addTo(map);
    return other;
  }

  /** Shares what is pointed at and gone to between the views. */
  function join(view, earlier, swipe) {
    const { hover, visit } = geoplan.View.prototype;
    view.at = (latlng) => (view.map.latLngToContainerPoint(latlng).x < swipe.x ? earlier : view);
    [[view, earlier], [earlier, view]].forEach(([one, other]) => {
      one.hover = (plot) => {
        hover.call(other, null);
        hover.call(one, plot);
      };
      one.visit = (plot, how) => {
        visit.call(one, plot, how);
        swipe.uncover(one, plot);
      };
    });
  }

  const isCompared = (view) => Boolean(view.data.against);

  geoplan.features.push((view) => {
    if (!isCompared(view)) return;
    const earlier = earlierOf(view);
    view.earlier = earlier;
    const swipe = new Swipe(view, earlier);
    view.swipe = swipe;
    const told = (layer) => view.tell('laid', layer);
    earlier.tell = (name, layer) => { if (name === 'laid') told(layer); };
    ['land', 'streets', 'plots', 'labels'].forEach((part) => twin(swipe, part, view.layers[part]));
    earlier.highlight = twin(swipe, 'highlight', view.highlight);
    join(view, earlier, swipe);
    view.on('filter', () => {
      const { codes } = earlier.colouring();
      const chosen = view.filters.has('legend') && view.pressed;
      earlier.shown = chosen ? Uint8Array.from(codes, (code) => Number(chosen.has(code))) : null;
    });
    view.map.whenReady(() => {
      const { paddingTopLeft, paddingBottomRight } = view.clearing();
      const width = view.map.getSize().x;
      swipe.moveTo((geoplan.narrow() ? width : paddingTopLeft[0] + width - paddingBottomRight[0]) / 2 / width);
    });
  });

  /* What was before, in passports */

  function projectBefore(view, project) {
    const { earlier } = view;
    const known = earlier.projectOf(view.projectId(project));
    if (known < 0) return t('not in the portfolio');
    return earlier.plotsOf(known).map((plot) => earlier.plotId(plot)).join(', ') || t('without a plot');
  }

  function holder(earlier, plot) {
    const project = earlier.data.plots.project[plot];
    return project < 0 ? t('free') : geoplan.projectName(earlier, project);
  }

  geoplan.passportParts.push((view, plot) => {
    const { earlier } = view;
    if (!earlier) return [];
    const { points, project } = view.data.plots;
    const was = earlier.data.plots.shapes.hit(points.x[plot], points.y[plot], 0);
    const lines = [[t('Here'), was < 0 ? t('no plot') : `${t('Plot {id}', { id: earlier.plotId(was) })}, ${
      earlier.data.plots.table.field('area_ha').told(was)}, ${holder(earlier, was)}`]];
    if (project[plot] >= 0) lines.push([t('Project'), projectBefore(view, project[plot])]);
    const list = element('dl', 'geoplan-fields', ...lines.flatMap(([name, value]) => (
      [element('dt', '', name), element('dd', '', given(value))]
    )));
    return [element('h3', '', t('Before')), list];
  });

  /* What differs */

  function visitEither(view, plots, plotsBefore, { focus }) {
    if (geoplan.narrow()) geoplan.closeDock(view);
    const [seen, among] = plots.length ? [view, plots] : [view.earlier, plotsBefore];
    if (among.length) seen.visit(among[0], { focus: focus || geoplan.narrow(), among });
    else view.map.closePopup();
  }

  function rowsOf(view, row, key, column, find) {
    const { fields } = view.moved[key];
    const id = fields.find((field) => field.column === column).at(row);
    return [view, view.earlier].map((seen) => find(seen, String(id)));
  }

  const plotsOfProject = (seen, id) => {
    const project = seen.projectOf(id);
    return project < 0 ? [] : seen.plotsOf(project);
  };
  const plotOfId = (seen, id) => [seen.plotOf(id)].filter((plot) => plot >= 0);

  const KINDS = [
    ['moves', t('Changed projects'), 'project_id', plotsOfProject],
    ['recut', t('Changed plots'), 'plot_id', plotOfId],
  ].map(([key, title, column, find]) => ({
    key,
    title,
    make(view) {
      const { fields, count } = view.data.ledgers[key];
      view.moved ||= {};
      view.moved[key] = new geoplan.Table(fields, count);
      return {
        fields: view.moved[key].fields,
        count,
        visit: (_, row, how) => visitEither(view, ...rowsOf(view, row, key, column, find), how),
        plotsOf: (_, row) => rowsOf(view, row, key, column, find)[0],
      };
    },
  }));

  KINDS.forEach(geoplan.addLedger);

  function sums(view) {
    const table = element('table', 'geoplan-sums');
    const head = ['', t('Before'), t('After')].map((text) => {
      const cell = element(text ? 'th' : 'td', '', text);
      if (text) cell.scope = 'col';
      return cell;
    });
    table.append(element('thead', '', element('tr', '', ...head)));
    table.append(element('tbody', '', ...view.data.against.sums.map(({ label, unit, digits, before, after }) => {
      const name = element('th', '', unit ? `${t(label)}, ${t(unit)}` : t(label));
      name.scope = 'row';
      const numbers = [before, after].map((number) => element('td', '', geoplan.formatNumber(number, { digits })));
      if (before !== after) numbers[1].className = 'geoplan-differs';
      return element('tr', '', name, ...numbers);
    })));
    return table;
  }

  /** How many rows of a table have changed in which way; each opens the table at these. */
  function changes(view, kind) {
    const { fields } = view.data.ledgers[kind.key];
    const { texts, codes } = fields.find(({ column }) => column === 'change');
    const count = new Uint32Array(texts.length);
    codes.forEach((code) => { count[code] += 1; });
    const list = element('ul', '', ...texts.map((text, code) => {
      const button = geoplan.button(
        '', t('Show in the table'), () => geoplan.openLedger(view, kind, 'change', code),
        element('span', '', t(text)), element('span', 'geoplan-count', geoplan.formatNumber(count[code])),
      );
      button.removeAttribute('aria-label'); // its own text says more
      return element('li', '', button);
    }));
    return [element('h2', '', t(kind.title)), list];
  }

  geoplan.sections.unshift({
    key: 'differs',
    title: () => t('What differs'),
    available: isCompared,
    fill(view, box) {
      box.append(sums(view));
      const told = KINDS.filter(({ key }) => view.data.ledgers[key].count > 0);
      told.forEach((kind) => box.append(...changes(view, kind)));
      if (!told.length) box.append(element('p', '', t('No project and no plot differs.')));
    },
  });
})((window.geoplan = window.geoplan || {}));
