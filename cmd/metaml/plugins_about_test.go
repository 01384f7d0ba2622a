package main

import (
	"strings"
	"testing"

	"github.com/metaml/metaml/plugins"
)

// TestEveryBuiltInPluginIsDescribed: the list says of each what it is, in words that fit a line.
func TestEveryBuiltInPluginIsDescribed(t *testing.T) {
	e, _, _ := testEnvironment()
	home := t.TempDir()
	e.getenv = func(name string) string {
		if name == "HOME" {
			return home
		}
		return ""
	}
	all, err := e.installedPlugins([]plugins.Kind{plugins.KindOptimizer, plugins.KindEvaluator})
	if err != nil {
		t.Fatal(err)
	}
	builtIn := 0
	for _, p := range all {
		if p.path != "" {
			continue
		}
		builtIn++
		if about := p.describe().About; about == "" || len(about) > 60 || strings.HasSuffix(about, ".") {
			t.Errorf("%s: %q", p.name, about)
		}
	}
	if builtIn < 17 {
		t.Errorf("only %d are built in", builtIn)
	}
	if about := (installed{kind: plugins.KindOptimizer, name: "tpe", path: "/x/metaml-optimizer-tpe"}).describe().About; about != "" {
		t.Errorf("a program of a third party is called %q", about)
	}
}
