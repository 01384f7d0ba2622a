package gp

import (
	"context"
	"fmt"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// told returns an optimizer that was told so many trials of a Sobol design, half of them close to the optimum as in a
// study that is as long.
func told(tb testing.TB, name string, trials int) (*Optimizer, problem.Problem) {
	tb.Helper()
	p, err := problem.Find(name)
	if err != nil {
		tb.Fatal(err)
	}
	o, err := New(p.Study(1), Settings{})
	if err != nil {
		tb.Fatal(err)
	}
	rng := p.Study(2).Stream(0)
	optimum := o.inputs.codec.Encode(p.Minimizers[0])
	for i := range trials {
		c, err := p.Space.Sample(rng)
		if err != nil {
			tb.Fatal(err)
		}
		if i%2 == 1 {
			row := append([]float64(nil), optimum...)
			o.search.step(row, 0.05, rng)
			c = o.inputs.codec.Decode(row)
		}
		tell(tb, o, p, study.Suggestion{ID: study.TrialID(i + 1), Config: c})
	}
	return o, p
}

func tell(tb testing.TB, o *Optimizer, p problem.Problem, s study.Suggestion) {
	tb.Helper()
	t := study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{p.Loss(s.Config)}}
	if err := o.Tell(context.Background(), t); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkAskTell measures a trial's ask and tell where so many were told before, the refits that fall into it included:
// with -benchtime=100x, those of a tenth more trials at 1,000.
func BenchmarkAskTell(b *testing.B) {
	for _, name := range []string{"hartmann6", "cash"} {
		for _, trials := range []int{20, 100, 300, 1000, 3000} {
			b.Run(fmt.Sprintf("%s/%d", name, trials), func(b *testing.B) {
				o, p := told(b, name, trials)
				if _, err := o.Ask(context.Background(), study.TrialID(trials+1), 1); err != nil {
					b.Fatal(err)
				}
				b.ResetTimer()
				for i := range b.N {
					asked, err := o.Ask(context.Background(), study.TrialID(trials+1+i), 1)
					if err != nil {
						b.Fatal(err)
					}
					tell(b, o, p, asked[0])
				}
			})
		}
	}
}

// BenchmarkReplay measures how long a study of 1,000 trials takes to go on after a restart.
func BenchmarkReplay(b *testing.B) {
	for range b.N {
		o, _ := told(b, "hartmann6", 1000)
		if _, err := o.Ask(context.Background(), 1001, 1); err != nil {
			b.Fatal(err)
		}
	}
}
