package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// TestAutoIsTheOptimizerOfItsChoice follows the number of trials into the choice by what its proposals say they are.
func TestAutoIsTheOptimizerOfItsChoice(t *testing.T) {
	for _, tc := range []struct{ problem, settings, origin string }{
		{"branin", ``, "gp"},
		{"branin", `{"trials":2000}`, "cmaes"},
		{"cash", `{"trials":500}`, "smac"},
		{"counting_ones", ``, "bohb"},
	} {
		p, err := problem.Find(tc.problem)
		if err != nil {
			t.Fatal(err)
		}
		chosen, _ := findBundled(automatic)
		o, err := chosen.Open(p.Study(1), json.RawMessage(tc.settings))
		if err != nil {
			t.Fatal(err)
		}
		first, err := o.Ask(context.Background(), 1, 1)
		if err != nil || len(first) != 1 || !strings.HasPrefix(first[0].Origin, tc.origin) {
			t.Errorf("%s with settings %s: %+v, %v; want a proposal of %s", tc.problem, tc.settings, first, err, tc.origin)
		}
	}
	p, _ := findBundled(automatic)
	simple, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Open(simple.Study(1), json.RawMessage(`{"trials":-1}`)); !errors.Is(err, errSettings) {
		t.Errorf("a negative number of trials: %v", err)
	}
}

// TestAutoEndsInFull: however few the trials and wide the fidelities, a study by auto has results at full fidelity, and not
// only those of its end.
func TestAutoEndsInFull(t *testing.T) {
	counting, err := problem.Find("counting_ones")
	if err != nil {
		t.Fatal(err)
	}
	p := counting.Study(1)
	p.Fidelities = append(p.Fidelities, study.Range{Name: "rows", Low: .1, High: 1})
	chosen, _ := findBundled(automatic)
	for _, trials := range []int{5, 40, 100} {
		o, err := chosen.Open(p, json.RawMessage(fmt.Sprintf(`{"trials":%d}`, trials)))
		if err != nil {
			t.Fatal(err)
		}
		full := 0
		for id := study.TrialID(1); id <= study.TrialID(trials); id++ {
			asked, err := o.Ask(t.Context(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			if len(asked[0].Fidelity) == 0 {
				full++
			}
			told := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{counting.Loss(asked[0].Config)}}
			if err := o.Tell(t.Context(), told); err != nil {
				t.Fatal(err)
			}
		}
		if full < 1 || trials > 5 && full > trials/2 {
			t.Errorf("of %d trials %d are at full fidelity", trials, full)
		}
	}
}

func TestKnowTrials(t *testing.T) {
	for _, tc := range []struct {
		optimizer, settings string
		trials              int
		want                string
	}{
		{"auto", ``, 50, `{"trials":50}`},
		{"auto", `{}`, 50, `{"trials":50}`},
		{"auto", `{"trials":7}`, 50, `{"trials":7}`},
		{"auto", ``, 0, ``},
		{"auto", ``, math.MaxInt, `{"trials":1000000}`},
		{"tpe", ``, 50, ``},
		{"tpe", `{"candidates":8}`, 50, `{"candidates":8}`},
	} {
		got, err := knowTrials(tc.optimizer, json.RawMessage(tc.settings), tc.trials)
		if err != nil || string(got) != tc.want {
			t.Errorf("%s %s for %d trials: %s, %v; want %s", tc.optimizer, tc.settings, tc.trials, got, err, tc.want)
		}
	}
	if _, err := knowTrials("auto", json.RawMessage(`{"trial":7}`), 50); !errors.Is(err, errSettings) {
		t.Errorf("an unknown setting: %v", err)
	}
}
