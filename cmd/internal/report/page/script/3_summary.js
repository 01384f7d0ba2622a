// What it came to: the line below the name, the numbers, the best configuration.
'use strict';

function lead() {
  const s = report.study;
  const file = s.data && s.data.split(/[\\/]/).pop();
  return el('p', { class: 'lead' }, [
    file && el('span', {}, el('code', {}, file)),
    s.rows && el('span', {}, `${s.rows.toLocaleString('en')} rows × ${s.columns.toLocaleString('en')} columns`),
    s.task && el('span', {}, s.target ? [s.task, ' of ', el('code', {}, s.target)] : s.task),
    el('span', {}, 'optimizer ', el('code', {}, s.optimizer)),
    el('span', {}, moment(s.made)),
    s.counts.pending && el('span', {}, `${plural(s.counts.pending, 'trial')} still pending`),
  ].map((part) => part || null));
}

function tile(name, number, about, main) {
  return el('div', { class: main ? 'tile main' : 'tile' },
    el('div', { class: 'name' }, name), el('div', { class: 'number' }, number), el('div', { class: 'about' }, about));
}

function tiles() {
  const s = report.study;
  const row = el('div', { class: 'tiles' });
  const direction = s.maximize ? 'higher is better' : 'lower is better';
  if (best) {
    row.append(tile(`Best ${metricName}`, [metric(best.value), el('span', { class: 'unit' }, spread(best.sd))],
      [`trial ${best.trial}`, best.folds && `over ${plural(best.folds, 'fold')}`, direction].filter(Boolean).join(', '), true));
  } else {
    row.append(tile(`Best ${metricName}`, '–', 'no trial is complete yet', true));
  }
  if (best && best.test !== undefined) {
    row.append(tile('Untouched test split', [metric(best.test), el('span', { class: 'unit' }, spread(best.test_sd))], 'models of all folds'));
  }
  if (initial && best) {
    const gain = best.value - initial.value;
    row.append(tile('Against the default', signed(gain), gain === 0 ? 'the default is the best' : `default ${metric(initial.value)}`));
  }
  const failed = report.failures.reduce((n, f) => n + f.count, 0);
  row.append(tile('Trials', report.trials.length.toLocaleString('en'),
    [s.counts.pruned && `${s.counts.pruned} stopped early`, failed ? `${failed} failed` : 'none failed'].filter(Boolean).join(', ')));
  row.append(tile('Time', seconds(s.seconds), s.paused ? `and ${seconds(s.paused)} paused` : perTrial()));
  return row;
}

function perTrial() {
  const times = report.trials.map((t) => t.seconds).filter((t) => t !== undefined).sort((a, b) => a - b);
  return times.length ? `median trial ${seconds(times[times.length >> 1])}` : '';
}

// bestConfiguration compares the incumbent with the default, hyperparameter by hyperparameter.
function bestConfiguration() {
  const defaults = new Map(initial ? initial.config : []);
  const rows = best.config.map(([i, v]) => {
    const before = defaults.get(i);
    const same = initial && before !== undefined && word(before) === word(v);
    return el('tr', { class: same ? null : 'changed' }, el('td', {}, report.parameters[i].name), el('td', { class: 'end' }, word(v)),
      initial && el('td', { class: 'end faint' }, before === undefined ? 'not used' : word(before)));
  });
  const json = JSON.stringify(Object.fromEntries(best.config.map(([i, v]) => [report.parameters[i].name, v])), null, 2);
  return section('Best', 'Best configuration', `trial ${best.trial}`, copyButton('Copy JSON', json),
    el('div', { class: 'scroll' }, el('table', {},
      el('thead', {}, el('tr', {}, el('th', {}, 'Hyperparameter'), el('th', { class: 'right' }, 'Best'), initial && el('th', { class: 'right' }, 'Default'))),
      el('tbody', {}, rows))));
}

function copyButton(label, text) {
  return el('button', { type: 'button', click: async (e) => {
    const button = e.currentTarget;
    try { await navigator.clipboard.writeText(text); button.textContent = 'Copied'; } catch { button.textContent = 'Not allowed here'; }
    setTimeout(() => { button.textContent = label; }, 1500);
  } }, label);
}
