package store_test

import (
	"errors"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/kb/store/storetest"
)

func TestNewEntry(t *testing.T) {
	run := storetest.Run(t, 1, 0)
	if run.Protocol != storetest.ID('b') || !run.Key.Valid() || run.Kind != record.KindRun || run.ID != record.Sum(run.Bytes) {
		t.Errorf("got %+v", run)
	}
	if again := storetest.Run(t, 1, 1); again.Key != run.Key || again.ID == run.ID {
		t.Errorf("a repetition has id %s and key %s", again.ID, again.Key)
	}
	if task := storetest.Task(t, 1); task.Key != "" || task.Protocol != "" {
		t.Errorf("a task has key %q and protocol %q", task.Key, task.Protocol)
	}
	if _, err := store.NewEntry(&record.Task{}); !errors.Is(err, record.ErrInvalid) {
		t.Errorf("an invalid record: %v", err)
	}
}

func TestEntryRecordFindsDamage(t *testing.T) {
	good := storetest.Task(t, 1)
	if _, err := good.Record(); err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func(*store.Entry){
		"bytes": func(e *store.Entry) { e.Bytes = append(e.Bytes[:len(e.Bytes)-1:len(e.Bytes)-1], ' ') },
		"id":    func(e *store.Entry) { e.ID = storetest.ID('0') },
		"kind":  func(e *store.Entry) { e.Kind = record.KindRun },
		"text":  func(e *store.Entry) { e.Bytes = []byte("{}"); e.ID = record.Sum(e.Bytes) },
	} {
		e := good
		damage(&e)
		if r, err := e.Record(); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: got %v, %v", name, r, err)
		}
	}
}
