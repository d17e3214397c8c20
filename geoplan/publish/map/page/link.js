/* The address keeps what is shown, so that a link brings others to the same sight. */
(function (geoplan) {
  'use strict';

  const REST_MS = 300;
  const { element, t } = geoplan;

  const shown = (view) => Object.keys(view.layers).filter((part) => view.shows(part)).join('.');

  const place = ({ map }) => {
    const { lat, lng } = map.getCenter();
    return [map.getZoom().toFixed(2), lat.toFixed(6), lng.toFixed(6)].join('_');
  };

  /* What an address holds: its name, what it is now, and how it is restored from a text. Texts
     come from anyone: each is looked up among what the plan has, and otherwise ignored. */
  const FACTS = {
    lang: [geoplan.language, (view, code) => {
      if (Object.hasOwn(geoplan.languageNames, code)) view.speak(code);
    }],
    theme: [(view) => view.theme, (view, theme) => {
      if (['day', 'night'].includes(theme)) view.wear(theme);
    }],
    layers: [shown, (view, text) => {
      const parts = text.split('.');
      Object.entries(view.layers).forEach(([part, layer]) => {
        view.map[parts.includes(part) ? 'addLayer' : 'removeLayer'](layer);
      });
    }],
    by: [(view) => view.colouringKey, (view, key) => view.colourBy(key)],
    year: [(view) => String(view.year ?? 'all'), (view, year) => view.showYear(Number(year))],
    view: [place, goTo],
    plot: [(view) => (view.selected === null ? '' : view.plotId(view.selected)), choose],
  };

  function goTo(view, text) {
    const [zoom, lat, lng] = text.split('_').map(Number);
    const around = L.latLngBounds(view.data.bounds).pad(3);
    if (![zoom, lat, lng].every(Number.isFinite) || !around.contains([lat, lng])) return;
    view.map.setView([lat, lng], zoom, { animate: false });
    view.placed = true;
  }

  function choose(view, id) {
    const plot = id ? view.plotOf(id) : -1;
    if (plot < 0) {
      if (view.selected !== null) view.map.closePopup();
      return;
    }
    if (plot === view.selected) return;
    const { points } = view.data.plots;
    const latlng = geoplan.toLatLng(points.x[plot], points.y[plot]);
    if (view.placed && view.map.getBounds().contains(latlng)) {
      view.open(latlng, geoplan.passport(view, plot), plot);
    } else view.visit(plot, { focus: false });
    view.placed = true;
  }

  function state(view) {
    return Object.fromEntries(Object.entries(FACTS).map(([name, [now]]) => [name, now(view)]));
  }

  /** What is not as the page opens by itself, as the part of an address behind the sign #. */
  function hashOf(facts, usual) {
    const told = Object.entries(facts).filter(([name, value]) => value !== usual[name]);
    return told.length ? `#${new URLSearchParams(told)}` : '';
  }

  function restore(view, otherwise = {}) {
    const wanted = new URLSearchParams(window.location.hash.slice(1));
    Object.entries(FACTS).forEach(([name, [, take]]) => {
      const text = wanted.get(name) ?? otherwise[name];
      if (typeof text === 'string') take(view, text);
    });
    if (wanted.has('view')) goTo(view, wanted.get('view')); // again: a passport shifts the map
  }

  function write(view) {
    if (view.density) return; // on its way to the printer
    const hash = hashOf(state(view), view.usual);
    if (hash === window.location.hash) return;
    try {
      window.history.replaceState(null, '', hash || window.location.pathname + window.location.search);
    } catch (error) {
      // Pages within a notebook have no address of their own.
      if (error.name !== 'SecurityError') throw error;
    }
  }

  /* Writes once things rest: a drag of the map is one change. */
  function follow(view) {
    let timer = null;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => write(view), REST_MS);
    };
    view.map.on('moveend overlayadd overlayremove', soon);
    view.on('select colouring language theme year', soon);
    window.addEventListener('hashchange', () => restore(view, view.usual));
  }

  /** Shows the address to copy where the clipboard is not to be had. */
  function offer(button, address) {
    const field = element('input', 'geoplan-link');
    field.readOnly = true;
    field.value = address;
    field.setAttribute('aria-label', t('Link to this plot'));
    button.replaceWith(field);
    field.select();
  }

  geoplan.passportParts.push((view, plot) => {
    if (window.location.protocol === 'about:') return []; // within a notebook
    const button = geoplan.button('geoplan-button', t('Link to this plot'), async () => {
      const hash = hashOf({ ...state(view), plot: view.plotId(plot) }, view.usual);
      const address = window.location.href.split('#')[0] + hash;
      try {
        await navigator.clipboard.writeText(address);
        button.textContent = t('Link copied');
      } catch {
        offer(button, address); // no clipboard here, or none allowed
      }
    });
    return [element('p', '', button)];
  });

  geoplan.features.push((view) => {
    view.usual = state(view);
    view.usual.view = null;
    restore(view);
    follow(view);
    // By then the map has its first view, which fits the window and need not be told.
    if (!view.placed) setTimeout(() => { view.usual.view = place(view); });
  });
})((window.geoplan = window.geoplan || {}));
