package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"time"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// judgeVariable names the file in which the evaluator judge testifies: "begin TABLE X" and "end TABLE X", each line
// on disk before the evaluation goes on.
const judgeVariable = "METAML_JUDGE"

// judgeTime is how long one of its evaluations takes.
const judgeTime = 40 * time.Millisecond

// judge is an evaluator of a third party: it measures a made-up loss and testifies to what it did.
func judge() {
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeFloat, Low: 0, High: 1}})
	if err != nil {
		panic(err)
	}
	var table string
	metrics := []study.Objective{{Metric: "loss"}}
	plugins.ServeEvaluator(plugins.EvaluatorPlugin{
		Description: plugins.Description{Name: "judge", Version: "1",
			Spaces:  map[string]space.Space{record.Classification: s, record.Regression: s},
			Metrics: map[string][]study.Objective{record.Classification: metrics, record.Regression: metrics}},
		Load: func(_ context.Context, _ string, _ []byte, fingerprint string) error {
			table = fingerprint[:8]
			return nil
		},
		Evaluate: func(ctx context.Context, g study.Suggestion, _ plugins.Limits, _ func(study.Observation) error) (study.Trial, error) {
			x := g.Config["x"].Float()
			if err := testify("begin %s %v\n", table, x); err != nil {
				return study.Trial{}, err
			}
			select {
			case <-ctx.Done():
				return study.Trial{}, context.Cause(ctx)
			case <-time.After(judgeTime):
			}
			if err := testify("end %s %v\n", table, x); err != nil {
				return study.Trial{}, err
			}
			return study.Trial{Suggestion: g, Status: study.Complete, Observations: []study.Observation{{Metrics: verdict(judgement(table, x))}}}, nil
		},
	})
}

// verdict is a loss with what it is made of: that on three folds, and that of their models on test rows.
func verdict(loss float64) map[string]float64 {
	metrics := map[string]float64{"loss": loss}
	for i := range 3 {
		metrics[fmt.Sprintf("loss/fold/%d", i)] = loss + .01*float64(i-1)
		metrics[fmt.Sprintf("loss/test/%d", i)] = loss + .02*float64(i)
	}
	return metrics
}

// judgement is the loss of x on a table: each has its own best x.
func judgement(table string, x float64) float64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(table))
	d := x - .2 - .6*float64(h.Sum32()%1000)/1000
	return d * d
}

func testify(format string, args ...any) error {
	f, err := os.OpenFile(os.Getenv(judgeVariable), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, format, args...); err != nil {
		return err
	}
	return f.Sync()
}
