package gp

import (
	"context"
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers/acquisition"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// lattice is a space of 12 x 5 x 3 configurations, and a rough function on it.
func lattice(t *testing.T) (study.Problem, func(space.Config) float64) {
	t.Helper()
	names := []space.Value{space.String("a"), space.String("b"), space.String("c")}
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Type: space.TypeInt, Low: 0, High: 11},
		{Name: "y", Type: space.TypeInt, Low: 0, High: 4},
		{Name: "z", Type: space.TypeCategorical, Choices: names},
	})
	if err != nil {
		t.Fatal(err)
	}
	rough := func(c space.Config) float64 {
		x, y, z := c["x"].Float(), c["y"].Float(), 0.0
		if c["z"] == names[1] {
			z = 1
		}
		return (x-7)*(x-7)/20 + (y-2)*(y-2)/4 + z + 0.3*math.Sin(17*x+5*y*y+z)
	}
	return study.Problem{Space: s}, rough
}

// TestGridOptimum compares what is proposed on a grid with the best of all its points that were not tried. Points that
// were, which may promise more where there is noise, neither hide it nor are proposed again.
func TestGridOptimum(t *testing.T) {
	p, loss := lattice(t)
	o, err := New(p, Settings{})
	if err != nil {
		t.Fatal(err)
	}
	noisy := 0
	for id := study.TrialID(1); id <= 60; id++ {
		asked, err := o.Ask(context.Background(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		if asked[0].Origin == Origin {
			best, hidden := gridOptimum(t, o)
			row := o.inputs.codec.Encode(asked[0].Config)
			mean, variance := o.model.posterior.Predict(o.inputs.point(nil, row))
			if score := acquisition.LogEI(mean, math.Sqrt(variance), o.model.best); score < best-1e-9*math.Abs(best) {
				t.Errorf("trial %d scores %v, the grid's best point %v", id, score, best)
			}
			if hidden {
				noisy++
			}
		}
		ended := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{loss(asked[0].Config)}}
		if err := o.Tell(context.Background(), ended); err != nil {
			t.Fatal(err)
		}
	}
	if noisy == 0 {
		t.Error("no point that was tried ever promised most, so that nothing was tested")
	}
}

// gridOptimum returns the best score of all points that were not tried, and whether one that was is better.
func gridOptimum(t *testing.T, o *Optimizer) (best float64, hidden bool) {
	t.Helper()
	all, finite := o.problem.Space.Enumerate()
	if !finite {
		t.Fatal("the space is not finite")
	}
	best, tried := math.Inf(-1), math.Inf(-1)
	for c := range all {
		row := o.inputs.codec.Encode(c)
		mean, variance := o.model.posterior.Predict(o.inputs.point(nil, row))
		score := acquisition.LogEI(mean, math.Sqrt(variance), o.model.best)
		if o.model.tried(row) {
			tried = max(tried, score)
		} else {
			best = max(best, score)
		}
	}
	return best, tried > best
}

// TestBatchOnAGrid asks for all that is left of a grid at once, and then for more.
func TestBatchOnAGrid(t *testing.T) {
	p, loss := lattice(t)
	o, err := New(p, Settings{Candidates: 300, Starts: 2})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	ask := func(first study.TrialID, n int) {
		asked, err := o.Ask(context.Background(), first, n)
		if err != nil || len(asked) != n {
			t.Fatalf("%d of %d proposals: %v", len(asked), n, err)
		}
		for _, s := range asked {
			hash, err := s.Config.Hash()
			if err != nil || seen[hash] {
				t.Errorf("trial %d is %v again; %v", s.ID, s.Config, err)
			}
			seen[hash] = true
			ended := study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{loss(s.Config)}}
			if err := o.Tell(context.Background(), ended); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(1, 20)
	ask(21, 160)
	if asked, err := o.Ask(context.Background(), 181, 1); err == nil {
		t.Errorf("trial 181 of 180 configurations is %v", asked)
	}
}
