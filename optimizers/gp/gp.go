// Package gp is Bayesian optimization with a Gaussian process (Jones, Schonlau and Welch 1998; Snoek, Larochelle and
// Adams 2012): at home on few continuous hyperparameters, and able to take any space.
//
// A scrambled Sobol design comes first. Then the process of package gaussian is fitted to the losses, transformed by
// a power that makes them look normal, and each trial maximises the logarithm of the expected improvement (Ament et al.
// 2023) under it: over a Latin hypercube and normal steps around the best trials, from the best of which it climbs by
// L-BFGS in the continuous hyperparameters and by exchanges in the others. Numbers on a grid are at their grid points
// for the kernel, too (Garrido-Merchán and Hernández-Lobato 2020). Running trials count as evaluated with the mean as
// outcome (Ginsbourger, Le Riche and Carraro 2010), and failed ones as the worst loss there is.
//
// It differs from what is usual in five ways; regrets are medians.
//
// The mean is a constant with a wide prior, integrated out, instead of 0 for standardised losses, which is the mean of
// what the search has chosen and so too good: after 50 trials, on branin, hartmann6 and rosenbrock10, from 1.4e-5, .064
// and 9.6e3 (10 seeds) to 3e-6, 3e-4 and 2e3 (20 seeds).
//
// The noise's prior is weak, LogNormal(-6, 3) with a floor of 1e-8, where LogNormal(-4, 1) with a floor of 1e-6 is usual:
// before the former change, with LogNormal(-10, 3), from 1.5e-4, .16 and 3.4e4 to 1.4e-5, .064 and 9.6e3 (10 seeds).
//
// Once next to no improvement is expected, the search begins again with a design and a model of its own, which know
// nothing of the trials before; every fourth trial goes on with the first search, which knows of all. A process that is
// equally smooth everywhere and was fitted to trials of which most are in one basin is too sure of all else: of hartmann6's
// optimum, which is .119 below that of the basin, the logarithm of the expected improvement was -20 to -30. Where every
// other trial was random instead, and the one model went on with all of them, it made little of those that fell elsewhere.
// In 100 trials, over seeds that had no part in the choice, on hartmann6 it raises the share of runs that find the optimum
// from .60 to .90, and lowers the mean log10(regret + .001 of the spread) by .47 (standard error .13; 30 seeds). Where many
// basins differ in one coordinate each, what one model knows of all is worth as much: on styblinski5 the mean regret is
// 19.0 instead of 18.5, and its logarithm .18 (.15; 30 seeds) higher. With every other trial of a new search these are .72
// of the runs and .11 (.13), over the seeds that had a part in the choice, where the default has .85, and random trials .57.
// Settings.Single goes without (metaml bench optimizers --problem hartmann6,styblinski5 --method gp,gp:single=true).
// Over 33 other functions, spaces with conditions and tables it changes the logarithm by +.01 on average (standard error
// .03 over problems; 10 seeds).
//
// Two categories are expected to be as alike as if their hyperparameter's lengthscale were five times that of a number,
// because any two are as far apart as the ends of a number's range: on nasbench201, mean log10(regret + .001 of the spread)
// after 25, 50 and 100 trials from -.50, -1.50 and -1.86 to -.92, -1.98 and -2.06 (twice as long: -.64, -1.57, -1.96;
// eleven times: -.75, -1.64, -1.86; 20 seeds).
//
// What was tried is no candidate. Where there is noise, or little to gain, points that were tried promise most, and on a
// grid every climb ended there: after 75 trials on hpobench phoneme, 12,000 of 30,000 points promised more than the one
// that was proposed instead. The regret on six tables stayed the same: in log10, -.00 (standard error .03) after 50 trials
// and +.01 (.05) after 100 (20 seeds).
//
// The power that makes losses look normal is worth most where good configurations are dense, and costs something where
// the way to them is one slope: mean log10(regret + .001 of the spread) after 50 and 100 trials (20 seeds)
//
//	                    credit_g        kc1             phoneme         segment         nasbench201
//	with the power      -2.45, -2.64    -2.35, -2.57    -2.87, -3.27    -3.14, -3.71    -1.98, -2.06
//	powers from 0 on    -2.32, -2.54    -2.08, -2.41    -3.09, -3.43    -3.05, -3.96    -1.80, -2.16
//	without             -2.17, -2.33    -2.02, -2.34    -3.15, -3.52    -2.51, -2.75    -1.50, -2.08
//
// On phoneme Optuna's GP is ahead by .25 over 100 seeds (.results/optimizers/README.md), about what the power costs there;
// that this is the whole of the gap is not shown.
//
// Choosing among the three at each fit by the probability of the losses under the process changes that after 100 trials by
// -.03 on average (standard error over 12 problems .03; 12 seeds that had no part in trying it): credit_g -.06, kc1 -.26,
// phoneme -.09, segment -.12, but car +.14 and nasbench201 +.17, for up to three times as many fits.
//
// Numbers can be warped by Settings.Warp. It is off because nothing is better with it: log10(regret + .001 of the spread)
// after 100 trials changed by this, and rank by +.10 (95 % interval -.01 to +.21; metaml bench optimizers --problem
// functions,tables --method gp,gp:warp=true --seeds 10), for 1.2 to 1.4 times the CPU time
//
//	branin .00, hartmann6 +.35, rosenbrock10 -.02, ackley10 +.08, styblinski5 -.10, branin25 .00
//	naval .00, parkinsons +.07, car +.09, credit_g -.07, kc1 -.09, phoneme +.27, segment -.21, nasbench201 .00
//
// on average +.05 and +.01 (standard errors .07 and .06). These spaces are on the scale that suits them, logarithmic where
// it should be; a warp is for those that are not.
//
// Of earlier tasks it makes a prior mean, whose weight follows from how far the new task's results agree (see Prime).
package gp

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The origins of its suggestions: the initial design, what the model proposes, random draws where there is neither, and
// the first and the other trials of searches that begin again.
const (
	OriginDesign    = "gp-design"
	Origin          = "gp"
	OriginRandom    = "gp-random"
	OriginRestart   = "gp-restart"
	OriginRestarted = "gp-restarted"
)

