// Parallel coordinates: every configuration as a line through its values, the better the stronger.
'use strict';

const off = -0.13; // where inactive hyperparameters lie
let branch = null; // {parameter, value}: only configurations with that value

function coordinates() {
  const node = chart('Configurations of all trials with a result', 'tall', () => coordinatesOption(node.clientWidth));
  const tools = branches(node);
  return section('Configurations', 'Configurations', 'drag along an axis to select', tools,
    el('div', { class: 'legend' }, el('span', {}, 'worse', el('i', { class: 'ramp' }), 'better'),
      best && el('span', {}, el('i', { class: 'line', style: 'color: var(--warm)' }), 'the best')), node,
    el('p', { class: 'note', id: 'axes-note' }));
}

// branches is the choice among the values of the hyperparameters that make others active.
function branches(node) {
  const options = [];
  report.parameters.forEach((p, i) => {
    if (!p.parent || !p.choices || p.choices.length > 40) return;
    for (const v of p.choices) {
      const n = measured().filter((t) => has(t, i, v)).length;
      if (n > 1) options.push({ i, v, label: `${p.name} = ${word(v)} (${n})` });
    }
  });
  if (options.length < 2) return null;
  return el('select', { 'aria-label': 'Which configurations', change: (e) => { branch = options[e.target.value] || null; redraw(node); } },
    el('option', { value: '' }, 'all configurations'), options.map((o, i) => el('option', { value: i }, o.label)));
}

function has(t, i, v) { return t.config.some(([j, w]) => j === i && w === v); }
function measured() { return report.trials.filter((t) => t.value !== undefined); }

// unit places a value on its axis.
function unit(p, v) {
  if (p.choices) return (p.choices.findIndex((c) => c === v) + 0.5) / p.choices.length;
  const f = p.log ? Math.log : (x) => x;
  return p.high > p.low ? (f(v) - f(p.low)) / (f(p.high) - f(p.low)) : 0.5;
}

// comparable are the trials at full effort; where they are few, what was measured at lower effort is better than nothing.
function comparable(trials) {
  const full = trials.filter((t) => t.full);
  return full.length >= 20 ? full : trials;
}

// chosen are the axes, at most n: what varies and is active in a fair share of the lines, the most important first, in the order
// of the space.
function chosen(trials, n) {
  const active = new Map();
  for (const t of trials) {
    for (const [i, v] of t.config) {
      if (!active.has(i)) active.set(i, new Set());
      active.get(i).add(v);
    }
  }
  const count = (i) => trials.filter((t) => t.config.some(([j]) => j === i)).length;
  const useful = report.importance.order.filter((i) => active.has(i) && active.get(i).size > 1 && count(i) >= trials.length / 5);
  document.getElementById('axes-note').textContent = [
    useful.length > n && `The ${n} most important of ${useful.length} hyperparameters are shown.`,
    trials.some((t) => !t.full) && 'Few trials were at full effort: the others are shown, too.',
  ].filter(Boolean).join(' ');
  return useful.slice(0, n).sort((a, b) => a - b);
}

