package metafeatures

import (
	_ "embed" // definitions.txt
	"fmt"
	"slices"
	"strings"

	"github.com/metaml/metaml/metafeatures/dataset"
)

//go:embed definitions.txt
var definitions string

// Definition says in a line what one measure is. "per column" and the like mean a value for each, of which the
// features are summaries.
type Definition struct {
	Set   string
	Group string
	Name  string // of the measure, without summary; the Min, Max, Mean and quartiles of OpenML have definitions of their own
	Text  string
}

// openMLSummaries are the prefixes that a * in definitions.txt stands for.
func openMLSummaries() []string {
	return []string{"Mean", "Min", "Max", "Quartile1", "Quartile2", "Quartile3"}
}

// Glossary holds the definitions of one named set.
type Glossary struct {
	list []Definition
	at   map[string]int // by name
}

// NewGlossary returns the definitions of a named set; an unknown set is an ErrOption.
func NewGlossary(name string) (*Glossary, error) {
	s, err := setOf(name)
	if err != nil {
		return nil, err
	}
	source := s.name
	switch s.name {
	case PyMFE:
		source = MetaML
	case AutoSklearnKNN:
		source = AutoSklearn
	}
	g := &Glossary{at: map[string]int{}}
	for _, d := range parsedDefinitions() {
		if d.Set != source || s.keep != nil && !s.keep(d.Name, dataset.Classification) {
			continue
		}
		d.Set = s.name
		g.at[d.Name] = len(g.list)
		g.list = append(g.list, d)
	}
	return g, nil
}

// Definitions returns all definitions, those of a group together, the groups as they are computed.
func (g *Glossary) Definitions() []Definition { return slices.Clone(g.list) }

// Define returns what a feature is, such as "accuracy of 1-nearest-neighbour, per fold: mean" for one_nn.mean; false
// for a name that the set does not have.
func (g *Glossary) Define(feature string) (string, bool) {
	base, summary, summarised := strings.Cut(feature, ".")
	i, ok := g.at[base]
	if !ok {
		return "", false
	}
	text := g.list[i].Text
	if of, relative := strings.CutSuffix(summary, "."+Relative); relative {
		return fmt.Sprintf("rank among landmarkers by %s: %s", of, text), true
	}
	if of, part := strings.CutSuffix(summary, "."+Subsampled); part {
		return fmt.Sprintf("%s: %s, on a subsample of the rows", text, of), true
	}
	if summarised {
		text += ": " + summary
	}
	return text, true
}

// parsedDefinitions reads definitions.txt: sections [set group], then lines NAME = TEXT.
func parsedDefinitions() []Definition {
	var list []Definition
	var in Definition
	for line := range strings.Lines(definitions) {
		line = strings.TrimSpace(line)
		if section, ok := strings.CutPrefix(line, "["); ok {
			in.Set, in.Group, _ = strings.Cut(strings.TrimSuffix(section, "]"), " ")
			continue
		}
		name, text, _ := strings.Cut(line, " = ")
		if base, many := strings.CutPrefix(name, "*"); many {
			for _, prefix := range openMLSummaries() {
				list = append(list, Definition{in.Set, in.Group, prefix + base, strings.ToLower(prefix) + " of " + text})
			}
			continue
		}
		list = append(list, Definition{in.Set, in.Group, name, text})
	}
	return list
}

// Recognise finds the named set that a list of features is of, such as the columns of a foreign knowledge base: the
// first of Sets that has the most of the names, and how many those are; "" if no set has any. Of measures with a value
// per column and the like any summary counts.
func Recognise(names []string) (set string, known int) {
	for _, s := range Sets() {
		g, err := NewGlossary(s)
		if err != nil {
			continue // of a set that there is
		}
		n := 0
		for _, name := range names {
			if _, ok := g.Define(name); ok {
				n++
			}
		}
		if n > known {
			set, known = s, n
		}
	}
	return set, known
}
