package gaussian

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func condition(tb testing.TB, n int) (*Posterior, [][]float64, []float64) {
	tb.Helper()
	x, y := wavy(n, 0)
	m := model(tb, make([]Dimension, 3), Prior{})
	h := m.Default()
	h.Noise = 1e-6
	p, err := m.Condition(x, y, h)
	if err != nil {
		tb.Fatal(err)
	}
	return p, x, y
}

// TestFantasise checks that a fantasy leaves means as they are, takes the variance at its point, agrees with an
// observation of the mean, and that taking it away restores every bit.
func TestFantasise(t *testing.T) {
	p, _, _ := condition(t, 40)
	other, _, _ := condition(t, 40)
	at, elsewhere := []float64{0.31, 0.2, 0.9}, []float64{0.4, 0.3, 0.8}
	mean, variance := p.Predict(at)
	wantMean, before := p.Predict(elsewhere)
	if err := p.Fantasise(at); err != nil {
		t.Fatal(err)
	}
	if err := other.Append(at, mean); err != nil {
		t.Fatal(err)
	}
	if m, v := p.Predict(at); !near(m, mean, 1e-9) || v > 1e-3*variance {
		t.Errorf("at the fantasy: mean %v, variance %v; before %v, %v", m, v, mean, variance)
	}
	gotMean, after := p.Predict(elsewhere)
	appendedMean, appended := other.Predict(elsewhere)
	if gotMean != wantMean || after >= before || !near(appended, after, 1e-12) || !near(appendedMean, gotMean, 1e-6) {
		t.Errorf("beside it: mean %v, variance %v; before %v, %v; observed %v, %v", gotMean, after, wantMean, before, appendedMean, appended)
	}
	p.Truncate(40)
	if m, v := p.Predict(elsewhere); p.Len() != 40 || m != wantMean || v != before {
		t.Errorf("without the fantasy: mean %v, variance %v; before %v, %v", m, v, wantMean, before)
	}
	other.Truncate(40)
	if m, v := other.Predict(elsewhere); !near(m, wantMean, 1e-9) || v != before {
		t.Errorf("without the observation: mean %v, variance %v; before %v, %v", m, v, wantMean, before)
	}
}

// TestUpdateTakesOnePath checks that points added together, one by one, and with fantasies in between give the same
// bits.
func TestUpdateTakesOnePath(t *testing.T) {
	x, y := wavy(90, 0.1)
	m := model(t, make([]Dimension, 3), Prior{})
	start := func() *Posterior {
		p, err := m.Condition(x[:30], y[:30], m.Default())
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	together, single := start(), start()
	if err := together.Update(x[30:], y); err != nil {
		t.Fatal(err)
	}
	for i := 30; i < 90; i++ {
		if err := single.Fantasise([]float64{0.5, 0.5, 0.5}); err != nil {
			t.Fatal(err)
		}
		single.Truncate(i)
		if err := single.Update(x[i:i+1], y[:i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(together.Fitted(nil), single.Fitted(nil)) {
		t.Error("fitted values differ")
	}
	at := []float64{0.123, 0.456, 0.789}
	m1, v1 := together.Predict(at)
	m2, v2 := single.Predict(at)
	if m1 != m2 || v1 != v2 {
		t.Errorf("together mean %v, variance %v; one by one %v, %v", m1, v1, m2, v2)
	}
	if err := single.Update(nil, y[:3]); !errors.Is(err, ErrInput) {
		t.Errorf("too few outputs: %v", err)
	}
	if err := single.Update([][]float64{{1, math.NaN(), 0}}, append(y, 1)); !errors.Is(err, ErrInput) || single.Len() != 90 {
		t.Errorf("a bad point: %v, %d points", err, single.Len())
	}
}

// TestRepeatedPoints checks that the same point over and over, with different outputs, keeps everything finite.
func TestRepeatedPoints(t *testing.T) {
	m := model(t, make([]Dimension, 2), Prior{})
	h := m.Default()
	h.Noise = 1e-12
	p, err := m.Condition(nil, nil, h)
	if err != nil {
		t.Fatal(err)
	}
	var x [][]float64
	var y []float64
	for i := range 60 {
		x, y = append(x, []float64{0.5, 0.25}), append(y, float64(i%2))
	}
	if err := p.Update(x, y); err != nil {
		t.Fatal(err)
	}
	mean, variance := p.Predict(x[0])
	if math.IsNaN(mean) || !(variance > 0) || variance > 1e-3 {
		t.Errorf("mean %v, variance %v", mean, variance)
	}
	if q, err := m.Condition(x, y, h); err != nil || q.Len() != 60 {
		t.Errorf("all at once: %v", err)
	}
}

// TestNoData checks the prior.
func TestNoData(t *testing.T) {
	m := model(t, mixedDimensions(), Prior{})
	h := m.Default()
	h.Intercept, h.Amplitudes, h.Weights = 2, []float64{3, 5}, []float64{7}
	p, err := m.Condition(nil, nil, h)
	if err != nil {
		t.Fatal(err)
	}
	x := []float64{0.1, 0.5, 0.3, 0.5, math.NaN(), 2}
	variances := make([]float64, 1)
	p.Variances([][]float64{x}, variances)
	if mean, v := p.Predict(x); mean != 0 || v != 1*(1+3)+2+7*4 || variances[0] != v {
		t.Errorf("mean %v, variance %v, in a block %v", mean, v, variances[0])
	}
}

// TestAllocations checks that predictions allocate nothing.
func TestAllocations(t *testing.T) {
	p, _, _ := condition(t, 50)
	x, byMean, byVariance := []float64{0.1, 0.2, 0.3}, make([]float64, 3), make([]float64, 3)
	means, variances := make([]float64, 1), make([]float64, 1)
	points := [][]float64{x}
	if n := testing.AllocsPerRun(20, func() {
		p.Predict(x)
		p.Gradient(x, byMean, byVariance)
		p.Screen(points, means, variances)
	}); n != 0 {
		t.Errorf("%v allocations per prediction", n)
	}
}

func BenchmarkGradient(b *testing.B) {
	p, _, _ := condition(b, 1000)
	x, byMean, byVariance := []float64{0.1, 0.2, 0.3}, make([]float64, 3), make([]float64, 3)
	for b.Loop() {
		p.Gradient(x, byMean, byVariance)
	}
}

func BenchmarkEvidence(b *testing.B) {
	x, y := wavy(400, 0)
	m := model(b, make([]Dimension, 3), Prior{})
	e, g := newEvidence(m, x, y), newTheta(&m.layout)
	for b.Loop() {
		e.at(m.Default(), g)
	}
}
