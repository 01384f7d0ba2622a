// Which hyperparameters matter, and what each change on the way from the default to the best is worth.
'use strict';

function importance() {
  const m = report.importance;
  const title = 'What matters';
  const sub = 'share of the variance over the whole space';
  if (m.missing) return section('Importance', title, sub, null, el('p', { class: 'note' }, m.missing));
  const bars = effects();
  const node = chart('Share of the variance explained by hyperparameters', '', importanceOption);
  node.style.height = `${bars.length * 25 + 44}px`;
  return section('Importance', title, sub, null,
    el('div', { class: 'legend' }, el('span', {}, el('i', { style: 'color: var(--search)' }), 'alone'),
      bars.some((b) => b.names.length > 1) && el('span', {}, el('i', { style: 'color: var(--base)' }), 'two together, beyond each alone')),
    node, el('p', { class: 'note' }, `fANOVA of a random forest; the worst 5 % of the trials count alike. Not shown: ${percent(m.rest)}.`));
}

// effects are the bars: the largest singles and pairs, those without weight left out.
function effects() {
  const worth = (e) => e.share >= 0.005;
  const all = [...(report.importance.singles || []).slice(0, 9), ...(report.importance.pairs || []).slice(0, 5)];
  return all.filter((e, i) => worth(e) || i < 3).sort((a, b) => b.share - a.share);
}

function importanceOption() {
  const bars = effects();
  const name = (e) => cut(e.names.join(' × '), 34);
  return {
    grid: { left: 14 + Math.ceil(Math.max(...bars.map((e) => textWidth(name(e), 12)))), right: 56, top: 6, bottom: 30 },
    tooltip: tooltip((p) => el('div', { class: 'tip' }, el('strong', {}, p.data.effect.names.join(' × ')), el('div', {}, `${percent(p.data.effect.share)} ± ${percent(p.data.effect.sd)}`))),
    xAxis: axis({ type: 'value', min: 0, axisLabel: { formatter: (x) => `${Math.round(100 * x)} %` }, splitNumber: 4 }),
    yAxis: axis({ type: 'category', inverse: true, data: bars.map(name), axisLine: { show: false }, splitLine: { show: false },
      axisLabel: { color: colour('ink'), interval: 0, hideOverlap: false } }),
    series: [{
      type: 'bar', barWidth: 13, cursor: 'default',
      data: bars.map((e) => ({ value: e.share, effect: e, itemStyle: { color: colour(e.names.length > 1 ? 'base' : 'search'), borderRadius: [0, 4, 4, 0] } })),
      label: { show: true, position: 'right', color: colour('soft'), formatter: (p) => percent(p.data.effect.share) },
    }],
  };
}

// ablation is a table whose bars lead from value to value.
function ablation() {
  const title = 'From the default to the best';
  const sub = 'predicted, one change at a time';
  const steps = report.ablation.steps;
  if (!steps && report.ablation.missing === report.importance.missing) return null; // said once
  if (!steps) return section(null, title, sub, null, el('p', { class: 'note' }, report.ablation.missing));
  const values = steps.map((s) => s.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const at = (x) => (high > low ? (100 * (x - low)) / (high - low) : 0);
  const rows = steps.map((s, i) => {
    const from = i > 0 ? values[i - 1] : s.value;
    const [a, b] = [Math.min(at(from), at(s.value)), Math.max(at(from), at(s.value))];
    const width = Math.max(b - a, 1.5);
    return el('tr', {}, el('td', {}, i === 0 ? 'Default' : changed(s.changes)),
      el('td', { class: 'right' }, metric(s.value)),
      el('td', {}, el('div', { class: 'span', title: spread(s.sd) },
        el('i', { style: `left: ${Math.min(a, 100 - width)}%; width: ${width}%; background: var(--${i === 0 ? 'base' : s.gain >= 0 ? 'good' : 'bad'})` }))));
  });
  return section(null, title, sub, null, el('div', { class: 'scroll' }, el('table', {},
    el('thead', {}, el('tr', {}, el('th', {}, 'Change'), el('th', { class: 'right' }, metricName), el('th', {}, ''))), el('tbody', {}, rows))),
  el('p', { class: 'note' }, 'Each step is the change, of those left, that helps most. Green improves, red is worse.'));
}

// changed says what a step changed: first the hyperparameter, then what became active or inactive with it.
function changed([first, ...rest]) {
  const some = (list) => (list.length > 4 ? `${list.slice(0, 3).join(', ')} and ${list.length - 3} more` : list.join(', '));
  const added = rest.filter((c) => c.to).map((c) => `${c.name} ${c.to}`);
  const gone = rest.filter((c) => !c.to).map((c) => c.name);
  return [
    el('div', {}, first.name, ' ', el('span', { class: 'faint' }, `${first.from || 'not used'} → `), el('strong', {}, first.to || 'not used')),
    added.length > 0 && el('div', { class: 'faint' }, 'with ' + some(added)),
    gone.length > 0 && el('div', { class: 'faint' }, 'without ' + some(gone)),
  ];
}
