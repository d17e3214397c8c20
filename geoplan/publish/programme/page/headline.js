/* The programme in a minute: one sentence and the figures that matter. */
(function (geoplan) {
  'use strict';

  const { element, t, tn } = geoplan;
  const number = (value) => geoplan.formatNumber(value);

  function tile(label, value, ...details) {
    return element(
      'li', '', element('span', 'label', label), element('span', 'value', value),
      ...details.filter(Boolean).map((detail) => element('span', 'detail', detail)),
    );
  }

  /** An amount with its unit written smaller, so that it stays on one line. */
  function amount(page, bn) {
    const [figure, unit] = page.counted(bn);
    return element('span', '', figure, '\u00a0', element('span', 'of', unit));
  }

  const share = (part, whole) => (whole > 0 ? geoplan.percentOf(part / whole) : '–');

  function provenTile(page) {
    const { proof } = page.data;
    if (!proof) return [];
    const amount = (value) => (proof.invested
      ? page.money(value) : `${geoplan.formatNumber(value, { digits: 1 })} ${t(proof.unit)}`);
    const gap = geoplan.percentOf(Math.ceil(1e4 * proof.gap - 1e-9) / 1e4, 2); // never told too small
    return [tile(
      t('Proven: from the best possible at most'), gap,
      t('No plan of these parks can be worth more than {bound}.', { bound: amount(proof.bound) }),
    )];
  }

  function targetTile(page) {
    const { target } = page.data;
    if (!target) return [];
    return [tile(
      t('Target by {year}', { year: target.last }), share(target.planned, target.target),
      t('{planned} of {target}', { planned: page.money(target.planned), target: page.money(target.target) }),
      target.missing > 0
        ? t('{missing} missing', { missing: page.money(target.missing) }) : t('The target is met.'),
      target.missing > 0 ? page.otherwise(target.missing) : '',
    )];
  }

  function sentence(page) {
    const { headline, target } = page.data;
    const parks = tn('{n} park', '{n} parks', headline.parks);
    const jobs = tn('{n} job', '{n} jobs', headline.jobs);
    const stands = t(
      '{placed} of {projects} projects have land in {parks}: {invested} of the {asked} asked for, and {jobs}.', {
        placed: number(headline.placed),
        projects: number(headline.projects),
        parks,
        invested: page.money(headline.placed_bn),
        asked: page.money(headline.asked_bn),
        jobs,
      },
    );
    if (!target) return element('p', 'lead', stands);
    const values = { year: target.last, planned: page.money(target.planned), target: page.money(target.target) };
    const aims = target.missing > 0
      ? t('By {year}: {planned} of {target}; {missing} missing.', { ...values, missing: page.money(target.missing) })
      : t('By {year}: {planned} of {target}; the target is met.', values);
    return element('p', 'lead', `${stands} `, element('strong', '', aims));
  }

  function tiles(page) {
    const { headline } = page.data;
    return element(
      'ul', 'tiles',
      tile(
        t('Investment placed'), amount(page, headline.placed_bn),
        t('of {whole} asked for', { whole: page.money(headline.asked_bn) }), page.otherwise(headline.placed_bn),
      ),
      ...targetTile(page),
      tile(
        t('Projects placed'), number(headline.placed),
        t('of {whole}', { whole: number(headline.projects) }), share(headline.placed, headline.projects),
      ),
      tile(t('Jobs'), number(headline.jobs), t('of {whole} asked for', { whole: number(headline.jobs_asked) })),
      tile(t('Parks'), number(headline.parks), tn('in {n} region', 'in {n} regions', headline.regions)),
      ...provenTile(page),
    );
  }

  geoplan.sections.push({
    key: 'summary',
    title: () => t('In short'),
    build: (page) => [sentence(page), tiles(page)],
  });
})((window.geoplan = window.geoplan || {}));
