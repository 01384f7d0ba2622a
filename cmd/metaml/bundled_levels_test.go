package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/metaml/metaml/optimizers/auto"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// levelProblems are the problems with fidelities that the repository holds.
func levelProblems(b *testing.B) []problem.Problem {
	b.Helper()
	var out []problem.Problem
	for _, name := range []string{"mlp_adult", "mlp_letter", "svm_subsets"} {
		p, err := problem.OpenTable(filepath.Join("..", "..", ".results", "tables", name+".csv.gz"), problem.TableOptions{})
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, p)
	}
	for _, name := range []string{"counting_ones", "counting_shifted"} {
		p, err := problem.Find(name)
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// BenchmarkLevelsLeftOut measures what auto.Skip is worth: the mean over 20 seeds of log10 of the regret after so many
// trials, in units of the spread, with no level of BOHB left out and with those that the rule leaves out, and the
// difference. The regret is that of the best in full, or of the best at all where nothing was measured in full.
func BenchmarkLevelsLeftOut(b *testing.B) {
	for _, p := range levelProblems(b) {
		for _, trials := range []int{30, 60, 130} {
			b.Run(fmt.Sprintf("%s/%d", p.Name, trials), func(b *testing.B) {
				for range b.N {
					none, rule := levelsLeftOut(b, p, trials, 0), levelsLeftOut(b, p, trials, auto.Skip(p.Study(1), trials))
					b.ReportMetric(none, "none")
					b.ReportMetric(rule, "rule")
					b.ReportMetric(rule-none, "difference")
				}
			})
		}
	}
}

// levelsLeftOut is the mean over seeds that had no part in the choice of the rule.
func levelsLeftOut(b *testing.B, p problem.Problem, trials, skip int) float64 {
	b.Helper()
	const first, seeds = 9000, 20
	spread, err := p.Spread()
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for seed := uint64(first); seed < first+seeds; seed++ {
		sum += math.Log10(levelsRun(b, p, trials, skip, seed)/spread + .001)
	}
	return sum / seeds
}

// levelsRun is the regret of one run.
func levelsRun(b *testing.B, p problem.Problem, trials, skip int, seed uint64) float64 {
	b.Helper()
	bohb, _ := findBundled(auto.BOHB)
	o, err := bohb.Open(p.Study(seed), json.RawMessage(fmt.Sprintf(`{"skip":%d}`, skip)))
	if err != nil {
		b.Fatal(err)
	}
	full, least, cheap := math.Inf(1), math.Inf(1), math.Inf(1)
	for id := study.TrialID(1); id <= study.TrialID(trials); id++ {
		asked, err := o.Ask(b.Context(), id, 1)
		if err != nil {
			b.Fatal(err)
		}
		s := asked[0]
		loss := p.Measure(s.Config, s.Fidelity, seed)
		if len(s.Fidelity) == 0 {
			full = min(full, p.Regret(s.Config))
		} else if loss < least {
			least, cheap = loss, p.Regret(s.Config)
		}
		if err := o.Tell(b.Context(), study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{loss}}); err != nil {
			b.Fatal(err)
		}
	}
	if math.IsInf(full, 1) {
		return cheap
	}
	return full
}
