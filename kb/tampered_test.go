package kb

import (
	"context"
	"iter"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// tamperedStore has one good record and three that somebody changed behind the store's back.
type tamperedStore struct{ store.Store }

func (tamperedStore) Check(context.Context) ([]string, error) { return []string{"page 7 is odd"}, nil }

func (tamperedStore) Since(context.Context, int64) iter.Seq2[store.Entry, error] {
	entry := func(r record.Record) store.Entry {
		e, err := store.NewEntry(r)
		if err != nil {
			panic(err)
		}
		return e
	}
	good, changed, kind := entry(task(1)), entry(task(2)), entry(task(3))
	changed.Bytes = append([]byte(nil), good.Bytes...)
	kind.Kind = record.KindLabel
	key := entry(&record.Run{Task: good.ID, Protocol: good.ID, Space: good.ID, Status: 6, Evaluator: record.Evaluator{Name: "e"}})
	key.Key = good.ID
	return func(yield func(store.Entry, error) bool) {
		for _, e := range []store.Entry{good, changed, kind, key} {
			if !yield(e, nil) {
				return
			}
		}
	}
}
