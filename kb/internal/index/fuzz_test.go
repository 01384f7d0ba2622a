package index

import (
	"errors"
	"testing"
)

// FuzzSearch asks anything: it is answered, with documents that are there, or the query is at fault.
func FuzzSearch(f *testing.F) {
	for query := range queries {
		f.Add(query)
	}
	for _, query := range []string{
		"iris~9", "iris^1e999", `"open`, "/.*(/", "/a{1000}{1000}/", "name:/[/", "rows:>", "rows:>=-", "rows:<1e999", "+", "-", "-iris", `\`, "a\\:b",
		"name:*", "???", "*", "~", "^", "rows:nan", "iris~-1", "été:1", "\x00", "\xff", "name:\"", "name:>\"2020-01-01\"", "rows:>9999999999999999999999",
	} {
		f.Add(query)
	}
	x, err := Memory(documents())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string) {
		hits, total, err := x.Search(t.Context(), query, 3)
		if err != nil {
			if !errors.Is(err, ErrQuery) {
				t.Fatalf("%q: %v is not ErrQuery", query, err)
			}
			return
		}
		if len(hits) > 3 || total < len(hits) || total > len(documents()) {
			t.Fatalf("%q: %d hits of %d", query, len(hits), total)
		}
	})
}
