// Package simulation runs optimizers on test problems as parallel workers would, on a virtual clock: nothing sleeps,
// and a day of 64 workers passes in the time that the optimizer itself takes. Run times are recorded ones or drawn
// from heavy-tailed distributions, so that what stragglers do to an algorithm shows.
//
// The unit of time is one full evaluation of mean run time on one worker.
package simulation

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// Options say how to simulate. At least one of Trials, Time and Spent must be positive, unless the optimizer ends by
// itself.
type Options struct {
	// Workers is how many trials run at once; 0: 1.
	Workers int
	// Duration gives run times; nil: Constant.
	Duration Duration
	// Seed is that of the study, of the noise of measurements and of run times.
	Seed uint64
	// Credit lets a trial with a parent pay for the effort beyond its parent's alone, as where checkpoints are
	// continued. Without, every trial pays in full.
	Credit bool
	// Trials bounds the trials that begin, Time the time, and Spent the sum of efforts; 0: no bound.
	Trials int
	Time   float64
	Spent  float64
	// Target ends the simulation once the incumbent's noise-free loss is at most this; nil: no target.
	Target *float64
}

// Point is the end of a trial.
type Point struct {
	// Time is when it ended.
	Time float64
	// Spent is the effort, in full evaluations, of all trials that have ended, this one included.
	Spent float64
	// Trial is its number, Parent that of the trial it continued (0: none), Effort the share of a full evaluation that
	// it was paid for.
	Trial, Parent study.TrialID
	Effort        float64
	// Observed is the loss it measured.
	Observed float64
	// Loss is the noise-free loss at full fidelity of the incumbent at this time: of the best trial at the highest
	// effort of any so far.
	Loss float64
}

// Trace is what happened, in the order of time.
type Trace []Point

// LossAt returns the incumbent's loss at a time: infinity before the first trial's end.
func (t Trace) LossAt(time float64) float64 {
	loss := math.Inf(1)
	for _, p := range t {
		if p.Time > time+1e-9 {
			break
		}
		loss = p.Loss
	}
	return loss
}

// LossAfter returns the incumbent's loss when the trials that had ended had taken at most an effort.
func (t Trace) LossAfter(spent float64) float64 {
	loss := math.Inf(1)
	for _, p := range t {
		if p.Spent > spent+1e-9 {
			break
		}
		loss = p.Loss
	}
	return loss
}

// TimeTo returns when the incumbent's loss was first at most a value; infinity if never.
func (t Trace) TimeTo(loss float64) float64 {
	for _, p := range t {
		if p.Loss <= loss {
			return p.Time
		}
	}
	return math.Inf(1)
}

// Run simulates a study: workers take a trial as soon as they are free and the optimizer has one for them. The
// optimizer is told beginnings and ends in the order of the virtual clock (of equal times, in the order of trials),
// and asked for one trial at a time, as by optimizers.Run.
func Run(ctx context.Context, p problem.Problem, o optimizers.Optimizer, opt Options) (Trace, error) {
	if opt.Workers < 0 || opt.Trials < 0 || opt.Time < 0 || opt.Spent < 0 {
		return nil, fmt.Errorf("a simulation of %d workers, %d trials, time %v, effort %v: none can be negative", opt.Workers, opt.Trials, opt.Time, opt.Spent)
	}
	if opt.Workers == 0 {
		opt.Workers = 1
	}
	if opt.Duration == nil {
		opt.Duration = Constant()
	}
	s := &simulation{problem: p, study: p.Study(opt.Seed), optimizer: o, opt: opt, efforts: map[study.TrialID]float64{}}
	for {
		if err := s.fill(ctx); err != nil {
			return s.trace, err
		}
		if len(s.running) == 0 {
			return s.trace, s.idle()
		}
		next := heap.Pop(&s.running).(job)
		if opt.Time > 0 && next.end > opt.Time {
			return s.trace, nil
		}
		if err := s.finish(ctx, next); err != nil {
			return s.trace, err
		}
		if opt.Target != nil && s.trace[len(s.trace)-1].Loss <= *opt.Target {
			return s.trace, nil
		}
	}
}

