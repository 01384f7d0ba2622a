package kb

import (
	"context"
	"reflect"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Stats count what a knowledge base holds.
type Stats struct {
	Tasks int // tasks known by a record
	Runs  int // runs of any final status, repetitions included
	// Cells are pairs of task and configuration that were evaluated completely and at full fidelity, under each
	// protocol, repetitions and folds not counted.
	Cells   int
	Configs int // different configurations that some run evaluated
	Spaces  int
}

// Stats counts a snapshot.
func (k *KB) Stats(ctx context.Context) (Stats, error) {
	set, err := k.Snapshot(ctx)
	if err != nil {
		return Stats{}, err
	}
	return Count(set)
}

// Count counts a set.
func Count(set *record.Set) (Stats, error) {
	type cell struct {
		task, protocol, space record.ID
		config                string
	}
	cells, configs := map[cell]struct{}{}, map[cell]struct{}{}
	hash := configHasher()
	for _, r := range set.Runs {
		h, err := hash(r.Config)
		if err != nil {
			return Stats{}, err
		}
		configs[cell{space: r.Space, config: h}] = struct{}{}
		if r.Status == study.Complete && len(r.Fidelity) == 0 {
			cells[cell{r.Task, r.Protocol, r.Space, h}] = struct{}{}
		}
	}
	return Stats{Tasks: len(set.Tasks), Runs: len(set.Runs), Cells: len(cells), Configs: len(configs), Spaces: len(set.Spaces)}, nil
}

// configHasher returns a function like Config.Hash that hashes a map shared by many runs once.
func configHasher() func(space.Config) (string, error) {
	known := map[uintptr]string{}
	return func(c space.Config) (string, error) {
		p := reflect.ValueOf(c).Pointer() // stable: the set keeps the map alive
		if h, ok := known[p]; ok {
			return h, nil
		}
		h, err := c.Hash()
		known[p] = h
		return h, err
	}
}
