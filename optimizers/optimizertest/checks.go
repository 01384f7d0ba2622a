package optimizertest

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// checkAnswers asks for several trials at once, at several points of a study: at most that many come, numbered as
// they are to be, with valid configurations and fidelities.
func checkAnswers(tb testing.TB, s suite) {
	log := script{suite: s}.study(tb)
	if n := proposals(log); n < s.opt.Trials/2 {
		tb.Errorf("only %d proposals in a study of %d trials", n, s.opt.Trials)
	}
	o := s.open(tb)
	for i, step := 0, max(1, len(log)/6); i < len(log); i += step {
		_, begun := unfinished(log[:i])
		for _, n := range []int{1, 3, 7} {
			first := study.TrialID(begun + 1)
			answer, err := o.Ask(context.Background(), first, n)
			if errors.Is(err, optimizers.ErrExhausted) {
				continue
			}
			if err == nil {
				_, err = optimizers.CheckSuggestions(s.problem, answer, first, n)
			}
			if err != nil {
				tb.Fatalf("Ask(%d, %d) after %d events: %v", first, n, i, err)
			}
		}
		tell(tb, o, log[i:min(i+step, len(log))]...)
	}
}

// proposals counts the trials of a log that the optimizer proposed.
func proposals(log []study.Trial) int {
	n := 0
	for _, t := range log {
		if !t.Status.Final() && t.Origin != optimizers.OriginWarmStart {
			n++
		}
	}
	return n
}

// checkDeterministic plays the same study twice.
func checkDeterministic(tb testing.TB, s suite) {
	compare(tb, "the same study played again", script{suite: s}.study(tb), script{suite: s}.study(tb))
}

// checkAskIsPure asks everything twice, with a larger question in between: the answer follows from the events alone.
func checkAskIsPure(tb testing.TB, s suite) {
	curious := script{suite: s, ask: func(tb testing.TB, o optimizers.Optimizer, first study.TrialID) ([]study.Suggestion, error) {
		if _, err := o.Ask(context.Background(), first, 1); err != nil && !errors.Is(err, optimizers.ErrExhausted) {
			return nil, err
		}
		if _, err := o.Ask(context.Background(), first, 5); err != nil && !errors.Is(err, optimizers.ErrExhausted) {
			return nil, err
		}
		return askOne(tb, o, first)
	}}
	compare(tb, "a study in which everything is asked three times", script{suite: s}.study(tb), curious.study(tb))
}

// checkRestart kills the optimizer after every event of a study: a fresh one that is told the log goes on as the old
// one did.
func checkRestart(tb testing.TB, s suite) {
	log := script{suite: s}.study(tb)
	for k := range len(log) {
		fresh := s.open(tb)
		if k > 0 {
			tell(tb, fresh, log[:k]...)
		}
		limit := min(len(log), k+s.opt.Horizon)
		compareFrom(tb, k, log[:limit], script{suite: s}.play(tb, fresh, log[:k], limit))
		if tb.Failed() {
			return
		}
	}
}

// checkTellTwice tells every event twice, and the whole log again at every tenth.
func checkTellTwice(tb testing.TB, s suite) {
	var told []study.Trial
	insistent := script{suite: s, tell: func(tb testing.TB, o optimizers.Optimizer, trials ...study.Trial) {
		tell(tb, o, trials...)
		tell(tb, o, trials...)
		if told = append(told, trials...); len(told)%10 == 0 {
			tell(tb, o, told...)
		}
	}}
	compare(tb, "a study in which everything is told twice", script{suite: s}.study(tb), insistent.study(tb))
}

