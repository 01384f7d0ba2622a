package pack

import "github.com/metaml/metaml/kb/record"

// visit passes the values of a run through their slots, each with a prediction from those before it: to write
// them, or to fill them in. Writer and reader share it, so that they cannot disagree about a prediction.
func visit[S slot](slots []S, task int, s *shape, costs int, r *record.Run) {
	visitCost(slots, task, costs, r)
	for i, m := range s.measures {
		visitMeasure(slots, task, m, &r.Measures[i])
	}
	if len(r.Curve) > 0 {
		curve := slots[slotCurve]
		before := curve.latest(task)
		for i := range r.Curve {
			r.Curve[i].Value = curve.next(task, before, r.Curve[i].Value)
			before = r.Curve[i].Value
		}
	}
}

// visitMeasure predicts a fold's value by the fold before: folds share the configuration. The first test value is
// predicted by the mean of the validation values, the first validation value by the configuration before.
func visitMeasure[S slot](slots []S, task int, m measureShape, out *record.Measure) {
	before, sum := 0.0, 0.0
	for fold, at := range m.validation {
		if fold == 0 {
			before = slots[at].latest(task)
		}
		before = slots[at].next(task, before, out.Validation[fold])
		out.Validation[fold] = before
		sum += before
	}
	for fold, at := range m.test {
		switch {
		case fold > 0:
		case len(m.validation) > 0:
			before = sum / float64(len(m.validation))
		default:
			before = slots[at].latest(task)
		}
		before = slots[at].next(task, before, out.Test[fold])
		out.Test[fold] = before
	}
}

// visitCost passes the parts of the cost that are there, one bit of costs each. Wall and CPU time, and CPU time
// and that of fitting, are close to each other.
func visitCost[S slot](slots []S, task, costs int, r *record.Run) {
	c := &r.Cost
	for at, part := range [...]*float64{&c.Wall, &c.CPU, &c.Fit, &c.Predict, &c.Memory} {
		if costs&(1<<at) == 0 {
			continue
		}
		prediction := 0.0
		switch {
		case at == slotCPU && c.Wall > 0:
			prediction = c.Wall
		case at == slotFit && c.CPU > 0:
			prediction = c.CPU
		default:
			prediction = slots[at].latest(task)
		}
		*part = slots[at].next(task, prediction, *part)
	}
}

// costsOf returns the bits of the parts of the cost that are there.
func costsOf(r *record.Run) (costs int) {
	c := &r.Cost
	for at, part := range [...]float64{c.Wall, c.CPU, c.Fit, c.Predict, c.Memory} {
		if part != 0 {
			costs |= 1 << at
		}
	}
	return costs
}
