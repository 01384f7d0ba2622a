// Package layers holds the module's architecture as data: which of its packages may import which, and who may link
// what from outside. Its tests hold the whole module to it.
package layers

import "strings"

// Module is the path of the module whose architecture this is.
const Module = "github.com/metaml/metaml"

// Rule says what the packages at and below Path may import from this module. The rule with the longest matching
// path decides; paths are relative to the module, and a path stands for everything below it as well.
type Rule struct {
	Path string
	May  []string
}

// Rules returns the directions of imports, from the leaves to the composition root.
func Rules() []Rule {
	vocabulary := []string{"optimizers/space", "optimizers/study"}
	return []Rule{
		{"metafeatures/dataset", []string{"optimizers/space/spelling"}},
		{"optimizers/space", []string{"optimizers/space"}},
		{"optimizers/study", []string{"optimizers/space"}},
		{"optimizers/surrogate", nil},
		{"metafeatures", []string{"metafeatures/dataset", "optimizers/surrogate"}},
		{"optimizers", append([]string{"optimizers"}, vocabulary...)},
		{"kb/record", vocabulary},
		{"kb/pack", append([]string{"kb/record"}, vocabulary...)},
		{"kb/store", append([]string{"kb/record"}, vocabulary...)},
		{"kb", append([]string{"kb", "metafeatures", "optimizers"}, vocabulary...)},
		{"transfer", append([]string{"kb/record", "optimizers/surrogate"}, vocabulary...)},
		{"warmstart", append([]string{"transfer", "metafeatures", "kb/record", "optimizers/surrogate"}, vocabulary...)},
		{"warmstart/handover", []string{"optimizers", "transfer", "kb/record"}},
		{"plugins", []string{"optimizers"}},
		{"cmd", []string{"cmd", "kb", "metafeatures", "optimizers", "plugins", "transfer", "warmstart"}},
	}
}

// Restriction keeps packages from outside the module to the places that are meant to know them.
type Restriction struct {
	Outside string   // a path prefix of packages
	Only    []string // places that may import it directly
	Linked  []string // places that must not even link it through others
}

// Restrictions returns who may know what from outside.
func Restrictions() []Restriction {
	return []Restriction{
		{Outside: "github.com/hashicorp/go-plugin", Only: []string{"plugins"}, Linked: []string{"kb", "transfer", "warmstart", "metafeatures"}},
		{Outside: "google.golang.org/grpc", Only: []string{"plugins"}, Linked: []string{"kb", "transfer", "warmstart", "metafeatures"}},
		{Outside: "github.com/blevesearch/", Only: []string{"kb/internal/index"}, Linked: []string{"optimizers", "plugins", "transfer", "warmstart", "metafeatures"}},
		{Outside: "modernc.org/sqlite", Only: []string{"kb/store/sqlite", "optimizers/ledger/sqlite"}, Linked: []string{"plugins", "transfer", "warmstart", "metafeatures"}},
		{Outside: "database/sql", Only: []string{"kb/store/sqlite", "optimizers/ledger/sqlite"}, Linked: []string{"plugins", "transfer", "warmstart", "metafeatures"}},
		{Outside: "github.com/urfave/cli", Only: []string{"cmd"}},
		{Outside: Module + "/kb/store", Linked: []string{"optimizers", "plugins", "transfer", "warmstart", "metafeatures"}},
	}
}

// Under reports whether the package path, relative to the module, is at or below place.
func Under(path, place string) bool {
	return path == place || strings.HasPrefix(path, strings.TrimSuffix(place, "/")+"/")
}