// checkSharesNothing spoils every suggestion after it was used and every trial after it was told, and checks that the
// optimizer does not change what it is told.
func checkSharesNothing(tb testing.TB, s suite) {
	spoiler := script{suite: s}
	spoiler.ask = func(tb testing.TB, o optimizers.Optimizer, first study.TrialID) ([]study.Suggestion, error) {
		answer, err := o.Ask(context.Background(), first, 1)
		kept := copySuggestions(answer)
		for _, mine := range answer {
			spoil(mine.Config, mine.Fidelity)
		}
		return kept, err
	}
	spoiler.tell = func(tb testing.TB, o optimizers.Optimizer, trials ...study.Trial) {
		for _, t := range trials {
			given := copyTrial(tb, t)
			tell(tb, o, given)
			if !reflect.DeepEqual(given, copyTrial(tb, t)) {
				tb.Fatalf("the optimizer changed trial %d, which it was told", t.ID)
			}
			spoil(given.Config, given.Fidelity)
			for i := range given.Losses {
				given.Losses[i] = -1e9
			}
		}
	}
	compare(tb, "a study in which data is overwritten after use", script{suite: s}.study(tb), spoiler.study(tb))
}

func spoil(c space.Config, f study.Fidelity) {
	for name := range c {
		c[name] = space.String("spoilt")
	}
	for name := range f {
		f[name] = -1
	}
}

func copySuggestions(list []study.Suggestion) []study.Suggestion {
	out := slices.Clone(list)
	for i := range out {
		out[i].Config = out[i].Config.Clone()
		if f := out[i].Fidelity; f != nil {
			out[i].Fidelity = study.Fidelity{}
			for name, x := range f {
				out[i].Fidelity[name] = x
			}
		}
	}
	return out
}

