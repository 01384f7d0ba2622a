// Package matrix imports a table of tasks x configurations: a folder with tasks.csv (task, name, then one column per
// meta-feature), configs.csv (config, hyperparameters as a JSON object), runs.csv (task, config, the metric's column,
// optionally seconds) and meta.json (metric, value: error or higher=better, and optionally source, which names the table and
// is else the folder's name, description and licence), each plain or gzipped.
package matrix

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Extractor returns the name under which meta-features of a source are recorded: they are its own, and compared
// with each other only.
func Extractor(source string) string { return "foreign:" + source }

// Import reads the folder. Every task becomes a Task without data, with a Label and its meta-features; the
// configurations' space is inferred from them; every row of runs.csv becomes a complete Run whose only validation
// value is the table's. Errors name file, line and column and wrap importers.ErrInvalid, or fs.ErrNotExist for a
// file that is missing.
func Import(ctx context.Context, dir string, opt importers.Options) ([]record.Record, importers.Report, error) {
	im := &importer{ctx: ctx, dir: dir, opt: opt}
	for _, step := range []func() error{im.readMeta, im.readTasks, im.readConfigs, im.readRuns} {
		if err := step(); err != nil {
			return nil, importers.Report{}, err
		}
	}
	im.report.Source = im.meta.Source
	return im.records, im.report, nil
}

// meta is meta.json; further keys are allowed.
type meta struct {
	Source      string `json:"source"`
	Metric      string `json:"metric"`
	Value       string `json:"value"`
	Description string `json:"description"`
	Licence     string `json:"licence"`
}

// importer is the state of one import.
type importer struct {
	ctx context.Context
	dir string
	opt importers.Options

	meta     meta
	protocol record.ID
	space    record.ID
	tasks    map[string]record.ID
	configs  map[string]space.Config
	records  []record.Record
	report   importers.Report
}

func (im *importer) readMeta() error {
	f, err := importers.Open(im.ctx, im.dir, "meta.json")
	if err != nil {
		return err
	}
	defer f.Close()
	at := importers.Place{File: f.Name}
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return importers.Invalidf(at, "%w", err)
	}
	m := &im.meta
	if err := json.Unmarshal(b, m); err != nil {
		return importers.Invalidf(at, "%w", err)
	}
	if m.Metric == "" {
		return importers.Invalidf(at, `"metric" is missing: the name of the column of runs.csv that holds the results`)
	}
	if m.Source == "" {
		if m.Source, err = folderName(im.dir); err != nil {
			return err
		}
		im.report.Notes = append(im.report.Notes, fmt.Sprintf("%s names no source; the folder's name stands for it: %s", f.Name, m.Source))
	}
	if m.Value != "error" && m.Value != "higher=better" {
		return importers.Invalidf(at, `"value" is %q, it must be "error" or "higher=better"`, m.Value)
	}
	words := m.Source
	if m.Description != "" {
		words += ": " + m.Description
	}
	protocol, err := importers.Identify(at, &record.Protocol{
		Resampling: words, Metrics: []record.Metric{{Name: m.Metric, Maximize: m.Value != "error"}},
	})
	im.protocol = protocol.ID
	im.records = append(im.records, protocol.Record)
	return err
}

// folderName is the name by which a folder is known to others than the caller, who may stand in it.
func folderName(dir string) (string, error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("the folder %s: %w", dir, err)
	}
	return filepath.Base(path), nil
}

// readTasks reads tasks.csv. An empty cell is a meta-feature that is not defined.
func (im *importer) readTasks() error {
	t, err := openTable(im.ctx, im.dir, "tasks.csv", "task", "name")
	if err != nil {
		return err
	}
	defer t.Close()
	im.tasks = map[string]record.ID{}
	for t.Next() {
		id := t.Text(0)
		if _, twice := im.tasks[id]; twice {
			return importers.Invalidf(t.At(0), "task %q is there twice", id)
		}
		if err := im.addTask(t, id); err != nil {
			return err
		}
	}
	im.report.Tasks = len(im.tasks)
	return t.Err()
}

func (im *importer) addTask(t *table, id string) error {
	fingerprint, err := importers.Fingerprint("matrix", im.meta.Source, id)
	if err != nil {
		return importers.Invalidf(t.At(0), "%w", err)
	}
	task, err := importers.Identify(t.At(0), &record.Task{Fingerprint: fingerprint})
	if err != nil {
		return err
	}
	label, err := importers.Identify(t.At(1), &record.Label{
		Task: task.ID, Name: t.Text(1), Source: im.meta.Source, Licence: im.meta.Licence,
	})
	if err != nil {
		return err
	}
	im.tasks[id] = task.ID
	im.records = append(im.records, task.Record, label.Record)
	values := map[string]float64{}
	for column := 2; column < len(t.Header); column++ {
		if t.Text(column) == "" {
			continue
		}
		if values[t.Header[column]], err = t.Number(column); err != nil {
			return err
		}
	}
	if len(values) == 0 {
		return nil
	}
	features, err := importers.Identify(t.At(-1), &record.Features{Task: task.ID, Extractor: Extractor(im.meta.Source), Values: values})
	im.records = append(im.records, features.Record)
	return err
}

