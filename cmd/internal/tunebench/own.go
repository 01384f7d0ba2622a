package tunebench

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/warmstart/handover"
)

// lossMetric is what the table's evaluator calls its loss.
const lossMetric = "loss"

// Own is a method that is an optimizer of metaml, run by the very loop that runs studies.
type Own struct {
	// Optimizer is its name, and what Open opens with default settings.
	Optimizer string
	Open      func(study.Problem) (optimizers.Optimizer, error)
	// Primed says that the optimizer takes a prior (optimizers.Primer), and is to be told what the knowledge base says.
	Primed bool
	// From names the knowledge that the run starts from.
	From Start
}

// Name implements Method.
func (o Own) Name() string { return Label(o.Optimizer, o.From) }

// Start implements Method.
func (o Own) Start() Start { return o.From }

// Versions implements Method; metaml's own version is known anyway.
func (Own) Versions() map[string]string { return nil }

// Close implements Method.
func (Own) Close() error { return nil }

// Play implements Method.
func (o Own) Play(ctx context.Context, t *Task, advice Advice, seed uint64, trials int) ([]int, error) {
	p := newPool(t, seed)
	problem := study.Problem{Space: t.Space, Objectives: []study.Objective{{Metric: lossMetric}}, Seed: seed}
	inner, err := o.open(ctx, problem, advice.Prior)
	if err != nil {
		return nil, err
	}
	list, err := run(ctx, problem, &snapped{inner, p}, lookup{p}, p.known(advice.Picks), min(trials, len(t.Rows)))
	if err != nil {
		return nil, err
	}
	rows := make([]int, 0, len(list))
	for _, trial := range list {
		row, ok := p.row(trial.Config)
		if !ok || !trial.Status.Final() {
			return nil, fmt.Errorf("trial %d ended as %v and is no row of the table", trial.ID, trial.Status)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// open opens the optimizer and primes it where there is something to tell it.
func (o Own) open(ctx context.Context, p study.Problem, prior study.Prior) (optimizers.Optimizer, error) {
	inner, err := o.Open(p)
	if err != nil || !o.Primed || len(prior.Tasks) == 0 {
		return inner, err
	}
	primer, ok := inner.(optimizers.Primer)
	if !ok {
		return nil, fmt.Errorf("%s takes no prior: %w", o.Optimizer, errors.ErrUnsupported)
	}
	if err := primer.Prime(ctx, prior); err != nil {
		return nil, fmt.Errorf("priming %s: %w", o.Optimizer, err)
	}
	return inner, nil
}

// run runs a study that hands over from the picks, if there are any, to the optimizer, as metaml tune does.
func run(ctx context.Context, p study.Problem, o optimizers.Optimizer, e optimizers.Evaluator, picks []space.Config, trials int) ([]study.Trial, error) {
	opt := optimizers.Options{Trials: trials}
	if len(picks) > 0 {
		opt.Advice = handover.New(handover.Options{Picks: picks})
	}
	result, err := optimizers.Run(ctx, p, o, []optimizers.Evaluator{e}, opt)
	return result.Trials, err
}

// snapped is an optimizer whose proposals are moved to the nearest rows of the table. It is told those rows, as if
// they were its own proposals.
type snapped struct {
	inner optimizers.Optimizer
	pool  *pool
}

// Ask implements optimizers.Optimizer for one proposal at a time.
func (s *snapped) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if s.pool.left == 0 {
		return nil, optimizers.ErrExhausted
	}
	list, err := s.inner.Ask(ctx, first, min(n, 1))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	row, ok := s.pool.nearest(list[0].Config)
	if !ok {
		return nil, optimizers.ErrExhausted
	}
	list[0].Config = s.pool.task.Rows[row].Config
	return list, nil
}

// Tell implements optimizers.Optimizer.
func (s *snapped) Tell(ctx context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		if row, ok := s.pool.row(t.Config); ok {
			s.pool.take(row)
		}
	}
	return s.inner.Tell(ctx, trials...)
}

// lookup evaluates configurations by looking them up.
type lookup struct{ pool *pool }

var errNoRow = errors.New("the configuration is no row of the table")

// Evaluate implements optimizers.Evaluator.
func (l lookup) Evaluate(_ context.Context, s study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	i, ok := l.pool.row(s.Config)
	if !ok {
		return study.Trial{}, errNoRow
	}
	row := l.pool.task.Rows[i]
	t := study.Trial{Suggestion: s, Status: row.Status}
	if row.Status == study.Complete {
		t.Observations = []study.Observation{{Metrics: map[string]float64{lossMetric: row.Loss}}}
	}
	return t, nil
}
