package main

import (
	"encoding/json"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/study"
)

// TestHyperbandAroundModelsConforms runs the contract's suite on Hyperband around each built-in optimizer that learns.
func TestHyperbandAroundModelsConforms(t *testing.T) {
	wrapper, _ := findBundled("hyperband")
	for _, name := range []string{"tpe", "smac", "gp", "de", "cmaes"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inner, ok := findBundled(name)
			if !ok {
				t.Fatal("there is no such optimizer")
			}
			settings, err := json.Marshal(hyperbandSettings{innerSettings: innerSettings{Optimizer: name}})
			if err != nil {
				t.Fatal(err)
			}
			open := func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer {
				o, err := wrapper.Open(p, settings)
				if err != nil {
					tb.Fatal(err)
				}
				if prior != nil {
					if err := o.(optimizers.Primer).Prime(tb.Context(), *prior); err != nil {
						tb.Fatal(err)
					}
				}
				return o
			}
			can := conformance(inner)
			can.Fidelity, can.Stopping, can.Repeats = true, false, false
			optimizertest.Conform(t, open, can)
		})
	}
}
