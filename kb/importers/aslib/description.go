package aslib

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/optimizers/space/yamldoc"
)

// description is what an import needs of description.txt, a YAML file.
type description struct {
	scenario string
	measures []measure
	cutoff   float64             // seconds an algorithm was given, 0 where unknown
	steps    map[string][]string // feature step to the features it provides, in lower case
}

// measure is a performance measure.
type measure struct {
	name     string
	maximize bool
	runtime  bool // seconds
}

func readDescription(ctx context.Context, dir string) (description, error) {
	f, err := importers.Open(ctx, dir, "description.txt")
	if err != nil {
		return description{}, err
	}
	defer f.Close()
	at := importers.Place{File: f.Name}
	b, err := io.ReadAll(io.LimitReader(f, yamldoc.MaxBytes+1))
	if err != nil {
		return description{}, importers.Invalidf(at, "%w", err)
	}
	var raw map[string]any
	if err := yamldoc.Values(b, &raw); err != nil {
		return description{}, importers.Invalidf(at, "%w", err)
	}
	d := description{scenario: text(raw["scenario_id"]), steps: stepsOf(raw["feature_steps"])}
	if d.scenario == "" {
		return d, importers.Invalidf(at, "scenario_id is missing")
	}
	d.cutoff, _ = number(raw["algorithm_cutoff_time"])
	names, maximize, kinds := list(raw["performance_measures"]), list(raw["maximize"]), list(raw["performance_type"])
	if len(names) == 0 {
		return d, importers.Invalidf(at, "performance_measures are missing")
	}
	if len(maximize) != len(names) {
		return d, importers.Invalidf(at, "maximize has %d entries for %d performance_measures", len(maximize), len(names))
	}
	for i, n := range names {
		m := measure{name: text(n)}
		var ok bool
		if m.maximize, ok = maximize[i].(bool); !ok || m.name == "" {
			return d, importers.Invalidf(at, "performance_measures or maximize: entry %d is not what it should be", i+1)
		}
		m.runtime = i < len(kinds) && text(kinds[i]) == "runtime" || len(kinds) == 0 && m.name == "runtime"
		d.measures = append(d.measures, m)
	}
	return d, nil
}

// list returns a YAML list, a scalar as a list of one.
func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}

// text returns a YAML scalar as text, "" for anything else.
func text(v any) string {
	switch v.(type) {
	case nil, []any, map[string]any:
		return ""
	}
	return fmt.Sprint(v)
}

func number(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case uint64:
		return float64(v), true
	case int64:
		return float64(v), true
	}
	return 0, false
}

// stepsOf reads feature_steps: step -> {provides: [features]}, or step -> [features] in old scenarios.
func stepsOf(v any) map[string][]string {
	steps := map[string][]string{}
	raw, _ := v.(map[string]any)
	for step, content := range raw {
		if m, ok := content.(map[string]any); ok {
			content = m["provides"]
		}
		for _, f := range list(content) {
			steps[strings.ToLower(step)] = append(steps[strings.ToLower(step)], strings.ToLower(text(f)))
		}
	}
	return steps
}
