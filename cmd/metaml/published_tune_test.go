package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestPublishedTunes compares the pages of studies with and without warm starts with the files of results that they are
// made from, and what the pages claim with the figures.
func TestPublishedTunes(t *testing.T) {
	for _, name := range []string{"tune", "tune-trained"} {
		t.Run(name, func(t *testing.T) {
			d := readTuneDocument(t, name)
			matchFile(t, "../../.results/"+name+".md", tunePage(t, d, name))
			checkTuneClaims(t, d)
		})
	}
}

// TestPublishedTrainedTasks checks that the data sets of the trained studies were not chosen by their results: they are
// every fifth of the tables' by name.
func TestPublishedTrainedTasks(t *testing.T) {
	const every = 5
	var want []string
	for i, name := range taskNames(readTuneDocument(t, "tune")) {
		if i%every == 0 {
			want = append(want, name)
		}
	}
	if got := taskNames(readTuneDocument(t, "tune-trained")); len(got) < 10 || !slices.Equal(got, want) {
		t.Errorf("the trained studies are of\n%q, not of\n%q", got, want)
	}
}

// taskNames are the sorted names of the data sets.
func taskNames(d tuneDocument) []string {
	var names []string
	for _, task := range d.Tasks {
		names = append(names, task.Name)
	}
	slices.Sort(names)
	return names
}

// readTuneDocument reads what metaml bench tune --json printed.
func readTuneDocument(t *testing.T, name string) (d tuneDocument) {
	t.Helper()
	text, err := os.ReadFile("../../.results/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &d); err != nil || d.Report == nil || d.About.Command == "" || len(d.Goals) == 0 {
		t.Fatalf("%s.json: %v", name, err)
	}
	return d
}

// checkTuneClaims checks that warm starts are worth what is said of them.
func checkTuneClaims(t *testing.T, d tuneDocument) {
	t.Helper()
	for _, g := range d.Goals {
		bound := map[string]float64{"tpe/warm": 30, "random/warm": 20}[g.Method]
		if g.Tolerance == 1 && g.Score == "test" && bound > 0 && (g.Median == nil || *g.Median > bound) {
			t.Errorf("%s needs more than %v trials for what %s has", g.Method, bound, g.Against)
		}
	}
	for _, diff := range d.Differences {
		if strings.HasSuffix(diff.Method, "/warm") && strings.HasSuffix(diff.Against, "/cold") && len(diff.Above) > 0 {
			t.Errorf("%s is worse than %s on %s at trials %v", diff.Method, diff.Against, diff.Score, diff.Above)
		}
	}
	for _, l := range d.Losses {
		if strings.HasSuffix(l.Method, "/unrelated") && l.Tolerance == 1 && l.Score == "test" && l.Mean > 5 {
			t.Errorf("%s loses %.1f trials to unrelated knowledge", l.Method, l.Mean)
		}
	}
}

// tunePage is the page of everything.
func tunePage(t *testing.T, d tuneDocument, name string) string {
	var b bytes.Buffer
	objectives := `Objectives are tables of real trainings
on data sets that the knowledge base does not know (tables/held_out.kb; ` + "`metaml bench tune --help`" + ` says how they are
played). A third of the configurations of each table are in the knowledge base, the others are not. A run's score is the
loss`
	if d.Setting.Trained {
		objectives = `Every trial is a real
training, anywhere in the search space, on data sets that the knowledge base does not know: every fifth of tables/held_out.kb
by name. Their tables give the scale of regrets and the noise only; what is better than all of a table has a regret below
0. A run's score is the loss`
	}
	fmt.Fprintf(&b, `# What warm starts are worth to a study

Made from %s.json by `+"`go test ./cmd/metaml -run Published -update-readme`"+`. %s of its incumbent, chosen on validation
rows, on test rows that nothing chose by, as normalised regret: 0 is the best configuration of the table, 1 its median
one. Intervals draw groups of data sets; bands hold for all trials at once.

"Within noise" allows one standard deviation of the data set's noise: sqrt(1/J + n_validation/n_training) times the
standard deviation over the J folds (Nadeau and Bengio 2003), effects of configuration and fold taken out. Unrelated
knowledge is the same knowledge base with its configurations dealt out anew by one permutation per seed. Trials lost are
counted to the results of cold runs with other seeds, so that neither side is compared with its own luck.

`, name, objectives)
	fmt.Fprintf(&b, "`%s`, %s, version %s", d.About.Command, d.About.Date, d.About.Version)
	for _, name := range slices.Sorted(maps.Keys(d.Setting.Versions)) {
		fmt.Fprintf(&b, "; %s %s", name, d.Setting.Versions[name])
	}
	b.WriteString(".\n\n```\n")
	e := &environment{stdout: &b, width: func(any) int { return 0 }}
	if err := e.writeTuneTables(d); err != nil {
		t.Fatal(err)
	}
	b.WriteString("```\n\nRegret on test rows after the last trial, by table; noise is that of a validation loss,\nchosen by validation the regret of the configuration of least validation loss in the whole table.\n\n| data set | rows of the table | failed | noise | best | median | chosen by validation |")
	for _, m := range d.Methods {
		fmt.Fprintf(&b, " %s |", m.Method)
	}
	b.WriteString("\n|---|---|---|---|---|---|---|" + strings.Repeat("---|", len(d.Methods)) + "\n")
	for _, task := range d.Tasks {
		fmt.Fprintf(&b, "| %s | %d | %d | %.3g | %.4g | %.4g | %.3f |", task.Name, task.Rows, task.Failed, task.Noise, task.Best, task.Median, task.Chosen)
		for _, m := range d.Methods {
			if regret, ok := task.Regret[m.Method]; ok {
				fmt.Fprintf(&b, " %.3f |", regret)
			} else {
				b.WriteString(" |")
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
