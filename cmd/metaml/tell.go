package main

import (
	"fmt"
	"math"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/asktell"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/trials"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"
)

// tellCommand ends trials that were asked for.
func tellCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "tell",
		ArgsUsage: "[STUDY]",
		Usage:     "tell a study what came of the trials it was asked for",
		Description: `
Ends one trial by flags, or any number by JSON lines on standard input, all or none:

  {"trial": 7, "value": 0.31, "metrics": {"accuracy": 0.9}, "cost": {"wall": 12.5}, "checkpoint": "/tmp/7"}
  {"trial": 8, "failed": "out of memory", "status": "out_of_memory"}

where all but trial and one of value and failed may be absent. The results are on disk when the command ends. Telling
the same again changes nothing; telling something else is refused (exit status 5). A value that is NaN or infinite is
recorded as a failure.

With --step, --value is an intermediate result of a trial that goes on: it is kept for its learning curve, and the
answer is JSON with "stop": true if the optimizer wants the trial to end now, as it then is, told with its value and
status pruned or simply its value.

example:
  $ metaml tell --study paint --trial 7 --value 0.83
  $ metaml tell --study paint --trial 8 --failed "the nozzle was blocked"
  $ metaml tell --study paint < results.jsonl
  $ metaml tell --study paint --trial 9 --step 3 --steps 10 --value 0.61
`,
		Flags: []cli.Flag{
			studyFlag(),
			&cli.Uint64Flag{Name: "trial", Usage: "id `N` of the trial"},
			&cli.Float64Flag{Name: "value", Usage: "the value `X` of the study's metric"},
			&cli.IntFlag{Name: "step", Usage: "the value is that after step `N`, and the trial goes on"},
			&cli.IntFlag{Name: "steps", Usage: "there are `N` steps in all"},
			&cli.StringFlag{Name: "failed", Usage: "there is no value, for this `REASON`"},
		},
		Action: e.tell,
	}
}

func (e *environment) tell(c *cli.Context) error {
	name, err := studyName(c)
	if err != nil {
		return err
	}
	if err := e.checkTellFlags(c); err != nil {
		return err
	}
	// What is told is read before the study is taken: others must not wait for a slow pipe.
	s, err := e.viewStudy(c.Context, name)
	if err != nil {
		return err
	}
	if c.IsSet("step") {
		return e.observe(c, name)
	}
	results, err := e.results(c, s.Problem.Objectives[0].Metric)
	if err != nil {
		return err
	}
	l, err := e.ownAskStudy(c.Context, name)
	if err != nil {
		return err
	}
	defer l.Close()
	session, err := asktell.Open(c.Context, l.Header().Problem, l)
	if err != nil {
		return err
	}
	news, err := session.Tell(c.Context, results...)
	if err != nil {
		return err
	}
	return e.writeTold(l.Header(), session.Log().Trials, news, len(results)-news)
}

func (e *environment) checkTellFlags(c *cli.Context) error {
	value, failed := c.IsSet("value"), c.IsSet("failed")
	switch {
	case (c.IsSet("step") || c.IsSet("steps")) && (!c.IsSet("trial") || !value || c.Int("step") < 1 || c.Int("steps") < 0):
		return usagef("an intermediate result is told by --trial N --step S --value X, with S from 1 on")
	case value && failed:
		return usagef("--value and --failed contradict each other")
	case c.IsSet("trial") && !value && !failed:
		return usagef("tell --trial needs --value X or --failed REASON")
	case !c.IsSet("trial") && (value || failed):
		return usagef("tell needs --trial N to know whose result it is")
	case !c.IsSet("trial") && e.isTerminal(e.stdin):
		return usagef("tell needs --trial N with --value X or --failed REASON, or results as JSON lines on standard input")
	}
	return nil
}

// results are those on the command line or on standard input.
func (e *environment) results(c *cli.Context, metric string) ([]asktell.Result, error) {
	id := study.TrialID(c.Uint64("trial"))
	switch {
	case c.IsSet("value"):
		return []asktell.Result{asktell.Value(id, metric, c.Float64("value"))}, nil
	case c.IsSet("failed"):
		r, err := asktell.Failure(id, c.String("failed"))
		if err != nil {
			return nil, usagef("--failed needs a reason")
		}
		return []asktell.Result{r}, nil
	}
	results, err := asktell.ParseResults(e.input(c.Context), metric)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return results, nil
}

// toldJSON is what `tell` prints as JSON.
type toldJSON struct {
	SchemaVersion int           `json:"schema_version"`
	Study         string        `json:"study"`
	Told          int           `json:"told"`         // results that were news
	KnownBefore   int           `json:"known_before"` // those told again
	Pending       int           `json:"pending"`
	Best          *bestTellJSON `json:"best"` // null before the first complete trial
}

type bestTellJSON struct {
	ID    study.TrialID `json:"id"`
	Value float64       `json:"value"`
}

func (e *environment) writeTold(h sqlite.Header, all []study.Trial, news, known int) error {
	out := toldJSON{SchemaVersion: 1, Study: h.Name, Told: news, KnownBefore: known}
	for _, t := range all {
		if !t.Status.Final() {
			out.Pending++
		}
	}
	text := fmt.Sprintf("%s told", term.Plural(news, "trial"))
	if known > 0 {
		text += fmt.Sprintf(", %d known before", known)
	}
	if best, ok := optimizers.Incumbent(h.Problem, all); ok {
		value, _ := trials.Value(h.Problem, best)
		out.Best = &bestTellJSON{best.ID, value}
		text += fmt.Sprintf("; best %s %s (trial %d)", h.Problem.Objectives[0].Metric, sixDigits(value), best.ID)
	}
	if e.output == outputJSON {
		return e.writeJSON(out)
	}
	e.say("%s", term.Clean(text))
	return nil
}

// sixDigits writes a number with the six digits that comparisons of trials need.
func sixDigits(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.6g", x)
}
