package lhs

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func opener(set Settings) optimizertest.Open {
	return func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
		tb.Helper()
		o, err := New(p, set)
		if err != nil {
			tb.Fatal(err)
		}
		return o
	}
}

func TestConforms(t *testing.T) {
	optimizertest.Conform(t, opener(Settings{DesignSize: 7}), optimizertest.Options{})
}

func problem(t *testing.T) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "x", Low: -1, High: 3}, {Name: "rate", Low: 1e-4, High: 1, Log: true},
		{Name: "fixed", Type: space.TypeConstant, Choices: []space.Value{space.Int(1)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Seed: 4}
}

// TestEveryBlockIsALatinHypercube asks for three blocks and the beginning of a fourth: each block meets every slice of
// every parameter once, no two blocks are alike, and the first is space.Design's.
func TestEveryBlockIsALatinHypercube(t *testing.T) {
	p := problem(t)
	for _, tc := range []struct{ setting, size int }{{13, 13}, {1, 1}, {0, 20}} {
		o := opener(Settings{DesignSize: tc.setting})(t, p, nil)
		answer, err := o.Ask(context.Background(), 1, 3*tc.size+1)
		if err != nil || len(answer) != 3*tc.size+1 {
			t.Fatalf("%d suggestions, %v", len(answer), err)
		}
		for block := range 3 {
			met := [2]map[int]bool{{}, {}}
			for _, s := range answer[block*tc.size : (block+1)*tc.size] {
				u := p.Space.Encode(s.Config)
				for j := range met {
					met[j][min(int(u[j]*float64(tc.size)), tc.size-1)] = true
				}
			}
			if len(met[0]) != tc.size || len(met[1]) != tc.size {
				t.Errorf("block %d of %d meets %d and %d slices", block, tc.size, len(met[0]), len(met[1]))
			}
		}
		if answer[0].Config.Equal(answer[tc.size].Config) {
			t.Error("the second block repeats the first")
		}
		design, err := p.Space.Design(space.LatinHypercube, tc.size, p.Seed)
		if err != nil || !design[tc.size-1].Equal(answer[tc.size-1].Config) {
			t.Errorf("the first block is not the design of %d, %v", tc.size, err)
		}
	}
}

func TestRefusesNegativeSize(t *testing.T) {
	for _, size := range []int{-3, largestDesign + 1, math.MaxInt} {
		_, err := New(problem(t), Settings{DesignSize: size})
		if want := fmt.Sprintf("design_size is %d; give the number of configurations of a block, at most 100000", size); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
