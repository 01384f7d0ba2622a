package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/refit"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/kb/grow"
)

// refittable is the evaluator whose configurations can be refitted.
const refittable = "sklearn"

// refit trains the best configuration on all rows of the data file and saves the model in the study's folder.
func (e *environment) refit(c *cli.Context, s *tuneStudy) error {
	best := s.result.Incumbent
	if best == nil || c.Bool("no-model") || s.details.Mode != tuning.ModeData || s.plan.evaluator.name != refittable {
		return nil
	}
	env, err := e.pythonEnvironment(c.Context, refittable)
	if err != nil {
		return err
	}
	table, done, err := s.allRows(c)
	if err != nil {
		return err
	}
	defer done()
	_, err = refit.Run(c.Context, env, refit.Options{Table: table, Protocol: s.details.Protocol, Config: best.Config, Seed: best.Seed,
		Iterations: refit.Iterations(*best), Missing: listOf(c, "missing"), Out: tuning.ModelFolder(s.plan.folder)})
	if err != nil {
		return fmt.Errorf("%w; the study itself is complete, --no-model leaves the model out", err)
	}
	s.model = tuning.ModelFolder(s.plan.folder)
	return nil
}

// allRows returns a staged table of all rows: the study's, if no row was left out of that.
func (s *tuneStudy) allRows(c *cli.Context) (folder string, done func(), err error) {
	protocol, err := s.protocol()
	if err != nil {
		return "", nil, err
	}
	if protocol.RowCap == 0 || s.plan.data.Rows <= protocol.RowCap {
		return s.task.Staged, func() {}, nil
	}
	whole := *protocol
	whole.RowCap = 0
	dir := filepath.Join(s.plan.folder, "refit")
	t, err := grow.PrepareDataset(c.Context, s.plan.data, grow.Entry{Name: s.plan.data.Name}, grow.PrepareOptions{Protocol: whole, Dir: dir})
	if err != nil {
		return "", nil, err
	}
	return t.Staged, func() { _ = os.RemoveAll(dir) }, nil
}
