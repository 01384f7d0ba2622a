package kde

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOver(t *testing.T) {
	worst := 0.0
	for e := -700.0; e < 700; e += .0137 {
		ratio := over(e) / math.Exp(e)
		if worst = max(worst, ratio); ratio < 1-1e-12 || ratio > excess {
			t.Fatalf("over(%v) is %v times exp", e, ratio)
		}
	}
	if worst < 1.0614 {
		t.Errorf("the worst ratio seen is %v, which does not use up what excess allows", worst)
	}
}

// TestBounds checks what the bounds promise, on points and limits of which many are close.
func TestBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, opt := range []Options{{}, {Uniform: .5}, {Untruncated: true}} {
		m := New([]Dimension{{}, {Choices: 3}, {Cells: 5}, {}}, opt)
		for range 200 {
			u := rng.Float64
			m.Add([]float64{u(), u(), u(), u()}, []float64{.02 + u()/5, u() / 9, .02 + u()/5, .05 + u()/5}, .1+u())
		}
		exceeded, not := 0, 0
		for i := range 1000 {
			x := []float64{rng.Float64(), rng.Float64(), rng.Float64(), rng.Float64()}
			if i%3 == 0 {
				x[i%4] = math.NaN()
			}
			exact := m.LogDensity(x)
			if c := m.LogDensityCeiling(x); !(c >= exact && c <= exact+.07) {
				t.Fatalf("%+v: the ceiling of %v is %v", opt, exact, c)
			}
			limit := exact + .2*rng.NormFloat64()
			got := m.Exceeds(x, limit)
			if got && !(exact > limit) || !got && exact > limit+.07 {
				t.Fatalf("%+v: exceeds(%v) is %v for %v", opt, limit, got, exact)
			}
			if got {
				exceeded++
			} else {
				not++
			}
		}
		if exceeded < 300 || not < 300 {
			t.Errorf("%+v: exceeded %d times, %d not", opt, exceeded, not)
		}
	}
}

// TestBoundsOfNothing: a density that is nothing somewhere, or everywhere.
func TestBoundsOfNothing(t *testing.T) {
	inf := math.Inf(1)
	never := New([]Dimension{{Choices: 2}}, Options{})
	for _, m := range []*Mixture{never, never} {
		for _, limit := range []float64{0, -1e300, inf, -inf, math.NaN()} {
			if m.Exceeds([]float64{.9}, limit) {
				t.Errorf("%d kernels exceed %v where there is nothing", m.Len(), limit)
			}
		}
		if c := m.LogDensityCeiling([]float64{.9}); !math.IsInf(c, -1) {
			t.Errorf("%d kernels have the ceiling %v where there is nothing", m.Len(), c)
		}
		never.Add([]float64{.1}, []float64{0}, 1) // the second time: all at the other choice
	}
	if x := []float64{.1}; !never.Exceeds(x, -inf) || never.Exceeds(x, inf) || !never.Exceeds(x, -1e4) || never.Exceeds(x, 1) {
		t.Error("log 2 is compared wrongly")
	}
}

// TestCeilingIgnoresTheLastDraw: the kernel that was drawn from is looked at first, which must not show in any bit.
func TestCeilingIgnoresTheLastDraw(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	m := New([]Dimension{{Choices: 3}, {}, {Choices: 2}, {Cells: 5}, {}, {}}, Options{Uniform: .5})
	for range 50 {
		u := rng.Float64
		m.Add([]float64{u(), u(), u(), u(), u(), u()}, []float64{u() / 9, .02 + u()/9, u() / 9, .02 + u()/9, .02 + u()/9, .1}, .1+u())
	}
	x := make([]float64, 6)
	for range 200 {
		m.Sample(rng, 2, x)
		if rng.IntN(3) == 0 {
			x[rng.IntN(6)] = math.NaN()
		}
		want := math.NaN()
		for m.drawn = range m.Len() + 1 { // beyond the last: the uniform component
			c := m.LogDensityCeiling(x)
			if m.drawn == 0 {
				want = c
			}
			if c != want {
				t.Fatalf("the ceiling of %v is %v after a draw from kernel %d, %v after one from the first", x, c, m.drawn, want)
			}
		}
	}
}
