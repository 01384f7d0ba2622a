package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/studies"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/auto"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// newStudy is the header of the study that a line of `ask` begins. Its optimizer can be opened.
func (e *environment) newStudy(c *cli.Context, dataDir, name string) (sqlite.Header, error) {
	if c.String("space") == "" {
		return sqlite.Header{}, fmt.Errorf("%w\n--space FILE begins it", studies.Missing(dataDir, name))
	}
	h, details, err := e.lineStudy(c, name)
	if err != nil {
		return h, err
	}
	if h.Optimizer == automatic && len(h.Settings) == 0 && len(h.Problem.Fidelities) > 0 { // nobody says how many trials there will be
		if h.Settings, err = knowTrials(automatic, nil, auto.UsualTrials); err != nil {
			return h, err
		}
	}
	details.Mode, details.Version = tuning.ModeAsk, versionText()
	if h.Details, err = json.Marshal(details); err != nil {
		return h, err
	}
	h.Created = e.now().UTC()
	_, closeOptimizer, err := e.openOptimizer(c.Context, h)
	if err != nil {
		return h, err
	}
	closeOptimizer()
	return h, nil
}

// lineStudy is the study that the flags of a line say.
func (e *environment) lineStudy(c *cli.Context, name string) (h sqlite.Header, d tuning.Details, err error) {
	d = tuning.Details{Metric: c.String("metric"), Maximize: c.Bool("maximize")}
	h = sqlite.Header{Name: name, Optimizer: c.String("optimizer"), Problem: study.Problem{
		Seed: e.seed, Objectives: []study.Objective{{Metric: d.Metric, Maximize: d.Maximize}}}}
	if file := c.String("space"); file != "" {
		if h.Problem.Space, h.Problem.Fidelities, err = readSpace(file); err != nil {
			return h, d, err
		}
	}
	if text := c.String("settings"); text != "" {
		if h.Settings, err = canonical.Transform([]byte(text)); err != nil {
			return h, d, usagef("--settings is no JSON: %v", err)
		}
	}
	if file := c.String("warm-start"); file != "" && c.String("space") != "" {
		d.WarmStarts, err = readWarmStarts(file, h.Problem.Space)
	}
	return h, d, err
}

// readSpace reads a space file.
func readSpace(path string) (space.Space, []study.Range, error) {
	if err := mustExist("space file", path); err != nil {
		return space.Space{}, nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return space.Space{}, nil, err
	}
	file, err := space.ParseYAML(text)
	if err != nil {
		return space.Space{}, nil, fmt.Errorf("%s: %w", path, err)
	}
	var fidelities []study.Range
	for _, f := range file.Fidelities {
		fidelities = append(fidelities, study.Range(f))
	}
	return file.Space, fidelities, nil
}

// readWarmStarts reads a JSON list of configurations of a space, of which repetitions are left out.
func readWarmStarts(path string, s space.Space) ([]tuning.WarmStart, error) {
	if err := mustExist("file of warm starts", path); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var configs []space.Config
	if err := json.Unmarshal(text, &configs); err != nil {
		return nil, failf(exitInvalid, "%s is no JSON list of configurations such as [{\"x\": 0.5}]: %w", path, err)
	}
	var warm []tuning.WarmStart
	for i, config := range configs {
		if config, err = s.Normalize(config); err != nil {
			return nil, fmt.Errorf("%s, configuration %d: %w", path, i+1, err)
		}
		if !slices.ContainsFunc(warm, func(w tuning.WarmStart) bool { return w.Config.Equal(config) }) {
			warm = append(warm, tuning.WarmStart{Config: config, Reason: "given"})
		}
	}
	return warm, nil
}

// checkLine refuses flags that contradict the study that is there.
func (e *environment) checkLine(c *cli.Context, have sqlite.Header) error {
	line, details, err := e.lineStudy(c, have.Name)
	if err != nil {
		return err
	}
	recorded, err := studies.DetailsOf(have)
	if err != nil {
		return err
	}
	was := have.Problem.Objectives[0]
	differs := []struct {
		flag string
		yes  bool
	}{
		{"space", c.IsSet("space") && !sameJSON(line.Problem.Space, have.Problem.Space)},
		{"space", c.IsSet("space") && !slices.Equal(line.Problem.Fidelities, have.Problem.Fidelities)},
		{"optimizer", c.IsSet("optimizer") && line.Optimizer != have.Optimizer},
		{"settings", c.IsSet("settings") && !bytes.Equal(line.Settings, have.Settings)},
		{"metric", c.IsSet("metric") && details.Metric != was.Metric},
		{"maximize", c.IsSet("maximize") && details.Maximize != was.Maximize},
		{"warm-start", c.IsSet("warm-start") && c.IsSet("space") && !sameJSON(details.WarmStarts, recorded.WarmStarts)},
		{"seed", c.IsSet("seed") && line.Problem.Seed != have.Problem.Seed},
	}
	for _, d := range differs {
		if d.yes {
			return failf(exitConflict, "study %s was begun with another --%s; name this one otherwise by --study", have.Name, d.flag)
		}
	}
	return nil
}

// sameJSON reports whether two values are the same as JSON.
func sameJSON(a, b any) bool {
	x, err := json.Marshal(a)
	y, other := json.Marshal(b)
	return err == nil && other == nil && bytes.Equal(x, y)
}

// openOptimizer opens a fresh optimizer for a study: one that comes with metaml in this process, since an answer is
// waited for, and another in its own. The function returned closes it.
func (e *environment) openOptimizer(ctx context.Context, h sqlite.Header) (optimizers.Optimizer, func(), error) {
	if p, ok := findBundled(h.Optimizer); ok {
		o, err := p.Open(h.Problem, h.Settings)
		if errors.Is(err, errors.ErrUnsupported) {
			err = failf(exitUsage, "optimizer %s cannot do this: %w", h.Optimizer, err)
		}
		return o, func() {}, err
	}
	command, err := e.optimizerCommand(h.Optimizer)
	if err != nil {
		return nil, nil, err
	}
	o, err := plugins.StartOptimizer(ctx, h.Optimizer, command, h.Problem, h.Settings, nil)
	if err != nil {
		return nil, nil, err
	}
	return o, func() { _ = o.Close() }, nil
}

// viewStudy reads a study without owning it.
func (e *environment) viewStudy(ctx context.Context, name string) (*studies.Study, error) {
	data, err := e.dataFolder()
	if err != nil {
		return nil, err
	}
	return studies.Read(ctx, data, name)
}

// ownAskStudy takes the ownership of a study that is there and for asking.
func (e *environment) ownAskStudy(ctx context.Context, name string) (*sqlite.Ledger, error) {
	data, err := e.dataFolder()
	if err != nil {
		return nil, err
	}
	path := tuning.LedgerPath(tuning.Folder(data, name))
	view, err := sqlite.View(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, studies.Missing(data, name)
	}
	if err != nil {
		return nil, err
	}
	defer view.Close()
	if err := checkAskMode(view.Header()); err != nil {
		return nil, err
	}
	return e.await(ctx, func() (*sqlite.Ledger, error) { return sqlite.Open(ctx, path) })
}
