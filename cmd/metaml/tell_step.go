package main

import (
	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/asktell"
	"github.com/metaml/metaml/optimizers/study"
)

// observe tells a study an intermediate result of a trial that goes on, and prints whether it is to be stopped.
func (e *environment) observe(c *cli.Context, name string) error {
	l, err := e.ownAskStudy(c.Context, name)
	if err != nil {
		return err
	}
	defer l.Close()
	h := l.Header()
	session, err := asktell.Open(c.Context, h.Problem, l)
	if err != nil {
		return err
	}
	o, closeOptimizer, err := e.openOptimizer(c.Context, h)
	if err != nil {
		return err
	}
	defer closeOptimizer()
	id := study.TrialID(c.Uint64("trial"))
	stop, err := session.Observe(c.Context, o, id, study.Observation{Step: c.Int("step"), Steps: c.Int("steps"),
		Metrics: map[string]float64{h.Problem.Objectives[0].Metric: c.Float64("value")}})
	if err != nil {
		return err
	}
	return e.writeJSON(struct {
		SchemaVersion int           `json:"schema_version"`
		Study         string        `json:"study"`
		Trial         study.TrialID `json:"trial"`
		Step          int           `json:"step"`
		Stop          bool          `json:"stop"` // the optimizer wants the trial to end now
	}{1, name, id, c.Int("step"), stop})
}
