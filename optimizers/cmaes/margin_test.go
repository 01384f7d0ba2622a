package cmaes

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestMarginAgainstCmaes corrects random distributions over four coordinates of a few values and a continuous one, as
// the cmaes library does (testdata/margin.py).
func TestMarginAgainstCmaes(t *testing.T) {
	data, err := os.ReadFile("testdata/margin.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Counts           []int       `json:"counts"`
		Sigma            float64     `json:"sigma"`
		Covariance       [][]float64 `json:"covariance"`
		Mean             []float64   `json:"mean"`
		Stretch          []float64   `json:"stretch"`
		CorrectedMean    []float64   `json:"corrected_mean"`
		CorrectedStretch []float64   `json:"corrected_stretch"`
	}
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	moved := 0
	for k, tc := range cases {
		n := len(tc.Mean)
		axes := make([]axis, n)
		for i, count := range tc.Counts {
			axes[i] = axis{index: i, cells: cells{count: count}}
		}
		before := tc.Mean[0]
		d := newDistribution(newParameters(n, 8), tc.Mean, tc.Sigma)
		for i, row := range tc.Covariance {
			copy(d.c[i*n:], row)
		}
		m := newMargins(axes, 8)
		m.stretch = tc.Stretch
		m.correct(d)
		for i := range n {
			if !near(tc.CorrectedMean[i], d.mean[i], 1e-7) || !near(tc.CorrectedStretch[i], m.stretch[i], 1e-6*tc.CorrectedStretch[i]) {
				t.Errorf("case %d, coordinate %d: mean %v, stretch %v, want %v, %v", k, i, d.mean[i], m.stretch[i], tc.CorrectedMean[i], tc.CorrectedStretch[i])
			}
		}
		if d.mean[0] != before {
			moved++
		}
	}
	if moved < 10 {
		t.Errorf("only %d of %d means needed a correction: the cases show little", moved, len(cases))
	}
}

// TestMarginKeepsProbability corrects narrow distributions: the mean's neighbours, or the one neighbour at an end, keep
// the probability they must.
func TestMarginKeepsProbability(t *testing.T) {
	axes := []axis{{cells: cells{count: 5}}}
	for _, sigma := range []float64{1e-9, 1e-4, 1e-2, 0.05, 0.3, 3} {
		for _, mean := range []float64{-2, 0, 0.1, 0.19999, 0.31, 0.5, 0.77, 0.99, 1.5} {
			d := newDistribution(newParameters(1, 6), []float64{mean}, sigma)
			m := newMargins(axes, 6)
			m.correct(d)
			below, above := axes[0].cells.around(d.mean[0])
			deviation := sigma * m.stretch[0]
			low, high := upperTail((d.mean[0]-below)/deviation), upperTail((above-d.mean[0])/deviation)
			least := m.margin / 2
			if below == above {
				low, high, least = max(low, high), min(low, high), m.margin
			}
			if min(low, high) < least*(1-1e-6) || math.IsNaN(low+high) {
				t.Errorf("mean %v, step %v: probabilities %v and %v beside the mean's value, want %v at least", mean, sigma, low, high, least)
			}
		}
	}
}

// TestFindsIntegers minimises a sphere over five integers, a switch and four numbers, whose optimum the first step
// size is far too small to reach from afar without margins; random search finds it in none of 30 runs.
func TestFindsIntegers(t *testing.T) {
	params := []space.Hyperparameter{{Name: "switch", Type: space.TypeBool}}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		params = append(params, space.Hyperparameter{Name: name, Type: space.TypeInt, Low: -10, High: 10})
	}
	for _, name := range []string{"u", "v", "w", "x"} {
		params = append(params, space.Hyperparameter{Name: name, Low: -10, High: 10})
	}
	s, err := space.New(params)
	if err != nil {
		t.Fatal(err)
	}
	loss := func(c space.Config) float64 {
		sum := 0.0
		for _, h := range params[1:] {
			sum += math.Pow(c[h.Name].Float()-7, 2)
		}
		if !c["switch"].Bool() {
			sum += 10
		}
		return sum
	}
	found := 0
	for seed := range uint64(10) {
		p := study.Problem{Space: s, Objectives: []study.Objective{{Metric: problem.Metric}}, Seed: seed}
		o, err := New(p, Settings{Sigma0: 0.02})
		if err != nil {
			t.Fatal(err)
		}
		play(t, o, 1, 1500, loss)
		if o.best < 1e-3 {
			found++
		}
	}
	if found < 9 {
		t.Errorf("the optimum is found in %d of 10 runs", found)
	}
}
