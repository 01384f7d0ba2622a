package importance

import (
	"slices"

	"github.com/metaml/metaml/optimizers/coding"
)

// integral holds what the marginals of one tree are made of.
type integral struct {
	conditions *conditions
	axes       []axis
	boxes      []box
	runs       [][][]run     // by box and hyperparameter
	measure    [][][]float64 // by box, hyperparameter and class: the probability of class and box
	whole      [][]product   // by box and state
	mean       float64
	variance   float64
	singles    []float64 // variances of single effects, -1: not computed yet
}

// product is the probability of a box in a state: the product of factors, of which zero ones are counted instead.
type product struct {
	of    float64
	zeros int
}

// without divides factors out.
func (p product) without(factors ...float64) float64 {
	for _, f := range factors {
		if f == 0 {
			p.zeros--
			continue
		}
		p.of /= f
	}
	if p.zeros > 0 {
		return 0
	}
	return p.of
}

func newIntegral(c *coding.Codec, conditions *conditions, boxes []box) *integral {
	dims, nominal := c.Dimensions(), c.Nominal()
	t := &integral{conditions: conditions, boxes: boxes, axes: make([]axis, len(dims)), singles: make([]float64, len(dims))}
	for j, d := range dims {
		t.axes[j] = newAxis(d, nominal[j] > 0, conditions.classes[j], conditions.count[j], boxes, j)
		t.singles[j] = -1
	}
	var squares float64
	for b := range boxes {
		t.place(b)
		p := 0.0
		for _, w := range t.whole[b] {
			p += w.without()
		}
		t.mean += p * boxes[b].mean
		squares += p * boxes[b].mean * boxes[b].mean
	}
	t.variance = max(0, squares-t.mean*t.mean)
	return t
}

// place computes the cells and probabilities of a box.
func (t *integral) place(b int) {
	runs, measure := make([][]run, len(t.axes)), make([][]float64, len(t.axes))
	for j := range t.axes {
		a := &t.axes[j]
		runs[j], measure[j] = a.runs(t.boxes[b].sides[j]), make([]float64, a.classes)
		for _, r := range runs[j] {
			for _, p := range a.p[r.from:r.to] {
				measure[j][r.class] += p
			}
		}
	}
	t.runs, t.measure = append(t.runs, runs), append(t.measure, measure)
	whole := make([]product, len(t.conditions.states))
	for s := range whole {
		whole[s] = product{of: 1}
		for j := range t.axes {
			if f := t.factor(b, s, j); f == 0 {
				whole[s].zeros++
			} else {
				whole[s].of *= f
			}
		}
	}
	t.whole = append(t.whole, whole)
}

// factor is the probability that hyperparameter j is as a state says and within a box.
func (t *integral) factor(b, s, j int) float64 {
	state := &t.conditions.states[s]
	switch {
	case state.active[j]:
		return t.measure[b][j][state.class[j]]
	case t.boxes[b].sides[j].inactive:
		return 1
	}
	return 0
}

// single returns the variance of the tree's marginal over hyperparameter j: of the mean over all others, as a function
// of it.
func (t *integral) single(j int) float64 {
	if t.singles[j] >= 0 {
		return t.singles[j]
	}
	a := &t.axes[j]
	rise := make([]float64, len(a.p)+1) // of the marginal from the cell before
	active := make([]float64, a.classes)
	for b := range t.boxes {
		clear(active)
		mean, inactive := t.boxes[b].mean, 0.0
		for s, state := range t.conditions.states {
			p := t.whole[b][s].without(t.factor(b, s, j))
			if state.active[j] {
				active[state.class[j]] += p
			} else if t.boxes[b].sides[j].inactive {
				inactive += p
			}
		}
		rise[0] += mean * inactive
		for _, r := range t.runs[b][j] {
			rise[r.from] += mean * active[r.class]
			rise[r.to] -= mean * active[r.class]
		}
	}
	variance, level := 0.0, 0.0
	for cell, p := range a.p {
		level += rise[cell]
		variance += p * (level - t.mean) * (level - t.mean)
	}
	t.singles[j] = variance
	return variance
}

// weights are the probabilities of a box but for two hyperparameters, by what these are: class of the one by class of
// the other, with one more class for inactive.
func (t *integral) weights(b, i, j int, to [][]float64) {
	for k := range to {
		clear(to[k])
	}
	sides := t.boxes[b].sides
	ni, nj := t.axes[i].classes, t.axes[j].classes
	for s, state := range t.conditions.states {
		ci, cj := state.class[i], state.class[j]
		if !state.active[i] {
			ci = ni
		}
		if !state.active[j] {
			cj = nj
		}
		if (ci == ni && !sides[i].inactive) || (cj == nj && !sides[j].inactive) {
			continue
		}
		to[ci][cj] += t.whole[b][s].without(t.factor(b, s, i), t.factor(b, s, j))
	}
}

// pair returns the variance of the tree's marginal over hyperparameters i and j beyond their single ones.
func (t *integral) pair(i, j int) float64 {
	ai, aj := &t.axes[i], &t.axes[j]
	width := len(aj.p) + 1
	rise := make([]float64, (len(ai.p)+1)*width) // in both directions
	weights := make([][]float64, ai.classes+1)
	for k := range weights {
		weights[k] = make([]float64, aj.classes+1)
	}
	for b := range t.boxes {
		t.weights(b, i, j, weights)
		mean := t.boxes[b].mean
		rowRuns := slices.Concat(t.runs[b][i], []run{{0, len(ai.p), ai.classes}})
		columnRuns := slices.Concat(t.runs[b][j], []run{{0, len(aj.p), aj.classes}})
		for _, r := range rowRuns {
			for _, c := range columnRuns {
				v := mean * weights[r.class][c.class]
				rise[r.from*width+c.from] += v
				rise[r.from*width+c.to] -= v
				rise[r.to*width+c.from] -= v
				rise[r.to*width+c.to] += v
			}
		}
	}
	variance := 0.0
	above := make([]float64, width)
	for r, pr := range ai.p {
		level := 0.0
		for c, pc := range aj.p {
			above[c] += rise[r*width+c]
			level += above[c]
			variance += pr * pc * (level - t.mean) * (level - t.mean)
		}
	}
	return variance - t.single(i) - t.single(j)
}
