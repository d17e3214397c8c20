/* What passports and the list of those without a plot offer while the plan is worked on. */
(function (geoplan) {
  'use strict';

  const { element, given, t } = geoplan;
  const { WITHDRAWN } = geoplan.STAYS;

  geoplan.named = (text) => element('span', '', given(text));

  geoplan.act = (label, press) => geoplan.button('geoplan-button', label, press);

  const { act } = geoplan;

  function undoing(edits, change) {
    return [element('p', '', given(edits.say(change))), act(t('Undo'), () => edits.undo(change))];
  }

  /** What may be done with a project: notes and buttons. */
  function projectActs(view, project) {
    const { edits } = view;
    const change = edits.ofProject(project);
    if (change) return undoing(edits, change);
    const put = (kind, more) => () => edits.put({ kind, project, ...more });
    if (edits.gone.has(project)) {
      return [element('p', '', t('It is withdrawn by an earlier change.')), act(t('Take that back'), put('reinstate'))];
    }
    const plots = view.plotsOf(project);
    const why = edits.whyStays(project);
    const parts = why ? [element('p', '', why)] : [];
    if (!why) {
      if (edits.pinned.has(project)) {
        parts.push(element('p', '', t('It is pinned by an earlier change.')), act(t('Unpin'), put('unpin')));
      } else if (plots.length) parts.push(act(t('Pin to this plot'), put('pin', { plots })));
      const label = plots.length ? t('Move to another plot') : t('Give it a plot');
      parts.push(act(label, () => view.picker.begin(project)));
    }
    if (view.data.edit.fixed[project] !== WITHDRAWN) parts.push(act(t('It withdraws'), put('withdraw')));
    return parts;
  }

  function plotActs(view, plot) {
    const { edits } = view;
    const to = edits.givenBy(plot);
    const holder = view.data.plots.project[plot];
    if (to && to.project !== holder) return undoing(edits, to);
    if (holder >= 0) return projectActs(view, holder);
    const change = edits.ofPlot(plot);
    if (change) return undoing(edits, change);
    if (edits.off.has(plot)) {
      const back = () => edits.put({ kind: 'on_market', plot });
      return [element('p', '', t('It is off the market by an earlier change.')), act(t('Put back on the market'), back)];
    }
    return [act(t('Take off the market'), () => edits.put({ kind: 'off_market', plot }))];
  }

  /** Notes come first, and the buttons in one line under them. */
  function laid(parts) {
    const isButton = (part) => part.tagName === 'BUTTON';
    const box = element('div', 'geoplan-acts', ...parts.filter(isButton));
    return [...parts.filter((part) => !isButton(part)), box];
  }

  geoplan.passportParts.push((view, plot) => (
    view.edits?.on ? [element('div', 'geoplan-work', ...laid(plotActs(view, plot)))] : []
  ));

  geoplan.projectParts.push((view, project) => (
    view.edits?.on ? laid(projectActs(view, project)) : []
  ));
})((window.geoplan = window.geoplan || {}));
