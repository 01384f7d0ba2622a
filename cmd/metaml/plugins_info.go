package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

func pluginsInfoCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "info",
		Usage:     "start a plugin and show what it says about itself",
		ArgsUsage: "NAME",
		Description: `
Starts the plugin as a study would, asks it to describe itself, and ends it: an optimizer's settings and what it can deal
with, an evaluator's search spaces, metrics and fidelities. --output json has them in full. A program that is no plugin,
or does not answer within 5 s, is an error with what it said.

example:
  $ metaml plugins info bohb
  $ metaml plugins info sklearn --output json
`,
		Flags:  []cli.Flag{kindFlag()},
		Action: e.pluginsInfo,
	}
}

func (e *environment) pluginsInfo(c *cli.Context) error {
	if err := positionals(c, "NAME"); err != nil {
		return err
	}
	wanted, err := pluginKinds(c)
	if err != nil {
		return err
	}
	p, err := e.findPlugin(wanted, c.Args().First())
	if err != nil {
		return err
	}
	about, err := e.describePlugin(c.Context, p)
	if err != nil {
		return err
	}
	return e.writePlugin(p, about)
}

// findPlugin finds the one plugin of that name.
func (e *environment) findPlugin(wanted []plugins.Kind, name string) (installed, error) {
	all, err := e.installedPlugins(wanted)
	if err != nil {
		return installed{}, err
	}
	var known []string
	var found []installed
	for _, p := range all {
		known = append(known, p.name)
		if p.name == name && !p.shadowed {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return installed{}, unknownPlugin(wanted[0], name, known)
	}
	return installed{}, usagef("%s is an optimizer and an evaluator: choose by --kind", name)
}

// describePlugin starts a plugin and ends it.
func (e *environment) describePlugin(ctx context.Context, p installed) (plugins.Description, error) {
	var command plugins.Command
	var err error
	if p.kind == plugins.KindOptimizer {
		command, err = e.optimizerCommand(p.name)
	} else {
		command, err = e.evaluatorCommand(ctx, p.name)
	}
	if err != nil {
		return plugins.Description{}, err
	}
	return plugins.Describe(ctx, p.kind, p.name, command)
}

// capabilitiesJSON are what an optimizer can deal with.
type capabilitiesJSON struct {
	Conditions  bool `json:"conditions"`
	Categorical bool `json:"categorical"`
	Pending     bool `json:"pending"`
	Fidelity    bool `json:"fidelity"`
	Stopping    bool `json:"stopping"`
	Prior       bool `json:"prior"`
	Objectives  int  `json:"objectives"`
}

// descriptionJSON is a plugin with what it says about itself.
type descriptionJSON struct {
	SchemaVersion int `json:"schema_version"`
	pluginJSON
	Version      string                       `json:"version"`
	Lock         string                       `json:"lock,omitempty"`
	Capabilities *capabilitiesJSON            `json:"capabilities,omitempty"`
	Settings     json.RawMessage              `json:"settings,omitempty"`
	Spaces       map[string]any               `json:"spaces,omitempty"`
	Metrics      map[string][]study.Objective `json:"metrics,omitempty"`
	Fidelities   []study.Range                `json:"fidelities,omitempty"`
}

func (e *environment) writePlugin(p installed, about plugins.Description) error {
	if e.output != outputTable {
		return e.writePluginJSON(p, about)
	}
	t := term.NewTable(term.Column{}, term.Column{Wrap: true})
	from := p.path
	if from == "" {
		from = p.origin()
	}
	t.Row(string(p.kind), strings.TrimSpace(p.name+" "+about.Version))
	t.Row("from", from)
	if p.pin != "" {
		t.Row("pinned", "sha256 "+p.pin)
	}
	if p.kind == plugins.KindOptimizer {
		t.Row("takes", capabilityWords(about.Capabilities))
		for i, line := range settingLines(about.Settings) {
			t.Row(rowTitle(i, "settings"), line)
		}
	}
	for i, task := range slices.Sorted(maps.Keys(about.Spaces)) {
		t.Row(rowTitle(i, "spaces"), fmt.Sprintf("%s: %s", task, term.Plural(about.Spaces[task].Len(), "hyperparameter")))
	}
	for i, task := range slices.Sorted(maps.Keys(about.Metrics)) {
		t.Row(rowTitle(i, "metrics"), fmt.Sprintf("%s: %s", task, metricWords(about.Metrics[task])))
	}
	for i, r := range about.Fidelities {
		t.Row(rowTitle(i, "fidelities"), fmt.Sprintf("%s: %g to %g", r.Name, r.Low, r.High))
	}
	return t.Write(e.stdout, e.width(e.stdout))
}

// rowTitle is the title of the first of several lines.
func rowTitle(i int, title string) string {
	if i > 0 {
		return ""
	}
	return title
}

func (e *environment) writePluginJSON(p installed, about plugins.Description) error {
	if e.output == outputCSV {
		return usagef("a description is no table: --output json has it in full")
	}
	out := descriptionJSON{1, p.describe(),
		about.Version, about.Lock, nil, about.Settings, nil, about.Metrics, about.Fidelities}
	if p.kind == plugins.KindOptimizer {
		c := about.Capabilities
		out.Capabilities = &capabilitiesJSON{c.Conditions, c.Categorical, c.Pending, c.Fidelity, c.Stopping, c.Prior, max(c.Objectives, 1)}
	}
	for task, s := range about.Spaces {
		if out.Spaces == nil {
			out.Spaces = map[string]any{}
		}
		out.Spaces[task] = s
	}
	return e.writeJSON(out)
}

// capabilityWords says what an optimizer can deal with beyond numbers at full fidelity.
func capabilityWords(c plugins.Capabilities) string {
	words := []string{"numbers"}
	for _, w := range []struct {
		can  bool
		word string
	}{
		{c.Categorical, "choices without an order"}, {c.Conditions, "conditions"}, {c.Pending, "parallel trials"},
		{c.Fidelity, "cheaper evaluations"}, {c.Stopping, "trials to stop"}, {c.Prior, "a prior"},
		{c.Objectives > 1, fmt.Sprintf("%d objectives", c.Objectives)},
	} {
		if w.can {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// settingLines describes a line per setting, by name, from the JSON Schema of an optimizer's settings.
func settingLines(schema json.RawMessage) []string {
	var s struct {
		Properties map[string]struct {
			Type        any    `json:"type"`
			Description string `json:"description"`
			Default     any    `json:"default"`
		} `json:"properties"`
	}
	if json.Unmarshal(schema, &s) != nil || len(s.Properties) == 0 {
		return []string{"none"}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		line := name
		if p.Type != nil {
			line += fmt.Sprintf(" (%v)", p.Type)
		}
		if p.Default != nil {
			line += fmt.Sprintf(", default %v", p.Default)
		}
		if p.Description != "" {
			line += ": " + p.Description
		}
		lines = append(lines, line)
	}
	return lines
}

func metricWords(list []study.Objective) string {
	var names []string
	for _, o := range list {
		names = append(names, o.Metric)
	}
	return strings.Join(names, ", ")
}
