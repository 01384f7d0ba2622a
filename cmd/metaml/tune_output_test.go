package main

import (
	"testing"

	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestTuneNote: how a study goes is one phrase, with a learner where configurations have one.
func TestTuneNote(t *testing.T) {
	for _, tc := range []struct {
		config space.Config
		want   string
	}{
		{space.Config{"x": space.Float(1)}, "3 trials (1 failed), best 0.053"},
		{space.Config{"learner": space.String("mlp")}, "3 trials (1 failed), best 0.053 mlp"},
	} {
		w := &tuneWatch{
			s:      &tuneStudy{header: sqlite.Header{Problem: study.Problem{Objectives: []study.Objective{{Metric: "loss"}}}}},
			trials: []study.Trial{{Suggestion: study.Suggestion{ID: 1, Config: tc.config}, Status: study.Complete, Losses: []float64{0.053}}},
			ended:  3, failed: map[study.Status]int{study.Failed: 1},
		}
		if got := w.note(); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}
