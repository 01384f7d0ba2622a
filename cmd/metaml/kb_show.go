package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
)

func kbShowCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "show a task with its best configurations, or any record by its id",
		ArgsUsage: "TASK|ID",
		Description: `
TASK is a task's name or the beginning of its id: shown are what is known about it, how its runs ended, and its best
configurations. The beginning of any other record's id shows that record.

example:
  $ metaml kb show iris
  $ metaml kb show 3f9c2a7be1d0 --output json
`,
		Flags:  []cli.Flag{&cli.IntFlag{Name: "best", Value: 5, Usage: "show the `N` best configurations"}},
		Action: e.kbShow,
	}
}

// shortestID is how many digits of an id must be given.
const shortestID = 4

func (e *environment) kbShow(c *cli.Context) error {
	if err := positionals(c, "TASK|ID"); err != nil {
		return err
	}
	if c.Int("best") < 0 {
		return usagef("--best %d is negative", c.Int("best"))
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	set, err := k.Snapshot(c.Context)
	if err != nil {
		return err
	}
	name := c.Args().First()
	id, err := findTask(set, name)
	if err == nil {
		return e.writeTaskDetails(describeRecordedTask(set, id, c.Int("best")))
	}
	if !isIDPrefix(name) {
		return err
	}
	found, findErr := k.Find(c.Context, name, 2)
	switch {
	case findErr != nil:
		return findErr
	case len(found) == 0:
		return err
	case len(found) > 1:
		return usagef("%s begins the ids of several records, such as %s and %s: give more digits", name, found[0].ID, found[1].ID)
	}
	return e.writeRecord(found[0])
}

func isIDPrefix(s string) bool {
	return len(s) >= shortestID && len(s) <= 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// findTask returns the task that a name or the beginning of an id says. Names come first; case matters only where
// several differ by it.
func findTask(set *record.Set, text string) (record.ID, error) {
	var exact, folded, byID []record.ID
	var names []string
	for _, l := range set.Labels {
		names = append(names, l.Name)
		switch {
		case set.Tasks[l.Task] == nil:
		case l.Name == text:
			exact = append(exact, l.Task)
		case strings.EqualFold(l.Name, text):
			folded = append(folded, l.Task)
		}
	}
	if isIDPrefix(text) {
		for id := range set.Tasks {
			if strings.HasPrefix(string(id), text) {
				byID = append(byID, id)
			}
		}
	}
	for _, list := range [][]record.ID{exact, folded, byID} {
		slices.Sort(list)
		list = slices.Compact(list)
		switch {
		case len(list) == 1:
			return list[0], nil
		case len(list) > 1:
			return "", usagef("%s is %s: give an id such as %s", term.Clean(text), term.Plural(len(list), "task"), list[0][:12])
		}
	}
	slices.Sort(names)
	return "", failf(exitNotFound, "the knowledge base has no task %s%s", term.Clean(text), spelling.Hint(text, slices.Compact(names)))
}

// taskDetails is what is shown of one task.
type taskDetails struct {
	SchemaVersion int              `json:"schema_version"`
	ID            record.ID        `json:"id"`
	Task          *record.Task     `json:"task"`
	Labels        []*record.Label  `json:"labels"`
	Features      []featuresJSON   `json:"features"`
	Runs          map[string]int   `json:"runs"` // by status
	Best          []bestConfigJSON `json:"best"`
}

type featuresJSON struct {
	Extractor string             `json:"extractor"`
	Values    map[string]float64 `json:"values"`
}

type bestConfigJSON struct {
	Config   space.Config `json:"config"`
	Metric   string       `json:"metric"`
	Value    float64      `json:"value"` // mean over the validation folds of the run
	Seconds  float64      `json:"seconds"`
	Protocol record.ID    `json:"protocol"`
	maximize bool
}

func describeRecordedTask(set *record.Set, id record.ID, best int) taskDetails {
	d := taskDetails{SchemaVersion: 1, ID: id, Task: set.Tasks[id], Labels: []*record.Label{}, Features: []featuresJSON{},
		Runs: map[string]int{}, Best: []bestConfigJSON{}}
	for _, l := range set.Labels {
		if l.Task == id {
			d.Labels = append(d.Labels, l)
		}
	}
	for _, f := range set.Features {
		if f.Task == id {
			d.Features = append(d.Features, featuresJSON{f.Extractor, f.Values})
		}
	}
	for _, r := range set.Runs {
		if r.Task != id {
			continue
		}
		d.Runs[r.Status.String()]++
		if b, ok := resultOf(set, r); ok {
			d.Best = append(d.Best, b)
		}
	}
	// Results of different protocols are not comparable: they are listed one protocol after the other.
	slices.SortStableFunc(d.Best, func(a, b bestConfigJSON) int {
		order := cmp.Compare(a.Value, b.Value)
		if a.maximize {
			order = -order
		}
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), order)
	})
	d.Best = bestOfEach(d.Best, best)
	return d
}

