package optimizerbench

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
)

// Outcome is one run of a method on a problem.
type Outcome struct {
	// Regret is the incumbent's regret at every checkpoint, NaN before the first trial is paid for.
	Regret []float64
	// Credited is the same where a configuration that was evaluated before at a lower fidelity costs its increment
	// only, as if training went on from there.
	Credited []float64
	// Evaluations counts trials of any fidelity, CPU is the time the method took to propose them.
	Evaluations int
	CPU         time.Duration
}

// Checkpoints are the costs, in full evaluations, at which regrets are looked at: the usual ones up to the budget, and
// the budget.
func Checkpoints(p problem.Problem, budget float64) []float64 {
	usual := []float64{25, 50, 100, 500, 1000}
	if len(p.Fidelities) > 0 {
		usual = []float64{5, 10, 25}
	}
	var list []float64
	for _, c := range usual {
		if c < budget {
			list = append(list, c)
		}
	}
	return append(list, budget)
}

// slack is what sums of fractions of evaluations may be off.
const slack = 1e-9

// track follows the incumbent along one way of counting costs. The incumbent is the trial with the least loss among
// those at the highest effort seen so far.
type track struct {
	checkpoints []float64
	regret      []float64 // at the checkpoints passed
	spent       float64

	effort, loss, incumbent float64
}

func newTrack(checkpoints []float64) track {
	return track{checkpoints: checkpoints, loss: math.Inf(1), incumbent: math.NaN()}
}

// add pays for a trial and takes note of it.
func (t *track) add(cost, effort, loss, regret float64) {
	t.spent += cost
	for len(t.regret) < len(t.checkpoints) && t.spent > t.checkpoints[len(t.regret)]+slack {
		t.regret = append(t.regret, t.incumbent)
	}
	if effort > t.effort || effort == t.effort && loss < t.loss {
		t.effort, t.loss, t.incumbent = effort, loss, regret
	}
}

// done says that the last checkpoint was passed.
func (t *track) done() bool { return len(t.regret) == len(t.checkpoints) }

// affordable says whether another trial can still come before the last checkpoint.
func (t *track) affordable() bool { return t.spent < t.checkpoints[len(t.checkpoints)-1]-slack }

// finish fills in the checkpoints that were not passed.
func (t *track) finish() []float64 {
	for !t.done() {
		t.regret = append(t.regret, t.incumbent)
	}
	return t.regret
}

// play makes one run. It ends when the budget is spent by both ways of counting, or nothing is left to propose.
func play(ctx context.Context, p problem.Problem, m Method, seed uint64, budget float64) (o Outcome, err error) {
	session, err := m.Open(ctx, p, seed, budget)
	if err != nil {
		return o, err
	}
	defer func() {
		cpu, closing := session.Close()
		o.CPU, err = cpu, errors.Join(err, closing)
	}()
	checkpoints := Checkpoints(p, budget)
	paid, credited := newTrack(checkpoints), newTrack(checkpoints)
	bought := map[string][]float64{} // efforts spent so far on a configuration
	setup := p.Study(seed)
	for paid.affordable() || credited.affordable() {
		if err := ctx.Err(); err != nil {
			return o, err
		}
		s, err := session.Next(ctx)
		if errors.Is(err, optimizers.ErrExhausted) {
			break
		}
		if err != nil {
			return o, err
		}
		o.Evaluations++
		loss, regret := p.Measure(s.Config, s.Fidelity, seed), p.Regret(s.Config)
		effort := optimizers.Effort(setup, s.Fidelity)
		credit, err := creditFor(bought, s.Config, effort)
		if err != nil {
			return o, err
		}
		paid.add(effort, effort, loss, regret)
		credited.add(effort-credit, effort, loss, regret)
		if err := session.Tell(ctx, loss); err != nil {
			return o, err
		}
	}
	o.Regret, o.Credited = paid.finish(), credited.finish()
	return o, nil
}

// creditFor returns the greatest effort below the given one that was spent on the configuration, and notes this one.
// Spending the same effort again has no credit: it is a repetition.
func creditFor(bought map[string][]float64, c space.Config, effort float64) (float64, error) {
	text, err := c.Canonical()
	if err != nil {
		return 0, err
	}
	credit := 0.0
	for _, before := range bought[string(text)] {
		if before < effort {
			credit = max(credit, before)
		}
	}
	if !slices.Contains(bought[string(text)], effort) {
		bought[string(text)] = append(bought[string(text)], effort)
	}
	return credit, nil
}
