package transfer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metaml/metaml/kb/record"
)

// choice is which runs belong to the matrix.
type choice struct {
	taskType        string
	protocol, space record.ID
	metric          record.Metric
	notes           []string
}

// protocolChoice is the choice that is noted later, see assignProtocols.
const protocolChoice = "protocol"

// choose settles task type, protocol and space, in this order, on what opt names or else on what has the most
// runs, so that nothing is ever mixed; what it passes over is noted.
func choose(set *record.Set, opt Options, same evaluations) (choice, error) {
	type key struct {
		taskType        string
		protocol, space record.ID
	}
	runs := make(map[key]int)
	admitted := measuring(set, opt)
	for _, run := range set.Runs {
		if task, ok := set.Tasks[run.Task]; ok && counts(run) && admitted(run.Protocol) {
			runs[key{task.Type, same.of(run.Protocol), run.Space}]++
		}
	}
	var out choice
	narrow := func(what, wanted string, of func(key) string) (string, error) {
		total := make(map[string]int)
		for k, n := range runs {
			total[of(k)] += n
		}
		best, err := mostRuns(total, wanted, what)
		if err != nil {
			return "", err
		}
		maps.DeleteFunc(runs, func(k key, _ int) bool { return of(k) != best })
		if wanted == "" && len(total) > 1 && what != protocolChoice {
			out.notes = append(out.notes, passedOver(what, best, total))
		}
		return best, nil
	}
	wanted := opt.Type
	if wanted != "" && !hasType(set, wanted) && hasType(set, "") {
		wanted = "" // tasks imported without their type are all there is
		maps.DeleteFunc(runs, func(k key, _ int) bool { return k.taskType != "" })
		out.notes = append(out.notes, "the tasks' type is not recorded; they were taken for tasks of "+opt.Type)
	}
	var err error
	if out.taskType, err = narrow("task type", wanted, func(k key) string { return k.taskType }); err != nil {
		return out, err
	}
	protocol, err := narrow(protocolChoice, string(opt.Protocol), func(k key) string { return string(k.protocol) })
	if err != nil {
		return out, err
	}
	searched, err := narrow("space", string(opt.Space), func(k key) string { return string(k.space) })
	if err != nil {
		return out, err
	}
	out.protocol, out.space = record.ID(protocol), record.ID(searched)
	out.metric, err = metricOf(set.Protocols[out.protocol], opt.Metric)
	return out, err
}

// hasType reports whether any task has that type.
func hasType(set *record.Set, taskType string) bool {
	for _, t := range set.Tasks {
		if t.Type == taskType {
			return true
		}
	}
	return false
}

// mostRuns returns wanted, or if that is empty the key with the most runs; among equals the least.
func mostRuns(total map[string]int, wanted, what string) (string, error) {
	if len(total) == 0 {
		return "", fmt.Errorf("%w: the knowledge base holds no finished run", ErrEmpty)
	}
	if wanted != "" {
		if total[wanted] == 0 {
			return "", fmt.Errorf("%w: no run of %s %s", ErrNotFound, what, brief(wanted))
		}
		return wanted, nil
	}
	best, found := "", false
	for _, k := range slices.Sorted(maps.Keys(total)) {
		if !found || total[k] > total[best] {
			best, found = k, true
		}
	}
	return best, nil
}

func passedOver(what, best string, total map[string]int) string {
	left := 0
	for k, n := range total {
		if k != best {
			left += n
		}
	}
	return fmt.Sprintf("%s %s was chosen for its %s; %s of %s not comparable and left out",
		what, brief(best), plural(total[best], "run"), plural(left, "run"), plural(len(total)-1, "other"))
}

// plural writes a count with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// metricOf finds the metric in the protocol; an empty name means the primary one.
func metricOf(p *record.Protocol, name string) (record.Metric, error) {
	if p == nil || len(p.Metrics) == 0 {
		return record.Metric{}, fmt.Errorf("%w: the runs' protocol, or its metrics", ErrNotFound)
	}
	if name == "" {
		return p.Metrics[0], nil
	}
	names := make([]string, len(p.Metrics))
	for i, metric := range p.Metrics {
		if metric.Name == name {
			return metric, nil
		}
		names[i] = metric.Name
	}
	return record.Metric{}, fmt.Errorf("%w: metric %q; there are %s", ErrNotFound, name, strings.Join(names, ", "))
}

// refusal says why no run was left.
func (b *builder) refusal() string {
	if b.opt.Learners != nil {
		return fmt.Sprintf("no run of learners %s; there are %s", strings.Join(b.opt.Learners, ", "),
			strings.Join(b.learners(), ", "))
	}
	return fmt.Sprintf("no run measures %s", b.m.Metric.Name)
}

// learners returns the learners in the chosen space's runs, sorted.
func (b *builder) learners() []string {
	seen := make(map[string]bool)
	for _, run := range b.set.Runs {
		if b.same.of(run.Protocol) == b.m.Protocol && run.Space == b.m.Space {
			seen[Learner(run.Config)] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// brief shortens ids for people and names what is empty.
func brief(s string) string {
	switch {
	case s == "":
		return "(unknown)"
	case len(s) == 64:
		return s[:12]
	}
	return s
}
