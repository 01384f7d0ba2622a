package gaussian

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
)

// wavy is a smooth function of the first two of three coordinates at n random points.
func wavy(n int, noise float64) (x [][]float64, y []float64) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range n {
		p := []float64{rng.Float64(), rng.Float64(), rng.Float64()}
		x = append(x, p)
		y = append(y, math.Sin(6*p[0])+p[1]+noise*rng.NormFloat64())
	}
	return x, y
}

// TestFit checks that a fit finds the noise, finds out which coordinates matter, and ends where the gradient is 0.
func TestFit(t *testing.T) {
	const noise = 0.1
	x, y := wavy(120, noise)
	m := model(t, make([]Dimension, 3), Prior{NoiseSpread: 3})
	h, density, err := m.Fit(x, y, nil, Descent{Iterations: 200, Tolerance: 1e-12})
	if err != nil {
		t.Fatal(err)
	}
	if h.Noise < noise*noise/2 || h.Noise > noise*noise*2 {
		t.Errorf("noise variance %v, want about %v", h.Noise, noise*noise)
	}
	if l := h.Lengthscales; !(l[0] < l[1] && l[1] < l[2] && l[2] > 3*l[0]) {
		t.Errorf("lengthscales %v do not tell what matters", l)
	}
	e, at, g := newEvidence(m, x, y), newTheta(&m.layout), newTheta(&m.layout)
	at.set(h)
	if value := e.at(h, g) + m.prior.add(at, g); !near(value, density, 1e-9) {
		t.Errorf("density %v, but %v at the hyperparameters", density, value)
	}
	for i, v := range g.values {
		if math.Abs(v) > 1e-2 {
			t.Errorf("derivative %d at the optimum is %v", i, v)
		}
	}
	worse := m.Default()
	again, best, err := m.Fit(x, y, []Hyperparameters{worse, h}, Descent{Iterations: 1})
	if err != nil || best < density-1e-6 || !near(again.Noise, h.Noise, 1e-3) {
		t.Errorf("of two starts the better one gives density %v, not %v; %v", best, density, err)
	}
}

// TestCategoriesAreAlike checks that lengthscales of categories are expected to be longer: in the beginning, and where
// data say nothing, by as much as the prior says.
func TestCategoriesAreAlike(t *testing.T) {
	m := model(t, []Dimension{{}, {Kind: Categorical}}, Prior{Categorical: 3})
	if l := m.Default().Lengthscales; !near(l[1], 3*l[0], 1e-12) {
		t.Errorf("lengthscales %v to begin with", l)
	}
	h, _, err := m.Fit([][]float64{{0.5, 1}}, []float64{0}, nil, Descent{Iterations: 200, Tolerance: 1e-14})
	if err != nil || !near(h.Lengthscales[1], 3*h.Lengthscales[0], 1e-3) {
		t.Errorf("lengthscales %v of a fit to nothing; %v", h.Lengthscales, err)
	}
	usual := model(t, []Dimension{{}, {Kind: Categorical}}, Prior{}).Default().Lengthscales
	if !near(usual[1], 5*usual[0], 1e-12) {
		t.Errorf("lengthscales %v by default", usual)
	}
}

// TestPriorMean checks that a basis that predicts the output gets weight, improves predictions far from data, and that
// one that is unrelated gets none.
func TestPriorMean(t *testing.T) {
	dims := []Dimension{{}, {Kind: Basis}}
	m := model(t, dims, Prior{Intercept: 1, NoiseSpread: 3})
	rng := rand.New(rand.NewPCG(5, 6))
	truth := func(x float64) float64 { return math.Sin(12 * x) }
	fit := func(mean func(float64) float64) (weight, miss float64) {
		var points [][]float64
		var y []float64
		for i := range 14 {
			x := 0.5 * (float64(i) + rng.Float64()) / 14
			points, y = append(points, []float64{x, mean(x)}), append(y, 1+2*truth(x))
		}
		h, _, err := m.Fit(points, y, nil, Descent{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := m.Condition(points, y, h)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []float64{0.7, 0.8, 0.9} {
			mean, _ := p.Predict([]float64{x, mean(x)})
			miss = max(miss, math.Abs(mean-1-2*truth(x)))
		}
		return h.Weights[0], miss
	}
	useful, missUseful := fit(truth)
	useless, missUseless := fit(func(float64) float64 { return rng.NormFloat64() })
	if useful < 100*useless || missUseful > 0.3 || missUseless < 2*missUseful {
		t.Errorf("weight %v, error %v with a mean that tells; %v, %v with one that does not", useful, missUseful, useless, missUseless)
	}
}

// TestRefused checks that what has the wrong shape, or is not finite, is an error.
func TestRefused(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	m := model(t, []Dimension{{}, {Group: 1}, {Kind: Categorical, Group: 1}}, Prior{})
	good := [][]float64{{0.1, 0.2, 0.5}, {0.3, nan, nan}}
	y := []float64{1, 2}
	if _, err := m.Condition(good, y, m.Default()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		points [][]float64
		y      []float64
		edit   func(*Hyperparameters)
	}{
		"short point":        {points: [][]float64{{0.1, 0.2}, good[1]}},
		"NaN":                {points: [][]float64{{nan, 0.2, 0.5}, good[1]}},
		"infinite":           {points: [][]float64{{inf, 0.2, 0.5}, good[1]}},
		"half a group":       {points: [][]float64{{0.1, 0.2, nan}, good[1]}},
		"outputs":            {y: []float64{1}},
		"NaN output":         {y: []float64{1, nan}},
		"no noise":           {edit: func(h *Hyperparameters) { h.Noise = 0 }},
		"lengthscales":       {edit: func(h *Hyperparameters) { h.Lengthscales = h.Lengthscales[:2] }},
		"negative intercept": {edit: func(h *Hyperparameters) { h.Intercept = -1 }},
	} {
		h, points, outputs := m.Default(), good, y
		if c.points != nil {
			points = c.points
		}
		if c.y != nil {
			outputs = c.y
		}
		if c.edit != nil {
			c.edit(&h)
		}
		if _, err := m.Condition(points, outputs, h); !errors.Is(err, ErrInput) {
			t.Errorf("%s: Condition: %v", name, err)
		}
		if _, err := m.Evidence(points, outputs, h); !errors.Is(err, ErrInput) {
			t.Errorf("%s: Evidence: %v", name, err)
		}
		if _, _, err := m.Fit(points, outputs, []Hyperparameters{h}, Descent{}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: Fit: %v", name, err)
		}
	}
	for _, dims := range [][]Dimension{{{Kind: 3}}, {{Group: -1}}, {{Group: 7}}} {
		if _, err := New(dims, Prior{}); !errors.Is(err, ErrInput) {
			t.Errorf("dimensions %v: %v", dims, err)
		}
	}
}
