package main

import (
	"cmp"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// trialEvent is a line of `tune --output json`: a trial that ended and is on disk.
type trialEvent struct {
	SchemaVersion int            `json:"schema_version"`
	Event         string         `json:"event"`
	ID            study.TrialID  `json:"id"`
	Config        space.Config   `json:"config"`
	Fidelity      study.Fidelity `json:"fidelity"`
	Status        study.Status   `json:"status"`
	Loss          *float64       `json:"loss"`  // minimised; null without result
	Value         *float64       `json:"value"` // the metric in its own direction
	Seconds       float64        `json:"seconds"`
	Origin        string         `json:"origin"` // warmstart or optimizer
	Step          string         `json:"step,omitempty"`
	Reason        string         `json:"reason,omitempty"`
}

// doneEvent is the last line.
type doneEvent struct {
	SchemaVersion int        `json:"schema_version"`
	Event         string     `json:"event"`
	Study         string     `json:"study"`
	Metric        metricJSON `json:"metric"`
	Best          *bestTrial `json:"best"` // null without complete trial
	Trials        int        `json:"trials"`
	WarmStarted   int        `json:"warm_started"`
	End           string     `json:"end,omitempty"`
	Model         string     `json:"model,omitempty"`
	Report        string     `json:"report,omitempty"`
}

// bestTrial is the incumbent with what it is compared with.
type bestTrial struct {
	ID        study.TrialID `json:"id"`
	Config    space.Config  `json:"config"`
	Loss      float64       `json:"loss"`
	Value     float64       `json:"value"`
	Test      *spread       `json:"test,omitempty"` // on rows that no training touched
	WarmStart *float64      `json:"warm_start,omitempty"`
	Default   *float64      `json:"default,omitempty"`
}

// tuneWatch shows how a study goes: as lines of JSON on stdout, or as a bar on stderr.
type tuneWatch struct {
	e       *environment
	s       *tuneStudy
	json    bool
	bar     *term.Progress
	timed   bool
	stop    chan struct{}
	ticking sync.WaitGroup

	mu     sync.Mutex
	trials []study.Trial
	ended  int
	failed map[study.Status]int
}

// watchTuning begins to show a study of which a part of the budget is spent.
func (e *environment) watchTuning(s *tuneStudy, b tuneBudget, spent time.Duration) *tuneWatch {
	w := &tuneWatch{e: e, s: s, json: e.output == outputJSON, failed: map[study.Status]int{}, stop: make(chan struct{}), ended: s.began}
	w.trials = append(w.trials, s.result.Trials...)
	if w.json {
		return w
	}
	begins := ""
	if n := len(s.details.WarmStarts); n > 0 {
		begins = ", up to " + term.Plural(n, "recommended configuration")
	}
	e.say("study %s: %s, %s%s", s.header.Name, s.header.Optimizer, term.Plural(s.plan.evaluator.workers, "worker"), begins)
	if w.timed = b.trials == 0; !w.timed {
		w.bar = e.progress("tuning", s.began, b.trials)
		return w
	}
	w.bar = e.progressInTime("tuning", spent, b.time)
	w.ticking.Go(func() {
		ticks := time.NewTicker(time.Second)
		defer ticks.Stop()
		for {
			select {
			case <-ticks.C:
				w.bar.Step(w.note())
			case <-w.stop:
				return
			}
		}
	})
	return w
}

// longestReason is how much is shown of why a trial failed, in columns.
const longestReason = 300

// trial is told every beginning and end, once it is on disk.
func (w *tuneWatch) trial(t study.Trial) {
	w.mu.Lock()
	if int(t.ID) > len(w.trials) {
		w.trials = append(w.trials, t)
	}
	w.trials[t.ID-1] = t
	first := false // of its kind to fail
	if t.Status.Final() {
		w.ended++
		if t.Status != study.Complete {
			w.failed[t.Status]++
			first = t.Status != study.Pruned && w.failed[t.Status] == 1
		}
	}
	w.mu.Unlock()
	if first && !w.json {
		w.bar.Say("trial %d %s, going on: %s", t.ID, words(t.Status.String()), runewidth.Truncate(t.Reason, longestReason, "…"))
	}
	switch {
	case !t.Status.Final():
	case w.json:
		_ = w.e.writeLine(w.event(t)) // where a pipe's reader has gone, its signal ends the process; nothing is lost
	case !w.timed:
		w.bar.Step(w.note())
	}
}

// event describes a trial that ended.
func (w *tuneWatch) event(t study.Trial) trialEvent {
	ev := trialEvent{SchemaVersion: 1, Event: "trial", ID: t.ID, Config: t.Config, Fidelity: t.Fidelity, Status: t.Status,
		Seconds: wallTime(t).Seconds(), Origin: t.Origin, Reason: t.Reason}
	if ev.Fidelity == nil {
		ev.Fidelity = study.Fidelity{}
	}
	if ev.Origin != optimizers.OriginWarmStart {
		ev.Origin, ev.Step = optimizers.OriginOptimizer, t.Origin
	}
	if len(t.Losses) > 0 {
		loss, value := t.Losses[0], w.s.value(t.Losses[0])
		ev.Loss, ev.Value = &loss, &value
	}
	return ev
}

// note says how many trials there are and how good the best is.
func (w *tuneWatch) note() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := term.Plural(w.ended, "trial")
	if f := failures(w.failed); f != "" {
		text += " (" + f + ")"
	}
	if best, ok := optimizers.Incumbent(w.s.header.Problem, w.trials); ok {
		text += strings.TrimSuffix(", best "+term.Short(w.s.value(best.Losses[0]))+" "+learnerOf(best.Config), " ")
	}
	return text
}