// simulation is the state of a run.
type simulation struct {
	problem   problem.Problem
	study     study.Problem
	optimizer optimizers.Optimizer
	opt       Options

	now       float64
	begun     int
	committed float64 // effort of the trials that have begun
	running   queue
	waiting   bool // the optimizer has nothing until it is told more
	exhausted bool
	efforts   map[study.TrialID]float64 // of every trial, without credit
	incumbent *study.Trial
	trace     Trace
}

// job is a trial that runs.
type job struct {
	study.Suggestion
	end, effort float64
}

// fill begins trials while there are free workers.
func (s *simulation) fill(ctx context.Context) error {
	for len(s.running) < s.opt.Workers && !s.waiting && !s.exhausted {
		if s.opt.Trials > 0 && s.begun >= s.opt.Trials || s.opt.Spent > 0 && s.committed >= s.opt.Spent-1e-9 {
			return nil
		}
		id := study.TrialID(s.begun + 1)
		answer, err := s.optimizer.Ask(ctx, id, 1)
		if errors.Is(err, optimizers.ErrExhausted) {
			s.exhausted = true
			return nil
		}
		if err == nil {
			answer, err = optimizers.CheckSuggestions(s.study, answer, id, 1)
		}
		if err != nil {
			return fmt.Errorf("asking for trial %d: %w", id, err)
		}
		if len(answer) == 0 {
			s.waiting = true
			return nil
		}
		if err := s.begin(ctx, answer[0]); err != nil {
			return err
		}
	}
	return nil
}

// begin begins a trial.
func (s *simulation) begin(ctx context.Context, t study.Suggestion) error {
	effort := optimizers.Effort(s.study, t.Fidelity)
	s.efforts[t.ID] = effort
	if s.opt.Credit {
		effort = max(0, effort-s.efforts[t.Parent])
	}
	duration := s.opt.Duration(t, effort, clockStream(s.opt.Seed, t.ID))
	if !(duration >= 0) {
		return fmt.Errorf("trial %d takes a time of %v", t.ID, duration)
	}
	s.begun++
	s.committed += effort
	heap.Push(&s.running, job{Suggestion: t, end: s.now + duration, effort: effort})
	return s.tell(ctx, study.Trial{Suggestion: t})
}

// finish ends a trial.
func (s *simulation) finish(ctx context.Context, j job) error {
	s.now = j.end
	loss := s.problem.Measure(j.Config, j.Fidelity, s.opt.Seed)
	t := study.Trial{Suggestion: j.Suggestion, Status: study.Complete, Losses: []float64{loss}, Observations: []study.Observation{{
		Fidelity: j.Fidelity, Metrics: map[string]float64{problem.Metric: loss}, Cost: study.Cost{Wall: j.effort},
	}}}
	both := []study.Trial{t}
	if s.incumbent != nil {
		both = append(both, *s.incumbent)
	}
	if best, ok := optimizers.Incumbent(s.study, both); ok {
		s.incumbent = &best
	}
	point := Point{Time: s.now, Spent: j.effort, Trial: j.ID, Parent: j.Parent, Effort: j.effort, Observed: loss, Loss: s.problem.Loss(s.incumbent.Config)}
	if n := len(s.trace); n > 0 {
		point.Spent += s.trace[n-1].Spent
	}
	s.trace = append(s.trace, point)
	return s.tell(ctx, t)
}

func (s *simulation) tell(ctx context.Context, t study.Trial) error {
	s.waiting = false
	if err := s.optimizer.Tell(ctx, t); err != nil {
		return fmt.Errorf("telling of trial %d: %w", t.ID, err)
	}
	return nil
}

// idle says why nothing runs.
func (s *simulation) idle() error {
	if s.waiting {
		return fmt.Errorf("%w: it waits for results though no trial is running", optimizers.ErrContract)
	}
	return nil
}

// queue is a heap of running trials by their end.
type queue []job

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if q[i].end != q[j].end {
		return q[i].end < q[j].end
	}
	return q[i].ID < q[j].ID
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push adds a job.
func (q *queue) Push(x any) { *q = append(*q, x.(job)) }

// Pop removes the last job.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
