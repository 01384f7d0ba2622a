package main

import (
	"slices"
	"strings"
	"testing"
)

func TestCandidates(t *testing.T) {
	e, _, _ := testEnvironment()
	for _, c := range []struct{ words, want string }{
		{"conf", "config"},
		{"config ", "show"},
		{"config show --or", "--origin"},
		{"config show --no-c", "--no-color"},
		{"--outp", "--output"},
		{"version --h", "--help"},
		{"version --output ", ""}, // a value is expected
		{"version -- --o", ""},
		{"nonsense --o", ""},
		{"__comp", ""}, // hidden
	} {
		got := candidates(globalFlags(), e.commands(), strings.Split(c.words, " "))
		if strings.Join(got, " ") != c.want {
			t.Errorf("%q: %v, want %q", c.words, got, c.want)
		}
	}
	all := candidates(globalFlags(), e.commands(), nil)
	if !slices.Contains(all, "version") || !slices.Contains(all, "config") {
		t.Errorf("an empty line: %v", all)
	}
}
