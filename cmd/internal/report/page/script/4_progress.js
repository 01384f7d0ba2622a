// How the best value improved, by trial or by time.
'use strict';

let progressBy = 'trial';

function progress() {
  const node = chart(`${metricName} of every trial and the best so far`, 'tall', progressOption);
  const kinds = new Set(report.trials.map(kind));
  const item = (k, mark, c, text) => (k === true || kinds.has(k)) && el('span', {}, el('i', { class: mark, style: `color: var(--${c})` }), text);
  const legend = el('div', { class: 'legend' },
    item(true, 'line', 'ink', 'best so far'), item('warm', '', 'warm', 'warm start'), item('search', '', 'search', 'search'),
    item('low', 'ring', 'search', 'at lower effort'), initial && item(true, 'line dash', 'base', 'default'), item('failed', 'cross', 'bad', 'failed'));
  const tools = choice([['trial', 'Trials'], ['time', 'Time']], (by) => { progressBy = by; redraw(node); });
  return section('Progress', 'Progress', null, tools, legend, node, beyond());
}

// shown is the range of values of the chart; what lies beyond is drawn at its edge.
const shown = bounds(report.trials.filter((t) => t.value !== undefined).map((t) => t.value));

function beyond() {
  const n = report.trials.filter((t) => t.value !== undefined && (t.value < shown[0] || t.value > shown[1])).length;
  return n > 0 && el('p', { class: 'note' }, `${plural(n, 'trial')} beyond the range ${n === 1 ? 'is' : 'are'} drawn as a triangle at its edge.`);
}

function horizontal(t) { return progressBy === 'trial' ? t.id : t.end; }

function progressOption() {
  const [low, high] = shown;
  const bad = report.study.maximize ? low : high;
  const end = progressBy === 'trial' ? Math.max(...report.trials.map((t) => t.id)) : report.study.seconds;
  const point = (t) => {
    const out = t.value < low || t.value > high;
    return { value: [horizontal(t), Math.min(high, Math.max(low, t.value))], trial: t,
      ...(out && { symbol: 'triangle', symbolRotate: t.value < low ? 180 : 0, symbolOffset: [0, t.value < low ? -5 : 5], symbolSize: 7 }) };
  };
  const scatter = (k, style, size) => ({
    type: 'scatter', data: report.trials.filter((t) => kind(t) === k && t.value !== undefined && horizontal(t) !== undefined).map(point),
    symbolSize: size, itemStyle: style, cursor: 'default', clip: false, z: k === 'warm' ? 5 : 3,
  });
  const surface = { borderColor: colour('card'), borderWidth: 1 };
  const size = report.trials.length > 400 ? 5 : 8;
  const failed = report.trials.filter((t) => kind(t) === 'failed' && horizontal(t) !== undefined);
  return {
    grid: { left: 68, right: 26, top: 18, bottom: 44 },
    tooltip: tooltip((p) => (p.data.trial ? trialTip(p.data.trial) : '')),
    xAxis: axis({ type: 'value', name: progressBy === 'trial' ? 'trial' : 'time', min: 0, max: end * 1.01 || 1, splitLine: { show: false }, minInterval: progressBy === 'trial' ? 1 : undefined,
      axisLabel: { showMaxLabel: false, formatter: progressBy === 'trial' ? short : seconds } }),
    yAxis: axis({ type: 'value', min: low, max: high, name: cut(metricName, 40), nameGap: 52, axisLine: { show: false },
      axisLabel: { customValues: ticks(low, high, 6), formatter: short }, axisTick: { show: false, customValues: ticks(low, high, 6) } }),
    series: [
      scatter('low', { color: 'transparent', borderColor: colour('search'), borderWidth: 1.2, opacity: 0.55 }, size - 2),
      scatter('search', { color: colour('search'), opacity: 0.8, ...surface }, size),
      scatter('default', { color: colour('base'), ...surface }, size + 1),
      scatter('warm', { color: colour('warm'), ...surface }, size + 1),
      { type: 'scatter', data: failed.map((t) => ({ value: [horizontal(t), bad], trial: t })), symbolSize: 8, cursor: 'default', clip: false, symbol: 'path://M0 1 L1 0 L5 4 L9 0 L10 1 L6 5 L10 9 L9 10 L5 6 L1 10 L0 9 L4 5 Z', itemStyle: { color: colour('bad') }, z: 4 },
      bestSoFar(end),
    ],
  };
}

// bestSoFar is the line of the best value, with the default's beside it.
function bestSoFar(end) {
  const steps = report.progress.filter((m) => horizontal({ id: m.trial, end: m.end }) !== undefined)
    .map((m) => [horizontal({ id: m.trial, end: m.end }), m.value]);
  if (progressBy === 'time') byTime(steps);
  if (steps.length) steps.push([end, steps[steps.length - 1][1]]);
  return {
    type: 'line', step: 'end', data: steps, symbol: 'none', silent: true, lineStyle: { color: colour('ink'), width: 2 }, z: 6,
    markLine: !initial ? undefined : {
      silent: true, symbol: 'none', lineStyle: { color: colour('base'), type: 'dashed', width: 1.2 }, label: { show: false },
      data: [{ yAxis: initial.value }],
    },
  };
}

// byTime keeps the steps that improve in the order of time: several workers end in another order than they begin.
function byTime(steps) {
  steps.sort((a, b) => a[0] - b[0]);
  const better = (a, b) => (report.study.maximize ? a > b : a < b);
  let top;
  for (let i = 0; i < steps.length;) {
    if (top !== undefined && !better(steps[i][1], top)) steps.splice(i, 1);
    else top = steps[i++][1];
  }
}
