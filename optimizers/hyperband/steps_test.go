package hyperband

import (
	"context"
	"maps"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/tpe"
)

func TestSteps(t *testing.T) {
	for _, tc := range []struct {
		name         string
		below, above []float64
		median       float64
		faithful     bool
	}{
		{"none", nil, nil, 0, false},
		{"too few", []float64{1, 2}, []float64{0, 1}, -1, false},
		{"in order", []float64{3, 1, 2}, []float64{2.5, 0, 1.5}, -0.5, true},
		{"one pair of three turned", []float64{1, 2, 3}, []float64{1, 3, 2}, 0, false},
		{"one pair of ten turned", []float64{1, 2, 3, 4, 5}, []float64{0, 1, 2, 4, 3}, -1, true},
		{"two pairs of ten turned", []float64{1, 2, 3, 4, 5}, []float64{1, 0, 2, 4, 3}, -1, false},
		{"too far apart", []float64{-1e308, 1, 2}, []float64{1e308, 1, 2}, 0, false},
		{"even number", []float64{0, 0}, []float64{1, 2}, 2, false},
	} {
		var s steps
		for i := range tc.below {
			s.add(tc.below[i], tc.above[i])
		}
		if s.median() != tc.median || s.faithful() != tc.faithful {
			t.Errorf("%s: median %v, faithful %v; want %v, %v", tc.name, s.median(), s.faithful(), tc.median, tc.faithful)
		}
	}
}

// TestTakeOverWithFaithfulLevels: where steps keep the order, an inner optimizer that takes over is told the new
// configurations of the lower level, too, moved; where one pair of three is turned, it is not.
func TestTakeOverWithFaithfulLevels(t *testing.T) {
	p := find(t, "counting_ones").Study(1)
	c := p.Space.Default()
	for name, tc := range map[string]struct {
		above []float64
		told  map[study.TrialID]float64
	}{
		// 6, 8, 10 became 2, 4, 6: a change of -4.
		"faithful": {[]float64{2, 4, 6}, map[study.TrialID]float64{1: 2, 2: 4, 3: 6, 4: -1, 5: 2, 6: 4, 7: 6}},
		"turned":   {[]float64{2, 6, 4}, map[study.TrialID]float64{5: 2, 6: 6, 7: 4}},
	} {
		m := around(t, p, AroundSettings{Points: 3}).models
		m.settings.Points = 100 // nobody takes over before the end
		tell := func(id, parent study.TrialID, b, loss float64) {
			trial := study.Trial{
				Suggestion: study.Suggestion{ID: id, Parent: parent, Config: c, Fidelity: study.Fidelity{"b": b}},
				Status:     study.Complete, Losses: []float64{loss},
			}
			if err := m.Tell(context.Background(), trial); err != nil {
				t.Fatal(err)
			}
		}
		for i, loss := range []float64{6, 8, 10, 3} {
			tell(study.TrialID(i+1), 0, 9, loss)
		}
		m.settings.Points = 3
		for i, loss := range tc.above {
			tell(study.TrialID(i+5), study.TrialID(i+1), 27, loss)
		}
		got := map[study.TrialID]float64{}
		for _, told := range m.inner.(*climber).told {
			got[told.ID] = told.Losses[0]
		}
		if m.level != 1 || !maps.Equal(got, tc.told) {
			t.Errorf("%s: level %d was told %v, want %v", name, m.level, got, tc.told)
		}
	}
}

// TestFaithfulLevelsHelp runs TPE on branin, whose cheap evaluations are exact, over 10 seeds: what was learned at lower
// levels is not lost when a higher one takes over, which without them would leave a regret of .05.
func TestFaithfulLevelsHelp(t *testing.T) {
	p := find(t, "branin")
	p.Fidelities = []study.Range{{Name: "steps", Low: 1, High: 81, Integer: true}}
	sum := 0.0
	for seed := range uint64(10) {
		a, err := NewAround(p.Study(seed), AroundSettings{}, func(p study.Problem) (optimizers.Optimizer, error) {
			return tpe.New(p, tpe.Settings{})
		})
		if err != nil {
			t.Fatal(err)
		}
		sum += regretAt(t, p, run(t, p, a, seed, 300), 25)
	}
	if sum/10 > 0.02 {
		t.Errorf("mean regret %v", sum/10)
	}
}
