/* Reads the data and draws the page. */
(async function (geoplan) {
  'use strict';

  const { element, t } = geoplan;
  try {
    const data = await geoplan.readPayload(document.getElementById('programme_data'));
    geoplan.speak(data.language, data.catalogues);
    geoplan.page = new geoplan.Page(data); // for the console and for tests
    document.querySelector('noscript').remove();
    geoplan.page.draw();
    const fitAll = (paper) => document.querySelectorAll('.fitted').forEach((box) => box.fit(paper));
    window.addEventListener('beforeprint', () => fitAll(true));
    window.addEventListener('afterprint', () => fitAll(false));
    document.body.dataset.ready = '';
  } catch (error) {
    const message = element('p', '', t('The page cannot be shown: {error}', { error: error.message }));
    message.setAttribute('role', 'alert');
    document.body.prepend(message);
    throw error;
  }
})((window.geoplan = window.geoplan || {}));
