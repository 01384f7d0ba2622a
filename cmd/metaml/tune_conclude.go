package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"

	"github.com/urfave/cli/v2"
	"gonum.org/v1/gonum/stat"

	"github.com/metaml/metaml/cmd/internal/report"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// concludeStudy makes the model and the report, and keeps what was learned. All of it is left out where nothing was
// evaluated now and everything is there.
func (e *environment) concludeStudy(c *cli.Context, s *tuneStudy) error {
	if s.result.Finished == s.began {
		s.model, s.report = existing(tuning.ModelFolder(s.plan.folder)), existing(tuning.ReportPath(s.plan.folder))
		return nil
	}
	if s.details.Mode == tuning.ModeData && !c.Bool("no-learn") {
		if c.Bool("private") {
			s.task.Label.Tags = append(s.task.Label.Tags, record.Private)
		}
		if err := e.learn(c.Context, s); err != nil {
			return fmt.Errorf("keeping what was learned: %w", err)
		}
	}
	if err := e.refit(c, s); err != nil {
		return err
	}
	return e.writeStudyReport(c, s)
}

func existing(path string) string {
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// learn adds the study's trials to the user's knowledge base, as runs of its task.
func (e *environment) learn(ctx context.Context, s *tuneStudy) error {
	store, _, err := e.openForGrowing(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := s.task.Store(ctx, store); err != nil {
		return err
	}
	protocol, err := s.protocol()
	if err != nil {
		return err
	}
	ids, err := store.Add(ctx, &record.Space{Space: s.header.Problem.Space}, protocol)
	if err != nil {
		return err
	}
	var runs []record.Record
	for _, t := range s.result.Trials {
		if !t.Status.Final() || t.Status == study.Pruned {
			continue
		}
		run := &record.Run{Task: s.task.ID, Protocol: ids[1], Space: ids[0], Config: t.Config, Split: s.task.Split,
			Seed: t.Seed, Evaluator: s.running.identity(), Time: e.now().Unix()}
		if optimizers.Effort(s.header.Problem, t.Fidelity) < 1 {
			run.Fidelity = t.Fidelity
		}
		if err := grow.Complete(run, *protocol, t); err != nil {
			return fmt.Errorf("trial %d: %w", t.ID, err)
		}
		runs = append(runs, run)
	}
	_, err = store.AddNew(ctx, runs)
	return err
}

// spread is a mean over folds with its standard deviation.
type spread struct {
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// best describes the incumbent, nil if there is none.
func (s *tuneStudy) best() *bestTrial {
	t := s.result.Incumbent
	if t == nil {
		return nil
	}
	b := &bestTrial{ID: t.ID, Config: t.Config, Loss: t.Losses[0], Value: s.value(t.Losses[0]), Test: testSpread(*t, s.details.Metric)}
	var warm []space.Config
	for _, w := range s.details.WarmStarts {
		warm = append(warm, w.Config)
	}
	b.WarmStart, b.Default = s.bestOf(warm...), s.bestOf(s.details.Default)
	return b
}

// bestOf is the best value that any of the configurations reached as a warm start; nil if none did.
func (s *tuneStudy) bestOf(configs ...space.Config) *float64 {
	least := math.Inf(1)
	for _, t := range s.result.Trials {
		for _, c := range configs {
			if t.Origin == optimizers.OriginWarmStart && t.Status == study.Complete && t.Config.Equal(c) {
				least = min(least, t.Losses[0])
			}
		}
	}
	if math.IsInf(least, 1) {
		return nil
	}
	v := s.value(least)
	return &v
}

// testSpread is a metric on the untouched test rows over the models of all folds; nil if it was not measured.
func testSpread(t study.Trial, metric string) *spread {
	if len(t.Observations) == 0 {
		return nil
	}
	var values []float64
	for i := 0; ; i++ {
		v, ok := t.Observations[len(t.Observations)-1].Metrics[fmt.Sprintf("%s/test/%d", metric, i)]
		if !ok {
			break
		}
		values = append(values, v)
	}
	if len(values) < 2 {
		return nil
	}
	mean, sd := stat.MeanStdDev(values, nil)
	return &spread{mean, sd}
}

// writeStudyReport writes the report into the study's folder.
func (e *environment) writeStudyReport(c *cli.Context, s *tuneStudy) error {
	in, err := report.Load(c.Context, s.ledger.Path(), e.now())
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := report.Write(&page, in); err != nil {
		return err
	}
	path := tuning.ReportPath(s.plan.folder)
	if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
		return err
	}
	s.report = path
	return nil
}
