package grow

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
)

// Task is a dataset made ready: its records and its staged table.
type Task struct {
	ID       record.ID
	Task     record.Task
	Features record.Features
	Label    record.Label
	Staged   string // folder of the staged table
	Split    string // hash of the row split
	Notes    []string
}

// PrepareOptions say how a dataset becomes a task.
type PrepareOptions struct {
	// Protocol gives folds, repeats, test fraction, split seed and row cap; its metrics do not matter here.
	Protocol record.Protocol
	// Dir is the folder under which tables are staged, each in a folder named by task and protocol.
	Dir string
	// Extract are the options of the meta-features.
	Extract metafeatures.Options
}

// Prepare reads the entry's file, extracts its meta-features from all rows read, caps the rows, splits them and
// stages the table.
func Prepare(ctx context.Context, e Entry, opt PrepareOptions) (*Task, error) {
	d, err := dataset.Read(ctx, e.Path, e.Options)
	if err != nil {
		return nil, err
	}
	return PrepareDataset(ctx, d, e, opt)
}

// PrepareDataset is Prepare for data read already; of the entry only the label counts.
func PrepareDataset(ctx context.Context, d *dataset.Dataset, e Entry, opt PrepareOptions) (*Task, error) {
	v, err := metafeatures.Extract(ctx, d, opt.Extract)
	if err != nil {
		return nil, fmt.Errorf("meta-features of %s: %w", d.Name, err)
	}
	t := &Task{Task: TaskOf(d), Notes: d.Notes}
	if t.ID, err = record.Identify(&t.Task); err != nil {
		return nil, err
	}
	t.Features = record.Features{Task: t.ID, Extractor: v.Extractor, Values: rounded(v.Map())}
	t.Label = record.Label{Task: t.ID, Name: e.Name, Group: e.Group, Source: e.Source, Licence: e.Licence, Tags: e.Tags}
	if t.Label.Name == "" {
		t.Label.Name = d.Name
	}
	return t, t.stage(d, opt)
}

// TaskOf is the record of a dataset as a task.
func TaskOf(d *dataset.Dataset) record.Task {
	return record.Task{Fingerprint: d.Fingerprint, Target: d.Target.Name, Type: string(d.Task),
		Rows: d.TotalRows, Columns: len(d.Features) + len(d.Dropped)}
}

func (t *Task) stage(d *dataset.Dataset, opt PrepareOptions) error {
	d, s, err := Split(d, opt.Protocol)
	if err != nil {
		return err
	}
	t.Split = s.Hash
	t.Notes = append(t.Notes, s.Notes...)
	t.Staged = filepath.Join(opt.Dir, string(t.ID[:16])+"-"+s.Hash[:min(8, len(s.Hash))])
	if err := os.MkdirAll(opt.Dir, 0o700); err != nil {
		return err
	}
	return d.Stage(t.Staged, s)
}

// Split divides a dataset as the protocol says, and returns what it divided: a sample, where there are more rows than
// the protocol's cap. Too few rows for the protocol are a dataset.ErrOption.
func Split(d *dataset.Dataset, p record.Protocol) (*dataset.Dataset, dataset.Split, error) {
	if p.RowCap > 0 {
		d = d.Sample(p.RowCap, p.SplitSeed)
	}
	s, err := dataset.NewSplit(d, dataset.SplitOptions{
		Folds: p.Folds, Repeats: p.Repeats, TestFraction: p.TestFraction, Seed: p.SplitSeed})
	if err != nil {
		return nil, s, fmt.Errorf("splitting %s: %w", d.Name, err)
	}
	return d, s, nil
}

// Store adds the task's records.
func (t *Task) Store(ctx context.Context, s Store) error {
	_, err := s.Add(ctx, &t.Task, &t.Features, &t.Label)
	return err
}

func rounded(values map[string]float64) map[string]float64 {
	for name, v := range values {
		values[name] = record.Round6(v)
	}
	return values
}
