package bohb

import (
	"context"
	"fmt"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/tpe"
)

// BenchmarkAskTell measures a trial of a study of 200 full evaluations, all rungs counted.
func BenchmarkAskTell(b *testing.B) {
	p := find(b, "counting_ones")
	trials := 0
	for b.Loop() {
		trials += len(play(b, open(b, p.Study(1), Settings{}), p, 1, 200))
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(trials), "us/trial")
}

// BenchmarkAskTellKnown measures a trial once so many full evaluations, chosen by TPE, are known.
func BenchmarkAskTellKnown(b *testing.B) {
	p := find(b, "counting_ones")
	for _, known := range []int{1000, 4000} {
		b.Run(fmt.Sprint(known), func(b *testing.B) {
			t, err := tpe.New(p.Study(1), tpe.Settings{})
			if err != nil {
				b.Fatal(err)
			}
			o := open(b, p.Study(1), Settings{})
			ctx := context.Background()
			id := study.TrialID(0)
			step := func(from optimizers.Optimizer, to ...optimizers.Optimizer) {
				id++
				s, err := from.Ask(ctx, id, 1)
				if err != nil || len(s) != 1 {
					b.Fatal(s, err)
				}
				trial := study.Trial{Suggestion: s[0], Status: study.Complete, Losses: []float64{p.Measure(s[0].Config, s[0].Fidelity, 1)}}
				for _, o := range append(to, from) {
					if err := o.Tell(ctx, study.Trial{Suggestion: s[0]}, trial); err != nil {
						b.Fatal(err)
					}
				}
			}
			for range known {
				step(t, o)
			}
			for b.Loop() {
				step(o)
			}
		})
	}
}
