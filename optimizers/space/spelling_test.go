package space

import "testing"

func TestEditDistance(t *testing.T) {
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"hihg", "high", 2},
		{"low", "slow", 1}, {"flaot", "float", 2}, {"a", "b", 1},
	} {
		if got := editDistance(tc.a, tc.b); got != tc.want {
			t.Errorf("%q to %q takes %d edits, want %d", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"low", "high", "log", "x", "step"}
	for word, want := range map[string]string{
		"hihg": `; did you mean "high"?`, "Low": `; did you mean "low"?`, "steps": `; did you mean "step"?`,
		"lo": `; did you mean "low"?`, "y": "", "choices": "", "": "",
	} {
		if got := didYouMean(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
