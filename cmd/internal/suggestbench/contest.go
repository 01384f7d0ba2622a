// Package suggestbench measures recommendations on real data: for every dataset and several outer splits it lets a
// recommender see the training rows only, trains what it recommends and what it competes with on the same rows, and
// compares them on test rows that neither saw.
package suggestbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Picks are what a recommender says about a dataset.
type Picks struct {
	Suggestions []space.Config // in order, distinct
	SingleBest  space.Config   // the knowledge base's best configuration for all tasks of the type
}

// Recommender answers from a knowledge base. It is given the training rows, never the test rows.
type Recommender interface {
	Recommend(ctx context.Context, training *dataset.Dataset, k int) (Picks, error)
}

// Progress hears how the contest goes, from one goroutine at a time.
type Progress interface {
	Planned(evaluations int)
	Evaluated(dataset string, status study.Status)
	Unusable(file string, err error)
}

// Options of Run.
type Options struct {
	K      int // recommendations to compare at, beside 1
	Splits int
	Seed   uint64 // of the first split; the next ones follow
	// Rows is how many rows of a dataset are used at most, by every contestant.
	Rows int
	// Folds of the cross-validation inside the training rows, by which the best of K is chosen.
	Folds        int
	TestFraction float64
	// Metric is the metric to compare by, per type of task.
	Metric map[string]record.Metric
	// References are fixed contestants by name.
	References map[string]space.Config
	// Dir is where tables are staged.
	Dir      string
	Progress Progress
}

// SingleBest is the name of the contestant Picks.SingleBest.
const SingleBest = "single_best"

// ErrNothing is returned when no file could be used.
var ErrNothing = errors.New("no dataset could be used")

// Run holds the contest on every entry. Files that cannot be used are told to Progress and counted in the report.
func Run(ctx context.Context, entries []grow.Entry, r Recommender, evaluators []grow.Evaluator, opt Options) (*Report, error) {
	c := &contest{opt: opt, recommender: r}
	if err := c.prepare(ctx, entries, len(evaluators)); err != nil {
		return nil, err
	}
	if len(c.rounds) == 0 {
		return nil, ErrNothing
	}
	if err := c.evaluate(ctx, evaluators); err != nil {
		return nil, err
	}
	return c.report(), nil
}

// contest is the state of one Run.
type contest struct {
	opt         Options
	recommender Recommender
	rounds      []*round

	mu       sync.Mutex // guards unusable and Progress
	unusable int
}

// round is one dataset under one split.
type round struct {
	entry    int
	name     string
	group    string
	task     string
	metric   record.Metric
	protocol []byte
	staged   string
	table    string    // identity of the staged table
	dummy    float64   // test loss of predicting the mean or the majority class
	lineup   []*outing // distinct configurations
	suggest  []*outing // in the order of recommendation
	named    map[string]*outing
}

// outing is one configuration's evaluation in a round.
type outing struct {
	config           space.Config
	status           study.Status
	validation, test float64 // losses
	reason           string
}

// prepare reads the files, a few at a time, and asks the recommender.
func (c *contest) prepare(ctx context.Context, entries []grow.Entry, workers int) error {
	rounds := make([][]*round, len(entries))
	next := make(chan int)
	var readers sync.WaitGroup
	for range max(1, workers) {
		readers.Go(func() {
			for i := range next {
				var err error
				if rounds[i], err = c.roundsOf(ctx, i, entries[i]); err != nil && ctx.Err() == nil {
					c.discard(entries[i], err)
				}
			}
		})
	}
	for i := range entries {
		next <- i
	}
	close(next)
	readers.Wait()
	for _, r := range rounds {
		c.rounds = append(c.rounds, r...)
	}
	return context.Cause(ctx)
}

func (c *contest) discard(e grow.Entry, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unusable++
	if c.opt.Progress != nil {
		c.opt.Progress.Unusable(e.Path, err)
	}
}

