package kb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// open opens a knowledge base that keeps away from the user's folders.
func open(t testing.TB, opt Options) *KB {
	t.Helper()
	if opt.DataDir == "" {
		opt.DataDir = filepath.Join(t.TempDir(), "data")
	}
	if opt.CacheDir == "" {
		opt.CacheDir = filepath.Join(t.TempDir(), "cache")
	}
	k, err := Open(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func fileKB(t testing.TB) *KB { return open(t, Options{Path: filepath.Join(t.TempDir(), "kb.sqlite")}) }

func add(t testing.TB, k *KB, records ...record.Record) []record.ID {
	t.Helper()
	ids, err := k.Add(t.Context(), records...)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func identify(t testing.TB, r record.Record) record.ID {
	t.Helper()
	id, err := record.Identify(r)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func snapshot(t testing.TB, k *KB) *record.Set {
	t.Helper()
	set, err := k.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// ids returns the ids of all records of a set, sorted.
func ids(t testing.TB, set *record.Set) []record.ID {
	t.Helper()
	var list []record.ID
	for r := range set.All() {
		list = append(list, identify(t, r))
	}
	slices.Sort(list)
	return list
}

func id(digit string) record.ID { return record.ID(strings.Repeat(digit, 64)) }

func task(n int) *record.Task {
	return &record.Task{Fingerprint: fmt.Sprint("task ", n), Type: record.Classification, Rows: 10 + n}
}

func run(t testing.TB, n, config int, contributor string) *record.Run {
	return &record.Run{
		Task: identify(t, task(n)), Protocol: id("b"), Space: id("c"), Config: space.Config{"x": space.Int(int64(config))},
		Status: study.Complete, Measures: []record.Measure{{Metric: "error", Validation: []float64{0.25}}},
		Evaluator: record.Evaluator{Name: "e"}, Contributor: contributor, Time: 1,
	}
}

// sample is n tasks with a label, features and two runs each.
func sample(t testing.TB, from, n int) []record.Record {
	var list []record.Record
	for i := from; i < from+n; i++ {
		tk := task(i)
		id := identify(t, tk)
		list = append(list, tk, &record.Label{Task: id, Name: fmt.Sprint("set ", i), Group: fmt.Sprint("group ", i/2)},
			&record.Features{Task: id, Extractor: "foreign:sample", Values: map[string]float64{"rows": float64(i), "odd": float64(i % 2)}},
			run(t, i, 0, "ann"), run(t, i, 1, "ann"))
	}
	return list
}

func TestAddAndSnapshot(t *testing.T) {
	k := fileKB(t)
	records := sample(t, 0, 3)
	got := add(t, k, records...)
	var want []record.ID
	for _, r := range records {
		want = append(want, identify(t, r))
	}
	if !slices.Equal(got, want) {
		t.Errorf("Add returned %v, want %v", got, want)
	}
	set := snapshot(t, k)
	slices.Sort(want)
	if !slices.Equal(ids(t, set), want) {
		t.Errorf("the snapshot has %d records, want %d", len(ids(t, set)), len(want))
	}
	if len(set.Tasks) != 3 || len(set.Labels) != 3 || len(set.Features) != 3 || len(set.Runs) != 6 {
		t.Errorf("the snapshot is %d tasks, %d labels, %d features, %d runs", len(set.Tasks), len(set.Labels), len(set.Features), len(set.Runs))
	}
	if added, err := k.AddNew(t.Context(), append(records, task(77))); added != 1 || err != nil {
		t.Errorf("adding again and one more adds %d, %v", added, err)
	}
	if again := ids(t, snapshot(t, k)); len(again) != len(want)+1 {
		t.Errorf("adding twice gives %d records", len(again))
	}
}

func TestAddRefusesAllIfOneIsInvalid(t *testing.T) {
	k := fileKB(t)
	if _, err := k.Add(t.Context(), task(1), &record.Task{}); !errors.Is(err, record.ErrInvalid) || !strings.Contains(err.Error(), "2 of 2") {
		t.Errorf("got %v", err)
	}
	if n := len(ids(t, snapshot(t, k))); n != 0 {
		t.Errorf("%d records were stored", n)
	}
}

// TestFreshHomeStaysUntouched: reading without an own store makes no file anywhere.
func TestFreshHomeStaysUntouched(t *testing.T) {
	home := t.TempDir()
	k := open(t, Options{DataDir: filepath.Join(home, "data"), CacheDir: filepath.Join(home, "cache")})
	snapshot(t, k)
	if _, err := k.Stats(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := k.RunKeys(t.Context(), id("b")); err != nil {
		t.Error(err)
	}
	if _, err := k.Version(t.Context()); err != nil {
		t.Error(err)
	}
	if problems, _, err := k.Verify(t.Context()); err != nil || len(problems) > 0 {
		t.Error(problems, err)
	}
	if files, err := os.ReadDir(home); err != nil || len(files) > 0 {
		t.Errorf("reading made %v, %v", files, err)
	}
}

func TestDefaultIsSeedAndOwn(t *testing.T) {
	dirs := Options{DataDir: t.TempDir(), CacheDir: t.TempDir()}
	k := open(t, dirs)
	seeds := len(ids(t, snapshot(t, k)))
	before, err := k.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add(t, k, sample(t, 0, 1)...)
	if n := len(ids(t, snapshot(t, k))); n != seeds+5 {
		t.Errorf("%d records, want %d and 5", n, seeds)
	}
	if after, err := k.Version(t.Context()); err != nil || after == before {
		t.Errorf("the version is still %q, %v", after, err)
	}
	if want := filepath.Join(dirs.DataDir, "kb", "kb.sqlite"); k.Path() != want {
		t.Errorf("own store at %s, want %s", k.Path(), want)
	}
	own := dirs
	own.NoSeed = true
	if n := len(ids(t, snapshot(t, open(t, own)))); n != 5 {
		t.Errorf("%d records without the seed, want 5", n)
	}
}

func TestDirectoriesFromEnvironment(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_DATA_HOME", home)
	t.Setenv("XDG_CACHE_HOME", home)
	k, err := Open(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if want := filepath.Join(home, "metaml", "kb", "kb.sqlite"); k.Path() != want {
		t.Errorf("own store at %s, want %s", k.Path(), want)
	}
}

func TestMissingPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	if _, err := Open(t.Context(), Options{Path: path, ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading a missing file: %v", err)
	}
	add(t, open(t, Options{Path: path}), task(1))
	if n := len(snapshot(t, open(t, Options{Path: path, ReadOnly: true})).Tasks); n != 1 {
		t.Errorf("%d tasks", n)
	}
	if _, err := Open(t.Context(), Options{Path: os.DevNull}); !errors.Is(err, store.ErrForeign) || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a device: %v", err)
	}
	if _, err := Open(t.Context(), Options{Path: t.TempDir()}); !errors.Is(err, store.ErrForeign) {
		t.Errorf("a folder: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, Options{Path: path}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestForeignFile(t *testing.T) {
	for _, content := range []string{"x", "task,name\n1,iris\n", strings.Repeat("not a knowledge base\n", 1000)} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		k := open(t, Options{Path: path})
		if _, err := k.Snapshot(t.Context()); !errors.Is(err, store.ErrForeign) || !strings.Contains(err.Error(), path) {
			t.Errorf("%d bytes: Snapshot: %v", len(content), err)
		}
		if _, err := k.Add(t.Context(), task(1)); !errors.Is(err, store.ErrForeign) {
			t.Errorf("%d bytes: Add: %v", len(content), err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != content {
			t.Errorf("%d bytes: the file was changed", len(content))
		}
	}
}

func TestPackIsReadOnly(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 4)...)
	b, set, err := k.Export(t.Context(), false)
	if err != nil || len(set.Runs) != 8 {
		t.Fatalf("%d runs exported, %v", len(set.Runs), err)
	}
	path := filepath.Join(t.TempDir(), "shared.kb")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	p := open(t, Options{Path: path})
	if got, want := ids(t, snapshot(t, p)), ids(t, snapshot(t, k)); !slices.Equal(got, want) {
		t.Errorf("the pack has %d records, the store %d", len(got), len(want))
	}
	if _, err := p.Add(t.Context(), task(9)); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Add: %v", err)
	}
	if _, err := p.Merge(t.Context(), k); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("Merge: %v", err)
	}
	keys, err := p.RunKeys(t.Context(), id("b"))
	if want, err2 := k.RunKeys(t.Context(), id("b")); err != nil || err2 != nil || len(keys) != 8 || len(want) != 8 {
		t.Errorf("%d keys in the pack, %d in the store, %v, %v", len(keys), len(want), err, err2)
	}
	for key := range keys {
		if want, _ := k.RunKeys(t.Context(), id("b")); !contains(want, key) {
			t.Errorf("key %s is not the store's", key)
		}
	}
	found, err := p.Find(t.Context(), string(identify(t, task(2)))[:10], 5)
	if err != nil || len(found) != 1 || found[0].Record.(*record.Task).Fingerprint != "task 2" {
		t.Errorf("Find: %v, %v", found, err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	broken := open(t, Options{Path: path})
	if _, err := broken.Snapshot(t.Context()); !errors.Is(err, store.ErrCorrupt) || !errors.Is(err, pack.ErrCorrupt) {
		t.Errorf("a damaged pack: %v", err)
	}
	if problems, _, err := broken.Verify(t.Context()); len(problems) != 1 || err != nil {
		t.Errorf("Verify: %v, %v", problems, err)
	}
}

func contains(m map[record.ID]struct{}, id record.ID) bool { _, ok := m[id]; return ok }

// TestUnionCountsOnce: records that two layers share are one record.
func TestUnionCountsOnce(t *testing.T) {
	a, b := record.NewSet(), record.NewSet()
	for i, r := range sample(t, 0, 6) {
		if i < 20 {
			a.Put(identify(t, r), r)
		}
		if i >= 10 {
			b.Put(identify(t, r), r)
		}
	}
	twin := run(t, 3, 7, "ann") // looks like others until it is encoded
	b.Put("", twin)
	u, err := union(a, b)
	if err != nil {
		t.Fatal(err)
	}
	got := ids(t, u)
	if len(got) != 31 || len(slices.Compact(slices.Clone(got))) != 31 {
		t.Errorf("%d records, %d different, want 31", len(got), len(slices.Compact(got)))
	}
}

func TestRetractions(t *testing.T) {
	ann, bob, nobody := run(t, 1, 1, "ann"), run(t, 1, 2, "bob"), run(t, 1, 3, "")
	retract := func(r record.Record, by string) *record.Retraction {
		return &record.Retraction{Target: identify(t, r), Contributor: by}
	}
	for name, test := range map[string]struct {
		retraction *record.Retraction
		hidden     int
	}{
		"own":                  {retract(ann, "ann"), 1},
		"another's":            {retract(ann, "bob"), 0},
		"local":                {retract(ann, ""), 1},
		"nobody's, local":      {retract(nobody, ""), 1},
		"nobody's, by another": {retract(nobody, "ann"), 0},
		"a task, local":        {retract(task(1), ""), 1},
		"a task, by somebody":  {retract(task(1), "ann"), 0},
		"nothing":              {&record.Retraction{Target: id("d"), Contributor: "ann"}, 0},
	} {
		k := fileKB(t)
		add(t, k, task(1), ann, bob, nobody, test.retraction)
		set := snapshot(t, k)
		if n := 4 - len(set.Runs) - len(set.Tasks); n != test.hidden || len(set.Retractions) != 1 {
			t.Errorf("%s: hides %d records, want %d", name, n, test.hidden)
		}
		_, exported, err := k.Export(t.Context(), false)
		if err != nil || len(exported.Runs)+len(exported.Tasks) != 4-test.hidden {
			t.Errorf("%s: %d records exported, %v", name, len(exported.Runs)+len(exported.Tasks), err)
		}
		if local := test.retraction.Contributor == ""; (len(exported.Retractions) == 0) != local {
			t.Errorf("%s: %d retractions exported", name, len(exported.Retractions))
		}
		other := fileKB(t)
		merged, err := other.Merge(t.Context(), k)
		if err != nil || (merged.Local == 1) != (test.retraction.Contributor == "") {
			t.Errorf("%s: merged %+v, %v", name, merged, err)
		}
	}
}

// TestRetractionHidesNothingElse has several records of every kind, and one that somebody withdrew.
func TestRetractionHidesNothingElse(t *testing.T) {
	var all []record.Record
	for i := range 4 {
		protocol := &record.Protocol{Resampling: "cv", Folds: 2 + i, Repeats: 1, Metrics: []record.Metric{{Name: "rmse"}}}
		label := &record.Label{Task: identify(t, task(i)), Name: "t" + strconv.Itoa(i)}
		features := &record.Features{Task: identify(t, task(i)), Extractor: "x", Values: map[string]float64{"a": float64(i)}}
		all = append(all, task(i), protocol, label, features, run(t, i, 1, "ann"), run(t, i, 2, "bob"), run(t, i, 3, ""))
	}
	withdrawn := identify(t, all[4])
	for _, by := range []string{"ann", ""} {
		k := fileKB(t)
		add(t, k, append(slices.Clone(all), &record.Retraction{Target: withdrawn, Contributor: by})...)
		set := snapshot(t, k)
		for want, r := range all {
			if id := identify(t, r); id != withdrawn && !slices.Contains(ids(t, set), id) {
				t.Errorf("withdrawn by %q: record %d is hidden, too", by, want)
			}
		}
		for id, kept := range set.Tasks {
			if identify(t, kept) != id {
				t.Errorf("withdrawn by %q: task %s is kept as %q", by, identify(t, kept), id)
			}
		}
		if len(set.Tasks) != 4 || len(set.Protocols) != 4 || len(set.Labels) != 4 || len(set.Features) != 4 || len(set.Runs) != 11 {
			t.Errorf("withdrawn by %q: %d tasks, %d protocols, %d labels, %d meta-features, %d runs", by,
				len(set.Tasks), len(set.Protocols), len(set.Labels), len(set.Features), len(set.Runs))
		}
	}
}

// TestSeveralLabels has a task with two names and two descriptions: the same count, whatever came first and whether the
// records come from a store, from its cache, from a pack or from both.
func TestSeveralLabels(t *testing.T) {
	of := identify(t, task(1))
	twice := []record.Record{
		&record.Label{Task: of, Name: "b", Group: "x"}, &record.Label{Task: of, Name: "a", Group: "y"},
		&record.Features{Task: of, Extractor: "foreign:x", Values: map[string]float64{"f": 2}},
		&record.Features{Task: of, Extractor: "foreign:x", Values: map[string]float64{"f": 1}},
	}
	rest := append(sample(t, 1, 3), sample(t, 10, 300)...) // enough to be cached
	backward := slices.Clone(twice)
	slices.Reverse(backward)
	first, second := fileKB(t), fileKB(t)
	add(t, first, append(slices.Clone(rest), twice...)...)
	add(t, second, append(slices.Clone(backward), rest...)...)
	b, _, err := first.Export(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "k.pack")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	packed, merged := open(t, Options{Path: path}), fileKB(t)
	add(t, merged, twice[1])
	if _, err := merged.Merge(t.Context(), packed); err != nil {
		t.Fatal(err)
	}
	want := ""
	for i, k := range []*KB{first, first, second, packed, merged} { // first again, from its cache
		set := snapshot(t, k)
		label, described := labelsOf(set)[of], latestFeatures(set, Query{Extractor: "foreign:x"})
		got := fmt.Sprint(label.Name, label.Group, described[0].Values)
		if i == 0 {
			want = got
		}
		if label.Name != "a" {
			t.Errorf("knowledge base %d: the label is %q", i, label.Name)
		}
		if got != want || len(described) != 1 {
			t.Errorf("knowledge base %d: %s, want %s", i, got, want)
		}
	}
}

// TestMergeIsASetUnion: idempotent, commutative and associative, on random overlapping sets.
func TestMergeIsASetUnion(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	universe := sample(t, 0, 12)
	universe = append(universe, &record.Retraction{Target: identify(t, universe[3]), Contributor: "ann"})
	for range 4 {
		var parts [3]*KB
		for i := range parts {
			parts[i] = fileKB(t)
			var some []record.Record
			for _, r := range universe {
				if rng.IntN(2) == 0 {
					some = append(some, r)
				}
			}
			add(t, parts[i], some...)
		}
		merge := func(order ...int) []record.ID {
			k := fileKB(t)
			for _, i := range order {
				if _, err := k.Merge(t.Context(), parts[i]); err != nil {
					t.Fatal(err)
				}
			}
			return entries(t, k)
		}
		want := merge(0, 1, 2)
		for _, order := range [][]int{{2, 1, 0}, {1, 0, 2}, {0, 0, 1, 2, 2, 1}} {
			if got := merge(order...); !slices.Equal(got, want) {
				t.Fatalf("merging %v gives %d records, want %d", order, len(got), len(want))
			}
		}
		nested := fileKB(t)
		if _, err := nested.Merge(t.Context(), parts[1]); err != nil {
			t.Fatal(err)
		}
		if _, err := nested.Merge(t.Context(), parts[2]); err != nil {
			t.Fatal(err)
		}
		outer := fileKB(t)
		for _, k := range []*KB{parts[0], nested} {
			if _, err := outer.Merge(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		if got := entries(t, outer); !slices.Equal(got, want) {
			t.Fatal("a + (b + c) differs from (a + b) + c")
		}
	}
}

// entries returns the ids of all stored records, retracted ones included, sorted.
func entries(t testing.TB, k *KB) []record.ID {
	t.Helper()
	var list []record.ID
	for e, err := range k.own.entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.ID)
	}
	slices.Sort(list)
	return list
}

func TestMergeCounts(t *testing.T) {
	a, b := fileKB(t), fileKB(t)
	add(t, a, sample(t, 0, 3)...)
	add(t, b, sample(t, 2, 3)...)
	m, err := a.Merge(t.Context(), b)
	if err != nil || m.Added != 10 || m.Known != 5 || len(m.Problems) != 0 {
		t.Errorf("got %+v, %v", m, err)
	}
}

func TestStats(t *testing.T) {
	k := fileKB(t)
	repeated, partial, failed := run(t, 0, 0, "ann"), run(t, 0, 5, "ann"), run(t, 0, 6, "ann")
	repeated.Time = 2
	partial.Fidelity = study.Fidelity{"rows": 100}
	failed.Status, failed.Measures = study.TimedOut, nil
	add(t, k, append(sample(t, 0, 3), repeated, partial, failed)...)
	got, err := k.Stats(t.Context())
	if want := (Stats{Tasks: 3, Runs: 9, Cells: 6, Configs: 4}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestCache(t *testing.T) {
	dirs := Options{DataDir: t.TempDir(), CacheDir: t.TempDir(), NoSeed: true}
	k := open(t, dirs)
	add(t, k, sample(t, 0, 220)...) // 1,100 records
	want := ids(t, snapshot(t, k))
	cached := func() []string { return k.own.cacheFiles() }
	if len(cached()) != 1 {
		t.Fatalf("cache holds %v", cached())
	}
	first := cached()[0]
	check := func(what string, want []record.ID) {
		t.Helper()
		if got := ids(t, snapshot(t, open(t, dirs))); !slices.Equal(got, want) {
			t.Errorf("%s: %d records, want %d", what, len(got), len(want))
		}
	}
	check("from the cache", want)

	add(t, k, task(5000))
	want = ids(t, snapshot(t, k))
	check("cache and one more", want)
	if got := cached(); len(got) != 1 || got[0] != first {
		t.Errorf("one more record made %v of %s", got, first)
	}
	add(t, k, sample(t, 300, 220)...)
	want = ids(t, snapshot(t, k))
	if got := cached(); len(got) != 1 || got[0] == first {
		t.Errorf("a thousand more records left %v of %s", got, first)
	}
	path := filepath.Join(k.cache, cached()[0])
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/3] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	check("a damaged cache", want)
	if len(cached()) != 1 {
		t.Errorf("the damaged cache was not rebuilt: %v", cached())
	}

	// Another store at the same path must not be taken for the one that was cached.
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(k.Path()); err != nil {
		t.Fatal(err)
	}
	other := open(t, dirs)
	add(t, other, sample(t, 9000, 500)...)
	check("another store", entries(t, other))
}

func TestVerifyReportsBadRecords(t *testing.T) {
	good := storeLayer{path: "test", store: &tamperedStore{}}
	problems, records, err := (&KB{layers: []layer{&good}}).Verify(t.Context())
	if err != nil || records != 4 || len(problems) != 4 {
		t.Fatalf("%d problems in %d records, %v: %v", len(problems), records, err, problems)
	}
	for i, want := range []string{"page 7", "have the hash", "filed as", "filed under"} {
		if !strings.Contains(problems[i].What, want) {
			t.Errorf("problem %d is %q, want %q", i, problems[i].What, want)
		}
	}
	merged, err := fileKB(t).Merge(t.Context(), &KB{layers: []layer{&good}})
	if err != nil || merged.Added != 2 || len(merged.Problems) != 2 {
		t.Errorf("merging what is good: %+v, %v", merged, err)
	}
}

// TestTornStoreIsSaved: what a damaged file still holds can be merged into a new one.
func TestTornStoreIsSaved(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 60)...)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(k.Path())
	if err != nil {
		t.Fatal(err)
	}
	copy(b[10*4096:], make([]byte, 4096))
	if err := os.WriteFile(k.Path(), b, 0o600); err != nil {
		t.Fatal(err)
	}
	torn := open(t, Options{Path: k.Path(), ReadOnly: true})
	if _, err := torn.Snapshot(t.Context()); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Snapshot: %v", err)
	}
	problems, records, err := torn.Verify(t.Context())
	if err != nil || len(problems) == 0 || records < 250 || records >= 300 {
		t.Errorf("%d problems, %d records, %v", len(problems), records, err)
	}
	saved := fileKB(t)
	m, err := saved.Merge(t.Context(), torn)
	if err != nil || m.Added != records || len(m.Problems) == 0 {
		t.Errorf("%+v, %v", m, err)
	}
	if n := len(ids(t, snapshot(t, saved))); n != records {
		t.Errorf("%d records saved of %d", n, records)
	}
}

// TestEndlessPack has a file that begins as a pack and is larger than any: it is refused before it is read.
func TestEndlessPack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "endless.pack")
	b, err := pack.Encode(record.NewSet(), pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, pack.MaxMemory+1); err != nil { // a sparse file: it takes no room
		t.Skipf("no sparse files: %v", err)
	}
	if _, err := Open(t.Context(), Options{Path: path}); !errors.Is(err, pack.ErrTooLarge) || !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a pack of 2 GiB: %v", err)
	}
}

// TestSeedAlone: without an own store there is the seed to read, and nothing to write to.
func TestSeedAlone(t *testing.T) {
	dirs := Options{DataDir: t.TempDir(), CacheDir: t.TempDir(), NoOwn: true}
	k := open(t, dirs)
	if k.Path() != "" {
		t.Errorf("its own store is %s", k.Path())
	}
	alone, err := k.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	dirs.NoOwn = false
	if both, err := open(t, dirs).Stats(t.Context()); err != nil || both != alone {
		t.Errorf("the seed alone holds %+v, with an empty own store %+v, %v", alone, both, err)
	}
	if _, _, err := k.Search(t.Context(), "wine", 3); err != nil {
		t.Error(err)
	}
	if _, err := k.Add(t.Context(), &record.Label{}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("adding: %v", err)
	}
	if files, err := os.ReadDir(dirs.DataDir); err != nil || len(files) > 0 {
		t.Errorf("%d files in the data folder, %v", len(files), err)
	}
}

// A snapshot is written to the cache when that saves much, by itself and beside what is there.
func TestWorthCaching(t *testing.T) {
	for _, c := range []struct {
		added, runs int
		want        bool
	}{
		{999, 999, false}, {1000, 1000, true}, {1000, 50_000, true}, {1000, 50_001, false},
		{11_999, 600_000, false}, {12_000, 600_000, true},
	} {
		if got := worthCaching(c.added, c.runs); got != c.want {
			t.Errorf("%d added to %d: %v", c.added, c.runs, got)
		}
	}
}
