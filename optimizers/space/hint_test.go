package space

import "testing"

func TestDidYouMean(t *testing.T) {
	names := []string{"low", "high", "log", "x", "step"}
	for word, want := range map[string]string{
		"hihg": `; did you mean "high"?`, "Low": `; did you mean "low"?`, "steps": `; did you mean "step"?`,
		"lo": `; did you mean "low"?`, "y": `; did you mean "x"?`, "choices": "", "": "",
	} {
		if got := didYouMean(word, names); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}
