package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/metafeatures"
)

func metafeaturesCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "metafeatures",
		Usage:     "describe a data file by numbers that do not need any training",
		ArgsUsage: "FILE",
		Description: `
Computes the meta-features by which datasets are compared: simple counts, statistics, information-theoretic measures,
and the performance of very cheap learners (landmarkers), under the names of the literature. FILE is CSV, TSV, ARFF or
Parquet, text also compressed by gzip or zstd; - is stdin. --set computes those of other projects under their names.
The cost of a feature is its share of the CPU time of its group.

example:
  $ metaml metafeatures churn.csv --target churned
  $ metaml metafeatures churn.csv --target churned --groups general,statistical --output json
  $ metaml metafeatures churn.csv --target churned --groups all --summaries mean,sd,skewness
  $ metaml metafeatures churn.csv --target churned --set auto-sklearn
`,
		Flags: append(dataFlags(),
			&cli.StringFlag{Name: "set", Value: metafeatures.MetaML, Usage: "compute the `SET`: " + strings.Join(metafeatures.Sets(), ", ")},
			&cli.GenericFlag{Name: "groups", Value: &listValue{}, Usage: "compute the groups `A,B,…`, or all of them: " + strings.Join(metafeatures.Groups(), ", ") +
				" (default " + strings.Join(metafeatures.DefaultGroups(), ", ") + ")"},
			&cli.GenericFlag{Name: "summaries", Value: &listValue{}, Usage: "summarise what has a value per column or class by `A,B,…` (default mean, sd)"},
			&cli.DurationFlag{Name: "budget", Usage: "leave out groups not finished after `TIME`"}),
		Action: e.metafeatures,
	}
}

func (e *environment) metafeatures(c *cli.Context) error {
	opt, err := e.extractOptions(c)
	if err != nil {
		return err
	}
	glossary, err := metafeatures.NewGlossary(opt.Set)
	if err != nil {
		return err
	}
	d, err := e.readDataset(c)
	if err != nil {
		return err
	}
	e.sayNotes(d.Notes)
	v, err := metafeatures.Extract(c.Context, d, opt)
	if err != nil {
		return err
	}
	e.sayNotes(v.Notes)
	for _, s := range v.Skipped {
		e.say("left out %s", s)
	}
	switch e.output {
	case outputJSON:
		return e.writeVectorJSON(v, glossary)
	case outputCSV:
		return e.writeVectorCSV(v, glossary)
	}
	return e.writeVectorTable(v, glossary)
}

// extractOptions are the options of metafeatures.Extract that the flags ask for.
func (e *environment) extractOptions(c *cli.Context) (metafeatures.Options, error) {
	opt := metafeatures.Options{Set: c.String("set"), Groups: listOf(c, "groups"), Summaries: listOf(c, "summaries"),
		Budget: c.Duration("budget"), Seed: e.seed}
	if err := oneOf("--set", opt.Set, metafeatures.Sets()...); err != nil {
		return opt, err
	}
	if opt.Budget < 0 {
		return opt, usagef("--budget cannot be negative")
	}
	all, err := metafeatures.GroupsOf(opt.Set)
	if slices.Equal(opt.Groups, []string{"all"}) {
		opt.Groups = all
	}
	return opt, err
}

// sayNotes tells what a user should know about how a file was read.
func (e *environment) sayNotes(notes []string) {
	for _, n := range notes {
		e.say("note: %s", term.Clean(n))
	}
}

func (e *environment) writeVectorJSON(v metafeatures.Vector, glossary *metafeatures.Glossary) error {
	type feature struct {
		Value   *float64 `json:"value"` // null: not defined for this dataset
		Group   string   `json:"group"`
		Version int      `json:"version"`
		CPU     float64  `json:"cpu_ms"`

		Definition string `json:"definition"`
	}
	set, version, _ := strings.Cut(v.Extractor, "/")
	out := struct {
		SchemaVersion int                `json:"schema_version"`
		Set           string             `json:"set"`
		Version       string             `json:"version"`
		Features      map[string]feature `json:"features"`
		Skipped       []string           `json:"skipped"`
	}{1, set, version, map[string]feature{}, append([]string{}, v.Skipped...)}
	for _, f := range v.Features {
		text, _ := glossary.Define(f.Name)
		out.Features[f.Name] = feature{finite(f.Value), f.Group, f.Version, milliseconds(f.CPU), text}
	}
	return e.writeJSON(out)
}

func (e *environment) writeVectorCSV(v metafeatures.Vector, glossary *metafeatures.Glossary) error {
	var rows [][]string
	for _, f := range v.Features {
		value := ""
		if p := finite(f.Value); p != nil {
			value = strconv.FormatFloat(*p, 'g', -1, 64)
		}
		text, _ := glossary.Define(f.Name)
		rows = append(rows, []string{f.Name, f.Group, strconv.Itoa(f.Version), value, strconv.FormatFloat(milliseconds(f.CPU), 'g', 3, 64), text})
	}
	return e.writeCSV([]string{"name", "group", "version", "value", "cpu_ms", "definition"}, rows)
}

func (e *environment) writeVectorTable(v metafeatures.Vector, glossary *metafeatures.Glossary) error {
	t := term.NewTable(term.Column{Title: "meta-feature"}, term.Column{Title: "value", Right: true}, term.Column{Title: "group"},
		term.Column{Title: "CPU ms", Right: true}, term.Column{Title: "definition", Cut: true})
	undefined := 0
	for _, f := range v.Features {
		if finite(f.Value) == nil {
			undefined++
			continue
		}
		text, _ := glossary.Define(f.Name)
		t.Row(f.Name, term.Short(f.Value), f.Group, strconv.FormatFloat(milliseconds(f.CPU), 'f', 2, 64), text)
	}
	if err := t.Write(e.stdout, e.width(e.stdout)); err != nil {
		return err
	}
	if undefined > 0 {
		_, err := fmt.Fprintf(e.stdout, "%s more not defined for these data\n", term.Count(undefined))
		return err
	}
	return nil
}

// finite returns a pointer to x, nil for NaN and infinities, which JSON cannot carry.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func milliseconds(d time.Duration) float64 {
	return math.Round(d.Seconds()*1e6) / 1e3
}
