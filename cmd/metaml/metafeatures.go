package main

import (
	"fmt"
	"math"
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
and the performance of very cheap learners (landmarkers), under the names of the literature. FILE is CSV, TSV or ARFF,
plain or compressed by gzip or zstd; - is stdin.

example:
  $ metaml metafeatures churn.csv --target churned
  $ metaml metafeatures churn.csv --target churned --groups general,statistical --output json
  $ metaml metafeatures churn.csv --target churned --groups all --summaries mean,sd,skewness
`,
		Flags: append(dataFlags(),
			&cli.GenericFlag{Name: "groups", Value: &listValue{}, Usage: "compute the groups `A,B,…`, or all of them: " + strings.Join(metafeatures.Groups(), ", ") +
				" (default " + strings.Join(metafeatures.DefaultGroups(), ", ") + ")"},
			&cli.GenericFlag{Name: "summaries", Value: &listValue{}, Usage: "summarise what has a value per column or class by `A,B,…` (default mean, sd)"},
			&cli.DurationFlag{Name: "budget", Usage: "leave out groups not finished after `TIME`"}),
		Action: e.metafeatures,
	}
}

func (e *environment) metafeatures(c *cli.Context) error {
	d, err := e.readDataset(c)
	if err != nil {
		return err
	}
	e.sayNotes(d.Notes)
	groups := listOf(c, "groups")
	if len(groups) == 1 && groups[0] == "all" {
		groups = metafeatures.Groups()
	}
	v, err := metafeatures.Extract(c.Context, d, metafeatures.Options{
		Groups: groups, Summaries: listOf(c, "summaries"), Budget: c.Duration("budget"), Seed: e.seed})
	if err != nil {
		return err
	}
	e.sayNotes(v.Notes)
	for _, s := range v.Skipped {
		e.say("left out %s", s)
	}
	switch e.output {
	case outputJSON:
		return e.writeVectorJSON(v)
	case outputCSV:
		return e.writeVectorCSV(v)
	}
	return e.writeVectorTable(v)
}

// sayNotes tells what a user should know about how a file was read.
func (e *environment) sayNotes(notes []string) {
	for _, n := range notes {
		e.say("note: %s", term.Clean(n))
	}
}

func (e *environment) writeVectorJSON(v metafeatures.Vector) error {
	type feature struct {
		Value   *float64 `json:"value"` // null: not defined for this dataset
		Group   string   `json:"group"`
		Version int      `json:"version"`
		CPU     float64  `json:"cpu_ms"`
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
		out.Features[f.Name] = feature{finite(f.Value), f.Group, f.Version, milliseconds(f.CPU)}
	}
	return e.writeJSON(out)
}

func (e *environment) writeVectorCSV(v metafeatures.Vector) error {
	var rows [][]string
	for _, f := range v.Features {
		value := ""
		if p := finite(f.Value); p != nil {
			value = strconv.FormatFloat(*p, 'g', -1, 64)
		}
		rows = append(rows, []string{f.Name, f.Group, strconv.Itoa(f.Version), value, strconv.FormatFloat(milliseconds(f.CPU), 'g', 3, 64)})
	}
	return e.writeCSV([]string{"name", "group", "version", "value", "cpu_ms"}, rows)
}

func (e *environment) writeVectorTable(v metafeatures.Vector) error {
	t := term.NewTable(term.Column{Title: "meta-feature"}, term.Column{Title: "value", Right: true}, term.Column{Title: "group"})
	undefined := 0
	for _, f := range v.Features {
		if finite(f.Value) == nil {
			undefined++
			continue
		}
		t.Row(f.Name, term.Short(f.Value), f.Group)
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
