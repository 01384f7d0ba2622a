package gaussian

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// reference is a process in testdata/reference.json, which testdata/reference.py wrote.
type reference struct {
	X            [][]*float64 `json:"x"`
	New          [][]*float64 `json:"new"`
	Y            []float64    `json:"y"`
	Scale        float64      `json:"scale"`
	Noise        float64      `json:"noise"`
	Intercept    float64      `json:"intercept"`
	Lengthscales []float64    `json:"lengthscales"`
	Amplitudes   []float64    `json:"amplitudes"`
	Weights      []float64    `json:"weights"`
	Mean         []float64    `json:"mean"`
	Variance     []float64    `json:"variance"`
	Evidence     float64      `json:"evidence"`
	Gradient     []float64    `json:"gradient"`
}

func (r reference) hyperparameters() Hyperparameters {
	return Hyperparameters{
		Scale: r.Scale, Noise: r.Noise, Intercept: r.Intercept, Lengthscales: r.Lengthscales,
		Amplitudes: r.Amplitudes, Weights: r.Weights,
	}
}

// references reads the file into the given fields.
func references(tb testing.TB) (numeric, mixed reference, power powers) {
	tb.Helper()
	data, err := os.ReadFile("testdata/reference.json")
	if err != nil {
		tb.Fatal(err)
	}
	all := struct {
		Numeric, Mixed reference
		Power          powers
	}{}
	if err := json.Unmarshal(data, &all); err != nil {
		tb.Fatal(err)
	}
	return all.Numeric, all.Mixed, all.Power
}

// points turns null into NaN.
func points(rows [][]*float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		for _, v := range row {
			if v == nil {
				out[i] = append(out[i], math.NaN())
				continue
			}
			out[i] = append(out[i], *v)
		}
	}
	return out
}

// mixedDimensions are those of the mixed reference.
func mixedDimensions() []Dimension {
	return []Dimension{{}, {Kind: Categorical}, {Group: 1}, {Kind: Categorical, Group: 1}, {Group: 2}, {Kind: Basis}}
}

func model(tb testing.TB, dims []Dimension, prior Prior) *Model {
	tb.Helper()
	m, err := New(dims, prior)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*max(1, math.Abs(b)) }

// TestPosterior checks means, variances and evidence against scikit-learn, and against numpy for the mixed kernel.
func TestPosterior(t *testing.T) {
	numeric, mixed, _ := references(t)
	for _, c := range []struct {
		name string
		dims []Dimension
		reference
	}{
		{"numeric", make([]Dimension, 3), numeric},
		{"mixed", mixedDimensions(), mixed},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, x, fresh, h := model(t, c.dims, Prior{}), points(c.X), points(c.New), c.hyperparameters()
			p, err := m.Condition(x, c.Y, h)
			if err != nil {
				t.Fatal(err)
			}
			checkPredictions(t, p, fresh, c.reference)
			evidence, err := m.Evidence(x, c.Y, h)
			if err != nil || !near(evidence, c.Evidence, 1e-8) {
				t.Errorf("evidence %.15g, want %.15g; %v", evidence, c.Evidence, err)
			}
			// the same, one point at a time
			grown, err := m.Condition(nil, nil, h)
			for i := range x {
				if err == nil {
					err = grown.Append(x[i], c.Y[i])
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			checkPredictions(t, grown, fresh, c.reference)
			for i, v := range p.Fitted(nil) {
				if mean, _ := p.Predict(x[i]); !near(v, mean, 1e-9) {
					t.Errorf("fitted value %d is %v, predicted %v", i, v, mean)
				}
			}
		})
	}
}

func checkPredictions(t *testing.T, p *Posterior, fresh [][]float64, r reference) {
	t.Helper()
	means, bounds, variances := make([]float64, len(fresh)), make([]float64, len(fresh)), make([]float64, len(fresh))
	p.Screen(fresh, means, bounds)
	p.Variances(fresh, variances)
	for i, x := range fresh {
		mean, variance := p.Predict(x)
		if !near(mean, r.Mean[i], 1e-8) || !near(variance, r.Variance[i], 1e-8) {
			t.Errorf("point %d: mean %.12g, variance %.12g; want %.12g, %.12g", i, mean, variance, r.Mean[i], r.Variance[i])
		}
		if !near(means[i], mean, 1e-12) || !near(variances[i], variance, 1e-11) || bounds[i] < variance*(1-1e-9) {
			t.Errorf("point %d: screened %v, at most %v, in a block %v; alone %v, %v", i, means[i], bounds[i], variances[i], mean, variance)
		}
	}
}

