package main

import (
	"cmp"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/warmstart"
)

// writeSuggestionTable writes what a person reads: the data, the task, what is known, the configurations, and what
// to do next.
func (e *environment) writeSuggestionTable(s *suggestion, next bool) error {
	width := e.width(e.stdout)
	if err := headTable(s, width).Write(e.stdout, width); err != nil {
		return err
	}
	fmt.Fprintln(e.stdout)
	if err := recommendationTable(s).Write(e.stdout, width); err != nil {
		return err
	}
	text := "\n" + prose(conclusion(s), width) + "\n"
	if next {
		text += "\n" + nextSteps(s, width)
	}
	_, err := fmt.Fprint(e.stdout, text)
	return err
}

// proseWidth is the width of sentences where that of the screen is unknown.
const proseWidth = 120

// prose fits sentences to a screen of that many columns; 0 leaves them as they are. A line that ends no sentence goes
// on in the next one.
func prose(text string, width int) string {
	if width == 0 {
		return text
	}
	var lines []string
	sentence := ""
	for _, line := range strings.Split(text, "\n") {
		sentence = strings.TrimSpace(sentence + " " + line)
		if strings.HasSuffix(sentence, ".") {
			lines = append(lines, term.Wrap(sentence, width)...)
			sentence = ""
		}
	}
	if sentence != "" {
		lines = append(lines, term.Wrap(sentence, width)...)
	}
	return strings.Join(lines, "\n")
}

// headTable says in a few lines what the data are, what the task is, and what is known about such tasks.
func headTable(s *suggestion, width int) *term.Table {
	width = cmp.Or(width, proseWidth)
	t := term.NewTable(term.Column{}, term.Column{})
	label := short(filepath.Base(s.file))
	lines := [...][2]string{{label, describeData(s.data)}, {"left out", leftOut(s.data)}, {"task", describeTask(s.data, s.advice.Metric.Name)}, {"known", describeKnown(s)}}
	for _, l := range lines {
		if l[1] == "" {
			continue
		}
		for _, part := range term.Wrap(term.Clean(l[1]), width-len(label)-2) {
			t.Row(l[0], part)
			l[0] = ""
		}
	}
	return t
}

// short cuts a name that would take too much of a line.
func short(name string) string { return runewidth.Truncate(term.Clean(name), 30, "…") }

// describeData says how large the data are and what columns they have.
func describeData(d *dataset.Dataset) string {
	counts := map[dataset.Kind]int{}
	for _, f := range d.Features {
		counts[f.Kind]++
	}
	var parts []string
	for _, k := range []dataset.Kind{dataset.Numeric, dataset.Categorical, dataset.Boolean, dataset.Date} {
		if counts[k] > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", term.Count(counts[k]), k))
		}
	}
	if n := len(d.Dropped); n > 0 {
		parts = append(parts, term.Count(n)+" left out")
	}
	text := fmt.Sprintf("%s x %s (%s)", term.Plural(d.TotalRows, "row"), term.Plural(len(d.Features)+len(d.Dropped), "column"), strings.Join(parts, ", "))
	missing := 0
	for _, f := range d.Features {
		missing += f.MissingCount
	}
	if missing > 0 {
		text += ", " + term.Percent(float64(missing)/float64(d.Rows*len(d.Features))) + " missing"
	}
	return text
}

// describeTask says what is predicted and how that is judged.
func describeTask(d *dataset.Dataset, metric string) string {
	target := d.Target
	var text string
	if d.Task == dataset.Classification {
		text = describeClasses(target)
	} else {
		text = fmt.Sprintf("regression of %s, %s to %s", short(target.Name),
			term.Short(slices.Min(target.Values)), term.Short(slices.Max(target.Values)))
	}
	return text + "; metric " + words(metric)
}

// describeClasses says how many classes there are and how rare the rarest is.
func describeClasses(target dataset.Column) string {
	counts := make([]int, len(target.Levels))
	for _, v := range target.Values {
		counts[int(v)]++
	}
	rarest := 0
	for i, n := range counts {
		if n < counts[rarest] {
			rarest = i
		}
	}
	kind := "binary classification"
	if len(counts) != 2 {
		kind = fmt.Sprintf("classification into %s classes", term.Count(len(counts)))
	}
	return fmt.Sprintf("%s of %s, %s is %s", kind, short(target.Name), term.Percent(float64(counts[rarest])/float64(len(target.Values))), short(target.Levels[rarest]))
}

// describeKnown says how much is known, and how near it is to these data.
func describeKnown(s *suggestion) string {
	a := s.advice
	text := fmt.Sprintf("%s and %s", term.Plural(a.Tasks, string(s.data.Task)+" task"), term.Plural(a.Configs, "configuration"))
	if a.Own > 0 {
		text += ", with " + term.Plural(a.Own, "result") + " on these very data"
	}
	if a.Distance == nil {
		return text + ", but none described by the same meta-features: these are all-round choices (" + term.Duration(s.elapsed) + ")"
	}
	decimals := term.Decimals(a.Usual[1] - a.Usual[0])
	distance := fmt.Sprintf("distance %s, usual %s-%s", term.Fixed(*a.Distance, decimals), term.Fixed(a.Usual[0], decimals), term.Fixed(a.Usual[1], decimals))
	if a.InDistribution {
		var names []string
		for _, n := range a.Neighbors[:min(3, len(a.Neighbors))] {
			names = append(names, short(n.Name))
		}
		text += fmt.Sprintf("; weighing most: %s; nearest: %s (%s)", strings.Join(names, ", "), short(a.Nearest), distance)
	} else {
		text = fmt.Sprintf("nothing like it among %s (%s): these are the safest all-round choices, not a judgement about your data", text, distance)
	}
	return text + " (" + term.Duration(s.elapsed) + ")"
}

