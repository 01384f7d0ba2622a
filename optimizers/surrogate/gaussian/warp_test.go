package gaussian

import (
	"errors"
	"math"
	"testing"
)

// bends are different warps for so many dimensions.
func bends(dims int) []Warp {
	warps := make([]Warp, dims)
	for i := range warps {
		warps[i] = Warp{A: 0.5 + 0.6*float64(i), B: 2.5 - 0.3*float64(i)}
	}
	return warps
}

// TestWarp checks values against the formula, that 0 and 1 stay, that all rises, and derivatives against differences.
func TestWarp(t *testing.T) {
	for _, w := range []Warp{{1, 1}, {0.3, 1}, {1, 4}, {0.4, 0.6}, {3, 2}, {10, 0.1}, {0.1, 10}} {
		before := -1.0
		for _, x := range []float64{0, 1e-3, 0.1, 0.25, 0.5, 0.9, 0.999, 1} {
			value, byA, byB := w.parameters(x)
			u := 1e-6 + (1-2e-6)*x
			if want := 1 - math.Pow(1-math.Pow(u, w.A), w.B); !near(value, want, 1e-10) || w.at(x) != value {
				t.Errorf("%v at %v: %v and %v, want %v", w, x, value, w.at(x), want)
			}
			if value < before || value < 0 || value > 1 {
				t.Errorf("%v at %v: %v after %v", w, x, value, before)
			}
			before = value
			const step = 1e-6
			differences := func(up, down Warp) float64 { return (up.at(x) - down.at(x)) / (2 * step) }
			grow, shrink := math.Exp(step), math.Exp(-step)
			if want := differences(Warp{w.A * grow, w.B}, Warp{w.A * shrink, w.B}); math.Abs(byA-want) > 1e-7 {
				t.Errorf("%v at %v: derivative by ln A %v, by differences %v", w, x, byA, want)
			}
			if want := differences(Warp{w.A, w.B * grow}, Warp{w.A, w.B * shrink}); math.Abs(byB-want) > 1e-7 {
				t.Errorf("%v at %v: derivative by ln B %v, by differences %v", w, x, byB, want)
			}
			if x < 1e-3 || x > 0.999 {
				continue
			}
			const near = 1e-7
			if want := (w.at(x+near) - w.at(x-near)) / (2 * near); math.Abs(w.slope(x)-want) > 1e-4*max(1, want) {
				t.Errorf("%v at %v: slope %v, by differences %v", w, x, w.slope(x), want)
			}
		}
	}
}

// TestWarpedProcess checks that a warped process is the plain one on points that are bent before.
func TestWarpedProcess(t *testing.T) {
	numeric, _, _ := references(t)
	bent := func(rows [][]float64, by []Warp) [][]float64 {
		for _, row := range rows {
			for i := range row {
				row[i] = by[i].at(row[i])
			}
		}
		return rows
	}
	warps, h := bends(3), numeric.hyperparameters()
	plain, err := model(t, make([]Dimension, 3), Prior{}).Condition(bent(points(numeric.X), warps), numeric.Y, h)
	if err != nil {
		t.Fatal(err)
	}
	h.Warps = warps
	warped := model(t, make([]Dimension, 3), Prior{Warp: 1})
	p, err := warped.Condition(points(numeric.X), numeric.Y, h)
	if err != nil {
		t.Fatal(err)
	}
	fresh := points(numeric.New)
	for i, x := range bent(points(numeric.New), warps) {
		mean, variance := p.Predict(fresh[i])
		if wantMean, wantVariance := plain.Predict(x); !near(mean, wantMean, 1e-12) || !near(variance, wantVariance, 1e-12) {
			t.Errorf("point %d: mean %v, variance %v; want %v, %v", i, mean, variance, wantMean, wantVariance)
		}
	}
}

// TestFitWarp checks that a function that changes fast near 0 and slowly elsewhere is warped so, is far more likely then,
// and is predicted better; that a fit from the plain one's end does no worse; and that one that needs none has little.
func TestFitWarp(t *testing.T) {
	fit := func(truth func(float64) float64, prior Prior) (w Warp, density, miss float64) {
		m := model(t, make([]Dimension, 1), prior)
		var x [][]float64
		var y []float64
		for i := range 12 {
			u := (float64(i) + 0.5) / 12
			x, y = append(x, []float64{u}), append(y, truth(u))
		}
		h, density, err := m.Fit(x, y, nil, Descent{Iterations: 200})
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Condition(x, y, h)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 100 {
			u := 0.05 + 0.9*float64(i)/99
			mean, _ := p.Predict([]float64{u})
			miss = max(miss, math.Abs(mean-truth(u)))
		}
		if h.Warps != nil {
			w = h.Warps[0]
		}
		return w, density, miss
	}
	early := func(u float64) float64 { return math.Sin(6 * math.Pow(u, 0.3)) }
	_, plain, plainMiss := fit(early, Prior{})
	w, warped, miss := fit(early, Prior{Warp: 0.75})
	if !(w.A < 0.7) || warped < plain+2 || miss > plainMiss/2 {
		t.Errorf("warp %v: density %v, error %v; without %v, %v", w, warped, miss, plain, plainMiss)
	}
	if w, _, _ := fit(func(u float64) float64 { return math.Sin(6 * u) }, Prior{Warp: 0.75}); math.Abs(math.Log(w.A)) > 0.4 || math.Abs(math.Log(w.B)) > 0.4 {
		t.Errorf("what needs no warp has %v", w)
	}
}

// TestWarpRefused checks that warps where there are none to be, or that bend back, and points outside the cube are errors.
func TestWarpRefused(t *testing.T) {
	x, y := [][]float64{{0.5}}, []float64{1}
	plain, warped := model(t, make([]Dimension, 1), Prior{}), model(t, make([]Dimension, 1), Prior{Warp: 1})
	with := func(m *Model, warps ...Warp) Hyperparameters {
		h := m.Default()
		h.Warps = warps
		return h
	}
	for name, c := range map[string]struct {
		model *Model
		x     [][]float64
		h     Hyperparameters
	}{
		"a warp in a plain model": {plain, x, with(plain, Warp{1, 1})},
		"no warp":                 {warped, x, with(warped)},
		"A is 0":                  {warped, x, with(warped, Warp{0, 1})},
		"B is NaN":                {warped, x, with(warped, Warp{1, math.NaN()})},
		"outside":                 {warped, [][]float64{{1.5}}, warped.Default()},
	} {
		if _, err := c.model.Condition(c.x, y, c.h); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := warped.Condition(x, y, warped.Default()); err != nil {
		t.Error(err)
	}
}
