// Numbers, times and configurations as people read them, and the elements that show them. Text from the document goes
// into the page as text only, never as markup.
'use strict';

const report = JSON.parse(document.getElementById('document').textContent);

// el makes an element: props are attributes, or handlers where they are functions; children are nodes or text.
function el(name, props, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') node.addEventListener(key, value);
    else node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false).map((c) => (c instanceof Node ? c : String(c))));
  return node;
}

// decimals is how many decimal places of the metric mean something: two digits of what separates good trials, or of the
// noise where that is more, but three digits of the best value at least.
const decimals = (() => {
  const values = report.trials.filter((t) => t.full && t.value !== undefined).map((t) => t.value).sort((a, b) => a - b);
  if (values.length < 2) return 4;
  const best = report.study.maximize ? values[values.length - 1] : values[0];
  const spread = Math.max(Math.abs(best - values[values.length >> 1]), ...report.results.map((r) => r.sd || 0));
  const places = (x, digits) => (x > 0 ? digits - 1 - Math.floor(Math.log10(x)) : 0);
  return Math.min(6, Math.max(0, places(spread, 2), Math.min(4, places(Math.abs(best), 3))));
})();

// metric writes a value of the metric.
function metric(x) {
  if (x === undefined || x === null) return '–';
  if (x !== 0 && (Math.abs(x) >= 1e6 || Math.abs(x) < 10 ** -decimals)) return minus(x.toPrecision(4));
  return minus(x.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));
}

// spread writes how uncertain a value of the metric is, with two digits and at most one more place than the value.
function spread(x) {
  if (x === undefined || x === null) return null;
  const places = Math.min(decimals + 1, Math.max(0, x > 0 ? 1 - Math.floor(Math.log10(x)) : 0));
  const least = 10 ** -places;
  return x > 0 && x < least / 2 ? ` ± <${least.toFixed(places)}` : ` ± ${x.toLocaleString('en', { maximumFractionDigits: places })}`;
}

function minus(text) { return text.replace('-', '−'); }
function signed(x) { return (x > 0 ? '+' : '') + metric(x); }

// short writes any other number with four significant digits.
function short(x) {
  if (Number.isInteger(x) && Math.abs(x) < 1e6) return minus(x.toLocaleString('en'));
  const digits = Number(x.toPrecision(4));
  return minus(Math.abs(digits) >= 1e6 || Math.abs(digits) < 1e-3 ? digits.toExponential().replace('e+', 'e') : String(digits));
}

// seconds writes a time in two units at most.
function seconds(s) {
  if (s === undefined || s === null) return '–';
  if (s < 0.995) return `${Number(s.toPrecision(2))} s`;
  if (s < 9.95) return `${s.toFixed(1)} s`;
  const units = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const at = Math.max(0, units.findIndex(([, size]) => Math.round(s) >= size));
  const [name, size] = units[at];
  const whole = Math.floor(Math.round(s) / size);
  const next = units[at + 1];
  const rest = next ? Math.floor((Math.round(s) - whole * size) / next[1]) : 0;
  return `${whole} ${name}${rest ? ` ${rest} ${next[0]}` : ''}`;
}

function plural(n, noun) { return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`; }
function percent(x) { return `${x > 0 && x < 0.0995 ? (100 * x).toFixed(1) : Math.round(100 * x)} %`; }
function moment(iso) {
  return new Date(iso).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
}

// word writes a value of a hyperparameter.
function word(v) { return typeof v === 'number' ? short(v) : String(v); }

// cut shortens a text to n characters.
function cut(text, n) { return text.length > n ? text.slice(0, n - 1) + '…' : text; }

// pairs shows a configuration.
function pairs(config) {
  return el('div', { class: 'pairs' }, config.map(([i, v]) => el('span', {}, el('b', {}, report.parameters[i].name), word(v))));
}

const best = report.results.find((r) => r.role === 'best');
const initial = report.results.find((r) => r.role === 'default');
const metricName = cut(report.study.metric.replaceAll('_', ' '), 40);

// kind sorts trials into those that the charts tell apart.
const warmTrials = new Set(report.warm_start.starts.map((s) => s.trial));
function kind(t) {
  if (t.status !== 'complete' && t.status !== 'pruned') return t.status === 'pending' ? 'pending' : 'failed';
  if (warmTrials.has(t.id)) return 'warm';
  if (initial && initial.trial === t.id) return 'default';
  return t.full ? 'search' : 'low';
}

// section makes a part of the page and lists it in the bar where it has a short name.
function section(name, title, sub, tools, ...children) {
  const id = name && name.toLowerCase().replaceAll(' ', '-');
  if (name) document.getElementById('sections').append(el('a', { href: '#' + id }, name));
  return el('section', { id },
    el('div', { class: 'head' }, el('h2', {}, title), sub && el('p', { class: 'sub' }, sub), tools && el('div', { class: 'tools' }, tools)), children);
}

// choice is a row of buttons of which one is pressed.
function choice(options, change) {
  const row = el('div', { class: 'choice', role: 'group' });
  for (const [value, label] of options) {
    row.append(el('button', { type: 'button', 'aria-pressed': value === options[0][0], click: (e) => {
      for (const b of row.children) b.setAttribute('aria-pressed', b === e.currentTarget);
      change(value);
    } }, label));
    row.lastChild.setAttribute('aria-pressed', String(value === options[0][0]));
  }
  return row;
}
