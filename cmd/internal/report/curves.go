package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/study"
)

// maxCurves is how many learning curves are drawn: the best ones, so that they can be told apart.
const maxCurves = 120

// steps is the axis of curves whose evaluator counts steps without naming what they are of.
const steps = "step"

// curves are what trials measured on the way, or at growing fidelities.
type curves struct {
	// Axis is what grows along the curves: a fidelity's name, or "step"; empty where every configuration was measured
	// once.
	Axis  string  `json:"axis,omitempty"`
	Log   bool    `json:"log,omitempty"`
	Lines []curve `json:"lines,omitempty"`
	// Omitted counts the curves, worse than those in the list, that are left out.
	Omitted int `json:"omitted,omitempty"`
}

// curve is one configuration's. A point is what grows, and the metric.
type curve struct {
	Trials []study.TrialID `json:"trials"`
	Best   bool            `json:"best,omitempty"` // the incumbent's
	Points [][2]float64    `json:"points"`

	loss float64 // the least of the trials'
}

// curves joins the trials of each configuration, which an optimizer may train further and further, to one curve each.
func (s *subject) curves() curves {
	out := curves{Axis: s.axis()}
	if out.Axis == "" {
		return out
	}
	lines := s.lines(out.Axis)
	slices.SortStableFunc(lines, func(a, b *curve) int { return cmp.Compare(a.loss, b.loss) })
	low, high := 0.0, 0.0
	for _, line := range lines {
		if len(line.Points) < 2 {
			continue
		}
		if len(out.Lines) == maxCurves {
			out.Omitted++
			continue
		}
		out.Lines = append(out.Lines, *line)
		for _, p := range line.Points {
			if low == 0 || p[0] < low {
				low = p[0]
			}
			high = max(high, p[0])
		}
	}
	out.Log = low > 0 && high >= 20*low
	if len(out.Lines) == 0 {
		return curves{}
	}
	return out
}

// axis chooses what grows: what trials report on the way, or else the fidelity of which most different values were
// tried.
func (s *subject) axis() string {
	values, stepped := map[string]map[float64]bool{}, map[string]bool{}
	see := func(f study.Fidelity) {
		for name, x := range f {
			if values[name] == nil {
				values[name] = map[float64]bool{}
			}
			values[name][x] = true
		}
	}
	for _, t := range s.trials {
		see(t.Fidelity)
		for _, o := range onTheWay(t) {
			see(o.Fidelity)
			stepped[steps] = true
			for name, x := range o.Fidelity {
				stepped[name] = stepped[name] || x != t.Fidelity[name]
			}
		}
	}
	best, most := "", 1
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if n := len(values[name]); n > most && (stepped[name] || len(stepped) == 0) {
			best, most = name, n
		}
	}
	if best == "" && stepped[steps] {
		return steps
	}
	return best
}

// onTheWay returns what a trial reported before its end; the last observation is the result, which may be that of an
// earlier step.
func onTheWay(t study.Trial) []study.Observation {
	if len(t.Observations) < 2 {
		return nil
	}
	return t.Observations[:len(t.Observations)-1]
}

// lines makes the curve of every configuration.
func (s *subject) lines(axis string) []*curve {
	var list []*curve
	at := map[string]*curve{}
	for _, t := range s.trials {
		points := s.points(t, axis)
		if len(points) == 0 {
			continue
		}
		key := s.lineage(t, axis)
		line := at[key]
		if line == nil {
			line = &curve{loss: s.metric.Loss(points[0][1])}
			at[key] = line
			list = append(list, line)
		}
		line.Trials = append(line.Trials, t.ID)
		line.Best = line.Best || s.best != nil && t.ID == s.best.ID
		for _, p := range points {
			line.Points = append(line.Points, p)
			line.loss = min(line.loss, s.metric.Loss(p[1]))
		}
	}
	for _, line := range list {
		slices.SortStableFunc(line.Points, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	}
	return list
}

// lineage is the same for the trials that belong to one curve: those of a configuration at the same other fidelities.
func (s *subject) lineage(t study.Trial, axis string) string {
	hash, err := t.Config.Hash()
	if err != nil {
		hash = fmt.Sprint("trial ", t.ID)
	}
	var b strings.Builder
	b.WriteString(hash)
	for _, name := range slices.Sorted(maps.Keys(t.Fidelity)) {
		if name != axis {
			fmt.Fprintf(&b, " %s=%v", name, t.Fidelity[name])
		}
	}
	return b.String()
}

// points are those of a trial: what it reported on the way, or else its result.
func (s *subject) points(t study.Trial, axis string) [][2]float64 {
	observations := onTheWay(t)
	if len(observations) == 0 {
		observations = t.Observations
	}
	var points [][2]float64
	for _, o := range observations {
		y, ok := o.Metrics[s.metric.Metric]
		x, placed := s.place(t, o, axis)
		if ok && placed {
			points = append(points, [2]float64{round(x), round(y)})
		}
	}
	return points
}

// place is where an observation lies on the axis: what it says itself, or its trial, or the fidelity's maximum.
func (s *subject) place(t study.Trial, o study.Observation, axis string) (float64, bool) {
	if axis == steps {
		return float64(o.Step), o.Step > 0
	}
	if x, ok := o.Fidelity[axis]; ok {
		return x, true
	}
	if x, ok := t.Fidelity[axis]; ok {
		return x, true
	}
	for _, f := range s.problem.Fidelities {
		if f.Name == axis {
			return f.High, true
		}
	}
	return 0, false
}
