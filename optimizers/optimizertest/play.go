package optimizertest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// script is a study in which everything that the optimizer does not decide follows from the log so far, so that it
// can be continued from any prefix of its log: which trial ends next, and how; which trials are warm starts, and
// which come from somebody else.
type script struct {
	suite
	// status says how a trial ends; nil: mostly complete, with every other status in between.
	status func(study.TrialID) study.Status
	// loss replaces the losses; nil: the bowl's.
	loss func(study.Suggestion) float64
	// tell tells the optimizer; nil: once.
	tell func(tb testing.TB, o optimizers.Optimizer, trials ...study.Trial)
	// ask asks the optimizer; nil: for one trial.
	ask func(tb testing.TB, o optimizers.Optimizer, first study.TrialID) ([]study.Suggestion, error)
}

// choice is an arbitrary number that depends on a trial's or event's number only.
func choice(number, purpose uint64) uint64 {
	x := number*0x9e3779b97f4a7c15 + purpose
	x ^= x >> 29
	x *= 0xbf58476d1ce4e5b9
	return x ^ x>>32
}

// play continues the study after the events in log, which the optimizer has been told, to at most limit events, and
// returns the whole log. It ends earlier when the optimizer is exhausted and nothing is pending.
func (s script) play(tb testing.TB, o optimizers.Optimizer, log []study.Trial, limit int) []study.Trial {
	tb.Helper()
	log = slices.Clone(log)
	exhausted := false
	for waiting := false; len(log) < limit; {
		pending, begun := unfinished(log)
		var event *study.Trial
		if len(pending) < slots && begun < s.opt.Trials && !exhausted && !waiting {
			event, exhausted = s.begin(tb, o, study.TrialID(begun+1), log)
			waiting = event == nil
		}
		if event == nil {
			if len(pending) == 0 {
				if waiting && !exhausted {
					tb.Fatalf("the optimizer waits for a Tell although no trial is pending")
				}
				return log
			}
			waiting = false
			event = s.end(pending[choice(uint64(len(log)), 1)%uint64(len(pending))])
		}
		s.inform(tb, o, *event)
		log = append(log, *event)
	}
	return log
}

// unfinished returns the pending trials of a log and the number of all.
func unfinished(log []study.Trial) (pending []study.Suggestion, begun int) {
	for _, t := range log {
		if !t.Status.Final() {
			pending = append(pending, t.Suggestion)
			begun++
			continue
		}
		pending = slices.DeleteFunc(pending, func(s study.Suggestion) bool { return s.ID == t.ID })
	}
	return pending, begun
}

// begin returns the beginning of the next trial: the first two are warm starts, a few later ones come from somebody
// else, and the others from the optimizer. Nil: the optimizer waits, or is exhausted.
func (s script) begin(tb testing.TB, o optimizers.Optimizer, id study.TrialID, log []study.Trial) (t *study.Trial, exhausted bool) {
	tb.Helper()
	if id <= 2 || choice(uint64(id), 2)%9 == 0 {
		c, err := s.problem.Space.Sample(study.Problem{Seed: 99}.Stream(id))
		if err != nil {
			tb.Fatal(err)
		}
		return &study.Trial{Suggestion: study.Suggestion{ID: id, Config: c, Seed: 7, Origin: optimizers.OriginWarmStart}}, false
	}
	ask := s.ask
	if ask == nil {
		ask = askOne
	}
	answer, err := ask(tb, o, id)
	if errors.Is(err, optimizers.ErrExhausted) {
		return nil, true
	}
	if err != nil {
		tb.Fatalf("Ask(%d): %v", id, err)
	}
	suggestions, err := optimizers.CheckSuggestions(s.problem, answer, id, 1)
	if err != nil {
		tb.Fatalf("Ask(%d): %v", id, err)
	}
	if len(suggestions) == 0 {
		return nil, false
	}
	first := suggestions[0]
	if pending, _ := unfinished(log); slices.ContainsFunc(pending, func(p study.Suggestion) bool { return p.ID == first.Parent }) {
		tb.Fatalf("trial %d continues trial %d, which is pending", id, first.Parent)
	}
	return &study.Trial{Suggestion: first}, false
}

func askOne(_ testing.TB, o optimizers.Optimizer, first study.TrialID) ([]study.Suggestion, error) {
	return o.Ask(context.Background(), first, 1)
}

// end returns how a trial ends.
func (s script) end(t study.Suggestion) *study.Trial {
	status := study.Complete
	if s.status != nil {
		status = s.status(t.ID)
	} else if k := choice(uint64(t.ID), 3) % 12; k < 6 {
		status = study.Status(1 + k) // each status once in twelve, complete seven times
	}
	ended := study.Trial{Suggestion: t, Status: status}
	if status != study.Complete && status != study.Pruned {
		ended.Reason = "the script says so"
		return &ended
	}
	value := loss(s.problem, t)
	if s.loss != nil {
		value = s.loss(t)
	}
	ended.Losses = []float64{value}
	ended.Observations = []study.Observation{{Fidelity: t.Fidelity, Metrics: map[string]float64{metric: value}, Cost: study.Cost{Wall: 1.5}}}
	return &ended
}

// inform tells the optimizer of an event.
func (s script) inform(tb testing.TB, o optimizers.Optimizer, t study.Trial) {
	tb.Helper()
	if s.tell != nil {
		s.tell(tb, o, t)
		return
	}
	tell(tb, o, t)
}

func tell(tb testing.TB, o optimizers.Optimizer, trials ...study.Trial) {
	tb.Helper()
	if err := o.Tell(context.Background(), trials...); err != nil {
		tb.Fatalf("Tell: %v", err)
	}
}

// whole is more events than any scripted study has.
const whole = 1 << 20

// study plays a whole study on a fresh optimizer.
func (s script) study(tb testing.TB) []study.Trial {
	tb.Helper()
	return s.play(tb, s.open(tb), nil, whole)
}
