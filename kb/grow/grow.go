// Package grow fills a knowledge base with runs: it evaluates a design, a list of configurations, on many datasets
// with several evaluators at once. Every run is stored durably as it ends and recognised by its key, so that an
// interrupted growth goes on where it stopped, whatever stopped it.
package grow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Evaluator measures configurations on the staged table loaded last.
type Evaluator interface {
	optimizers.Evaluator
	// Load makes the staged table in folder path the current one; protocol is the evaluation protocol as
	// canonical JSON, fingerprint the data's.
	Load(ctx context.Context, path string, protocol []byte, fingerprint string) error
}

// Store keeps records durably.
type Store interface {
	Add(ctx context.Context, records ...record.Record) ([]record.ID, error)
	RunKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error)
}

// Progress hears how the growth goes. Its methods are called by one goroutine at a time.
type Progress interface {
	// Planned says how many runs the whole design has and how many of them are in the store already.
	Planned(total, done int)
	// Ended is called after a run has been stored.
	Ended(task string, run *record.Run)
}

// Plan says what to evaluate for one type of task.
type Plan struct {
	Space    space.Space
	Configs  []space.Config
	Protocol record.Protocol
}

// Options of Run.
type Options struct {
	// Plans by task type (record.Classification, record.Regression); tasks of a type without plan are left out.
	Plans map[string]Plan
	// Block is how many configurations every task gets before any task gets more; 0 means 20.
	Block int
	// Evaluator is written into every run.
	Evaluator record.Evaluator
	// Contributor and Machine are written into every run; they are opaque words and may be empty.
	Contributor, Machine string
	// Retries is how often an evaluation that failed for reasons of infrastructure is tried again before it is
	// recorded as crashed; 0 means once.
	Retries int
	// Journal is the folder in which evaluators keep their own journals of finished trials (see Recover); empty
	// means none.
	Journal string
	// Progress may be nil.
	Progress Progress
	// Now is the clock for the time of runs; nil means time.Now.
	Now func() time.Time
}

// Summary counts what a growth did.
type Summary struct {
	Planned   int                  // runs of the whole design
	Already   int                  // of them in the store before anything was evaluated, recovered ones included
	Recovered int                  // found in the journals of an interrupted growth
	Stored    map[study.Status]int // evaluated now, by how they ended
}

