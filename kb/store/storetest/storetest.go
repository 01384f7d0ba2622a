// Package storetest is the contract of store.Store as a test suite: every implementation runs it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Opener returns a handle on the store under test. Every call opens another handle on the same, initially empty,
// store; the suite closes them.
type Opener func(t testing.TB) store.Store

// Conform runs the suite. fresh is called once per test for a new empty store.
func Conform(t *testing.T, fresh func(t testing.TB) Opener) {
	for name, test := range map[string]func(*testing.T, Opener){
		"Empty":                  testEmpty,
		"AddAndRead":             testAddAndRead,
		"AddIsIdempotent":        testAddIsIdempotent,
		"AddIsAllOrNothing":      testAddIsAllOrNothing,
		"SinceFollows":           testSinceFollows,
		"SinceStops":             testSinceStops,
		"Match":                  testMatch,
		"RunKeys":                testRunKeys,
		"OtherHandlesSee":        testOtherHandlesSee,
		"ConcurrentWriters":      testConcurrentWriters,
		"FollowingMissesNothing": testFollowing,
		"Closed":                 testClosed,
		"Canceled":               testCanceled,
	} {
		t.Run(name, func(t *testing.T) { test(t, fresh(t)) })
	}
}

// Task returns a distinct task entry for each n.
func Task(t testing.TB, n int) store.Entry {
	t.Helper()
	return entry(t, &record.Task{Fingerprint: fmt.Sprint("task ", n), Type: record.Classification, Rows: n})
}

// Run returns a distinct run entry for each pair of n and repetition; runs of one n have the same key.
func Run(t testing.TB, n, repetition int) store.Entry {
	t.Helper()
	return entry(t, &record.Run{
		Task: ID('a'), Protocol: ID('b'), Space: ID('c'), Config: space.Config{"x": space.Int(int64(n))},
		Status: study.Complete, Measures: []record.Measure{{Metric: "m", Validation: []float64{0.5}}},
		Evaluator: record.Evaluator{Name: "e"}, Time: int64(repetition + 1),
	})
}

// ID returns a well-formed id made of one hexadecimal digit.
func ID(digit byte) record.ID { return record.ID(strings.Repeat(string(digit), 64)) }