func (w *tuneWatch) close() {
	close(w.stop)
	w.ticking.Wait()
	if w.bar != nil {
		w.bar.Close()
	}
}

// value is a loss in the metric's own direction.
func (s *tuneStudy) value(loss float64) float64 {
	if s.header.Problem.Objectives[0].Maximize {
		return -loss
	}
	return loss
}

// learnerOf names a configuration's learner, if it has one.
func learnerOf(c space.Config) string {
	if v, ok := c["learner"]; ok {
		return v.Text()
	}
	return ""
}

// writeDone writes where the study stands.
func (e *environment) writeDone(s *tuneStudy) error {
	done := doneEvent{SchemaVersion: 1, Event: "done", Study: s.header.Name, Metric: metricJSON{s.details.Metric, s.details.Maximize},
		Best: s.best(), Trials: s.result.Finished, WarmStarted: s.result.WarmStarted, End: string(s.result.End), Model: s.model, Report: s.report}
	if e.output == outputJSON {
		return e.writeLine(done)
	}
	return e.writeDoneTable(done)
}

// early says why a run ended before what it was given was spent; empty if it did not.
func early(end optimizers.End) string {
	switch end {
	case optimizers.EndTarget:
		return "; the target is reached"
	case optimizers.EndExhausted:
		return "; the optimizer has nothing left to propose"
	}
	return ""
}

// writeDoneTable writes what a person reads at the end.
func (e *environment) writeDoneTable(d doneEvent) error {
	fmt.Fprintf(e.stdout, "study %s: %s, %s%s\n", d.Study, term.Plural(d.Trials, "trial"), term.Plural(d.WarmStarted, "warm start"),
		early(optimizers.End(d.End)))
	if d.Best == nil {
		_, err := fmt.Fprintf(e.stdout, "no trial was complete; metaml studies show %s --trials lists them\n", d.Study)
		return err
	}
	t := term.NewTable(term.Column{}, term.Column{})
	t.Row("best", fmt.Sprintf("%s %s (trial %d)", words(d.Metric.Name), term.Short(d.Best.Value), d.Best.ID))
	if d.Best.Test != nil {
		t.Row("test", fmt.Sprintf("%s +- %s on rows that no training touched", term.Short(d.Best.Test.Mean), term.Short(d.Best.Test.SD)))
	}
	if d.Best.WarmStart != nil {
		t.Row("recommended", term.Short(*d.Best.WarmStart))
	}
	if d.Best.Default != nil {
		t.Row("default", term.Short(*d.Best.Default))
	}
	t.Row("configuration", cmp.Or(configText(d.Best.Config), "{}"))
	if d.Model != "" {
		t.Row("model", d.Model)
	}
	if d.Report != "" {
		t.Row("report", d.Report)
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
