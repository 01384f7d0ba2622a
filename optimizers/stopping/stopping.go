// Package stopping stops trials whose learning curves fall behind those of others. It wraps any optimizer: what is
// proposed stays the inner optimizer's business, which hears of a stopped trial as pruned.
//
// Percentile is the median stopping rule of Vizier (Golovin et al. 2017) and its relatives for other percentiles;
// package asha has another Rule.
package stopping

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Rule decides about trials by their curves.
type Rule interface {
	// Stop reports whether to stop a trial at the last point of its curve, which is never its end. others are the
	// curves of other trials at the same fidelity, in the order in which they were heard of, still running ones
	// included; they may be empty.
	Stop(trial *Curve, others []*Curve) bool
}

// Optimizer is an optimizer with a stopping rule.
//
// Which trials are stopped follows from what was observed when, and so with several workers from the clock. What a
// trial that still runs has reported is lost with the process, until it is evaluated again. A trial reports its
// position by Step and Steps, or by the Fidelity of the observation; without either it is left alone.
type Optimizer struct {
	problem study.Problem
	inner   optimizers.Optimizer
	rule    Rule
	running map[study.TrialID]*Curve
	ended   map[study.TrialID]bool
	groups  map[float64][]*Curve // by the effort of the trial's fidelity, in the order heard of
}

var (
	_ optimizers.Optimizer = (*Optimizer)(nil)
	_ optimizers.Stopper   = (*Optimizer)(nil)
	_ optimizers.Primer    = (*Optimizer)(nil)
)

// New returns the inner optimizer on the problem with a rule.
func New(p study.Problem, inner optimizers.Optimizer, rule Rule) *Optimizer {
	return &Optimizer{
		problem: p, inner: inner, rule: rule,
		running: map[study.TrialID]*Curve{}, ended: map[study.TrialID]bool{}, groups: map[float64][]*Curve{},
	}
}

// Ask asks the inner optimizer.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	return o.inner.Ask(ctx, first, n)
}

// Prime primes the inner optimizer; the error is errors.ErrUnsupported where that takes no prior.
func (o *Optimizer) Prime(ctx context.Context, prior study.Prior) error {
	primer, ok := o.inner.(optimizers.Primer)
	if !ok {
		return fmt.Errorf("the optimizer under the stopping rule takes no prior: %w", errors.ErrUnsupported)
	}
	return primer.Prime(ctx, prior)
}

// Tell keeps the trials' curves and tells the inner optimizer.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := o.inner.Tell(ctx, trials...); err != nil {
		return err
	}
	for _, t := range trials {
		o.keep(t)
	}
	return nil
}

// keep begins a trial's curve, or puts the final one in its place.
func (o *Optimizer) keep(t study.Trial) {
	if o.ended[t.ID] {
		return
	}
	c, known := o.running[t.ID]
	if !known {
		effort := optimizers.Effort(o.problem, t.Fidelity)
		c = &Curve{effort: effort}
		o.running[t.ID] = c
		o.groups[effort] = append(o.groups[effort], c)
	}
	if !t.Status.Final() {
		return
	}
	c.Ended, c.Points = true, nil
	for _, ob := range t.Observations {
		o.extend(c, ob)
	}
	o.ended[t.ID] = true
	delete(o.running, t.ID)
}

// extend adds an observation to a curve, if it says where it is and has the objective's metric. It reports whether it
// was added.
func (o *Optimizer) extend(c *Curve, ob study.Observation) bool {
	if len(o.problem.Objectives) == 0 {
		return false
	}
	objective := o.problem.Objectives[0]
	x, ok := ob.Metrics[objective.Metric]
	if !ok {
		return false
	}
	switch {
	case ob.Steps > 0:
		return c.add(float64(ob.Step)/float64(ob.Steps), objective.Loss(x))
	case len(ob.Fidelity) > 0:
		return c.add(optimizers.Effort(o.problem, ob.Fidelity)/c.effort, objective.Loss(x))
	}
	return false
}

// Observe extends the trial's curve and asks the rule, and the inner optimizer where it is a Stopper, too: the trial is
// stopped if either says so.
func (o *Optimizer) Observe(ctx context.Context, id study.TrialID, ob study.Observation) (bool, error) {
	stop := false
	if inner, ok := o.inner.(optimizers.Stopper); ok {
		var err error
		if stop, err = inner.Observe(ctx, id, ob); err != nil {
			return false, err
		}
	}
	c, ok := o.running[id]
	if !ok || !o.extend(c, ob) || c.Last().Progress >= 1 {
		return stop, ctx.Err()
	}
	others := slices.DeleteFunc(slices.Clone(o.groups[c.effort]), func(d *Curve) bool { return d == c })
	return o.rule.Stop(c, others) || stop, ctx.Err()
}
