package main

import (
	"context"
	"os"
	"slices"
	"sync"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tunebench"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/plugins"
)

// tuneTraining trains what the methods of a benchmark propose, on data files.
type tuneTraining struct {
	evaluator string
	entries   map[record.ID]grow.Entry // by task
	running   *slots
	dir       string // of staged tables

	mu     sync.Mutex
	staged map[record.ID]string
	next   int // evaluator for the next worker
}

// readCatalog finds the data of the tables, and leaves out the tables without.
func (t *tuneContest) readCatalog(e *environment, c *cli.Context) error {
	path := c.String("catalog")
	entries, err := grow.Catalog(path)
	if err != nil {
		return err
	}
	t.training = &tuneTraining{evaluator: c.String("evaluator"), entries: map[record.ID]grow.Entry{}, staged: map[record.ID]string{}}
	for _, entry := range entries {
		alike := func(task *tunebench.Task) bool { return task.Name == entry.Name }
		if !slices.ContainsFunc(t.opt.Tasks, alike) {
			continue // not worth reading
		}
		d, err := dataset.Read(c.Context, entry.Path, entry.Options)
		if err != nil {
			return err
		}
		for _, task := range t.opt.Tasks {
			if task.Fingerprint == d.Fingerprint && task.Type == string(d.Task) {
				t.training.entries[task.ID] = entry
			}
		}
	}
	all := len(t.opt.Tasks)
	t.opt.Tasks = slices.DeleteFunc(t.opt.Tasks, func(task *tunebench.Task) bool { _, ok := t.training.entries[task.ID]; return !ok })
	if len(t.opt.Tasks) == 0 {
		return failf(exitInvalid, "%s lists none of the data sets of the tables, which are known by name and by their data; "+
			"list the files from which the tables were grown, under the same names and with the same targets", path)
	}
	if n := len(t.opt.Tasks); n < all {
		e.say("note: %d of %d tables have data in %s", n, all, path)
	}
	return nil
}

// start starts an evaluator for each worker, with the limits that tables are grown with.
func (t *tuneTraining) start(ctx context.Context, e *environment, workers int) (err error) {
	if t.dir, err = os.MkdirTemp("", "metaml-bench-"); err != nil {
		return err
	}
	t.running, err = e.startEvaluators(ctx, evaluatorOptions{name: t.evaluator, workers: workers,
		limits: plugins.Limits{Wall: growWall, Fit: growFit, Memory: defaultMemory << 20, Threads: 1}})
	return err
}

func (t *tuneTraining) close() {
	if t.running != nil {
		t.running.close()
	}
	_ = os.RemoveAll(t.dir)
}

// methods makes the methods of one worker train, with an evaluator of its own.
func (t *tuneTraining) methods(own []tunebench.Method) []tunebench.Method {
	t.mu.Lock()
	evaluator := t.running.evaluators[t.next%len(t.running.evaluators)]
	t.next++
	t.mu.Unlock()
	load := func(ctx context.Context, task *tunebench.Task) (optimizers.Evaluator, error) {
		staged, err := t.stage(ctx, task)
		if err != nil {
			return nil, err
		}
		protocol, err := record.Encode(&task.Protocol)
		if err != nil {
			return nil, err
		}
		return evaluator, evaluator.Load(ctx, staged, protocol, task.Fingerprint)
	}
	for i, m := range own {
		own[i] = tunebench.Trained{Own: m.(tunebench.Own), Load: load}
	}
	return own
}

// stage makes a task's data ready for evaluators, once, and checks that they are those of its table.
func (t *tuneTraining) stage(ctx context.Context, task *tunebench.Task) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if folder := t.staged[task.ID]; folder != "" {
		return folder, nil
	}
	entry := t.entries[task.ID]
	ready, err := grow.Prepare(ctx, entry, grow.PrepareOptions{Protocol: task.Protocol, Dir: t.dir})
	if err != nil {
		return "", err
	}
	if ready.ID != task.ID {
		return "", failf(exitInvalid, "%s: the data are not those from which the table of %s was grown; "+
			"give --catalog that file, with the target it had then, or leave its line out", entry.Path, task.Name)
	}
	t.staged[task.ID] = ready.Staged
	return ready.Staged, nil
}
