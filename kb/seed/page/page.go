// Package page writes the page about the seed knowledge base from the seed itself: how its numbers came to be, and
// where every dataset is from.
package page

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// howMade is what the page says before the numbers; its number is that of configurations per task.
const howMade = `# The seed knowledge base

Every number in the seed is the result of a model that was really trained; this page is written from the seed by
` + "`go generate ./kb/seed`" + `. The seed holds results and meta-features only, no row of the data.

It was grown by one command, which resumes by itself and can be run again by anyone who has the files:

` + "```" + `
metaml kb grow --catalog inventory.csv --hold-out 5 --tasks 105 --configs %d \
  --metrics balanced_accuracy,accuracy,roc_auc,log_loss,rmse,mae,r2 --kb seed.sqlite
metaml kb export --kb seed.sqlite seed.pack
` + "```" + `

- **Tasks**: public datasets, listed below with their origin. Datasets of a group whose SHA-256 (of its name's UTF-8
  text, as a big-endian number) is divisible by 5 never enter: they are the project's test tasks.
- **Configurations**: the default of every learner, then points of a scrambled Sobol sequence (seed 0) over the search
  space of the evaluator sklearn (plugins/python/metaml/evaluators/sklearn/*.json). The first 64 points are the same in
  every edition.
- **Evaluation**: at most 2,000 rows, drawn with seed 0 and stratified by class; a quarter of them kept for testing; 3-fold
  cross-validation on the rest, stratified; everything (imputation, encoding, scaling, selection, learner) fitted inside
  the training folds. Stored per fold: the metrics on validation rows and on the test rows. Boosters and the perceptron are
  looked at along a grid of iterations and the best mean stage counts; the curve is stored.
- **Limits**: 10 s per fit, 60 s and 4 GiB per run, one thread. What failed is stored as what it was.
- **Meta-features** are extracted by metaml from all rows that were read, as they are when it suggests.
`

// Write writes the page about a set.
func Write(w io.Writer, set *record.Set) error {
	var b strings.Builder
	evaluations := countEvaluations(set)
	fmt.Fprintf(&b, howMade, evaluations.mostConfigs())
	evaluations.write(&b, set)
	writeTasks(&b, set)
	_, err := io.WriteString(w, b.String())
	return err
}

// evaluations are the runs of a set, counted by protocol.
type evaluations struct {
	protocols  map[record.ID]*evaluated
	evaluators map[string]bool
}

// evaluated counts the runs of one protocol by how they ended.
type evaluated struct {
	tasks, configs map[string]bool
	status         map[study.Status]int
	hours          float64
}

func countEvaluations(set *record.Set) evaluations {
	e := evaluations{map[record.ID]*evaluated{}, map[string]bool{}}
	for _, run := range set.Runs {
		r := e.protocols[run.Protocol]
		if r == nil {
			r = &evaluated{map[string]bool{}, map[string]bool{}, map[study.Status]int{}, 0}
			e.protocols[run.Protocol] = r
		}
		r.tasks[string(run.Task)] = true
		if hash, err := run.Config.Hash(); err == nil {
			r.configs[hash] = true
		}
		r.status[run.Status]++
		r.hours += run.Cost.CPU / 3600
		e.evaluators[fmt.Sprintf("%s %s, lock %.12s", run.Evaluator.Name, run.Evaluator.Version, run.Evaluator.Lock)] = true
	}
	return e
}

// mostConfigs is the number of configurations that the most thorough protocol has seen.
func (e evaluations) mostConfigs() int {
	most := 0
	for _, r := range e.protocols {
		most = max(most, len(r.configs))
	}
	return most
}

// write writes a row per protocol and how its runs ended.
func (e evaluations) write(b *strings.Builder, set *record.Set) {
	b.WriteString("\n## What it holds\n\n| metrics, the first leads | tasks | configurations | complete | failed | timed out | other | CPU hours |\n|---|---|---|---|---|---|---|---|\n")
	for _, id := range slices.Sorted(maps.Keys(e.protocols)) {
		r, names := e.protocols[id], []string{}
		for _, m := range set.Protocols[id].Metrics {
			names = append(names, m.Name)
		}
		complete, failed, timedOut := r.status[study.Complete], r.status[study.Failed], r.status[study.TimedOut]
		total := 0
		for _, n := range r.status {
			total += n
		}
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d | %.1f |\n", strings.Join(names, ", "), len(r.tasks), len(r.configs),
			complete, failed, timedOut, total-complete-failed-timedOut, r.hours)
	}
	fmt.Fprintf(b, "\nEvaluator: %s.\n", strings.Join(slices.Sorted(maps.Keys(e.evaluators)), "; "))
}

// writeTasks lists the datasets with their origin.
func writeTasks(b *strings.Builder, set *record.Set) {
	labels := slices.Clone(set.Labels)
	slices.SortFunc(labels, func(x, y *record.Label) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Source, y.Source), cmp.Compare(x.Task, y.Task))
	})
	b.WriteString("\n## Where the datasets are from\n\n| name | type | rows | columns | public origin | licence as stated there | group |\n|---|---|---|---|---|---|---|\n")
	for _, l := range labels {
		t := set.Tasks[l.Task]
		if t == nil {
			continue
		}
		fmt.Fprintf(b, "| %s | %s | %d | %d | %s | %s | %s |\n", cell(l.Name), t.Type, t.Rows, t.Columns, cell(l.Source), cell(l.Licence), cell(l.Group))
	}
}

// cell escapes what would end a table's cell.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ").Replace(s)
}
