/* Passports and captions, built as text nodes only: nothing a plan says becomes markup. */
(function (geoplan) {
  'use strict';

  const THIN_SPACE = '\u2009';

  /** An element with a class and children; strings become text. */
  geoplan.element = function (tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };

  const { element } = geoplan;

  geoplan.formatNumber = function (value, { digits = 0, atLeast = 0, grouped = true } = {}) {
    const text = value.toLocaleString('en', {
      minimumFractionDigits: atLeast, maximumFractionDigits: digits, useGrouping: grouped,
    });
    return text.replaceAll(',', THIN_SPACE);
  };

  geoplan.fieldValue = function (field, row) {
    return field.codes[row] < 0 ? null : field.values[field.codes[row]];
  };

  function shownValue(field, row) {
    const value = geoplan.fieldValue(field, row);
    if (typeof value !== 'number') return value;
    return `${geoplan.formatNumber(value, field)}${field.unit ? ` ${field.unit}` : ''}`;
  }

  function rows(fields, row, without) {
    const list = element('dl', 'geoplan-fields');
    fields.filter((field) => !without.includes(field.column)).forEach((field) => {
      const value = shownValue(field, row);
      if (value === null) return;
      list.append(element('dt', '', field.label), element('dd', '', element('bdi', '', value)));
    });
    return list;
  }

  /** The value of a named column, or null where the layer has no such column. */
  geoplan.valueOf = function (fields, column, row) {
    const field = fields.find((candidate) => candidate.column === column);
    return field ? geoplan.fieldValue(field, row) : null;
  };

  function siblings(view, plot) {
    const { project, id } = view.data.plots;
    return id.filter((_, i) => i !== plot && project[i] === project[plot]);
  }

  /** All that is known of a plot and of the project on it. */
  geoplan.passport = function (view, plot) {
    const { plots, projects } = view.data;
    const project = plots.project[plot];
    const box = element('section', 'geoplan-passport');
    box.setAttribute('aria-label', `Passport of plot ${plots.id[plot]}`);
    box.append(element('h2', '', 'Plot ', element('bdi', '', plots.id[plot])));
    const without = project < 0 ? ['plot_id'] : ['plot_id', 'project_id'];
    box.append(rows(plots.fields, plot, without));
    if (project >= 0) {
      const name = geoplan.valueOf(projects.fields, 'name', project) || projects.id[project];
      box.append(element('h3', '', element('bdi', '', name)));
      box.append(rows(projects.fields, project, ['name']));
      const others = siblings(view, plot);
      if (others.length) box.append(element('p', '', `With plots ${others.join(', ')}`));
    }
    return box;
  };

  /** Lines of a caption; the first one is the heading. */
  geoplan.caption = function (text) {
    const [heading, ...lines] = text.split('\n');
    const box = element('section', 'geoplan-caption', element('strong', '', element('bdi', '', heading)));
    lines.forEach((line) => box.append(element('p', '', element('bdi', '', line))));
    return box;
  };

  geoplan.plotCaption = function (view, plot) {
    const { plots, projects } = view.data;
    const project = plots.project[plot];
    const area = geoplan.valueOf(plots.fields, 'area_ha', plot);
    const lines = [`Plot ${plots.id[plot]}`];
    if (project >= 0) {
      lines.push(geoplan.valueOf(projects.fields, 'name', project) || projects.id[project]);
    }
    if (area !== null) lines.push(`${geoplan.formatNumber(area, { digits: 2 })} ha`);
    return geoplan.caption(lines.join('\n'));
  };
})((window.geoplan = window.geoplan || {}));