// resultOf returns a run's value of its protocol's primary metric, if it has one at full fidelity.
func resultOf(set *record.Set, r *record.Run) (bestConfigJSON, bool) {
	p := set.Protocols[r.Protocol]
	if p == nil || r.Status != study.Complete || len(r.Fidelity) > 0 {
		return bestConfigJSON{}, false
	}
	for _, m := range r.Measures {
		if m.Metric != p.Metrics[0].Name || len(m.Validation) == 0 {
			continue
		}
		sum := 0.0
		for _, v := range m.Validation {
			sum += v
		}
		return bestConfigJSON{r.Config, m.Metric, sum / float64(len(m.Validation)), r.Cost.Wall, r.Protocol, p.Metrics[0].Maximize}, true
	}
	return bestConfigJSON{}, false
}

// bestOfEach keeps the first n of each protocol.
func bestOfEach(sorted []bestConfigJSON, n int) []bestConfigJSON {
	kept := []bestConfigJSON{}
	count := map[record.ID]int{}
	for _, b := range sorted {
		if count[b.Protocol]++; count[b.Protocol] <= n {
			kept = append(kept, b)
		}
	}
	return kept
}

func (e *environment) writeTaskDetails(d taskDetails) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(d)
	case outputCSV:
		var rows [][]string
		for i, b := range d.Best {
			text, err := b.Config.Canonical()
			if err != nil {
				return err
			}
			rows = append(rows, []string{fmt.Sprint(i + 1), b.Metric, fmt.Sprint(b.Value), fmt.Sprint(b.Seconds), string(text)})
		}
		return e.writeCSV([]string{"rank", "metric", "value", "seconds", "config"}, rows)
	}
	return e.writeTaskDetailsTable(d)
}

func (e *environment) writeTaskDetailsTable(d taskDetails) error {
	t := term.NewTable(term.Column{}, term.Column{Wrap: true})
	for _, l := range d.Labels {
		t.Row("task", l.Name)
		for _, line := range [][2]string{{"group", l.Group}, {"source", l.Source}, {"licence", l.Licence}, {"tags", strings.Join(l.Tags, ", ")}, {"about", l.Description}} {
			if line[1] != "" {
				t.Row(line[0], line[1])
			}
		}
	}
	t.Row("id", string(d.ID))
	if d.Task.Type != "" {
		t.Row("type", d.Task.Type)
	}
	if d.Task.Rows > 0 {
		t.Row("size", term.Count(d.Task.Rows)+" rows, "+term.Count(d.Task.Columns)+" columns")
	}
	for _, f := range d.Features {
		t.Row("meta-features", fmt.Sprintf("%d of %s", len(f.Values), f.Extractor))
	}
	t.Row("runs", runsByStatus(d.Runs))
	if err := t.Write(e.stdout, e.width(e.stdout)); err != nil || len(d.Best) == 0 {
		return err
	}
	fmt.Fprintln(e.stdout)
	best := term.NewTable(term.Column{Title: d.Best[0].Metric, Right: true}, term.Column{Title: "seconds", Right: true}, term.Column{Title: "configuration", Wrap: true})
	for _, b := range d.Best {
		best.Row(term.Fixed(b.Value, 4), term.Short(b.Seconds), shortConfigText(b.Config))
	}
	return best.Write(e.stdout, e.width(e.stdout))
}

// runsByStatus reads "98 complete, 2 timed_out".
func runsByStatus(runs map[string]int) string {
	var parts []string
	for s := study.Complete; s.Final(); s++ {
		if n := runs[s.String()]; n > 0 {
			parts = append(parts, term.Count(n)+" "+s.String())
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none")
}

// configText writes a configuration as name=value, sorted by name.
func configText(c space.Config) string {
	var parts []string
	for _, name := range c.Names() {
		parts = append(parts, name+"="+c[name].Text())
	}
	return strings.Join(parts, " ")
}

// shortConfigText is configText with no more digits than a person reads.
func shortConfigText(c space.Config) string {
	var parts []string
	for _, name := range c.Names() {
		text := c[name].Text()
		if c[name].Kind() == space.KindFloat {
			text = term.Short(c[name].Float())
		}
		parts = append(parts, name+"="+text)
	}
	return strings.Join(parts, " ")
}

// writeRecord writes any record as it is stored.
func (e *environment) writeRecord(f kb.Found) error {
	b, err := record.Encode(f.Record)
	if err != nil {
		return err
	}
	return e.writeJSON(struct {
		SchemaVersion int             `json:"schema_version"`
		ID            record.ID       `json:"id"`
		Record        json.RawMessage `json:"record"`
	}{1, f.ID, b})
}