function coordinatesOption(width) {
  const all = measured();
  const trials = comparable(branch ? all.filter((t) => has(t, branch.i, branch.v)) : all);
  const axes = chosen(trials, Math.max(2, Math.min(11, Math.floor(width / 95))));
  const worst = (a, b) => (report.study.maximize ? a.value - b.value : b.value - a.value);
  const ranked = [...trials].sort(worst);
  const top = ranked.findIndex((t) => best && t.id === best.trial);
  if (top >= 0) ranked.push(...ranked.splice(top, 1)); // above all others
  const [low, high] = bounds(ranked.map((t) => t.value));
  const inactive = axes.some((i) => report.parameters[i].conditional && trials.some((t) => !t.config.some(([j]) => j === i)));
  const bottom = inactive ? off : -0.02;
  const [left, right] = [46, 64];
  const room = (width - left - right) / axes.length - 10; // between two axes
  const scale = (x) => bottom + (1 - bottom) * Math.min(1, Math.max(0, (x - low) / (high - low)));
  return {
    tooltip: { ...tooltip((p) => (p.data && p.data.trial ? trialTip(p.data.trial) : '')) },
    parallel: { left, right, top: 58, bottom: 30, parallelAxisDefault: {
      type: 'value', min: bottom, max: 1.0, nameGap: 12, nameTextStyle: { color: colour('ink'), fontSize: 12, lineHeight: 15 },
      axisLine: { lineStyle: { color: colour('faint'), width: 1 } }, axisTick: { show: false }, splitLine: { show: false },
      areaSelectStyle: { width: 16, borderWidth: 1, borderColor: colour('search'), color: colour('search'), opacity: 0.25 } } },
    parallelAxis: [...axes.map((i, dim) => ({ dim, name: inLines(report.parameters[i].name, dim === 0 ? Math.min(room, 2 * left) : room), ...labels(report.parameters[i], inactive, room) })),
      { dim: axes.length, name: inLines(metricName, Math.min(room, 2 * right)), inverse: !report.study.maximize, nameLocation: report.study.maximize ? 'end' : 'start', min: bottom, max: 1,
        axisLabel: { color: colour('faint'), customValues: ticks(low, high, 6).map(scale), formatter: (u) => short(Number((low + ((u - bottom) / (1 - bottom)) * (high - low)).toPrecision(5))) } }],
    series: [{ type: 'parallel', inactiveOpacity: 0.04, activeOpacity: 1, progressive: 0, cursor: 'default',
      emphasis: { lineStyle: { color: colour('warm'), width: 3 } },
      data: ranked.map((t, rank) => line(t, rank / Math.max(1, ranked.length - 1), axes, scale)) }],
  };
}

// inLines breaks a name into at most three lines that fit, so that neighbours do not meet: behind the learner or the
// first word, and where that is not enough behind an underscore.
function inLines(name, room) {
  const fits = (text) => textWidth(text, 12) <= room;
  const lines = [];
  for (let rest of name.replace(/[. ]/, '$&\n').split('\n')) {
    while (!fits(rest) && rest.includes('_')) {
      let end = rest.indexOf('_') + 1;
      for (let next = end; next > 0 && fits(rest.slice(0, next)); next = rest.indexOf('_', next) + 1) end = next;
      if (end === rest.length) break;
      lines.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    lines.push(rest);
  }
  const whole = (text) => { let n = 30; while (n > 4 && !fits(cut(text, n))) n--; return cut(text, n); };
  return lines.slice(0, 3).map(whole).join('\n');
}

// line is a trial's; rank is 1 for the best.
function line(t, rank, axes, scale) {
  const at = new Map(t.config);
  const isBest = best && t.id === best.trial;
  return {
    trial: t, value: [...axes.map((i) => (at.has(i) ? unit(report.parameters[i], at.get(i)) : off)), scale(t.value)],
    lineStyle: { color: isBest ? colour('warm') : mix(colour('low'), colour('high'), rank ** 2), width: isBest ? 2.5 : 0.8 + rank ** 3, opacity: isBest ? 1 : 0.25 + 0.6 * rank ** 2 },
  };
}

// labels are those of an axis: choices by name, numbers at the ends and the middle.
function labels(p, inactive, room) {
  const places = p.choices ? p.choices.map((_, i) => (i + 0.5) / p.choices.length) : [0, 0.5, 1];
  const text = (u) => {
    if (u < -0.05) return 'not used';
    if (p.choices) return word(p.choices[Math.min(p.choices.length - 1, Math.floor(u * p.choices.length))]);
    const x = p.log ? p.low * (p.high / p.low) ** u : p.low + u * (p.high - p.low);
    return short(p.integer ? Math.round(x) : Number(x.toPrecision(3)));
  };
  return { axisLabel: { color: colour('soft'), fontSize: 11, textBorderColor: colour('card'), textBorderWidth: 3, customValues: inactive && p.conditional ? [off, ...places] : places, formatter: text, width: Math.min(84, room), overflow: 'truncate' } };
}

// mix is the colour between two, both written #rrggbb.
function mix(a, b, share) {
  const part = (c, i) => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
  return '#' + [0, 1, 2].map((i) => Math.round(part(a, i) + share * (part(b, i) - part(a, i))).toString(16).padStart(2, '0')).join('');
}
