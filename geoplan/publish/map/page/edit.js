/* Working on the plan: changes are collected here, and made when geoplan plans again with them. */
(function (geoplan) {
  'use strict';

  const { act, element, given, named, t, UNDONE } = geoplan;

  /* On the map */

  const FITS = { day: '#147a43', night: '#7be0a8' };
  const FITS_DRAWN = 3000;
  const SIGNS = { pin: '●', unpin: '○', withdraw: '×', reinstate: '+', off_market: '–', on_market: '+' };

  function mark(context, frame, view, { kind, project, plot, plots }, width) {
    const { points, shapes } = view.data.plots;
    const { line } = geoplan.styles.selected;
    const from = project === undefined ? [plot] : view.plotsOf(project);
    const at = (each) => [points.x[each] * frame.scale - frame.x0, points.y[each] * frame.scale - frame.y0];
    const to = plots ?? from;
    to.forEach((each) => {
      geoplan.outline(context, frame, shapes, each, { line, width, dash: plots ? null : [5, 4] });
      geoplan.drawSign(context, ...at(each), { line, point: 'letter', letter: SIGNS[kind] });
    });
    if (!from.length || !to.length || from.includes(to[0])) return;
    context.beginPath();
    context.moveTo(...at(from[0]));
    context.lineTo(...at(to[0]));
    Object.assign(context, { strokeStyle: line, lineWidth: width });
    context.setLineDash([6, 4]);
    context.stroke();
    context.setLineDash([]);
  }

  function drawEdits(context, frame, view) {
    const { edits } = view;
    if (!edits.on) return;
    if (edits.picking !== null) {
      view.picker.fits?.slice(0, FITS_DRAWN).forEach((plot) => geoplan.outline(
        context, frame, view.data.plots.shapes, plot, { line: FITS[view.theme], width: 2.5 },
      ));
    }
    edits.pinned.forEach((plots, project) => mark(context, frame, view, { kind: 'pin', project, plots }, 1));
    edits.off.forEach((plot) => mark(context, frame, view, { kind: 'off_market', plot }, 1));
    edits.list.forEach((change) => mark(context, frame, view, change, 2.5));
  }

  /* The tab of the dock */

  function changeItem(view, change) {
    const undo = act(t('Undo'), () => view.edits.undo(change));
    undo.setAttribute('aria-label', `${t('Undo')}: ${view.edits.say(change)}`);
    return element('li', '', named(view.edits.say(change)), undo);
  }

  /** What earlier changes decided and no new one takes back. */
  function standing({ edits }) {
    const found = [
      ...[...edits.pinned].map(([project, plots]) => ({ kind: 'pin', project, plots })),
      ...[...edits.gone].map((project) => ({ kind: 'withdraw', project })),
      ...[...edits.off].map((plot) => ({ kind: 'off_market', plot })),
    ];
    return found.filter(({ project, plot }) => (
      !(project === undefined ? edits.ofPlot(plot) : edits.ofProject(project))
    ));
  }

  function standingItem({ edits }, change) {
    const { plots, ...rest } = change;
    const words = change.kind === 'pin'
      ? t('{project} is pinned to plot {plot}.', { project: edits.project(change.project), plot: edits.ids(plots) })
      : edits.say(change);
    const back = act(t('Take that back'), () => edits.put({ ...rest, kind: UNDONE[change.kind] }));
    back.setAttribute('aria-label', `${t('Take that back')}: ${words}`);
    return element('li', '', named(words), back);
  }

  function fileChoice(view, problems) {
    const input = element('input');
    Object.assign(input, { type: 'file', accept: '.json,application/json', id: 'geoplan-changes-file' });
    input.addEventListener('change', async () => {
      const refused = view.edits.load(await input.files[0].text());
      view.edits.refused = refused;
      view.tell('edit');
    });
    const label = element('label', 'geoplan-button', t('Load a file of changes'));
    label.htmlFor = input.id;
    problems.append(...(view.edits.refused ?? []).map((text) => element('p', '', given(text))));
    view.edits.refused = null;
    return [input, label];
  }

  function fillTab(view, box) {
    const { edits } = view;
    const { length } = edits.list;
    const save = act(t('Download changes.json'), () => edits.save());
    save.disabled = !length;
    const problems = element('div');
    problems.setAttribute('role', 'alert');
    const before = standing(view);
    const inner = element('div', 'geoplan-changes', element(
      'div', 'geoplan-acts', save, ...fileChoice(view, problems),
    ), problems);
    inner.append(length
      ? element('ul', '', ...edits.list.map((change) => changeItem(view, change)))
      : element('p', '', t('No changes yet. Switch on “Work on the plan” and click plots on the map.')));
    if (length) {
      inner.append(element('p', '', t('To make them:'), ' ', element(
        'code', '', 'geoplan allocate --from FOLDER --changes changes.json',
      )));
    }
    if (before.length) {
      inner.append(element('p', '', element('strong', '', t('Decided by earlier changes'))));
      inner.append(element('ul', '', ...before.map((change) => standingItem(view, change))));
    }
    box.append(inner);
  }

  const isThere = ({ data }) => Boolean(data.edit?.digest);

  geoplan.tabs.push({ key: 'changes', title: t('Changes'), available: isThere, fill: fillTab });

  geoplan.tools.push({
    key: 'edit',
    label: t('Work on the plan'),
    icon: 'M4 20l1-4L16.5 4.5l3 3L8 19zM14.5 6.5l3 3M13 20h7',
    available: isThere,
    pressed: (view) => Boolean(view.edits?.on),
    press: (view) => view.picker.turn(),
  });

  /** Shows again what says something of changes: passport, tab and the marks on the map. */
  function refresh(view, layer) {
    layer.redraw();
    const held = document.activeElement;
    const box = view.map._popup?.getElement();
    const inPopup = box?.contains(held);
    const inDock = view.dock.contains(held);
    if (view.selected !== null) view.map._popup?.setContent(geoplan.passport(view, view.selected));
    if (!view.dock.hidden && view.dock.dataset.tab === 'changes') geoplan.openDock(view);
    // The button that was pressed is gone: keys go on from where it was.
    if (inPopup) box.focus({ preventScroll: true });
    else if (inDock) view.dock.querySelector('.geoplan-changes :is(button:enabled, input)')?.focus();
  }

  geoplan.features.push((view) => {
    if (!isThere(view)) return;
    view.edits = new geoplan.Edits(view);
    view.picker = new geoplan.Picker(view);
    const layer = new geoplan.CanvasLayer(view, 'edits', drawEdits);
    layer.addTo(view.map);
    view.on('edit', () => refresh(view, layer));
    view.on('theme tool', () => layer.redraw());
    window.addEventListener('beforeunload', (event) => {
      if (!view.edits.saved) event.preventDefault();
    });
  });
})((window.geoplan = window.geoplan || {}));
