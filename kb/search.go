package kb

import (
	"context"
	"encoding/json"
	"path/filepath"
	"slices"

	"github.com/metaml/metaml/kb/internal/index"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// ErrQuery is wrapped by errors about a search query that cannot be understood.
var ErrQuery = index.ErrQuery

// SearchFields lists what a query may name before a colon: fields of words, and fields of numbers.
func SearchFields() (words, numbers []string) { return index.Words(), index.Numbers() }

// SearchHit is a task found by Search. Scores are comparable within one answer only; more is better.
type SearchHit struct {
	TaskSummary
	Score float64
}

// Search returns at most limit tasks that match a query, the best first, and how many match altogether. A query is
// words, "phrases", field:word and number:>=bound, with + before what must match and - before what must not. It is
// answered by a full-text index in the cache folder, which catches up with the store first; where that folder cannot
// be used, by an index in memory. Errors wrap ErrQuery where the query is at fault.
func (k *KB) Search(ctx context.Context, query string, limit int) (hits []SearchHit, total int, err error) {
	set, err := k.Snapshot(ctx)
	if err != nil {
		return nil, 0, err
	}
	tasks, err := TasksOf(set)
	if err != nil {
		return nil, 0, err
	}
	x, err := k.openIndex(ctx, set, tasks)
	if err != nil {
		return nil, 0, err
	}
	defer x.Close()
	found, total, err := x.Search(ctx, query, limit)
	if err != nil {
		return nil, 0, err
	}
	byID := make(map[string]TaskSummary, len(tasks))
	for _, t := range tasks {
		byID[string(t.ID)] = t
	}
	for _, h := range found {
		if t, ok := byID[h.ID]; ok {
			hits = append(hits, SearchHit{t, h.Score})
		}
	}
	return hits, total, nil
}

// indexState says what an index was made from.
type indexState struct {
	Packs []string  `json:"packs"` // versions of the packs
	Last  int64     `json:"last"`  // number and id of the store's last record
	ID    record.ID `json:"id"`
}

func (k *KB) indexState(ctx context.Context) (s indexState, err error) {
	for _, l := range k.layers {
		if l == layer(k.own) {
			continue
		}
		v, err := l.version(ctx)
		if err != nil {
			return s, err
		}
		s.Packs = append(s.Packs, v)
	}
	if k.own == nil {
		return s, nil
	}
	if s.Last, err = k.own.store.Last(ctx); err != nil || s.Last == 0 {
		return s, err
	}
	for e, err := range k.own.store.Since(ctx, s.Last-1) {
		if err != nil {
			return s, err
		}
		s.Last, s.ID = e.Sequence, e.ID // another process may have added more
	}
	return s, nil
}

func (s indexState) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		return "" // three plain fields cannot fail
	}
	return string(b)
}

// openIndex opens the index of the present state, making it first if need be.
func (k *KB) openIndex(ctx context.Context, set *record.Set, tasks []TaskSummary) (*index.Index, error) {
	if k.cache == "" {
		return index.Memory(documents(set, tasks, nil))
	}
	now, err := k.indexState(ctx)
	if err != nil {
		return nil, err
	}
	// Every knowledge base has a folder of its own, since old states are removed there.
	dir := filepath.Join(k.cache, "index-"+string(record.Sum([]byte(k.layers[len(k.layers)-1].name())))[:16])
	if x := index.Open(dir, now.String()); x != nil {
		return x, nil
	}
	base, changed := k.indexBase(ctx, dir, now)
	if base != "" {
		if x, err := index.Publish(dir, now.String(), base, documents(set, tasks, changed)); err == nil {
			return x, nil
		}
	}
	all := documents(set, tasks, nil)
	if x, err := index.Publish(dir, now.String(), "", all); err == nil {
		return x, nil
	}
	return index.Memory(all)
}

// indexBase finds a published index that lacks only what was added to the store since, and the tasks concerned.
func (k *KB) indexBase(ctx context.Context, dir string, now indexState) (base string, changed map[record.ID]bool) {
	for _, text := range index.States(dir) {
		var s indexState
		if json.Unmarshal([]byte(text), &s) != nil || s.Last == 0 || s.Last >= now.Last || !slices.Equal(s.Packs, now.Packs) ||
			!k.own.holds(ctx, s.Last, s.ID) {
			continue
		}
		if changed, ok := k.changedTasks(ctx, s.Last); ok {
			return text, changed
		}
	}
	return "", nil
}

// changedTasks returns the tasks that records after a number concern. It reports false where a retraction is among
// them: that may concern anything.
func (k *KB) changedTasks(ctx context.Context, after int64) (map[record.ID]bool, bool) {
	changed := map[record.ID]bool{}
	for e, err := range k.own.store.Since(ctx, after) {
		if err != nil || e.Kind == record.KindRetraction {
			return nil, false
		}
		id, err := taskOf(e)
		if err != nil {
			return nil, false
		}
		changed[id] = true
	}
	return changed, true
}

// taskOf returns the task that a record concerns, "" for none.
func taskOf(e store.Entry) (record.ID, error) {
	r, err := e.Record()
	if err != nil {
		return "", err
	}
	switch r := r.(type) {
	case *record.Task:
		return e.ID, nil
	case *record.Features:
		return r.Task, nil
	case *record.Label:
		return r.Task, nil
	case *record.Run:
		return r.Task, nil
	}
	return "", nil
}

// facets maps meta-features to the names by which they are searched.
var facets = [...]struct{ feature, name string }{
	{"nr_class", "classes"}, {"nr_num", "numeric"}, {"nr_cat", "categorical"}, {"missing_share", "missing"}, {"class_imbalance", "imbalance"},
}

// documents describes tasks for the index: all of them, or only those given.
func documents(set *record.Set, tasks []TaskSummary, only map[record.ID]bool) []index.Document {
	labels := labelsOf(set)
	values := map[record.ID]map[string]float64{}
	for _, f := range set.Features {
		if only == nil || only[f.Task] {
			values[f.Task] = f.Values
		}
	}
	var list []index.Document
	for _, t := range tasks {
		if only != nil && !only[t.ID] {
			continue
		}
		d := index.Document{ID: string(t.ID), Type: t.Type, Numbers: map[string]float64{
			"rows": float64(t.Rows), "columns": float64(t.Columns), "runs": float64(t.Runs), "configs": float64(t.Configs),
		}}
		if l := labels[t.ID]; l != nil {
			d.Name, d.Group, d.Description, d.Source, d.Licence, d.Tags = l.Name, l.Group, l.Description, l.Source, l.Licence, l.Tags
		}
		for _, f := range facets {
			if v, ok := values[t.ID][f.feature]; ok {
				d.Numbers[f.name] = v
			}
		}
		list = append(list, d)
	}
	return list
}
