/* Finding a plot or a project by its id or name. */
(function (geoplan) {
  'use strict';

  const HITS_SHOWN = 12;
  const { element } = geoplan;

  /** What can be found: words to look in, what is shown, and where it leads. */
  function searchables(view) {
    const { plots, projects } = view.data;
    const names = projects.id.map((_, i) => geoplan.valueOf(projects.fields, 'name', i) || '');
    const found = plots.id.map((id, plot) => ({ words: [id], title: `Plot ${id}`, plot }));
    const plotsOf = projects.id.map(() => []);
    plots.project.forEach((project, plot) => { if (project >= 0) plotsOf[project].push(plot); });
    projects.id.forEach((id, project) => {
      const title = names[project] && names[project] !== id ? `${id} · ${names[project]}` : id;
      const words = [id, names[project]];
      plotsOf[project].forEach((plot) => {
        found.push({ words, title, note: `plot ${plots.id[plot]}`, plot });
      });
      if (!plotsOf[project].length) found.push({ words, title, note: 'unplaced', project });
    });
    found.forEach((one) => { one.words = one.words.map((word) => word.toLocaleLowerCase()); });
    return found;
  }

  /** 0 the whole word, 1 its beginning, 2 somewhere within, 3 not at all. */
  function rank({ words }, sought) {
    if (words.includes(sought)) return 0;
    if (words.some((word) => word.startsWith(sought))) return 1;
    return words.some((word) => word.includes(sought)) ? 2 : 3;
  }

  function hits(all, sought) {
    if (!sought) return [];
    const ranked = [[], [], []];
    all.forEach((one) => ranked[rank(one, sought)]?.push(one));
    return ranked.flat();
  }

  function hitButton(view, hit, close) {
    const button = element('button', '', element('bdi', '', hit.title));
    if (hit.note) button.append(' ', element('span', 'geoplan-count', hit.note));
    button.type = 'button';
    button.addEventListener('click', () => {
      close();
      if (hit.plot === undefined) geoplan.showUnplaced(view, hit.project);
      else view.visit(hit.plot);
    });
    return element('li', '', button);
  }

  function fill(view, list, status, found, close) {
    list.replaceChildren(
      ...found.slice(0, HITS_SHOWN).map((hit) => hitButton(view, hit, close)),
    );
    const more = found.length - HITS_SHOWN;
    status.textContent = more > 0 ? `and ${more} more` : '';
  }

  /** Arrow keys walk through the hits, Enter takes the first, Escape leaves. */
  function onKey(event, input, list, close) {
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
    const all = searchables(view);
    const input = element('input');
    Object.assign(input, { type: 'search', placeholder: 'Plot or project', autocomplete: 'off' });
    input.setAttribute('aria-label', 'Find a plot or a project by id or name');
    const list = element('ul', 'geoplan-hits');
    const status = element('p', 'geoplan-hit-status');
    status.setAttribute('role', 'status');
    const close = () => {
      input.value = '';
      fill(view, list, status, [], close);
    };
    input.addEventListener('input', () => {
      const sought = input.value.trim().toLocaleLowerCase();
      const found = hits(all, sought);
      fill(view, list, status, found, close);
      if (sought && !found.length) status.textContent = 'Nothing by that name';
    });
    const box = element('div', 'geoplan-search', input, list, status);
    box.setAttribute('role', 'search');
    box.addEventListener('keydown', (event) => onKey(event, input, list, close));
    return box;
  };
})((window.geoplan = window.geoplan || {}));