// roundsOf prepares all splits of one file.
func (c *contest) roundsOf(ctx context.Context, index int, e grow.Entry) ([]*round, error) {
	d, err := dataset.Read(ctx, e.Path, e.Options)
	if err != nil {
		return nil, err
	}
	d = d.Sample(c.opt.Rows, c.opt.Seed)
	var rounds []*round
	for split := range c.opt.Splits {
		r, err := c.round(ctx, d, c.opt.Seed+uint64(split), filepath.Join(c.opt.Dir, fmt.Sprintf("%d-%d", index, split)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Path, err)
		}
		r.entry, r.name, r.group = index, e.Name, e.Group
		if r.name == "" {
			r.name = d.Name
		}
		if r.group == "" {
			r.group = r.name
		}
		rounds = append(rounds, r)
	}
	return rounds, nil
}

// round splits the rows, asks the recommender about the training rows, and stages the table in dir.
func (c *contest) round(ctx context.Context, d *dataset.Dataset, seed uint64, dir string) (*round, error) {
	s, err := dataset.NewSplit(d, dataset.SplitOptions{Folds: c.opt.Folds, TestFraction: c.opt.TestFraction, Seed: seed})
	if err != nil {
		return nil, err
	}
	picks, err := c.recommender.Recommend(ctx, d.Training(s), c.opt.K)
	if err != nil {
		return nil, err
	}
	r := &round{task: string(d.Task), metric: c.opt.Metric[string(d.Task)], dummy: dummyLoss(d, s), named: map[string]*outing{}}
	protocol := &record.Protocol{Resampling: "cv", Folds: c.opt.Folds, Repeats: 1, TestFraction: c.opt.TestFraction,
		SplitSeed: seed, RowCap: c.opt.Rows, Metrics: []record.Metric{r.metric}}
	if r.protocol, err = record.Encode(protocol); err != nil {
		return nil, err
	}
	r.table = fmt.Sprintf("%s-%d", d.Fingerprint, seed)
	r.staged = dir
	if err := os.MkdirAll(c.opt.Dir, 0o700); err != nil {
		return nil, err
	}
	for _, config := range picks.Suggestions[:min(c.opt.K, len(picks.Suggestions))] {
		r.suggest = append(r.suggest, r.enter(config))
	}
	r.named[SingleBest] = r.enter(picks.SingleBest)
	for name, config := range c.opt.References {
		r.named[name] = r.enter(config)
	}
	return r, d.Stage(r.staged, s)
}

// enter adds a configuration to the line-up unless it is there.
func (r *round) enter(config space.Config) *outing {
	for _, o := range r.lineup {
		if o.config.Equal(config) {
			return o
		}
	}
	o := &outing{config: config}
	r.lineup = append(r.lineup, o)
	return o
}

// evaluate trains every line-up, a round at a time per evaluator.
func (c *contest) evaluate(ctx context.Context, evaluators []grow.Evaluator) error {
	total := 0
	for _, r := range c.rounds {
		total += len(r.lineup)
	}
	if c.opt.Progress != nil {
		c.opt.Progress.Planned(total)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *round, len(c.rounds))
	for _, r := range c.rounds {
		queue <- r
	}
	close(queue)
	var workers sync.WaitGroup
	for _, e := range evaluators {
		workers.Go(func() {
			for r := range queue {
				if err := c.play(ctx, e, r); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// play evaluates one round; an infrastructure failure is tried once more and then ends the contest.
func (c *contest) play(ctx context.Context, e grow.Evaluator, r *round) error {
	if err := e.Load(ctx, r.staged, r.protocol, r.table); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	for _, o := range r.lineup {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		s := study.Suggestion{ID: 1, Config: o.config, Seed: c.opt.Seed, Origin: "contest"}
		ignore := func(study.Observation) error { return nil }
		trial, err := e.Evaluate(ctx, s, ignore)
		if err != nil && ctx.Err() == nil {
			trial, err = e.Evaluate(ctx, s, ignore)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		r.enterResult(o, trial)
		c.mu.Lock()
		if c.opt.Progress != nil {
			c.opt.Progress.Evaluated(r.name, trial.Status)
		}
		c.mu.Unlock()
	}
	return os.RemoveAll(r.staged)
}
