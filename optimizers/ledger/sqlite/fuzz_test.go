package sqlite

import (
	"context"
	"errors"
	"testing"

	"github.com/metaml/metaml/optimizers"
)

// FuzzEvents puts any bytes where trials are, with the checksum that goes with them, and any text as header.
func FuzzEvents(f *testing.F) {
	f.Add([]byte(`{"id":1,"config":{},"seed":"1","status":"pending"}`), []byte(`{"name":"a"}`))
	f.Add([]byte(`{"id":`), []byte(`{}`))
	f.Add([]byte(`null`), []byte(`{"problem":{"space":{"parameters":{"x":{"type":"float","low":2,"high":1}}}}}`))
	f.Add([]byte("\xff\x00"), []byte(`[]`))
	f.Fuzz(func(t *testing.T, trial, text []byte) {
		ctx, path := context.Background(), t.TempDir()+"/s.study"
		l := create(t, path)
		if _, err := l.db.Exec(`INSERT INTO event VALUES (1, 5, ?, ?)`, trial, l.check(1, 5, trial)); err != nil {
			t.Skip(err) // nil is no blob
		}
		if _, err := l.db.Exec(`UPDATE study SET header = ?, "check" = ?`, text, checksum(text)); err != nil {
			t.Skip(err)
		}
		var read []optimizers.Event
		for e, err := range l.Events(ctx) {
			if err != nil && !errors.Is(err, ErrCorrupt) {
				t.Fatalf("%q: %v", trial, err)
			}
			if err == nil {
				read = append(read, e)
			}
		}
		l.Close()
		again, err := Open(ctx, path)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("header %q: %v", text, err)
			}
			return
		}
		defer again.Close()
		// What could be read can be added to another study.
		other := create(t, path+"2")
		defer other.Close()
		if err := other.Append(ctx, read...); err != nil {
			t.Fatalf("%q is read and cannot be written: %v", trial, err)
		}
	})
}