// inMetric reports whether expectations can be told in the metric itself rather than as regrets.
func inMetric(a *warmstart.Advice) bool {
	return !slices.ContainsFunc(a.Recommendations, func(r warmstart.Recommendation) bool {
		return r.ExpectedMetric == nil || r.MetricInterval == nil
	})
}

// outlook is what is expected of the configurations up to one, in the unit that is shown.
func outlook(r warmstart.Recommendation, metric bool) (expected float64, interval [2]float64) {
	if metric {
		return *r.ExpectedMetric, *r.MetricInterval
	}
	return r.ExpectedRegret, r.Interval
}

// recommendationTable lists the configurations, each with its hyperparameters on a line of their own.
func recommendationTable(s *suggestion) *term.Table {
	a := s.advice
	metric := inMetric(a)
	title := "regret"
	if metric {
		title = "expected"
	}
	decimals := 0
	for _, r := range a.Recommendations {
		_, interval := outlook(r, metric)
		decimals = max(decimals, term.Decimals(interval[1]-interval[0]))
	}
	t := term.NewTable(term.Column{Title: "#", Right: true}, term.Column{Title: "learner"}, term.Column{Title: title, Right: true},
		term.Column{Title: "80 % interval", Right: true}, term.Column{Title: "why", Cut: true})
	for _, r := range a.Recommendations {
		expected, interval := outlook(r, metric)
		t.Row(strconv.Itoa(r.Rank), cmp.Or(r.Learner, "-"), term.Fixed(expected, decimals),
			term.Fixed(interval[0], decimals)+" - "+term.Fixed(interval[1], decimals), first(r.Reasons))
		t.Note(hyperparameters(s.space, r.Config, r.Learner))
	}
	return t
}

// first returns the first of the reasons, which is the one that matters most.
func first(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0]
}

// hyperparameters writes a configuration in the order of its space, without the learner and its name's repetition.
func hyperparameters(sp space.Space, config space.Config, learner string) string {
	names := config.Names()
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(sp.Index(a), sp.Index(b)) })
	var parts []string
	for _, name := range names {
		value := config[name]
		if name == "learner" {
			continue
		}
		text := value.Text()
		if value.Kind() == space.KindFloat {
			text = term.Short(value.Float())
		}
		parts = append(parts, strings.TrimPrefix(name, learner+".")+" "+text)
	}
	return strings.Join(parts, "  ")
}

// conclusion says what trying all configurations is expected to bring.
func conclusion(s *suggestion) string {
	a := s.advice
	last := a.Recommendations[len(a.Recommendations)-1]
	closed := term.Percent(math.Max(0, 1-last.ExpectedRegret))
	all := "Trying it"
	meaning := ""
	if n := len(a.Recommendations); n > 1 {
		all = fmt.Sprintf("Trying all %d and keeping the best", n)
		meaning = "\nEach line's expectation is for the best of it and those above"
		if !inMetric(a) {
			meaning += "; regret 0 is the best configuration known for such data, 1 a median one"
		}
		meaning += "."
	} else if !inMetric(a) {
		meaning = "\nRegret 0 is the best configuration known for such data, 1 a median one."
	}
	return fmt.Sprintf("%s is expected to go %s of the way from a median configuration to the best one known for such data.%s", all, closed, meaning)
}

// nextSteps names the commands that lead on from here.
func nextSteps(s *suggestion, width int) string {
	command := shellCommand("metaml", "suggest", s.file, s.again)
	t := term.NewTable(term.Column{}, term.Column{}, term.Column{Wrap: true})
	title := "next:"
	if s.file != "-" { // what came by standard input is gone
		t.Row(title, shellCommand("metaml", "tune", s.file, s.tune)+" --time 10m", "train these, and go on from the best")
		title = ""
	}
	t.Row(title, command+" --explain", "why these, and from which tasks")
	t.Row("", command+" --output json", "the configurations in full, for programs")
	var b strings.Builder
	_ = t.Write(&b, width) // a Builder does not fail
	return b.String()
}

// shellCommand writes a command on a file, with flags, as a shell reads it.
func shellCommand(program, command, file string, flags []string) string {
	words := []string{program, command, shellQuote(file)}
	for _, f := range flags {
		words = append(words, shellQuote(f))
	}
	return strings.Join(words, " ")
}

// shellQuote quotes a word for a shell where that is needed.
func shellQuote(word string) string {
	plain := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./,:=@%+", r) || r > 127)
	}
	if word != "" && !strings.ContainsFunc(word, plain) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// words writes a metric's name as words.
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }
