package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// tuneStudy is a study that this process owns.
type tuneStudy struct {
	plan    *studyPlan
	ledger  *sqlite.Ledger
	header  sqlite.Header
	details tuning.Details
	running *slots     // nil while nothing had to be evaluated
	task    *grow.Task // of a study of data, once its table is staged
	result  optimizers.Result
	began   int // trials that had ended before
	model   string
	report  string
}

func (s *tuneStudy) close() {
	if s.running != nil {
		s.running.close()
	}
	if s.ledger != nil {
		_ = s.ledger.Close()
	}
}

// openStudy takes the ownership of the study, which it makes if there is none.
func (e *environment) openStudy(ctx context.Context, p *studyPlan) (*tuneStudy, error) {
	s := &tuneStudy{plan: p}
	path := tuning.LedgerPath(p.folder)
	var err error
	if s.ledger, err = sqlite.Open(ctx, path); errors.Is(err, fs.ErrNotExist) {
		err = e.createStudy(ctx, s, path)
	}
	if err == nil {
		s.header = s.ledger.Header()
		err = json.Unmarshal(s.header.Details, &s.details)
	}
	if err == nil && s.details.Identity != p.identity {
		err = p.differs(s.details)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (e *environment) createStudy(ctx context.Context, s *tuneStudy, path string) error {
	if err := os.MkdirAll(tuning.JournalFolder(s.plan.folder), 0o700); err != nil {
		return err
	}
	if err := e.startSlots(ctx, s); err != nil {
		return err
	}
	h, err := s.plan.header(e, ctx, s.running)
	if err != nil {
		return err
	}
	_, closeOptimizer, err := e.openOptimizer(ctx, h)
	if err != nil {
		return err // its settings, or a space beyond its powers: no study is left behind
	}
	closeOptimizer()
	s.ledger, err = sqlite.Create(ctx, path, h)
	return err
}

// startSlots starts the evaluators, once.
func (e *environment) startSlots(ctx context.Context, s *tuneStudy) (err error) {
	if s.running == nil {
		s.running, err = e.startEvaluators(ctx, s.plan.evaluator)
	}
	return err
}

// runStudy evaluates until the budget is spent; nothing, if it is.
func (e *environment) runStudy(c *cli.Context, s *tuneStudy, b tuneBudget) error {
	ctx := c.Context
	spent, err := s.recall(ctx)
	if err != nil {
		return err
	}
	spent /= time.Duration(s.plan.evaluator.workers)
	s.began = s.result.Finished
	journals, err := tuning.ReadJournals(s.plan.folder)
	if err != nil {
		return err
	}
	done := b.trials > 0 && s.result.Finished >= b.trials || b.time > 0 && spent >= b.time || s.reached(b.target)
	if done {
		return nil
	}
	if err := e.load(ctx, s); err != nil {
		return err
	}
	opt := optimizers.Options{WarmStarts: s.warmStarts(), Advice: s.advice(), Ledger: s.ledger, Finished: journals.Finished, Trials: b.trials,
		Target: b.target, Deterministic: c.Bool("deterministic")}
	if b.time > 0 {
		opt.Time = b.time - spent
	}
	if err := e.optimize(ctx, s, opt, e.watchTuning(s, b, spent)); err != nil {
		return err
	}
	if err := journals.Remove(); err != nil {
		return err
	}
	return os.RemoveAll(tuning.JournalFolder(s.plan.folder))
}

// optimize runs the study with its optimizer in a process of its own.
func (e *environment) optimize(ctx context.Context, s *tuneStudy, opt optimizers.Options, watch *tuneWatch) error {
	defer watch.close()
	command, err := e.optimizerCommand(s.header.Optimizer)
	if err != nil {
		return err
	}
	prior, err := s.details.Prior.Study(s.header.Problem.Space)
	if err != nil {
		return err
	}
	optimizer, err := plugins.StartOptimizer(ctx, s.header.Optimizer, command, s.header.Problem, s.header.Settings, prior)
	if err != nil {
		return err
	}
	defer optimizer.Close()
	evaluators := make([]optimizers.Evaluator, len(s.running.evaluators))
	for i, ev := range s.running.evaluators {
		evaluators[i] = ev
	}
	opt.OnTrial = watch.trial
	s.result, err = optimizers.Run(ctx, s.header.Problem, optimizer, evaluators, opt)
	if ctx.Err() != nil {
		e.say("stopped after %s; every result is kept. The same command goes on.", term.Plural(s.result.Finished, "trial"))
	}
	return err
}

// failure is the study's failure where no trial was complete, as its last trial says; nil otherwise.
func (s *tuneStudy) failure() error {
	if s.result.Incumbent != nil || s.result.Finished == 0 {
		return nil
	}
	last := study.Trial{} // that failed
	for _, t := range s.result.Trials {
		if t.Status.Final() && t.Status != study.Pruned {
			last = t
		}
	}
	if last.ID == 0 {
		return failf(exitFailure, "study %s has no complete trial: all were stopped early; the same command with more --time goes on",
			s.header.Name)
	}
	return failf(exitFailure, "study %s has no complete trial; trial %d: %s: %s", s.header.Name, last.ID,
		words(last.Status.String()), last.Reason)
}

// recall reads the log into the result, and returns how long the evaluations took in all.
func (s *tuneStudy) recall(ctx context.Context) (spent time.Duration, err error) {
	begun := map[study.TrialID]time.Time{}
	for entry, err := range s.ledger.Entries(ctx) {
		if err != nil {
			return 0, err
		}
		t := entry.Trial
		if !t.Status.Final() {
			begun[t.ID] = entry.Time
			s.result.Trials = append(s.result.Trials, t)
			continue
		}
		s.result.Trials[t.ID-1] = t
		s.result.Finished++
		if t.Origin == optimizers.OriginWarmStart {
			s.result.WarmStarted++
		}
		spent += cmp.Or(wallTime(t), entry.Time.Sub(begun[t.ID]))
	}
	if best, ok := optimizers.Incumbent(s.header.Problem, s.result.Trials); ok {
		s.result.Incumbent = &best
	}
	return spent, nil
}

// wallTime is what a trial says it took.
func wallTime(t study.Trial) time.Duration {
	if n := len(t.Observations); n > 0 {
		return time.Duration(t.Observations[n-1].Cost.Wall * float64(time.Second))
	}
	return 0
}

// reached reports whether the incumbent is as good as a target.
func (s *tuneStudy) reached(target *float64) bool {
	return target != nil && s.result.Incumbent != nil &&
		s.result.Incumbent.Losses[0] <= s.header.Problem.Objectives[0].Loss(*target)
}

// load gives every evaluator the study's table or program.
func (e *environment) load(ctx context.Context, s *tuneStudy) error {
	if err := os.MkdirAll(tuning.JournalFolder(s.plan.folder), 0o700); err != nil {
		return err
	}
	if err := e.startSlots(ctx, s); err != nil {
		return err
	}
	table := ""
	if s.details.Mode == tuning.ModeData {
		if err := s.stage(ctx); err != nil {
			return err
		}
		table = s.task.Staged
	}
	for _, ev := range s.running.evaluators {
		if err := ev.Load(ctx, table, s.details.Protocol, s.details.Fingerprint); err != nil {
			return fmt.Errorf("evaluator %s: %w", s.plan.evaluator.name, err)
		}
	}
	return nil
}

// stage makes the study's table, and the task's records.
func (s *tuneStudy) stage(ctx context.Context) error {
	protocol, err := s.protocol()
	if err != nil || s.task != nil {
		return err
	}
	s.task, err = grow.PrepareDataset(ctx, s.plan.data, grow.Entry{Name: s.plan.data.Name, Source: "local"},
		grow.PrepareOptions{Protocol: *protocol, Dir: tuning.TableFolder(s.plan.folder)})
	return err
}

// protocol is the protocol of a study of data.
func (s *tuneStudy) protocol() (*record.Protocol, error) {
	r, err := record.Decode(s.details.Protocol)
	if err != nil {
		return nil, err
	}
	p, ok := r.(*record.Protocol)
	if !ok {
		return nil, fmt.Errorf("study %s: its protocol is a %s: %w", s.header.Name, r.Kind(), sqlite.ErrCorrupt)
	}
	return p, nil
}
