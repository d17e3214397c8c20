/* Day and night. */
(function (geoplan) {
  'use strict';

  const isNight = (view) => view.theme === 'night';

  geoplan.tools.push({
    key: 'theme',
    label: geoplan.t('Night colours'),
    icon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z',
    press: (view) => view.wear(isNight(view) ? 'day' : 'night'),
    pressed: isNight,
  });

  geoplan.features.push((view) => {
    if (window.matchMedia('(prefers-color-scheme: dark)').matches) view.wear('night');
  });
})((window.geoplan = window.geoplan || {}));
