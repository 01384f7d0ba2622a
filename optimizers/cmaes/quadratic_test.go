package cmaes

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// drawnFrom are k points of a distribution with their losses.
func drawnFrom(d *distribution, k int, loss func(x []float64) float64) []point {
	rng := rand.New(rand.NewPCG(5, 6))
	points, z := make([]point, k), make([]float64, d.n)
	for i := range points {
		for j := range z {
			z[j] = rng.NormFloat64()
		}
		x := make([]float64, d.n)
		d.place(z, x)
		points[i] = point{x: x, loss: loss(x)}
	}
	return points
}

// TestMinimiser fits a quadratic function with mixed terms, whose minimum it finds to rounding, and one without: there
// is none on a ridge or a saddle.
func TestMinimiser(t *testing.T) {
	axes := []axis{{}, {}, {}}
	bowl := func(x []float64) float64 {
		a, b, c := x[0]-0.52, x[1]-0.47, x[2]-0.5
		return 7 + 3*a*a + 2*b*b + 5*c*c + 2*a*b - b*c
	}
	for name, tc := range map[string]struct {
		loss   func(x []float64) float64
		points int
		found  bool
	}{
		"bowl":           {bowl, 20, true},
		"too few points": {bowl, 10, false},
		"saddle":         {func(x []float64) float64 { return x[0]*x[0] - x[1]*x[1] + x[2] }, 20, false},
		"plain":          {func([]float64) float64 { return 1 }, 20, false},
	} {
		d := newDistribution(newParameters(3, 7), []float64{0.5, 0.5, 0.5}, 0.1)
		q := newQuadratic(axes)
		q.note(drawnFrom(d, tc.points, tc.loss))
		x := q.minimiser(d)
		if (x != nil) != tc.found {
			t.Errorf("%s: minimiser %v", name, x)
			continue
		}
		if tc.found && math.Abs(x[0]-0.52)+math.Abs(x[1]-0.47)+math.Abs(x[2]-0.5) > 1e-6 {
			t.Errorf("%s: minimiser %v", name, x)
		}
		if q.minimiser(d) != nil {
			t.Errorf("%s: a second fit to the same points", name)
		}
	}
}

// TestMinimiserStaysNear: a minimum far away is approached by as much as a point of the distribution may lie away, and
// one outside the box is none.
func TestMinimiserStaysNear(t *testing.T) {
	axes := []axis{{}, {}}
	away := func(at float64) func(x []float64) float64 {
		return func(x []float64) float64 { return math.Pow(x[0]-at, 2) + math.Pow(x[1]-0.5, 2) }
	}
	d := newDistribution(newParameters(2, 6), []float64{0.5, 0.5}, 0.01)
	q := newQuadratic(axes)
	q.note(drawnFrom(d, 12, away(0.9)))
	limit := 0.01 * (math.Sqrt2 + 1)
	if x := q.minimiser(d); x == nil || math.Abs(x[0]-0.5-limit) > 1e-4 || math.Abs(x[1]-0.5) > 1e-4 {
		t.Errorf("minimiser %v, want %v to the right of the mean", x, limit)
	}
	d = newDistribution(newParameters(2, 6), []float64{0.99, 0.5}, 0.1)
	q = newQuadratic(axes)
	q.note(drawnFrom(d, 12, away(1.1)))
	if x := q.minimiser(d); x != nil {
		t.Errorf("minimiser %v lies outside", x)
	}
}

// TestMinimiserIsDrawn: in a bowl the model finds the minimum to rounding where the distribution alone is far from it,
// and the first trial of a generation, but no other of the same Ask, is the model's.
func TestMinimiserIsDrawn(t *testing.T) {
	p := box(t, 4)
	with, without := optimizer(t, p, Settings{}), optimizer(t, p, Settings{Model: None})
	play(t, with, 1, 80, sphere)
	play(t, without, 1, 80, sphere)
	if with.best > 1e-12 || without.best < 1e-6 {
		t.Errorf("after 80 trials the least loss is %v, %v without the model", with.best, without.best)
	}
	for with.run.next.least == nil {
		play(t, with, study.TrialID(with.history.Len()+1), 1, sphere)
	}
	least := with.coordinates.decode(with.run.next.least)
	suggestions, err := with.Ask(context.Background(), study.TrialID(with.history.Len()+1), 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range suggestions {
		if s.Config.Equal(least) != (i == 0) {
			t.Errorf("suggestion %d is %v, and the model's least point %v", i, s.Config, least)
		}
	}
}

// TestNoModel: where a coordinate is on a grid, where there are many, or where the settings say so.
func TestNoModel(t *testing.T) {
	params := []space.Hyperparameter{{Name: "x", High: 1}, {Name: "k", Type: space.TypeInt, Low: 1, High: 9}}
	s, err := space.New(params)
	if err != nil {
		t.Fatal(err)
	}
	grid := box(t, 2)
	grid.Space = s
	for name, o := range map[string]*Optimizer{
		"grid": optimizer(t, grid, Settings{}), "many": optimizer(t, box(t, mostModelled+1), Settings{}),
		"none": optimizer(t, box(t, 2), Settings{Model: None}),
	} {
		play(t, o, 1, 60, func(space.Config) float64 { return 0.5 })
		if o.run.model.coefficients != 0 || o.run.next.least != nil {
			t.Errorf("%s: a model of %d coefficients", name, o.run.model.coefficients)
		}
	}
	if o := optimizer(t, box(t, mostModelled), Settings{}); newQuadratic(o.coordinates.axes).coefficients == 0 {
		t.Errorf("no model in %d dimensions", mostModelled)
	}
}