// Run evaluates every planned configuration on every task that does not have it yet. It returns when all are
// stored, ctx ends, or the store fails; runs stored until then stay. One evaluator runs one evaluation at a time.
func Run(ctx context.Context, store Store, tasks []*Task, evaluators []Evaluator, opt Options) (Summary, error) {
	g := &growth{store: store, opt: opt, summary: Summary{Stored: map[study.Status]int{}}}
	if err := g.plan(ctx, tasks); err != nil {
		return g.summary, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan batch)
	var workers sync.WaitGroup
	for _, e := range evaluators {
		workers.Go(func() {
			var s slot
			for b := range queue {
				if err := g.evaluate(ctx, e, b, &s); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	g.feed(ctx, queue)
	workers.Wait()
	return g.summary, context.Cause(ctx)
}

// growth is the state of one Run.
type growth struct {
	store   Store
	opt     Options
	plans   map[string]*preparedPlan
	batches []batch

	mu      sync.Mutex // guards summary and Progress
	summary Summary
}

// batch is a block of configurations still to be evaluated on one task; loading the task's table is paid once.
type batch struct {
	task *Task
	plan *preparedPlan
	runs []*record.Run
}

// preparedPlan is a Plan with its records' ids.
type preparedPlan struct {
	Plan
	space, protocol record.ID
	protocolJSON    []byte
	keys            map[record.ID]struct{}
}

func (g *growth) plan(ctx context.Context, tasks []*Task) error {
	g.plans = make(map[string]*preparedPlan, len(g.opt.Plans))
	for _, t := range tasks {
		if _, ok := g.opt.Plans[t.Task.Type]; !ok || g.plans[t.Task.Type] != nil {
			continue
		}
		p, err := g.prepare(ctx, g.opt.Plans[t.Task.Type])
		if err != nil {
			return fmt.Errorf("grow: plan for %s: %w", t.Task.Type, err)
		}
		g.plans[t.Task.Type] = p
	}
	if err := g.recoverJournals(ctx, tasks); err != nil {
		return err
	}
	if err := g.schedule(tasks); err != nil {
		return err
	}
	if g.opt.Progress != nil {
		g.opt.Progress.Planned(g.summary.Planned, g.summary.Already)
	}
	return nil
}

func (g *growth) prepare(ctx context.Context, plan Plan) (*preparedPlan, error) {
	ids, err := g.store.Add(ctx, &record.Space{Space: plan.Space}, &plan.Protocol)
	if err != nil {
		return nil, err
	}
	p := &preparedPlan{Plan: plan, space: ids[0], protocol: ids[1]}
	for i, c := range plan.Configs {
		if p.Configs[i], err = plan.Space.Normalize(c); err != nil {
			return nil, fmt.Errorf("configuration %d of the design: %w", i+1, err)
		}
	}
	if p.protocolJSON, err = record.Encode(&plan.Protocol); err != nil {
		return nil, err
	}
	p.keys, err = g.store.RunKeys(ctx, p.protocol)
	return p, err
}

// schedule lists what is missing, block by block of configurations, all tasks within a block.
func (g *growth) schedule(tasks []*Task) error {
	block := g.opt.Block
	if block <= 0 {
		block = 20
	}
	longest := 0
	for _, p := range g.plans {
		longest = max(longest, len(p.Configs))
	}
	for from := 0; from < longest; from += block {
		for _, t := range tasks {
			p := g.plans[t.Task.Type]
			if p == nil || from >= len(p.Configs) {
				continue
			}
			b := batch{task: t, plan: p}
			for _, c := range p.Configs[from:min(from+block, len(p.Configs))] {
				run := g.blank(t, p, c)
				key, err := record.Key(run)
				if err != nil {
					return fmt.Errorf("grow: %s: %w", t.Label.Name, err)
				}
				g.summary.Planned++
				if _, done := p.keys[key]; done {
					g.summary.Already++
					continue
				}
				b.runs = append(b.runs, run)
			}
			if len(b.runs) > 0 {
				g.batches = append(g.batches, b)
			}
		}
	}
	return nil
}

// blank returns the run of a configuration before anything is known of its result.
func (g *growth) blank(t *Task, p *preparedPlan, c space.Config) *record.Run {
	return &record.Run{
		Task: t.ID, Protocol: p.protocol, Space: p.space, Config: c, Split: t.Split,
		Evaluator: g.opt.Evaluator, Contributor: g.opt.Contributor, Machine: g.opt.Machine,
	}
}

func (g *growth) feed(ctx context.Context, queue chan<- batch) {
	defer close(queue)
	for _, b := range g.batches {
		select {
		case queue <- b:
		case <-ctx.Done():
			return
		}
	}
}

// evaluate works through a batch; it returns only errors that must end the growth.
func (g *growth) evaluate(ctx context.Context, e Evaluator, b batch, s *slot) error {
	s.loaded = false
	for _, run := range b.runs {
		trial, err := g.attempt(ctx, e, b, run, s)
		if err != nil {
			return err
		}
		if err := g.keep(ctx, b.task, b.plan, run, trial); err != nil {
			return err
		}
	}
	return nil
}

// attempt evaluates one run, again after a failure of infrastructure, and turns the last such failure into a
// crashed trial. It returns an error when ctx has ended, when the table cannot be loaded, and after mostCrashes
// crashed trials in a row: then the fault is not the configurations'.
func (g *growth) attempt(ctx context.Context, e Evaluator, b batch, run *record.Run, s *slot) (study.Trial, error) {
	var failure error
	for try := 0; try <= max(1, g.opt.Retries); try++ {
		if !s.loaded {
			if err := e.Load(ctx, b.task.Staged, b.plan.protocolJSON, b.task.Task.Fingerprint); err != nil {
				return study.Trial{}, fmt.Errorf("grow: %s: %w", b.task.Label.Name, cmp.Or(context.Cause(ctx), err))
			}
			s.loaded = true
		}
		suggestion := study.Suggestion{ID: 1, Config: run.Config, Fidelity: run.Fidelity, Seed: run.Seed, Origin: "design"}
		trial, err := e.Evaluate(ctx, suggestion, func(study.Observation) error { return nil })
		if ctx.Err() != nil {
			return study.Trial{}, context.Cause(ctx)
		}
		if err == nil {
			s.crashes = 0
			return trial, nil
		}
		failure, s.loaded = err, false
	}
	if s.crashes++; s.crashes >= mostCrashes {
		return study.Trial{}, fmt.Errorf("grow: %s: %d evaluations in a row crashed: %w", b.task.Label.Name, s.crashes, failure)
	}
	return study.Trial{Status: study.Crashed, Reason: failure.Error()}, nil
}

// mostCrashes is how many evaluations in a row may crash before a growth ends.
const mostCrashes = 5

// slot is what is known of one evaluator.
type slot struct {
	loaded  bool // it has the batch's table
	crashes int  // in a row
}

// keep stores the run with its result and tells the progress.
func (g *growth) keep(ctx context.Context, t *Task, p *preparedPlan, run *record.Run, trial study.Trial) error {
	if err := g.add(ctx, t, p, run, trial); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.summary.Stored[run.Status]++
	if g.opt.Progress != nil {
		g.opt.Progress.Ended(t.Label.Name, run)
	}
	return nil
}

// add stores the run with its result. A result that no knowledge base may hold, such as negative times, is a failure of
// that run, and does not end the growth.
func (g *growth) add(ctx context.Context, t *Task, p *preparedPlan, run *record.Run, trial study.Trial) error {
	run.Time = g.now().Unix()
	if err := Complete(run, p.Protocol, trial); err != nil {
		run.Status, run.Measures, run.Curve, run.Reason = study.Failed, nil, nil, firstLine(err.Error())
	}
	if err := record.Validate(run); errors.Is(err, record.ErrInvalid) {
		run.Status, run.Measures, run.Curve, run.Cost = study.Failed, nil, nil, study.Cost{}
		run.Reason = firstLine("the evaluator's result: " + err.Error())
	}
	// Stored even when ctx has just ended: the work is done.
	if _, err := g.store.Add(context.WithoutCancel(ctx), run); err != nil {
		return fmt.Errorf("grow: storing a run of %s: %w", t.Label.Name, err)
	}
	return nil
}

func (g *growth) now() time.Time {
	if g.opt.Now != nil {
		return g.opt.Now()
	}
	return time.Now()
}

// ErrNoEvaluation is wrapped when a complete trial lacks the metrics its protocol asks for.
var ErrNoEvaluation = errors.New("the evaluator left out a metric of the protocol")
