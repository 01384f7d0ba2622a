package kb

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/internal/index"
	"github.com/metaml/metaml/kb/record"
)

func search(t testing.TB, k *KB, query string) []string {
	t.Helper()
	hits, total, err := k.Search(t.Context(), query, 1000)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if total != len(hits) {
		t.Errorf("%s: %d of %d hits", query, len(hits), total)
	}
	var names []string
	for _, h := range hits {
		names = append(names, h.Name)
	}
	slices.Sort(names)
	return names
}

func indexFolder(t testing.TB, k *KB) string {
	t.Helper()
	folders, err := filepath.Glob(filepath.Join(k.cache, "index-*"))
	if err != nil || len(folders) != 1 {
		t.Fatalf("index folders %v, %v", folders, err)
	}
	return folders[0]
}

func TestSearch(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 5)...)
	if got := search(t, k, `"set 3"`); !slices.Equal(got, []string{"set 3"}) {
		t.Errorf("got %v", got)
	}
	if got := search(t, k, "rows:>=13"); !slices.Equal(got, []string{"set 3", "set 4"}) {
		t.Errorf("got %v", got)
	}
	if got := search(t, k, "+type:classification +runs:2 -rows:<14"); !slices.Equal(got, []string{"set 4"}) {
		t.Errorf("got %v", got)
	}
	if _, _, err := k.Search(t.Context(), "colour:red", 5); !errors.Is(err, ErrQuery) {
		t.Errorf("an unknown field: %v", err)
	}
	hits, total, err := k.Search(t.Context(), "", 2)
	if err != nil || len(hits) != 2 || total != 5 || hits[0].Runs != 2 || hits[0].Configs != 2 {
		t.Errorf("%+v of %d, %v", hits, total, err)
	}
}

// TestSearchCatchesUp: the index on disk follows the store, from where it was.
func TestSearchCatchesUp(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 3)...)
	if got := search(t, k, ""); len(got) != 3 {
		t.Fatalf("got %v", got)
	}
	dir := indexFolder(t, k)
	before := index.States(dir)
	if got := search(t, k, ""); len(got) != 3 || !slices.Equal(index.States(dir), before) {
		t.Errorf("searching again changed the index: %v, %v", got, index.States(dir))
	}
	add(t, k, sample(t, 3, 2)...)
	now, err := k.indexState(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base, changed := k.indexBase(t.Context(), dir, now)
	if base != before[0] || len(changed) != 2 {
		t.Errorf("catching up from %q with %d tasks", base, len(changed))
	}
	if got := search(t, k, "group"); len(got) != 5 {
		t.Errorf("got %v", got)
	}
	add(t, k, &record.Label{Task: identify(t, task(1)), Name: "renamed"})
	if got := search(t, k, "renamed"); !slices.Equal(got, []string{"renamed"}) {
		t.Errorf("got %v", got)
	}
	add(t, k, &record.Retraction{Target: identify(t, task(2))})
	if got := search(t, k, ""); len(got) != 4 {
		t.Errorf("after a retraction: %v", got)
	}
}

func TestSearchRebuildsDamagedIndex(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 4)...)
	search(t, k, "")
	err := filepath.WalkDir(indexFolder(t, k), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.WriteFile(path, []byte("damage"), 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := search(t, k, "group"); len(got) != 4 {
		t.Errorf("got %v", got)
	}
}

func TestSearchWithoutCacheFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	k := open(t, Options{Path: filepath.Join(t.TempDir(), "kb.sqlite"), CacheDir: filepath.Join(file, "below")})
	add(t, k, sample(t, 0, 4)...)
	if got := search(t, k, "group"); len(got) != 4 {
		t.Errorf("got %v", got)
	}
	k.cache = ""
	if got := search(t, k, "group"); len(got) != 4 {
		t.Errorf("without any cache folder: %v", got)
	}
}

func TestSearchInPack(t *testing.T) {
	k := fileKB(t)
	add(t, k, sample(t, 0, 4)...)
	b, _, err := k.Export(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "shared.kb")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := search(t, open(t, Options{Path: path}), "group"); len(got) != 4 {
		t.Errorf("got %v", got)
	}
}

func TestTasks(t *testing.T) {
	k := fileKB(t)
	add(t, k, append(sample(t, 0, 2), task(7), run(t, 8, 0, "ann"))...)
	got, err := k.Tasks(t.Context())
	if err != nil || len(got) != 3 {
		t.Fatalf("%v, %v", got, err)
	}
	if got[0].Name != "" || got[0].Runs != 0 || got[1].Name != "set 0" || got[1].Runs != 2 || got[1].Complete != 2 || got[1].Configs != 2 || got[1].Rows != 10 {
		t.Errorf("got %+v", got)
	}
}
