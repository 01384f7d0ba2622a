package bohb

import (
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	for name, s := range map[string]Settings{"defaults": {Points: 4}, "HpBandSter": {Reference: true}} {
		t.Run(name, func(t *testing.T) {
			optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
				o, err := New(p, s)
				if err != nil {
					tb.Fatal(err)
				}
				return o
			}, optimizertest.Options{Fidelity: true})
		})
	}
}
