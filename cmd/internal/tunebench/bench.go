// Package tunebench measures what warm starts are worth to a study: on data sets that the knowledge base does not know,
// the same optimizer runs with and without its advice, with the advice of an unrelated knowledge base, and beside the
// optimizers of other libraries.
//
// Objectives are tables: every loss is that of a real training. A method proposes anywhere in the whole search space;
// what is evaluated is the nearest row that its run has not evaluated (see pool), and it is told that row's
// configuration and result, a failure included. Runs are scored by the incumbent's loss on test rows, the incumbent
// being the best trial so far on validation rows.
package tunebench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
)

// Start names the knowledge that a run starts from.
type Start string

// The starts.
const (
	Cold      Start = "cold"      // none
	Warm      Start = "warm"      // the advice of a knowledge base, handed over as metaml tune does
	Unrelated Start = "unrelated" // the same from a knowledge base whose results are dealt out anew for the seed (Shuffled)
)

// Label names a method by optimizer and start.
func Label(optimizer string, start Start) string { return optimizer + "/" + string(start) }

// Method is a way to run a study. It has one caller at a time.
type Method interface {
	// Name is unique among the methods of a benchmark.
	Name() string
	// Start says which advice Play wants.
	Start() Start
	// Play runs one study on a table and returns the rows that it evaluated, in order: as many as trials, or fewer where
	// nothing is left. The advice of a cold start is empty.
	Play(ctx context.Context, t *Task, advice Advice, seed uint64, trials int) ([]int, error)
	// Versions are those of the software that ran, as far as it is not metaml's own.
	Versions() map[string]string
	// Close ends what is kept between runs.
	Close() error
}

// Key identifies a run.
type Key struct {
	Task   string `json:"task"` // its id
	Method string `json:"method"`
	Seed   uint64 `json:"seed"`
}

// Runs are finished runs: the rows evaluated, in order.
type Runs map[Key][]int

// Options say what to run.
type Options struct {
	Tasks []*Task
	// Methods makes the methods of one worker, which closes them.
	Methods func() ([]Method, error)
	// Seeds is the number of runs of each method on each task, by seeds SeedBase, SeedBase+1, …; SeedsOf, if not nil,
	// says it for one method.
	Seeds    int
	SeedsOf  func(method string) int
	SeedBase uint64
	Trials   int // of a run
	Workers  int // runs at once, on different tasks; at least 1
	// Advise advises the run on a task with that seed.
	Advise func(t *Task, start Start, seed uint64) (Advice, error)
	// Finished are runs that need not be repeated.
	Finished Runs
	// Done is called with every run that ends and the versions of what ran, one call at a time.
	Done func(key Key, rows []int, versions map[string]string) error
}

// seeds is the number of runs of a method.
func (o Options) seeds(method string) int {
	if o.SeedsOf != nil {
		return o.SeedsOf(method)
	}
	return o.Seeds
}

// Run runs every method on every task and returns the runs together with those that were finished before. When it
// fails or the context ends, the runs so far come with the error; tasks come in random order, so that what is finished
// then is a fair sample.
func Run(ctx context.Context, opt Options) (Runs, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := &race{opt: opt, runs: Runs{}, tasks: make(chan *Task)}
	for key, rows := range opt.Finished {
		r.runs[key] = rows
	}
	var wait sync.WaitGroup
	errs := make([]error, max(1, opt.Workers))
	for i := range errs {
		wait.Go(func() {
			if errs[i] = r.work(ctx); errs[i] != nil {
				cancel()
			}
		})
	}
	for _, i := range rand.New(rand.NewPCG(opt.SeedBase, taskStream)).Perm(len(opt.Tasks)) {
		select {
		case r.tasks <- opt.Tasks[i]:
		case <-ctx.Done():
		}
	}
	close(r.tasks)
	wait.Wait()
	return r.runs, firstCause(errs)
}

// taskStream is the random stream of the order of tasks.
const taskStream = 0x0de4

// firstCause is the first error that is not that another worker had one.
func firstCause(errs []error) error {
	for _, err := range errs {
		if err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return errors.Join(errs...)
}

// race is a benchmark under way.
type race struct {
	opt   Options
	tasks chan *Task

	mu   sync.Mutex
	runs Runs
}

// work takes tasks until none is left.
func (r *race) work(ctx context.Context) (err error) {
	methods, err := r.opt.Methods()
	if err != nil {
		return err
	}
	defer func() {
		for _, m := range methods {
			err = errors.Join(err, m.Close())
		}
	}()
	for t := range r.tasks {
		for _, m := range methods {
			if err := r.task(ctx, t, m); err != nil {
				return fmt.Errorf("%s on %s: %w", m.Name(), t.Name, err)
			}
		}
	}
	return ctx.Err()
}

// task runs a method on a task, once per seed.
func (r *race) task(ctx context.Context, t *Task, m Method) error {
	for i := range r.opt.seeds(m.Name()) {
		key := Key{string(t.ID), m.Name(), r.opt.SeedBase + uint64(i)}
		if _, ok := r.opt.Finished[key]; ok {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		var advice Advice
		if m.Start() != Cold {
			var err error
			if advice, err = r.opt.Advise(t, m.Start(), key.Seed); err != nil {
				return err
			}
		}
		rows, err := m.Play(ctx, t, advice, key.Seed, r.opt.Trials)
		if err != nil {
			return fmt.Errorf("seed %d: %w", key.Seed, errors.Join(ctx.Err(), err))
		}
		if err := r.finish(m, key, rows); err != nil {
			return err
		}
	}
	return nil
}

// finish takes note of a run.
func (r *race) finish(m Method, key Key, rows []int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.runs[key] = rows
	if r.opt.Done == nil {
		return nil
	}
	return r.opt.Done(key, rows, m.Versions())
}

// curve is a run as it looks at each trial, from the first: the incumbent's losses, +Inf before there is one.
type curve struct{ validation, test []float64 }

// follow traces the incumbent of a run over a number of trials; a run that ended earlier stays as it was.
func follow(t *Task, rows []int, trials int) curve {
	c := curve{make([]float64, trials), make([]float64, trials)}
	loss, test := math.Inf(1), math.Inf(1)
	for n := range trials {
		if n < len(rows) {
			if r := t.Rows[rows[n]]; r.Loss < loss {
				loss, test = r.Loss, r.Test
			}
		}
		c.validation[n], c.test[n] = loss, test
	}
	return c
}
