// Learning curves.
'use strict';

function learningCurves() {
  const c = report.curves;
  const node = chart('Learning curves', 'middle', curvesOption);
  return section('Curves', 'Learning curves', `${metricName} by ${c.axis.replaceAll('_', ' ')}`, null,
    el('div', { class: 'legend' }, c.lines.some((l) => l.best) && el('span', {}, el('i', { class: 'line', style: 'color: var(--warm)' }), 'best configuration'),
      el('span', {}, el('i', { class: 'line', style: 'color: var(--high)' }), 'the next ten'), el('span', {}, el('i', { class: 'line', style: 'color: var(--muted)' }), 'others')),
    node, c.omitted && el('p', { class: 'note' }, `${plural(c.omitted, 'curve')} of worse configurations ${c.omitted === 1 ? 'is' : 'are'} left out.`));
}

function curvesOption() {
  const c = report.curves;
  const [low, high] = bounds(c.lines.flatMap((l) => l.points.map((p) => p[1])));
  const levels = [...new Set(c.lines.flatMap((l) => l.points.map((p) => p[0])))].sort((a, b) => a - b);
  const lines = c.lines.map((l, rank) => ({ ...l, rank })).reverse(); // the best on top
  return {
    grid: { left: 68, right: 26, top: 18, bottom: 44 },
    tooltip: tooltip((p) => {
      const t = report.trials.find((x) => x.id === p.data.line.trials[p.data.line.trials.length - 1]);
      return el('div', {}, el('div', { class: 'faint' }, `${c.axis} ${short(p.data.value[0])}: ${metric(p.data.value[1])}`), t && trialTip(t));
    }),
    xAxis: axis({ type: c.log ? 'log' : 'value', name: cut(c.axis.replaceAll('_', ' '), 40), min: 'dataMin', max: 'dataMax', splitLine: { show: false }, axisLabel: { formatter: short, customValues: levels.length <= 8 ? levels : undefined } }),
    yAxis: axis({ type: 'value', min: low, max: high, name: cut(metricName, 40), nameGap: 52, axisLine: { show: false },
      axisLabel: { customValues: ticks(low, high, 5), formatter: short }, axisTick: { show: false, customValues: ticks(low, high, 5) } }),
    series: lines.map((l) => ({
      type: 'line', data: l.points.map((p) => ({ value: p, line: l })), clip: true, cursor: 'default',
      symbol: 'circle', symbolSize: l.best ? 6 : 4, showSymbol: l.best || l.rank <= 10,
      lineStyle: { color: colour(l.best ? 'warm' : l.rank <= 10 ? 'high' : 'muted'), width: l.best ? 2.5 : l.rank <= 10 ? 1.4 : 1, opacity: l.best ? 1 : 0.75 },
      itemStyle: { color: colour(l.best ? 'warm' : l.rank <= 10 ? 'high' : 'muted') }, z: l.best ? 6 : l.rank <= 10 ? 4 : 2,
    })),
  };
}