// Settings of the optimizer. Zero is the documented default of each.
type Settings struct {
	// Initial is the number of trials before the model is used, warm starts included; 0: one more than there are
	// hyperparameters active at once, and two more for every branch of the space, from 5 to 50.
	Initial int `json:"initial,omitempty"`
	// Candidates is the number of points of a Latin hypercube that the model judges for each pick; 0: 2048, fewer with
	// more than 250 trials or 100 hyperparameters.
	Candidates int `json:"candidates,omitempty"`
	// Starts is from how many of the best points the acquisition function is climbed; 0: 10, fewer with more than
	// 100 hyperparameters.
	Starts int `json:"starts,omitempty"`
	// Warp bends the scale of every number by two parameters that are fitted to the losses (Snoek et al. 2014): for spaces
	// on a scale that may not suit, where the loss changes much faster at one end.
	Warp bool `json:"warp,omitempty"`
	// Single makes it one search, which never begins again.
	Single bool `json:"single,omitempty"`
}

func (s Settings) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"initial", s.Initial}, {"candidates", s.Candidates}, {"starts", s.Starts}} {
		if f.value < 0 {
			return fmt.Errorf("gp: setting %s is %d; it must be positive, or 0 for the default", f.name, f.value)
		}
	}
	return nil
}

// Optimizer is Bayesian optimization on one problem.
type Optimizer struct {
	problem study.Problem
	initial int
	history *history.History
	inputs  *inputs
	design  []space.Config
	rows    map[study.TrialID][]float64 // of every trial at full fidelity
	model   *model
	restart restart
	search  *search
}

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns the optimizer for a problem. It takes any space.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	codec, err := coding.New(p.Space)
	if err != nil {
		return nil, fmt.Errorf("gp: %w", err)
	}
	in := newInputs(p.Space, codec)
	design, err := p.Space.Design(space.Sobol, max(maxInitial, s.Initial), p.Stream(0).Uint64())
	if err != nil {
		return nil, fmt.Errorf("gp: initial design: %w", err)
	}
	o := &Optimizer{
		problem: p, initial: s.Initial, history: history.New(p), inputs: in, design: design,
		rows: map[study.TrialID][]float64{}, search: newSearch(in, s),
	}
	if o.initial == 0 {
		o.initial = in.initial(design)
	}
	if o.model, err = newModel(in, s.Warp); err != nil {
		return nil, fmt.Errorf("gp: %w", err)
	}
	return o, nil
}

// Tell takes in trials. Those at lower fidelities count as tried only, their losses being no match for others'.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, t := range o.history.Tell(trials...) {
		if optimizers.Effort(o.problem, t.Fidelity) < 1 {
			continue
		}
		row, known := o.rows[t.ID]
		if !known {
			row = o.inputs.codec.Encode(t.Config)
			o.rows[t.ID] = row
			if err := o.follow(t.Suggestion); err != nil {
				return err
			}
		}
		if t.Status.Final() {
			o.model.add(row, t)
			o.model.ended.Add(row)
			if o.restart.has(t.Suggestion) {
				o.restart.model.add(row, t)
			}
		}
	}
	return nil
}

// Ask proposes n trials. It fails where forbidden clauses leave hardly anything to draw.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r := round{Optimizer: o, batch: o.history.Batch(), begun: o.history.Len(), restart: o.restart}
	defer r.forget()
	var err error
	if r.ready, err = o.prepare(o.model, r.begun, func(study.Suggestion) bool { return true }); err != nil {
		return nil, fmt.Errorf("gp: %w", err)
	}
	var suggestions []study.Suggestion
	for i := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := study.Suggestion{ID: first + study.TrialID(i)}
		s.Seed = o.problem.TrialSeed(s.ID)
		s.Config, s.Origin, err = r.propose(s.ID)
		if errors.Is(err, optimizers.ErrExhausted) && i > 0 {
			return suggestions, nil
		}
		if err != nil {
			return nil, fmt.Errorf("gp: proposing trial %d: %w", s.ID, err)
		}
		if err := r.take(s); err != nil {
			return nil, fmt.Errorf("gp: trial %d: %w", s.ID, err)
		}
		suggestions = append(suggestions, s)
	}
	return suggestions, nil
}
