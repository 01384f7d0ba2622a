package index

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

func documents() []Document {
	return []Document{
		{ID: "1", Name: "wine_quality-red", Group: "wine", Type: "regression", Description: "Chemical analysis of wines", Tags: []string{"uci", "food"}, Numbers: map[string]float64{"rows": 1599, "columns": 11, "runs": 100}},
		{ID: "2", Name: "iris", Type: "classification", Description: "Flowers of three species", Source: "openml/61", Licence: "CC0", Numbers: map[string]float64{"rows": 150, "columns": 4, "missing": 0}},
		{ID: "3", Name: "white-wine", Group: "wine", Type: "classification", Numbers: map[string]float64{"rows": 4898, "columns": 11, "runs": 7, "unknown": 1}},
		{ID: "4", Name: "données d'été", Description: "nothing", Numbers: map[string]float64{"missing": 0.5}},
	}
}

func find(t testing.TB, x *Index, query string) []string {
	t.Helper()
	hits, total, err := x.Search(t.Context(), query, 100)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if total != len(hits) {
		t.Errorf("%s: %d hits of %d", query, len(hits), total)
	}
	var ids []string
	for _, h := range hits {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids
}

// queries are answered alike by every kind of index.
var queries = map[string][]string{
	"":                                     {"1", "2", "3", "4"},
	"iris":                                 {"2"},
	"IRIS":                                 {"2"},
	"wine":                                 {"1", "3"},
	"quality":                              {"1"},
	"wine_quality-red":                     {"1"},
	`"quality red"`:                        {"1"},
	"flowers":                              {"2"},
	"été":                                  {"4"},
	"food":                                 {"1"},
	"tags:food":                            {"1"},
	"name:food":                            nil,
	"+wine +type:regression":               {"1"},
	"wine -type:regression":                {"3"},
	"rows:>1000":                           {"1", "3"},
	"rows:>=1599 rows:<100":                {"1", "3"},
	"+rows:>1000 +rows:<2000":              {"1"},
	"missing:>0":                           {"4"},
	"missing:>0.0":                         {"4"},
	"rows:1599":                            {"1"},
	"+runs:<=0 -missing:>0 -rows:>-1":      nil,
	"runs:>=7":                             {"1", "3"},
	"openml":                               {"2"},
	"nosuchword":                           nil,
	"1599":                                 nil, // numbers are searched by field only
	`description:"analysis of wines" iris`: {"1", "2"},
}

func testQueries(t *testing.T, x *Index) {
	t.Helper()
	for q, want := range queries {
		if got := find(t, x, q); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", q, got, want)
		}
	}
}

func mustClose(t testing.TB, x *Index) {
	t.Helper()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
}

func TestMemory(t *testing.T) {
	x, err := Memory(documents())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, x)
	testQueries(t, x)
	if hits, total, err := x.Search(t.Context(), "wine", 1); len(hits) != 1 || total != 2 || err != nil {
		t.Errorf("limit 1: %v of %d, %v", hits, total, err)
	}
}

func TestBadQueries(t *testing.T) {
	x, err := Memory(documents())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, x)
	for q, want := range map[string]string{
		"colour:red":          `"colour" is no field; there are name, `,
		"+name:iris +size:>3": `"size" is no field`,
		`"open`:               `the query "\"open" cannot be read (parse error: unterminated quote)`,
		"name:":               `the query "name:" cannot be read (syntax error)`,
		"iris~9":              `the query "iris~9" cannot be read (fuzziness exceeds max`,
		"rows:>":              "rows is a number, to be compared with one: rows:>=1000",
		"iris +rows:>many":    "rows is a number",
		`runs:"7"`:            "runs is a number",
	} {
		if _, _, err := x.Search(t.Context(), q, 10); !errors.Is(err, ErrQuery) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", q, err, want)
		}
	}
}

func TestPublish(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	if x := Open(dir, "a"); x != nil {
		t.Fatal("an index where there is none")
	}
	x, err := Publish(dir, "a", "", documents())
	if err != nil {
		t.Fatal(err)
	}
	testQueries(t, x)
	second := Open(dir, "a") // while the first is open
	if second == nil {
		t.Fatal("a second reader is kept out")
	}
	testQueries(t, second)
	mustClose(t, second)
	mustClose(t, x)
	if Open(dir, "b") != nil {
		t.Error("an index of another state was opened")
	}
	if got := States(dir); !slices.Equal(got, []string{"a"}) {
		t.Errorf("states %v", got)
	}
}

func TestCatchUp(t *testing.T) {
	dir := t.TempDir()
	first, err := Publish(dir, "a", "", documents())
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, first)
	changed := documents()[1]
	changed.Name = "flora"
	x, err := Publish(dir, "b", "a", []Document{changed, {ID: "5", Name: "iris two"}})
	if err != nil {
		t.Fatal(err)
	}
	defer mustClose(t, x)
	for q, want := range map[string][]string{"flora": {"2"}, "iris": {"5"}, "wine": {"1", "3"}, "": {"1", "2", "3", "4", "5"}} {
		if got := find(t, x, q); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", q, got, want)
		}
	}
	if got := States(dir); !slices.Equal(got, []string{"b"}) {
		t.Errorf("states %v", got)
	}
	if _, err := Publish(dir, "c", "a", nil); err == nil {
		t.Error("a base that is gone was accepted")
	}
}

// TestDamageIsNotServed damages each file of a published index in turn.
func TestDamageIsNotServed(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 8 {
		dir := t.TempDir()
		x, err := Publish(dir, "a", "", documents())
		if err != nil {
			t.Fatal(err)
		}
		mustClose(t, x)
		files, err := filepath.Glob(filepath.Join(folderOf(dir, "a"), "*"))
		if err != nil {
			t.Fatal(err)
		}
		deeper, err := filepath.Glob(filepath.Join(folderOf(dir, "a"), "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		var plain []string
		for _, f := range append(files, deeper...) {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() && info.Size() > 0 {
				plain = append(plain, f)
			}
		}
		victim := plain[round%len(plain)]
		b, err := os.ReadFile(victim)
		if err != nil {
			t.Fatal(err)
		}
		bad := bytes.Clone(b)
		bad[rng.IntN(len(bad))] ^= 1
		if round%2 == 1 {
			bad = bad[:len(bad)/2]
		}
		if err := os.WriteFile(victim, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if x := Open(dir, "a"); x != nil {
			t.Errorf("a damaged %s was opened", victim)
			mustClose(t, x)
			continue
		}
		x, err = Publish(dir, "a", "", documents())
		if err != nil {
			t.Fatal(err)
		}
		testQueries(t, x)
		mustClose(t, x)
	}
}

func TestConcurrentPublishing(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			x, err := Publish(dir, "a", "", documents())
			if err != nil {
				t.Errorf("publisher %d: %v", i, err)
				return
			}
			if got := find(t, x, "wine"); len(got) != 2 {
				t.Errorf("publisher %d finds %v", i, got)
			}
			mustClose(t, x)
		})
	}
	group.Wait()
}

func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(filepath.Join(file, "below"), "a", "", documents()); err == nil {
		t.Error("published below a file")
	}
}

func BenchmarkPublish(b *testing.B) {
	var many []Document
	for i := range 330 {
		d := documents()[i%4]
		d.ID = fmt.Sprint(i)
		many = append(many, d)
	}
	for b.Loop() {
		x, err := Publish(b.TempDir(), "a", "", many)
		if err != nil {
			b.Fatal(err)
		}
		mustClose(b, x)
	}
}
