/* The plan in one year: which land is served by then, and which projects run. */
(function (geoplan) {
  'use strict';

  const STEP_MS = 1200;
  const PLAY = 'M7 4.5v15l12-7.5z';
  const PAUSE = 'M8 5v14M16 5v14';
  const { element, t } = geoplan;

  /* Land whose project comes later: pale, and hatched so that it is not taken for free land. */
  const WAITING = { colour: '#e6e1d6', tile: 1 };

  /** A field's numbers in an array; what says nothing counts from the first year. */
  function numbersOf(table, column) {
    const field = table.field(column);
    const numbers = new Float64Array(table.count);
    for (let row = 0; field && row < table.count; row++) numbers[row] = field.at(row) || 0;
    return numbers;
  }

  /** Years, and from when and with how much each plot and each project counts. */
  function chronicle({ plots, projects }) {
    const { table } = projects;
    const served = numbersOf(plots.table, 'available_year');
    const start = numbersOf(table, 'start_year');
    const held = new Uint8Array(table.count);
    const runs = new Float64Array(served.length);
    plots.project.forEach((project, plot) => {
      if (project < 0) return;
      held[project] = 1;
      runs[plot] = start[project];
    });
    const years = new Set(served);
    start.forEach((year, project) => { if (held[project]) years.add(year); });
    years.delete(0);
    return {
      served, start, held, runs,
      years: [...years].sort((a, b) => a - b),
      invest: numbersOf(table, 'invest_bn_kzt'),
    };
  }

  /** What is there by a year; without one, what is there in the end. */
  function tally({ served, start, held, invest }, year) {
    const sum = { plots: 0, projects: 0, running: 0, invest: 0 };
    for (let plot = 0; plot < served.length; plot++) if (served[plot] <= year) sum.plots += 1;
    for (let project = 0; project < held.length; project++) {
      if (!held[project]) continue;
      sum.projects += 1;
      if (start[project] > year) continue;
      sum.running += 1;
      sum.invest += invest[project];
    }
    return sum;
  }

  function paint(view, { runs }) {
    const { entries, codes } = view.colouring();
    if (view.year === null) view.painted = null;
    else {
      const painted = Uint8Array.from(codes);
      for (let plot = 0; plot < runs.length; plot++) {
        if (runs[plot] > view.year) painted[plot] = entries.length;
      }
      view.painted = { entries: [...entries, WAITING], codes: painted };
    }
    view.redraw('plots');
  }

  function counts(told, view) {
    const sum = tally(told, view.year ?? Infinity);
    const number = geoplan.formatNumber;
    const ofAll = (some, all) => t('{some} of {all}', { some: number(some), all: number(all) });
    const list = [
      [t('Plots served'), ofAll(sum.plots, told.served.length)],
    ];
    if (sum.projects) {
      list.push(
        [t('Projects running'), ofAll(sum.running, sum.projects)],
        [t('Investment'), `${number(sum.invest, { digits: 1 })} ${t('bn KZT')}`],
      );
    }
    return element('dl', '', ...list.map(([name, value]) => (
      element('div', '', element('dt', '', name), element('dd', '', value))
    )));
  }

  /** What the map is limited to, and the looks that come with it. */
  function notes({ served }, { year }) {
    if (year === null) return [t('All years')];
    const { pattern: hatch, plotEdge: line } = geoplan.styles;
    const samples = [[1, { fill: WAITING.colour, hatch }, t('reserved, project comes later')]];
    if (served.some((from) => from > year)) samples.push([0.3, { fill: '#9aa7b0' }, t('land not served yet')]);
    return [
      t('Land that is served and projects that run by {year}', { year }),
      element('p', 'geoplan-year-key', ...samples.map(([alpha, style, words]) => element(
        'span', '', geoplan.sample((context) => {
          context.globalAlpha = alpha;
          geoplan.drawSwatch(context, { line, width: 1, ...style });
        }), words,
      ))),
    ];
  }

  /* The slider */

  function slider(view, { years }) {
    const input = element('input');
    input.type = 'range';
    input.min = 0;
    input.max = years.length; // the last step is all years
    input.addEventListener('input', () => view.showYear(years[input.value] ?? null));
    return input;
  }

  function player(view, { years }) {
    let timer = null;
    const button = geoplan.button('', t('Play'), () => (timer ? stop() : start()), geoplan.icon(PLAY));
    const name = () => {
      button.title = timer ? t('Pause') : t('Play the years');
      button.setAttribute('aria-label', button.title);
      button.firstChild.firstChild.setAttribute('d', timer ? PAUSE : PLAY);
    };
    function stop() {
      clearInterval(timer);
      timer = null;
      name();
    }
    function step() {
      const next = years[years.indexOf(view.year) + 1] ?? null;
      view.showYear(next);
      if (next === null) stop();
    }
    function start() {
      view.showYear(years[0]);
      timer = setInterval(step, STEP_MS);
      name();
    }
    name();
    view.on('language', name);
    return button;
  }

  function control(view, told) {
    const input = slider(view, told);
    const label = element('label');
    input.id = 'geoplan-year';
    label.htmlFor = input.id;
    const facts = element('div');
    const last = element('span');
    const box = element(
      'section', 'geoplan-sheet geoplan-year', label,
      element('div', 'geoplan-year-line', player(view, told), element('span', '', String(told.years[0])), input, last), facts,
    );
    const show = () => {
      const { year } = view;
      input.value = year === null ? told.years.length : told.years.indexOf(year);
      input.setAttribute('aria-valuetext', year ?? t('all years'));
      label.replaceChildren(...view.yearNotes().slice(0, 1));
      box.setAttribute('aria-label', t('Years'));
      last.textContent = t('all');
      facts.replaceChildren(counts(told, view), ...view.yearNotes().slice(1));
    };
    show();
    view.on('year language theme', show);
    return box;
  }

  geoplan.features.push((view) => {
    const told = chronicle(view.data);
    view.year = null;
    view.yearNotes = () => notes(told, view);
    /** Limits the map to what is there by a year of the plan; `null` ends that. */
    view.showYear = (wanted) => {
      const year = told.years.includes(wanted) && !view.data.against ? wanted : null;
      if (year === view.year) return;
      view.year = year;
      view.filter('year', year === null ? null : (plot) => told.served[plot] <= year);
      paint(view, told);
      view.tell('year');
    };
    if (told.years.length < 2 || view.data.against) return; // plans are compared as they end
    view.on('colouring', () => paint(view, told));
    geoplan.addFoot(view, control(view, told));
  });
})((window.geoplan = window.geoplan || {}));
