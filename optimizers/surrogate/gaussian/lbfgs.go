package gaussian

import "math"

// Objective returns a function's value at x and writes its gradient. A value that is not finite marks a point where
// there is none.
type Objective func(x, gradient []float64) float64

// Descent sets when Minimize ends. The zero Descent means the documented defaults.
type Descent struct {
	// Iterations bounds the steps; 0: 50.
	Iterations int
	// Tolerance ends the search when a step gains less than this share of 1 + |value|; 0: 1e-9.
	Tolerance float64
}

// memory is how many steps the quasi-Newton approximation remembers.
const memory = 8

// Minimize searches a local minimum of f in the box [lower, upper] from x, which it moves there, and returns its value
// and the number of evaluations: projected L-BFGS (Nocedal 1980; variables at a bound against which the gradient
// pushes are held fixed, as in Bertsekas 1982) with backtracking. A variable with lower = upper stays where it is.
func Minimize(f Objective, x, lower, upper []float64, opt Descent) (value float64, evaluations int) {
	if opt.Iterations == 0 {
		opt.Iterations = 50
	}
	if opt.Tolerance == 0 {
		opt.Tolerance = 1e-9
	}
	n := len(x)
	d := descent{
		f: f, x: x, lower: lower, upper: upper, gradient: make([]float64, n), direction: make([]float64, n),
		next: make([]float64, n), nextGradient: make([]float64, n), free: make([]bool, n),
	}
	d.value, d.evaluations = f(x, d.gradient), 1
	if math.IsNaN(d.value) || math.IsInf(d.value, 0) {
		return d.value, 1
	}
	for range opt.Iterations {
		before := d.value
		if !d.step() {
			// the remembered curvature may mislead: once more along the gradient
			if len(d.steps) == 0 {
				break
			}
			d.steps, d.changes = d.steps[:0], d.changes[:0]
			continue
		}
		if before-d.value <= opt.Tolerance*(1+math.Abs(d.value)) {
			break
		}
	}
	return d.value, d.evaluations
}

// descent is a run of Minimize.
type descent struct {
	f                   Objective
	x, lower, upper     []float64
	value               float64
	gradient, direction []float64
	next, nextGradient  []float64
	free                []bool
	steps, changes      [][]float64 // the last steps and the changes of the gradient along them
	evaluations         int
}

// step moves to a lower point; false if it finds none.
func (d *descent) step() bool {
	any := false
	for i, g := range d.gradient {
		d.free[i] = d.lower[i] < d.upper[i] && !(d.x[i] <= d.lower[i] && g >= 0) && !(d.x[i] >= d.upper[i] && g <= 0) && g != 0
		any = any || d.free[i]
	}
	if !any {
		return false
	}
	d.aim()
	slope := d.dot(d.gradient, d.direction)
	if slope >= 0 {
		return false
	}
	t := 1.0
	if len(d.steps) == 0 {
		t = min(1, 1/math.Sqrt(d.dot(d.gradient, d.gradient)))
	}
	for range 20 {
		expected := 0.0
		for i := range d.x {
			d.next[i] = d.x[i]
			if d.free[i] {
				d.next[i] = min(max(d.x[i]+t*d.direction[i], d.lower[i]), d.upper[i])
			}
			expected += d.gradient[i] * (d.next[i] - d.x[i])
		}
		value := d.f(d.next, d.nextGradient)
		d.evaluations++
		if value <= d.value+1e-4*expected && expected < 0 {
			d.accept(value)
			return true
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			t *= 0.1
			continue
		}
		// the minimum of the parabola through value and slope here and value there
		t *= min(max(-slope*t/(2*(value-d.value-slope*t)), 0.1), 0.5)
	}
	return false
}

// accept moves to next and remembers the step if it shows positive curvature.
func (d *descent) accept(value float64) {
	var s, y []float64
	if len(d.steps) == memory {
		s, y = d.steps[0], d.changes[0]
		d.steps, d.changes = append(d.steps[:0], d.steps[1:]...), append(d.changes[:0], d.changes[1:]...)
	} else {
		s, y = make([]float64, len(d.x)), make([]float64, len(d.x))
	}
	sy, ss, yy := 0.0, 0.0, 0.0
	for i := range d.x {
		s[i], y[i] = d.next[i]-d.x[i], d.nextGradient[i]-d.gradient[i]
		sy += s[i] * y[i]
		ss += s[i] * s[i]
		yy += y[i] * y[i]
	}
	if sy > 1e-10*math.Sqrt(ss*yy) {
		d.steps, d.changes = append(d.steps, s), append(d.changes, y)
	}
	copy(d.x, d.next)
	copy(d.gradient, d.nextGradient)
	d.value = value
}

// dot is the inner product over the free variables.
func (d *descent) dot(a, b []float64) float64 {
	sum := 0.0
	for i, free := range d.free {
		if free {
			sum += a[i] * b[i]
		}
	}
	return sum
}

// aim sets the direction to the quasi-Newton one over the free variables, by the two-loop recursion.
func (d *descent) aim() {
	q := d.direction
	for i, g := range d.gradient {
		q[i] = 0
		if d.free[i] {
			q[i] = -g
		}
	}
	var alpha, rho [memory]float64
	last := len(d.steps) - 1
	for k := last; k >= 0; k-- {
		curvature := d.dot(d.steps[k], d.changes[k])
		if curvature <= 0 {
			continue
		}
		rho[k] = 1 / curvature
		alpha[k] = rho[k] * d.dot(d.steps[k], q)
		for i := range q {
			q[i] -= alpha[k] * d.changes[k][i]
		}
	}
	if last >= 0 && rho[last] > 0 {
		gamma := 1 / (rho[last] * d.dot(d.changes[last], d.changes[last]))
		for i := range q {
			q[i] *= gamma
		}
	}
	for k := range d.steps {
		if rho[k] > 0 {
			beta := rho[k] * d.dot(d.changes[k], q)
			for i := range q {
				q[i] += (alpha[k] - beta) * d.steps[k][i]
			}
		}
	}
	for i, free := range d.free {
		if !free {
			q[i] = 0
		}
	}
}
