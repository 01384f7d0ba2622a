package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// hostile are values that no setting is meant to have, or only as a slip.
var hostile = []string{
	`-1`, `0.5`, `-0.5`, `1e-300`, `1e9`, `1e308`, `9223372036854775807`, `-9223372036854775808`, `"x"`, `null`, `true`,
	`[]`, `{}`, `[-1]`, `{"x1":-1}`, `{"x1":0.5}`, `{"eta":-1}`, `""`,
}

// TestHostileSettings gives every setting of every built-in optimizer such values: it is refused, or a study begins.
// Nothing may panic, hang or take the machine's memory.
func TestHostileSettings(t *testing.T) {
	for _, p := range bundled() {
		var schema struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if err := json.Unmarshal(p.Description.Settings, &schema); err != nil {
			t.Fatal(err)
		}
		t.Run(p.Description.Name, func(t *testing.T) {
			for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
				for _, value := range hostile {
					for _, on := range []string{"branin", "counting_ones"} {
						beginStudy(t, p, on, fmt.Sprintf("{%q:%s}", name, value))
					}
				}
			}
		})
	}
}

// beginStudy makes a few trials with settings, if they are accepted.
func beginStudy(t *testing.T, p plugins.OptimizerPlugin, on, settings string) {
	t.Helper()
	q, err := problem.Find(on)
	if err != nil {
		t.Fatal(err)
	}
	o, err := p.Open(q.Study(1), json.RawMessage(settings))
	if err != nil {
		return
	}
	for id := study.TrialID(1); id <= 4; id++ {
		asked, err := o.Ask(t.Context(), id, 1)
		if errors.Is(err, optimizers.ErrExhausted) {
			return
		}
		if err != nil || len(asked) != 1 {
			t.Fatalf("%s on %s: %d proposals, %v", settings, on, len(asked), err)
		}
		if err := q.Study(1).Space.Validate(asked[0].Config); err != nil {
			t.Errorf("%s on %s: %v", settings, on, err)
		}
		trial := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{float64(id % 3)}}
		if err := o.Tell(t.Context(), study.Trial{Suggestion: asked[0]}, trial); err != nil {
			t.Fatalf("%s on %s: %v", settings, on, err)
		}
	}
}
