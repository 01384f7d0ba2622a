package grid

import (
	"context"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// TestLargeConditionalSpace walks the first of the very many configurations of a space with 768 parameters: all are
// valid and different, with a budget that the choices alone exceed and without.
func TestLargeConditionalSpace(t *testing.T) {
	s, err := problem.Weka768()
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []Settings{{}, {Budget: 100}} {
		answer, err := opener(set)(t, study.Problem{Space: s}, nil).Ask(context.Background(), 1, 200)
		if err != nil || len(answer) != 200 {
			t.Fatalf("%d suggestions, %v", len(answer), err)
		}
		seen := map[string]bool{}
		for _, a := range answer {
			key, err := a.Config.Hash()
			if err == nil {
				err = s.Validate(a.Config)
			}
			if err != nil || seen[key] {
				t.Fatalf("trial %d: %v, seen before: %v", a.ID, err, seen[key])
			}
			seen[key] = true
		}
	}
}