// TestEvidenceGradient checks the gradient against scikit-learn's.
func TestEvidenceGradient(t *testing.T) {
	r, _, _ := references(t)
	m := model(t, make([]Dimension, 3), Prior{})
	g := newTheta(&m.layout)
	value := newEvidence(m, points(r.X), r.Y).at(r.hyperparameters(), g)
	if !near(value, r.Evidence, 1e-8) {
		t.Errorf("evidence %.15g, want %.15g", value, r.Evidence)
	}
	for i, want := range r.Gradient {
		if !near(g.values[i], want, 1e-8) {
			t.Errorf("derivative %d is %.12g, want %.12g", i, g.values[i], want)
		}
	}
}

// TestDensityGradient checks the gradients of evidence and prior against differences, for both kinds of kernel.
func TestDensityGradient(t *testing.T) {
	numeric, mixed, _ := references(t)
	for _, c := range []struct {
		dims  []Dimension
		warps []Warp
		reference
	}{
		{make([]Dimension, 3), nil, numeric},
		{mixedDimensions(), nil, mixed},
		{make([]Dimension, 3), bends(3), numeric},
		{mixedDimensions(), bends(6), mixed},
	} {
		m := model(t, c.dims, Prior{Intercept: 0.5, Warp: float64(len(c.warps))})
		e := newEvidence(m, points(c.X), c.Y)
		density := func(at theta, g theta) float64 {
			return e.at(at.hyperparameters(m.prior.Intercept), g) + m.prior.add(at, g)
		}
		at, g, h := newTheta(&m.layout), newTheta(&m.layout), c.hyperparameters()
		h.Warps = c.warps
		at.set(h)
		density(at, g)
		for i := range at.values {
			const step = 1e-5
			up, down := newTheta(&m.layout), newTheta(&m.layout)
			copy(up.values, at.values)
			copy(down.values, at.values)
			up.values[i] += step
			down.values[i] -= step
			want := (density(up, newTheta(&m.layout)) - density(down, newTheta(&m.layout))) / (2 * step)
			if math.Abs(g.values[i]-want) > 1e-6*max(1, math.Abs(want)) {
				t.Errorf("%d dimensions, warps %v, derivative %d is %.10g, by differences %.10g", len(c.dims), c.warps, i, g.values[i], want)
			}
		}
	}
}

// TestPredictionGradient checks derivatives by the input against differences.
func TestPredictionGradient(t *testing.T) {
	numeric, mixed, _ := references(t)
	for _, c := range []struct {
		dims  []Dimension
		warps []Warp
		reference
	}{
		{make([]Dimension, 3), nil, numeric},
		{mixedDimensions(), nil, mixed},
		{make([]Dimension, 3), bends(3), numeric},
		{mixedDimensions(), bends(6), mixed},
	} {
		h := c.hyperparameters()
		h.Warps = c.warps
		p, err := model(t, c.dims, Prior{Warp: float64(len(c.warps))}).Condition(points(c.X), c.Y, h)
		if err != nil {
			t.Fatal(err)
		}
		byMean, byVariance := make([]float64, len(c.dims)), make([]float64, len(c.dims))
		for _, x := range points(c.New) {
			mean, variance := p.Gradient(x, byMean, byVariance)
			if m, v := p.Predict(x); m != mean || v != variance {
				t.Fatalf("gradient at mean %v, variance %v; predicted %v, %v", mean, variance, m, v)
			}
			alone := make([]float64, len(c.dims))
			if m := p.MeanGradient(x, alone); m != mean || p.Mean(x) != mean || !slices.Equal(alone, byMean) {
				t.Errorf("mean %v with derivatives %v, alone %v with %v", mean, byMean, m, alone)
			}
			for i, d := range c.dims {
				wantMean, wantVariance := 0.0, 0.0
				if d.Kind != Categorical && !math.IsNaN(x[i]) {
					const step = 1e-5
					at := x[i]
					x[i] = at + step
					upMean, upVariance := p.Predict(x)
					x[i] = at - step
					downMean, downVariance := p.Predict(x)
					x[i] = at
					wantMean, wantVariance = (upMean-downMean)/(2*step), (upVariance-downVariance)/(2*step)
				}
				if math.Abs(byMean[i]-wantMean) > 1e-6 || math.Abs(byVariance[i]-wantVariance) > 1e-6 {
					t.Errorf("coordinate %d: %v, %v; by differences %v, %v", i, byMean[i], byVariance[i], wantMean, wantVariance)
				}
			}
		}
	}
}
