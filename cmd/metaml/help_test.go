package main

import "testing"

func TestPlaceholder(t *testing.T) {
	for usage, want := range map[string][2]string{
		"use only the features `A,B,…` of it":    {"A,B,…", "use only the features A,B,… of it"},
		"write as table or json (`FORMAT`)":      {"FORMAT", "write as table or json"},
		"one of two (`WHICH`) (default neither)": {"WHICH", "one of two (default neither)"},
		"no placeholder":                         {"VALUE", "no placeholder"},
	} {
		if word, text := placeholder(usage); word != want[0] || text != want[1] {
			t.Errorf("%q: %q, %q, want %q", usage, word, text, want)
		}
	}
}
