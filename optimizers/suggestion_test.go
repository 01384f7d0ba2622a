package optimizers_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestCheckSuggestions lists what an optimizer may not answer.
func TestCheckSuggestions(t *testing.T) {
	p := problemOf(t, 1)
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 81, Integer: true}, {Name: "share", Low: 0.1, High: 1}}
	for _, tc := range []struct {
		name string
		edit func(s *study.Suggestion)
		want string // empty: allowed
	}{
		{"plain", func(*study.Suggestion) {}, ""},
		{"whole number for a float", func(s *study.Suggestion) { s.Config["x"] = space.Int(1) }, ""},
		{"fidelity", func(s *study.Suggestion) { s.Fidelity = study.Fidelity{"epochs": 9, "share": 0.5} }, ""},
		{"parent", func(s *study.Suggestion) { s.Parent = 4 }, ""},
		{"number", func(s *study.Suggestion) { s.ID = 7 }, "number 7 instead of 6"},
		{"value outside", func(s *study.Suggestion) { s.Config["x"] = space.Float(2) }, "outside [-1, 1]"},
		{"inactive value", func(s *study.Suggestion) { s.Config["n"] = space.Int(2) }, "inactive"},
		{"missing value", func(s *study.Suggestion) { delete(s.Config, "x") }, "missing"},
		{"unknown fidelity", func(s *study.Suggestion) { s.Fidelity = study.Fidelity{"rows": 1} }, `no fidelity "rows"`},
		{"fidelity outside", func(s *study.Suggestion) { s.Fidelity = study.Fidelity{"epochs": 82} }, "outside [1, 81]"},
		{"broken fidelity", func(s *study.Suggestion) { s.Fidelity = study.Fidelity{"epochs": 2.5} }, "no integer"},
		{"unfinished parent", func(s *study.Suggestion) { s.Parent = 5 }, "trial 5, which has not ended"},
		{"host's origin", func(s *study.Suggestion) { s.Origin = optimizers.OriginWarmStart }, "is the host's"},
	} {
		list := []study.Suggestion{{ID: 5, Config: plain(0)}, {ID: 6, Config: plain(0.5), Seed: 9, Origin: "mine"}}
		tc.edit(&list[1])
		got, err := optimizers.CheckSuggestions(p, list, 5, 2)
		if tc.want != "" {
			if !errors.Is(err, optimizers.ErrContract) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want ErrContract with %q", tc.name, err, tc.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got[0].Seed != p.TrialSeed(5) || got[0].Origin != optimizers.OriginOptimizer || got[1].Seed != 9 || got[1].Origin != "mine" {
			t.Errorf("%s: filled in as %+v", tc.name, got)
		}
		if got[1].Config["x"].Kind() != space.KindFloat {
			t.Errorf("%s: x is a %v", tc.name, got[1].Config["x"].Kind())
		}
		if list[0].Origin != "" {
			t.Errorf("%s: the optimizer's own slice is changed", tc.name)
		}
	}
	if _, err := optimizers.CheckSuggestions(p, make([]study.Suggestion, 3), 1, 2); !errors.Is(err, optimizers.ErrContract) {
		t.Errorf("three suggestions for two: %v", err)
	}
}

func TestIncumbent(t *testing.T) {
	p := study.Problem{Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 81}, {Name: "rows", Low: 10, High: 100}}}
	trial := func(id study.TrialID, loss float64, f study.Fidelity) study.Trial {
		return study.Trial{Suggestion: study.Suggestion{ID: id, Fidelity: f}, Status: study.Complete, Losses: []float64{loss}}
	}
	pruned, failed := trial(8, -9, nil), trial(9, -9, nil)
	pruned.Status, failed.Status, failed.Losses = study.Pruned, study.Failed, nil
	low := study.Fidelity{"epochs": 27, "rows": 50}
	for _, tc := range []struct {
		name   string
		trials []study.Trial
		want   study.TrialID // 0: none
	}{
		{"none", nil, 0},
		{"none complete", []study.Trial{pruned, failed}, 0},
		{"least", []study.Trial{trial(1, 2, nil), trial(2, 1, nil), trial(3, 3, nil)}, 2},
		{"earliest of equals", []study.Trial{trial(2, 1, nil), trial(1, 1, nil), pruned, failed}, 1},
		{"full fidelity first", []study.Trial{trial(1, 1, low), trial(2, 5, nil), trial(3, 0, low)}, 2},
		{"a maximum spelled out is full", []study.Trial{trial(1, 1, study.Fidelity{"epochs": 81}), trial(2, 5, nil)}, 1},
		{"highest seen", []study.Trial{trial(1, 1, study.Fidelity{"epochs": 1}), trial(2, 5, low), trial(3, 4, low)}, 3},
	} {
		best, ok := optimizers.Incumbent(p, tc.trials)
		if ok != (tc.want != 0) || best.ID != tc.want {
			t.Errorf("%s: trial %d, %v; want %d", tc.name, best.ID, ok, tc.want)
		}
	}
	if got := optimizers.Effort(p, low); got != 1.0/6 {
		t.Errorf("effort of a third of the epochs on half of the rows: %v", got)
	}
}
