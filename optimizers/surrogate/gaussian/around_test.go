package gaussian

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// branches draws a point of mixedDimensions: each of the two groups may be inactive.
func branches(rng *rand.Rand) []float64 {
	x := []float64{rng.Float64(), float64(rng.IntN(3)), math.NaN(), math.NaN(), math.NaN(), rng.NormFloat64()}
	if rng.IntN(2) == 0 {
		x[2], x[3] = rng.Float64(), float64(rng.IntN(2))
	}
	if rng.IntN(2) == 0 {
		x[4] = rng.Float64()
	}
	return x
}

// branched returns the posterior of points in branches, some of which were added one by one and some taken away again.
func branched(t *testing.T, prior Prior) *Posterior {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, 7))
	var x [][]float64
	var y []float64
	for range 40 {
		x, y = append(x, branches(rng)), append(y, rng.NormFloat64())
	}
	m := model(t, mixedDimensions(), prior)
	p, err := m.Condition(x[:20], y[:20], m.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, extra := range x[20:30] {
		if err := p.Fantasise(extra); err != nil {
			t.Fatal(err)
		}
	}
	p.Truncate(20)
	if err := p.Update(x[30:], slices.Concat(y[:20], y[30:])); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAround compares neighbours of points, in some of which other groups are active, with predictions of their own: the
// same to the last bit.
func TestAround(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, prior := range map[string]Prior{"plain": {Intercept: 10}, "warped": {Warp: 0.5}} {
		p := branched(t, prior)
		for range 30 {
			point := branches(rng)
			a := p.Around(point)
			for range 20 {
				x, coordinates := slices.Clone(point), []int{}
				from := branches(rng)
				for _, group := range [][]int{{0}, {1}, {2, 3}, {4}, {5}} {
					if rng.IntN(3) == 0 {
						for _, j := range group {
							x[j], coordinates = from[j], append(coordinates, j)
						}
					}
				}
				mean, variance := p.Predict(x)
				worth := rng.IntN(4) > 0
				gotMean, gotVariance, ok := a.Predict(x, coordinates, func(m, bound float64) bool {
					if m != mean || bound < variance*(1-1e-12) {
						t.Errorf("%s: mean %v and a bound of %v, want %v and at least %v", name, m, bound, mean, variance)
					}
					return worth
				})
				if gotMean != mean || ok != worth || (ok && gotVariance != variance) {
					t.Fatalf("%s: %v of %v is %v, %v, %v, want %v, %v", name, x, point, gotMean, gotVariance, ok, mean, variance)
				}
			}
		}
	}
}

// TestCross compares the covariances of a point with all others with those that are computed pair by pair.
func TestCross(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	p := branched(t, Prior{Intercept: 10})
	for range 50 {
		p.covariances(branches(rng))
		for i, c := range p.across[:p.n] {
			if want := p.kernel.at(p.x, p.active, p.point(i)); c != want {
				t.Fatalf("covariance %d is %v, want %v", i, c, want)
			}
		}
	}
}
