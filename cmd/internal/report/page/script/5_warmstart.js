// What the warm start contributed.
'use strict';

function warmStart() {
  const w = report.warm_start;
  const rows = report.results.map((r) => el('tr', {},
    el('td', {}, { default: 'Default', 'warm start': 'Best warm start', best: 'Best' }[r.role]),
    el('td', { class: 'right' }, `${r.trial}`),
    el('td', { class: 'right' }, metric(r.value), el('span', { class: 'faint' }, spread(r.sd))),
    report.results.some((x) => x.test !== undefined) && el('td', { class: 'right' }, metric(r.test), el('span', { class: 'faint' }, spread(r.test_sd)))));
  const table = el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, el('th', {}, ''), el('th', { class: 'right' }, 'Trial'), el('th', { class: 'right' }, metricName),
    report.results.some((x) => x.test !== undefined) && el('th', { class: 'right' }, 'test split'))), el('tbody', {}, rows)));
  return section('Warm start', 'What the warm start brought', null, null, sentence(w), meter(w), table, w.starts.length > 0 && starts(w));
}

// sentence says it in words.
function sentence(w) {
  if (w.starts.length === 0) return el('p', { class: 'sub' }, 'This study began without recommendations from earlier tasks.');
  if (w.search === undefined) return el('p', { class: 'sub' }, 'None of the warm starts has ended with a result at full effort yet.');
  const parts = [];
  if (w.gain !== undefined) {
    parts.push(w.gain > 0 ? `The best of ${plural(w.starts.length, 'warm start')} was ${metric(w.gain)} better than the default`
      : `No warm start was better than the default`);
  } else {
    parts.push(`${plural(w.starts.length, 'warm start')} came from earlier tasks`);
  }
  if (w.overtaken) parts.push(`the search passed it at trial ${w.overtaken} and gained ${metric(w.search)} more`);
  else parts.push('the search has not improved on it');
  return el('p', { class: 'sub' }, parts.join('; ') + '.');
}

// meter divides the way from the default to the best.
function meter(w) {
  if (!(w.gain > 0) || w.search === undefined) return null;
  const share = w.gain / (w.gain + w.search);
  const part = (c, x) => el('div', { style: `flex: ${x} 0 0; background: var(--${c})` });
  return el('div', {}, el('div', { class: 'meter', role: 'img', 'aria-label': `${percent(share)} of the gain is the warm start's` }, part('warm', share), w.search > 0 && part('search', 1 - share)),
    el('div', { class: 'legend' }, el('span', {}, el('i', { style: 'color: var(--warm)' }), `warm start ${percent(share)} of the gain`),
      w.search > 0 && el('span', {}, el('i', { style: 'color: var(--search)' }), `search ${percent(1 - share)}`)));
}

// starts lists the recommendations.
function starts(w) {
  return [el('h3', {}, 'Recommended'), el('div', { class: 'scroll' }, el('table', {}, el('tbody', {}, w.starts.map((s) => el('tr', {},
    el('td', { class: 'still' }, `Trial ${s.trial}`, s.best && [' ', el('span', { class: 'tag warm' }, 'best')]),
    el('td', { class: 'right' }, s.value === undefined ? s.status.replaceAll('_', ' ') : metric(s.value)),
    el('td', {}, pairs(s.config.slice(0, 4)),
      (s.reason || s.from) && el('div', { class: 'faint', title: s.from && `from ${s.from.join(', ')}` }, s.reason || `from ${s.from.join(', ')}`)))))))];
}
