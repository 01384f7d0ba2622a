// What all charts share: colours, which follow the theme, axes, tooltips, and drawing anew.
'use strict';

const charts = []; // {node, option: () => ECharts option, chart}

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim(); }

// many is the number of trials from which pixels are drawn faster than shapes.
const many = 1500;

// chart makes the element of a chart that is drawn once it is in the page.
function chart(label, className, option) {
  const node = el('div', { class: 'chart ' + className, role: 'img', 'aria-label': label });
  const entry = { node, option, chart: null };
  charts.push(entry);
  new ResizeObserver(() => { if (entry.chart && entry.chart.getWidth() !== node.clientWidth) draw(entry); }).observe(node);
  return node;
}

function draw(entry) {
  const { node } = entry;
  if (entry.chart) entry.chart.dispose();
  entry.chart = null;
  if (node.clientWidth === 0) { setTimeout(() => draw(entry), 50); return; } // a window that is not shown yet
  entry.chart = echarts.init(node, null, { renderer: report.trials.length > many ? 'canvas' : 'svg' });
  entry.chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...entry.option() });
}

function redraw(node) { draw(charts.find((c) => c.node === node)); }
function drawAll() { charts.forEach(draw); }

// textWidth is the width of a text in a chart, in pixels, at a size of font.
const pen = document.createElement('canvas').getContext('2d');
function textWidth(text, size) {
  pen.font = `${size}px ${getComputedStyle(document.body).fontFamily}`;
  return pen.measureText(text).width;
}

function axis(props) {
  const { axisLabel, ...rest } = props;
  return {
    axisLine: { lineStyle: { color: colour('line') } }, axisTick: { show: false },
    splitLine: { lineStyle: { color: colour('grid') } },
    axisLabel: { color: colour('faint'), fontSize: 12, hideOverlap: true, ...axisLabel },
    nameTextStyle: { color: colour('soft'), fontSize: 12 }, nameLocation: 'middle', nameGap: 30, ...rest,
  };
}

function tooltip(formatter) {
  return {
    trigger: 'item', formatter, confine: true, backgroundColor: colour('card'), borderColor: colour('line'), borderWidth: 1,
    padding: [8, 12], textStyle: { color: colour('ink'), fontSize: 13 }, extraCssText: 'box-shadow: 0 4px 20px #0003; border-radius: 9px',
  };
}

// trialTip tells of a trial.
function trialTip(t) {
  const facts = [t.origin && t.origin.replaceAll('_', ' '), t.seconds !== undefined && seconds(t.seconds),
    !t.full && t.effort < 1 && `at ${percent(t.effort)} effort`].filter(Boolean);
  const lines = t.config.slice(0, 10);
  return el('div', { class: 'tip' },
    el('div', {}, el('strong', {}, `Trial ${t.id}: ${t.value === undefined ? t.status.replaceAll('_', ' ') : metric(t.value)}`)),
    el('div', { class: 'faint' }, facts.join(' · ')), t.reason && el('div', {}, t.reason), pairs(lines),
    t.config.length > lines.length && el('div', { class: 'faint' }, `and ${t.config.length - lines.length} more`));
}

// bounds is the range of good values that a chart shows: the worst quarter of the trials must not flatten the rest.
function bounds(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return [0, 1];
  const at = (q) => sorted[Math.round(q * (sorted.length - 1))];
  let [low, high] = report.study.maximize ? [at(0.15), sorted[sorted.length - 1]] : [sorted[0], at(0.85)];
  for (const r of report.results) [low, high] = [Math.min(low, r.value), Math.max(high, r.value)];
  const spread = sorted[sorted.length - 1] - sorted[0];
  if (high - low > 0.6 * spread) [low, high] = [sorted[0], sorted[sorted.length - 1]];
  const margin = 0.06 * (high - low) || Math.abs(high) * 0.05 || 1;
  return [low - margin, high + margin];
}

// ticks are n or so round numbers within a range.
function ticks(low, high, n) {
  const raw = (high - low) / n;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * size).find((s) => s >= raw);
  const list = [];
  for (let x = Math.ceil(low / step) * step; x <= high + step * 1e-9; x += step) list.push(Number(x.toPrecision(12)));
  return list;
}

// Theme: that of the system until the button says otherwise.
const themeButton = document.getElementById('theme');
function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}
function showTheme() { themeButton.textContent = dark() ? '☀ Light' : '☾ Dark'; }
themeButton.addEventListener('click', () => {
  document.documentElement.dataset.theme = dark() ? 'light' : 'dark';
  showTheme();
  drawAll();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { showTheme(); drawAll(); });