// copyTrial copies a trial by way of JSON, as a log does.
func copyTrial(tb testing.TB, t study.Trial) study.Trial {
	tb.Helper()
	b, err := json.Marshal(t)
	if err != nil {
		tb.Fatal(err)
	}
	var out study.Trial
	if err := json.Unmarshal(b, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// checkFailures plays studies in which every trial ends in the same way, without losses, or nearly so.
func checkFailures(tb testing.TB, s suite) {
	for _, status := range []study.Status{study.Failed, study.TimedOut, study.OutOfMemory, study.Crashed, study.Pruned} {
		all := script{suite: s, status: func(id study.TrialID) study.Status {
			if id == 9 {
				return study.Complete
			}
			return status
		}}
		all.study(tb)
	}
}

// checkDegenerateLosses plays studies whose losses tell nothing, or are of extreme size.
func checkDegenerateLosses(tb testing.TB, s suite) {
	for _, value := range []func(study.Suggestion) float64{
		func(study.Suggestion) float64 { return 0 },
		func(study.Suggestion) float64 { return -1e300 },
		func(t study.Suggestion) float64 { return []float64{1e300, -1e300, 0, 1e-300}[t.ID%4] },
		func(t study.Suggestion) float64 { return 1 + 1e-15*float64(t.ID%3) },
	} {
		script{suite: s, loss: value}.study(tb)
	}
}

// checkFewConfigurations runs a study longer than its space has configurations: the optimizer repeats itself or says
// that it is exhausted, and then says so again.
func checkFewConfigurations(tb testing.TB, s suite) {
	s.problem, s.prior = few(s.opt.NumericOnly), nil
	o := s.open(tb)
	log := script{suite: s}.play(tb, o, nil, whole)
	_, begun := unfinished(log)
	if begun == s.opt.Trials {
		return // it repeats itself
	}
	for range 3 {
		if answer, err := o.Ask(context.Background(), study.TrialID(begun+1), 2); !errors.Is(err, optimizers.ErrExhausted) {
			tb.Errorf("after it was exhausted, the optimizer answered %v, %v", answer, err)
		}
	}
}

// checkCancelled interrupts Ask by a cancelled context: the error says so, and the study goes on as if nothing had
// been.
func checkCancelled(tb testing.TB, s suite) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	interrupted := script{suite: s, ask: func(tb testing.TB, o optimizers.Optimizer, first study.TrialID) ([]study.Suggestion, error) {
		if first%4 == 0 {
			if answer, err := o.Ask(cancelled, first, 1); !errors.Is(err, context.Canceled) {
				tb.Fatalf("with a cancelled context, Ask answered %d suggestions and error %v", len(answer), err)
			}
		}
		return askOne(tb, o, first)
	}}
	compare(tb, "a study with cancelled calls", script{suite: s}.study(tb), interrupted.study(tb))
}

// checkNoRepetition compares what is pending at the same time, and what is answered at once.
func checkNoRepetition(tb testing.TB, s suite) {
	if s.opt.Repeats && s.lumpy {
		return
	}
	log := script{suite: s}.study(tb)
	for i, t := range log {
		pending, _ := unfinished(log[:i])
		for _, p := range pending {
			if !t.Status.Final() && t.Origin != optimizers.OriginWarmStart && same(t.Suggestion, p) {
				tb.Errorf("trial %d repeats trial %d, which is pending: %v", t.ID, p.ID, t.Config)
			}
		}
	}
	o := s.open(tb)
	tell(tb, o, log...)
	_, begun := unfinished(log)
	answer, err := o.Ask(context.Background(), study.TrialID(begun+1), 6)
	if err != nil && !errors.Is(err, optimizers.ErrExhausted) {
		tb.Fatal(err)
	}
	for i := range answer {
		for j := range i {
			if same(answer[i], answer[j]) {
				tb.Errorf("trials %d and %d of one answer are the same: %v", answer[j].ID, answer[i].ID, answer[i].Config)
			}
		}
	}
}

// same reports whether two trials are one evaluation; one that continues another is not.
func same(a, b study.Suggestion) bool {
	return a.Config.Equal(b.Config) && reflect.DeepEqual(a.Fidelity, b.Fidelity) && a.Parent == 0
}

// checkFidelity checks that on a problem with a fidelity cheaper evaluations are proposed.
func checkFidelity(tb testing.TB, s suite) {
	if len(s.problem.Fidelities) == 0 {
		return
	}
	for _, t := range (script{suite: s}).study(tb) {
		if optimizers.Effort(s.problem, t.Fidelity) < 1 {
			return
		}
	}
	tb.Errorf("no trial is cheaper than a full evaluation")
}

// checkStopping reports learning curves: the rule answers without error, and the same to the same.
func checkStopping(tb testing.TB, s suite) {
	log := script{suite: s}.study(tb)
	decide := func() []bool {
		stopper, ok := s.open(tb).(optimizers.Stopper)
		if !ok {
			tb.Fatal("it is no optimizers.Stopper")
		}
		var decisions []bool
		for _, t := range log {
			tell(tb, stopper.(optimizers.Optimizer), t)
			for step := 1; step <= 5 && !t.Status.Final(); step++ {
				value := loss(s.problem, t.Suggestion) * (1 + 1/float64(step))
				stop, err := stopper.Observe(context.Background(), t.ID, study.Observation{
					Step: step, Steps: 5, Metrics: map[string]float64{metric: value},
				})
				if err != nil {
					tb.Fatalf("Observe of trial %d: %v", t.ID, err)
				}
				decisions = append(decisions, stop)
			}
		}
		return decisions
	}
	if a, b := decide(), decide(); !slices.Equal(a, b) {
		tb.Errorf("the same learning curves are judged %v and %v", a, b)
	}
}

// compare compares two logs of the same script.
func compare(tb testing.TB, what string, want, got []study.Trial) {
	tb.Helper()
	for i := range min(len(want), len(got)) {
		if !reflect.DeepEqual(want[i], got[i]) {
			tb.Fatalf("%s differs at event %d:\n%+v\nwas\n%+v", what, i+1, got[i], want[i])
		}
	}
	if len(want) != len(got) {
		tb.Fatalf("%s has %d events, not %d", what, len(got), len(want))
	}
}

// compareFrom compares the log of an optimizer restarted after k events.
func compareFrom(tb testing.TB, k int, want, got []study.Trial) {
	tb.Helper()
	for i := k; i < len(want); i++ {
		if i >= len(got) {
			tb.Fatalf("killed and restarted after %d events, it ends after event %d; next was\n%+v", k, i, want[i])
		}
		if !reflect.DeepEqual(want[i], got[i]) {
			tb.Fatalf("killed and restarted after %d events, event %d differs:\n%+v\nwas\n%+v", k, i+1, got[i], want[i])
		}
	}
}
