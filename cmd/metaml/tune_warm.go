package main

import (
	"context"
	"errors"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
	"github.com/metaml/metaml/warmstart/handover"
)

// warmStartFacts are the configurations of --warm-start as facts that make a study the one it is: none without them.
func warmStartFacts(c *cli.Context) ([]any, error) {
	file := c.String("warm-start")
	if file == "" {
		return nil, nil
	}
	if err := mustExist("file of warm starts", file); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err = canonical.Transform(text)
	if err != nil {
		return nil, failf(exitInvalid, "%s is no JSON list of configurations such as [{\"x\": 0.5}]: %w", file, err)
	}
	return []any{string(text)}, nil
}

// beginWith has a new study evaluate the configurations of a file before what is recommended.
func (p *studyPlan) beginWith(file string) {
	begin := p.begin
	p.begin = func(ctx context.Context, running *slots) (study.Problem, tuning.Details, error) {
		problem, details, err := begin(ctx, running)
		if err != nil {
			return problem, details, err
		}
		given, err := readWarmStarts(file, problem.Space)
		details.WarmStarts = append(given, details.WarmStarts...)
		return problem, details, err
	}
}

// defaultWarmStarts is how many configurations are recommended for a study where --warm-starts does not say.
const defaultWarmStarts = 25

// recommend puts into a new study's details at most k configurations that the knowledge base recommends, and how they
// give way to the optimizer, and into its plan what is known of earlier tasks.
func (e *environment) recommend(ctx context.Context, plan *studyPlan, details *tuning.Details, set *record.Set, sp space.Space, k int) error {
	if k < 1 {
		return nil
	}
	v, err := metafeatures.Extract(ctx, plan.data, metafeatures.Options{Seed: e.seed})
	if err != nil {
		return err
	}
	s, err := e.consultAbout(ctx, set, plan.data, v, warmstart.Options{K: k, Metric: details.Metric, Seed: e.seed, Memory: e.lessons()})
	if err != nil {
		e.say("no warm starts: %v", err)
		return nil // an empty or foreign knowledge base has nothing to say; the optimizer begins by itself
	}
	details.WarmStarts = warmStartsOf(s.advice, sp)
	details.Handover = &tuning.Handover{Picks: len(details.WarmStarts),
		Opening: min(handover.DefaultOpening, len(details.WarmStarts)), Patience: handover.DefaultPatience}
	plan.prior = func() (study.Prior, error) { return handover.Prior(s.matrix, s.advice.Weights, sp) }
	return nil
}

// fewestByMetric is the number of tasks of which a metric must be known for warm starts to go by it.
const fewestByMetric = 25

// consultAbout asks a knowledge base about what to begin with. Where it knows the metric of few tasks or of none, it is
// asked by its primary one, of which it knows more: what is good by one metric is worth trying by another.
func (e *environment) consultAbout(ctx context.Context, set *record.Set, d *dataset.Dataset, v metafeatures.Vector, opt warmstart.Options) (*suggestion, error) {
	s, err := consult(ctx, set, d, v, opt)
	if err != nil && !errors.Is(err, transfer.ErrNotFound) || err == nil && len(s.matrix.Tasks) >= fewestByMetric {
		return s, err
	}
	metric, known := opt.Metric, 0
	if err == nil {
		known = len(s.matrix.Tasks)
	}
	opt.Metric = ""
	other, otherErr := consult(ctx, set, d, v, opt)
	if otherErr != nil || len(other.matrix.Tasks) <= known {
		return s, err
	}
	e.say("the knowledge base knows %s of %s; what is recommended is good by %s, known of %d", words(metric), term.Plural(known, "task"),
		words(other.advice.Metric.Name), len(other.matrix.Tasks))
	return other, nil
}

// keepPrior returns what an optimizer that takes a prior is told of earlier tasks; nil for any other.
func (e *environment) keepPrior(ctx context.Context, plan *studyPlan, optimizer string) (*tuning.Prior, error) {
	if plan.prior == nil {
		return nil, nil
	}
	var about plugins.Description
	if p, ok := findBundled(optimizer); ok {
		about = p.Description
	} else if command, err := e.optimizerCommand(optimizer); err != nil {
		return nil, err
	} else if about, err = plugins.Describe(ctx, plugins.KindOptimizer, optimizer, command); err != nil {
		return nil, err
	}
	if !about.Capabilities.Prior {
		return nil, nil
	}
	prior, err := plan.prior()
	if err != nil {
		return nil, err
	}
	return tuning.KeepPrior(prior)
}

// warmStartsOf are the recommendations that a space has, with the tasks that they mostly come from.
func warmStartsOf(advice *warmstart.Advice, sp space.Space) []tuning.WarmStart {
	var from []string
	for _, n := range advice.Neighbors[:min(3, len(advice.Neighbors))] {
		from = append(from, n.Name)
	}
	var warm []tuning.WarmStart
	for _, r := range advice.Recommendations {
		config, err := sp.Normalize(r.Config)
		if err != nil {
			continue // of another edition of the space
		}
		w := tuning.WarmStart{Config: config, From: from}
		if len(r.Reasons) > 0 {
			w.Reason = r.Reasons[0]
		}
		warm = append(warm, w)
	}
	return warm
}

// warmStarts are what comes before the optimizer is asked: what was given, the first recommendations, the default.
func (s *tuneStudy) warmStarts() []space.Config {
	warm := s.details.First()
	if s.header.Problem.Space.Validate(s.details.Default) == nil {
		warm = append(warm, s.details.Default)
	}
	return warm
}

// advice hands the recommendations over to the optimizer; nil where there is nothing to hand over.
func (s *tuneStudy) advice() optimizers.Advice {
	h := s.details.Handover
	if h == nil {
		return nil
	}
	return handover.New(handover.Options{Picks: s.details.Recommended(), Opening: h.Opening, Patience: h.Patience,
		Fidelities: s.header.Problem.Fidelities})
}
