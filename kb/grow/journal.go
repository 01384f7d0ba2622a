package grow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// journalSuffix ends the names of the journals that evaluators leave in Options.Journal.
const journalSuffix = ".journal"

// JournalFile returns the journal of evaluator number slot of the host process owner in a folder. Names differ
// between hosts, so that an evaluator which outlives its host for a moment never writes into a file that is being
// removed.
func JournalFile(dir string, owner, slot int) string {
	return filepath.Join(dir, fmt.Sprintf("evaluator-%d-%d%s", owner, slot, journalSuffix))
}

// recoverJournals stores what evaluators had finished when an earlier growth died between their answer and its
// own commit, and removes the journals.
func (g *growth) recoverJournals(ctx context.Context, tasks []*Task) error {
	if g.opt.Journal == "" {
		return nil
	}
	files, err := os.ReadDir(g.opt.Journal) // by name
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), journalSuffix) {
			continue
		}
		path := filepath.Join(g.opt.Journal, f.Name())
		if err := g.recoverJournal(ctx, path, tasks); err != nil {
			return fmt.Errorf("grow: recovering %s: %w; remove the file to go on without what it holds", path, err)
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (g *growth) recoverJournal(ctx context.Context, path string, tasks []*Task) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	finished, err := study.ReadJournal(f)
	if err != nil {
		return err
	}
	for i, done := range finished {
		if err := g.adopt(ctx, done, tasks); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	return nil
}

// adopt stores a finished trial unless the store has its run already; trials of tables or protocols outside this
// growth are left alone.
func (g *growth) adopt(ctx context.Context, done study.Finished, tasks []*Task) error {
	i := slices.IndexFunc(tasks, func(t *Task) bool { return t.Task.Fingerprint == done.Fingerprint })
	if i < 0 {
		return nil
	}
	p := g.plans[tasks[i].Task.Type]
	if p == nil {
		return nil
	}
	// Evaluators in other languages need not write numbers in the canonical form.
	protocol, err := canonical.Transform(done.Protocol)
	if err != nil || !bytes.Equal(p.protocolJSON, protocol) {
		return err
	}
	c, err := p.Space.Normalize(done.Trial.Config)
	if err != nil {
		return err
	}
	run := g.blank(tasks[i], p, c)
	run.Seed = done.Trial.Seed
	if len(done.Trial.Fidelity) > 0 {
		run.Fidelity = done.Trial.Fidelity
	}
	key, err := record.Key(run)
	if err != nil {
		return err
	}
	if _, have := p.keys[key]; have {
		return nil
	}
	if err := g.add(ctx, tasks[i], p, run, done.Trial); err != nil {
		return err
	}
	p.keys[key] = struct{}{}
	g.summary.Recovered++
	return nil
}