func entry(t testing.TB, r record.Record) store.Entry {
	t.Helper()
	e, err := store.NewEntry(r)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func open(t testing.TB, opener Opener) store.Store {
	t.Helper()
	s := opener(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func add(t testing.TB, s store.Store, entries ...store.Entry) int {
	t.Helper()
	n, err := s.Add(t.Context(), entries...)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func since(t testing.TB, s store.Store, after int64) []store.Entry {
	t.Helper()
	var all []store.Entry
	for e, err := range s.Since(t.Context(), after) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

func last(t testing.TB, s store.Store) int64 {
	t.Helper()
	n, err := s.Last(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func ids(entries []store.Entry) []record.ID {
	var list []record.ID
	for _, e := range entries {
		list = append(list, e.ID)
	}
	return list
}

func testEmpty(t *testing.T, opener Opener) {
	s := open(t, opener)
	if got := since(t, s, 0); len(got) != 0 {
		t.Errorf("an empty store has %d entries", len(got))
	}
	if n := last(t, s); n != 0 {
		t.Errorf("an empty store ends at %d", n)
	}
	if keys, err := s.RunKeys(t.Context(), ID('b')); err != nil || len(keys) != 0 {
		t.Errorf("an empty store has keys %v, %v", keys, err)
	}
	if found, err := s.Match(t.Context(), "", 10); err != nil || len(found) != 0 {
		t.Errorf("an empty store matches %v, %v", found, err)
	}
	if findings, err := s.Check(t.Context()); err != nil || len(findings) != 0 {
		t.Errorf("an empty store is damaged: %v, %v", findings, err)
	}
	if n := add(t, s); n != 0 {
		t.Errorf("adding nothing added %d", n)
	}
}

func testAddAndRead(t *testing.T, opener Opener) {
	s := open(t, opener)
	want := []store.Entry{Task(t, 1), Run(t, 1, 0), Task(t, 2), Run(t, 2, 0)}
	if n := add(t, s, want...); n != 4 {
		t.Fatalf("added %d, want 4", n)
	}
	got := since(t, s, 0)
	if len(got) != 4 {
		t.Fatalf("read %d, want 4", len(got))
	}
	for i, e := range got {
		if e.Sequence <= 0 || i > 0 && e.Sequence <= got[i-1].Sequence {
			t.Errorf("sequence %d does not grow", e.Sequence)
		}
		e.Sequence = 0
		w := want[i]
		if e.ID != w.ID || e.Kind != w.Kind || e.Protocol != w.Protocol || e.Key != w.Key || string(e.Bytes) != string(w.Bytes) {
			t.Errorf("entry %d: got %+v, want %+v", i, e, w)
		}
		if _, err := e.Record(); err != nil {
			t.Error(err)
		}
	}
	if n := last(t, s); n != got[3].Sequence {
		t.Errorf("last is %d, want %d", n, got[3].Sequence)
	}
	if findings, err := s.Check(t.Context()); err != nil || len(findings) != 0 {
		t.Errorf("damaged: %v, %v", findings, err)
	}
}

func testAddIsIdempotent(t *testing.T, opener Opener) {
	s := open(t, opener)
	add(t, s, Task(t, 1), Task(t, 2))
	before := since(t, s, 0)
	if n := add(t, s, Task(t, 2), Task(t, 3), Task(t, 3), Task(t, 1)); n != 1 {
		t.Errorf("added %d, want 1", n)
	}
	after := since(t, s, 0)
	if len(after) != 3 || !slices.Equal(ids(after[:2]), ids(before)) || after[0].Sequence != before[0].Sequence {
		t.Errorf("entries changed: %v, were %v", ids(after), ids(before))
	}
}

func testAddIsAllOrNothing(t *testing.T, opener Opener) {
	s := open(t, opener)
	bad := Task(t, 2)
	bad.ID = "no id"
	if n, err := s.Add(t.Context(), Task(t, 1), bad); err == nil {
		t.Fatalf("a malformed id was accepted, %d added", n)
	}
	if got := since(t, s, 0); len(got) != 0 {
		t.Errorf("%d entries of a failed Add are there", len(got))
	}
	add(t, s, Task(t, 1))
}

func testSinceFollows(t *testing.T, opener Opener) {
	s := open(t, opener)
	add(t, s, Task(t, 1), Task(t, 2))
	seen := last(t, s)
	if got := since(t, s, seen); len(got) != 0 {
		t.Errorf("%d entries after the last", len(got))
	}
	add(t, s, Task(t, 3))
	if got := since(t, s, seen); len(got) != 1 || got[0].ID != Task(t, 3).ID {
		t.Errorf("got %v", ids(got))
	}
	if got := since(t, s, 1<<62); len(got) != 0 {
		t.Errorf("%d entries after the end of numbers", len(got))
	}
}

func testSinceStops(t *testing.T, opener Opener) {
	s := open(t, opener)
	var many []store.Entry
	for i := range 2500 { // more than any implementation reads at once
		many = append(many, Task(t, i))
	}
	add(t, s, many...)
	if got := since(t, s, 0); !slices.Equal(ids(got), ids(many)) {
		t.Fatalf("read %d of %d entries, or in another order", len(got), len(many))
	}
	n := 0
	for range s.Since(t.Context(), 0) {
		if n++; n == 1500 {
			break
		}
	}
	add(t, s, Task(t, 9999)) // a reader that stopped early holds nothing up
}

func testMatch(t *testing.T, opener Opener) {
	s := open(t, opener)
	var all []record.ID
	for i := range 100 {
		e := Task(t, i)
		add(t, s, e)
		all = append(all, e.ID)
	}
	slices.Sort(all)
	for _, prefix := range []string{"", "0", "a", "f", "00", "abc", string(all[50][:3]), string(all[0]), string(all[99])} {
		var want []record.ID
		for _, id := range all {
			if strings.HasPrefix(string(id), prefix) {
				want = append(want, id)
			}
		}
		got, err := s.Match(t.Context(), prefix, 100)
		if err != nil || !slices.Equal(ids(got), want) {
			t.Errorf("%q matches %d entries, want %d, %v", prefix, len(got), len(want), err)
		}
	}
	if got, err := s.Match(t.Context(), "", 7); err != nil || !slices.Equal(ids(got), all[:7]) {
		t.Errorf("limit: %d entries, %v", len(got), err)
	}
	for _, prefix := range []string{"x", "A", "%", strings.Repeat("0", 65)} {
		if got, err := s.Match(t.Context(), prefix, 100); err != nil || len(got) != 0 {
			t.Errorf("%q matches %v, %v", prefix, got, err)
		}
	}
}

func testRunKeys(t *testing.T, opener Opener) {
	s := open(t, opener)
	other := entry(t, &record.Run{
		Task: ID('a'), Protocol: ID('d'), Space: ID('c'), Status: study.Crashed, Evaluator: record.Evaluator{Name: "e"},
	})
	add(t, s, Task(t, 1), Run(t, 1, 0), Run(t, 1, 1), Run(t, 2, 0), other)
	for protocol, want := range map[record.ID][]record.ID{
		ID('b'): {Run(t, 1, 0).Key, Run(t, 2, 0).Key}, ID('d'): {other.Key}, ID('e'): nil,
	} {
		keys, err := s.RunKeys(t.Context(), protocol)
		if err != nil || len(keys) != len(want) {
			t.Errorf("%.4s: %d keys, want %d, %v", protocol, len(keys), len(want), err)
		}
		for _, k := range want {
			if _, ok := keys[k]; !ok {
				t.Errorf("%.4s: key %s is missing", protocol, k)
			}
		}
	}
	if _, err := s.RunKeys(t.Context(), "x"); err == nil {
		t.Error("a malformed protocol id was accepted")
	}
}

func testOtherHandlesSee(t *testing.T, opener Opener) {
	a, b := open(t, opener), open(t, opener)
	if got := since(t, b, 0); len(got) != 0 {
		t.Fatal("not empty")
	}
	for i := range 5 {
		add(t, a, Task(t, i))
		if got := since(t, b, 0); len(got) != 2*i+1 {
			t.Fatalf("the other handle sees %d of %d", len(got), 2*i+1)
		}
		add(t, b, Run(t, i, 0))
		if keys, err := a.RunKeys(t.Context(), ID('b')); err != nil || len(keys) != i+1 {
			t.Fatalf("the first handle sees %d keys of %d, %v", len(keys), i+1, err)
		}
	}
}

func testConcurrentWriters(t *testing.T, opener Opener) {
	const writers, each = 8, 40
	var group sync.WaitGroup
	added := make([]int, writers)
	for w := range writers {
		s := open(t, opener)
		group.Go(func() {
			for i := range each {
				// Half of the entries are the writer's own, half are offered by all.
				n, err := s.Add(t.Context(), Task(t, w*each+i), Run(t, i, 0))
				if err != nil {
					t.Error(err)
					return
				}
				added[w] += n
			}
		})
	}
	group.Wait()
	total := 0
	for _, n := range added {
		total += n
	}
	s := open(t, opener)
	got := ids(since(t, s, 0))
	slices.Sort(got)
	if want := writers*each + each; total != want || len(got) != want || len(slices.Compact(got)) != want {
		t.Errorf("%d reported as added, %d there, want %d", total, len(got), want)
	}
}

func testFollowing(t *testing.T, opener Opener) {
	const writers, each = 4, 50
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var group sync.WaitGroup
	for w := range writers {
		s := open(t, opener)
		group.Go(func() {
			for i := range each {
				if _, err := s.Add(ctx, Task(t, w*each+i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { group.Wait(); close(done) }()
	s, seen, count := open(t, opener), int64(0), 0
	for finished := false; !finished; {
		select {
		case <-done:
			finished = true // one more look at what was added since the last
		default:
		}
		for _, e := range since(t, s, seen) {
			seen, count = e.Sequence, count+1
		}
	}
	if count != writers*each {
		t.Errorf("a follower saw %d of %d entries", count, writers*each)
	}
}

func testClosed(t *testing.T, opener Opener) {
	s := opener(t)
	add(t, s, Task(t, 1))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := s.Add(t.Context(), Task(t, 2)); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Add on a closed store: %v", err)
	}
	if _, err := s.Last(t.Context()); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Last on a closed store: %v", err)
	}
	if got := since(t, open(t, opener), 0); len(got) != 1 {
		t.Errorf("%d entries after reopening, want 1", len(got))
	}
}

func testCanceled(t *testing.T, opener Opener) {
	s := open(t, opener)
	add(t, s, Task(t, 1))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Add(ctx, Task(t, 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("Add: %v", err)
	}
	for _, err := range s.Since(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Since: %v", err)
		}
	}
	add(t, s, Task(t, 3))
}