func (im *importer) readConfigs() error {
	t, err := openTable(im.ctx, im.dir, "configs.csv", "config", "hyperparameters")
	if err != nil {
		return err
	}
	defer t.Close()
	im.configs = map[string]space.Config{}
	same := map[string]string{}
	var all []space.Config
	for t.Next() {
		id := t.Text(0)
		if _, twice := im.configs[id]; twice {
			return importers.Invalidf(t.At(0), "configuration %q is there twice", id)
		}
		var c space.Config
		if err := json.Unmarshal([]byte(t.Text(1)), &c); err != nil {
			return importers.Invalidf(t.At(1), "no JSON object of values: %w", err)
		}
		if c == nil {
			return importers.Invalidf(t.At(1), "no JSON object of values: null")
		}
		if name, twice := repeatedKey(t.Text(1)); twice {
			return importers.Invalidf(t.At(1), "hyperparameter %q is given twice", name)
		}
		hash, err := c.Hash()
		if err != nil {
			return importers.Invalidf(t.At(1), "%w", err)
		}
		if other, twice := same[hash]; twice {
			im.report.Notes = append(im.report.Notes, "configurations "+other+" and "+id+" have the same hyperparameters: their runs count as repetitions")
		}
		same[hash] = id
		im.configs[id] = c
		all = append(all, c)
	}
	if err := t.Err(); err != nil {
		return err
	}
	im.report.Configs = len(same)
	return im.addSpace(t.At(-1), all)
}

// repeatedKey returns a key that a flat JSON object, known to be one, has twice.
func repeatedKey(object string) (string, bool) {
	d := json.NewDecoder(strings.NewReader(object))
	seen := map[string]bool{}
	_, _ = d.Token() // the bracket
	for d.More() {
		key, _ := d.Token()
		name, _ := key.(string)
		if seen[name] {
			return name, true
		}
		seen[name] = true
		_, _ = d.Token() // the value
	}
	return "", false
}

// addSpace infers the space and gives every configuration the kinds of values it asks for.
func (im *importer) addSpace(at importers.Place, all []space.Config) error {
	at.Line = 0
	s, err := inferSpace(all)
	if err != nil {
		return importers.Invalidf(at, "%w", err)
	}
	for id, c := range im.configs {
		if im.configs[id], err = s.Normalize(c); err != nil {
			return importers.Invalidf(at, "configuration %q does not fit the space inferred from all: %w", id, err)
		}
	}
	sp, err := importers.Identify(at, &record.Space{Space: s})
	im.space = sp.ID
	im.records = append(im.records, sp.Record)
	return err
}

func (im *importer) readRuns() error {
	t, err := openTable(im.ctx, im.dir, "runs.csv", "task", "config")
	if err != nil {
		return err
	}
	defer t.Close()
	metric, err := t.Column(im.meta.Metric)
	if err != nil {
		return err
	}
	seconds, _ := t.Column("seconds")
	before := len(im.records)
	for t.Next() {
		r, err := im.run(t, metric, seconds)
		if err != nil {
			return err
		}
		im.records = append(im.records, r)
	}
	im.report.Runs = len(im.records) - before
	return t.Err()
}

// run reads a row of runs.csv; seconds is -1 where there is no such column.
func (im *importer) run(t *table, metric, seconds int) (*record.Run, error) {
	task, ok := im.tasks[t.Text(0)]
	if !ok {
		return nil, importers.Invalidf(t.At(0), "task %q is not in tasks.csv", t.Text(0))
	}
	config, ok := im.configs[t.Text(1)]
	if !ok {
		return nil, importers.Invalidf(t.At(1), "configuration %q is not in configs.csv", t.Text(1))
	}
	value, err := t.Measured(metric)
	if err != nil {
		return nil, err
	}
	r := &record.Run{
		Task: task, Protocol: im.protocol, Space: im.space, Config: config, Status: study.Complete,
		Measures:  []record.Measure{{Metric: im.meta.Metric, Validation: []float64{record.Round6(value)}}},
		Evaluator: record.Evaluator{Name: "import/matrix", Version: im.meta.Source}, Contributor: im.opt.Contributor,
	}
	if seconds >= 0 && t.Text(seconds) != "" {
		wall, err := t.Measured(seconds)
		if err != nil {
			return nil, err
		}
		if wall < 0 {
			return nil, importers.Invalidf(t.At(seconds), "%v seconds", wall)
		}
		r.Cost = record.RoundCost(study.Cost{Wall: wall})
	}
	if err := record.Validate(r); err != nil {
		return nil, importers.Invalidf(t.At(-1), "%w", err)
	}
	return r, nil
}

// parseNumber reads a finite number.
func parseNumber(text string) (float64, bool) {
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
}
