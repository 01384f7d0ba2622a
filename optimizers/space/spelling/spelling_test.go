package spelling

import (
	"slices"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0},
		{"churned", "chruned", 1}, // swap of neighbours
		{"kitten", "sitting", 3},
		{"größe", "grosse", 3},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if back := distance(c.b, c.a); back != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, back, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	commands := []string{"suggest", "metafeatures", "kb", "bench", "config", "doctor"}
	for _, c := range []struct {
		word string
		want []string
	}{
		{"sugest", []string{"suggest"}},
		{"SUGGEST", []string{"suggest"}},
		{"meta", []string{"metafeatures"}},
		{"bnech", []string{"bench"}},
		{"xyzzy", nil},
		{"", nil},
	} {
		if got := Nearest(c.word, commands); !slices.Equal(got, c.want) {
			t.Errorf("Nearest(%q) = %v, want %v", c.word, got, c.want)
		}
	}
	if got := Nearest("Y", []string{"a", "y", "Y2", "b"}); !slices.Equal(got, []string{"y"}) {
		t.Errorf("Y is y in lower case, nothing else: %v", got)
	}
	if got := Nearest("col", []string{"col1", "col2", "col3", "col4"}); len(got) != 3 {
		t.Errorf("at most three guesses, not %v", got)
	}
}

// TestNearestCountsCharacters has words of letters that take three bytes each: two edits of two letters leave nothing.
func TestNearestCountsCharacters(t *testing.T) {
	if got := Nearest("目的", []string{"列名", "ab"}); got != nil {
		t.Errorf("%v is nothing like 目的", got)
	}
	if got := Nearest("目的列", []string{"目的行"}); len(got) != 1 {
		t.Errorf("目的行 is near 目的列, not %v", got)
	}
	if got := Nearest("é", []string{"été"}); got != nil {
		t.Errorf("one letter is no abbreviation, not even of two bytes: %v", got)
	}
}

// TestNearestOfEndlessNames would take an hour if names of a megabyte were compared.
func TestNearestOfEndlessNames(t *testing.T) {
	endless := strings.Repeat("x", 1<<20)
	if got := Nearest(endless, []string{endless[1:], "x"}); got != nil {
		t.Errorf("%d guesses", len(got))
	}
	if got := Nearest("xyz", []string{endless, "xya"}); !slices.Equal(got, []string{"xya"}) {
		t.Errorf("%d guesses", len(got))
	}
}

func TestHint(t *testing.T) {
	if got, want := Hint("chruned", []string{"churned", "age"}), "; did you mean churned?"; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
	if got := Hint("zzz", []string{"churned"}); got != "" {
		t.Errorf("Hint without a near name = %q", got)
	}
}
