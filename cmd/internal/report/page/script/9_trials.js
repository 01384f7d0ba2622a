// Every trial, what failed, and how to run it again.
'use strict';

const pageSize = 25;

function trialsTable() {
  const body = el('tbody');
  const pager = el('div', { class: 'pager' });
  const state = { by: 'id', down: false, find: '', status: '', page: 0 };
  const columns = [['id', 'Trial'], ['status', 'Status'], ['value', metricName, true], report.trials.some((t) => t.test !== undefined) && ['test', 'test split', true],
    report.trials.some((t) => t.effort < 1) && ['effort', 'Effort', true], ['seconds', 'Time', true], ['config', 'Configuration']].filter(Boolean);
  const heads = columns.map(([key, name, right]) => el('th', { class: right ? 'right' : null, tabindex: key === 'config' ? null : 0,
    click: () => sortBy(key), keydown: (e) => e.key === 'Enter' && sortBy(key) }, name));
  function sortBy(key) {
    if (key === 'config') return;
    state.down = state.by === key ? !state.down : false;
    state.by = key;
    show();
  }
  function show() {
    const rows = filtered(state);
    const pages = Math.max(1, Math.ceil(rows.length / pageSize));
    state.page = Math.min(state.page, pages - 1);
    columns.forEach(([key], i) => {
      if (key === state.by) heads[i].setAttribute('aria-sort', state.down ? 'descending' : 'ascending');
      else heads[i].removeAttribute('aria-sort');
    });
    body.replaceChildren(...rows.slice(state.page * pageSize, (state.page + 1) * pageSize).map((t) => row(t, columns)));
    const turn = (by, label) => el('button', { type: 'button', disabled: state.page + by < 0 || state.page + by >= pages, click: () => { state.page += by; show(); } }, label);
    pager.replaceChildren(el('span', {}, `${plural(rows.length, 'trial')}${pages > 1 ? `, page ${state.page + 1} of ${pages}` : ''}`), pages > 1 ? turn(-1, 'Back') : '', pages > 1 ? turn(1, 'Next') : '');
  }
  const filter = (name) => (e) => { state[name] = e.target.value.toLowerCase(); state.page = 0; show(); };
  const tools = [el('select', { 'aria-label': 'Status', change: filter('status') }, el('option', { value: '' }, 'all'),
    Object.keys(report.study.counts).sort().map((s) => el('option', { value: s }, s.replaceAll('_', ' ')))),
  el('input', { type: 'search', placeholder: 'Find a value or reason', 'aria-label': 'Find', input: filter('find') })];
  show();
  return section('Trials', 'Trials', null, tools, el('div', { class: 'scroll' },
    el('table', { class: 'trials' }, el('thead', {}, el('tr', {}, heads)), body)), pager);
}

function filtered(state) {
  const text = (t) => [t.status, t.origin, t.reason || '', ...t.config.map(([i, v]) => `${report.parameters[i].name} ${word(v)}`)].join(' ').toLowerCase();
  const rows = report.trials.filter((t) => (!state.status || t.status === state.status) && (!state.find || text(t).includes(state.find)));
  const value = (t) => (state.by === 'status' ? t.status : t[state.by]);
  return rows.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined); // those without at the end
    const order = x < y ? -1 : x > y ? 1 : a.id - b.id;
    return state.down ? -order : order;
  });
}

function row(t, columns) {
  const status = () => {
    if (best && t.id === best.trial) return el('span', { class: 'tag best' }, 'best');
    const k = kind(t);
    if (k === 'failed') return el('span', { class: 'tag bad' }, t.status.replaceAll('_', ' '));
    return el('span', { class: k === 'warm' ? 'tag warm' : 'tag' }, { warm: 'warm start', default: 'default' }[k] || t.status);
  };
  const cells = {
    id: () => el('td', {}, t.id), status: () => el('td', {}, status()),
    value: () => el('td', { class: 'right' }, metric(t.value)), test: () => el('td', { class: 'right' }, metric(t.test)),
    effort: () => el('td', { class: 'right' }, percent(t.effort)), seconds: () => el('td', { class: 'right' }, seconds(t.seconds)),
    config: () => el('td', { class: 'config' }, pairs(t.config), t.reason && el('div', { class: 'faint' }, t.reason)),
  };
  return el('tr', { class: best && t.id === best.trial ? 'best' : null, click: (e) => e.currentTarget.classList.toggle('open') },
    columns.map(([key]) => cells[key]()));
}

function failureTable() {
  const rows = report.failures.map((f) => el('tr', {}, el('td', { class: 'still' }, el('span', { class: 'tag bad' }, f.status.replaceAll('_', ' '))),
    el('td', { class: 'right' }, f.count), el('td', { class: 'right' }, seconds(f.seconds)), el('td', {}, f.reason || el('span', { class: 'faint' }, 'no reason given')),
    el('td', {}, f.trials.slice(0, 8).join(', ') + (f.trials.length > 8 ? ', …' : ''))));
  return section('Failures', 'Failures', 'by reason; each cost its trial only', null, el('div', { class: 'scroll' }, el('table', {},
    el('thead', {}, el('tr', {}, el('th', {}, 'How'), el('th', { class: 'right' }, 'Trials'), el('th', { class: 'right' }, 'Time lost'), el('th', {}, 'Why'), el('th', {}, 'Which'))),
    el('tbody', {}, rows))));
}

function reproduce() {
  return section('Reproduce', 'Run it again', null, null,
    report.command && el('div', { class: 'command' }, el('code', {}, report.command), copyButton('Copy', report.command)),
    el('div', { class: 'scroll' }, el('table', { class: 'facts' }, el('tbody', {}, report.facts.map((f) => el('tr', {}, el('td', { class: 'still faint' }, f.name), el('td', {}, f.code ? el('code', {}, f.value) : f.value)))))));
}

// The page, from top to bottom.
// columns stand side by side where there is room; the order in the bar is that of the calls.
function columns() {
  const left = [bestConfiguration(), importance()];
  return el('div', { class: 'pair', id: 'columns' }, el('div', {}, left), el('div', {}, warmStart(), ablation()));
}

// balance moves the ablation below the importance where the columns are then more even.
function balance() {
  const pair = document.getElementById('columns');
  if (!pair || pair.lastChild.children.length < 2) return;
  const height = (column) => [...column.children].reduce((sum, c) => sum + c.offsetHeight, 0);
  const [left, right, last] = [height(pair.firstChild), height(pair.lastChild), pair.lastChild.lastChild];
  if (Math.abs(left - right + 2 * last.offsetHeight) < Math.abs(left - right)) pair.firstChild.append(last);
}

document.getElementById('main').append(...[
  lead(), tiles(),
  report.trials.length > 0 && progress(),
  best && columns(),
  measured().length > 1 && coordinates(),
  report.curves.lines && learningCurves(),
  report.trials.length > 0 && trialsTable(),
  report.failures.length > 0 && failureTable(),
  reproduce(),
  el('footer', {}, `Made by metaml on ${moment(report.study.made)}. Charts: Apache ECharts (Apache-2.0).`),
].filter(Boolean));
balance();
showTheme();
drawAll();
