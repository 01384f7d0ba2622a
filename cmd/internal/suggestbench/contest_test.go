package suggestbench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/metaml/metaml/cmd/internal/suggestbench"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// oracle recommends the configurations x = 0, 1, … and remembers what it saw.
type oracle struct {
	mu   sync.Mutex
	rows []int
}

func (o *oracle) Recommend(_ context.Context, d *dataset.Dataset, k int) (suggestbench.Picks, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.rows = append(o.rows, d.Rows)
	p := suggestbench.Picks{SingleBest: config(7)}
	for x := range k {
		p.Suggestions = append(p.Suggestions, config(int64(x)))
	}
	return p, nil
}

func config(x int64) space.Config { return space.Config{"x": space.Int(x)} }

// stage plays the evaluator: validation accuracy and test accuracies by x, or a status.
type stage struct {
	results map[int64]outcome
	seen    map[string]int
}

type outcome struct {
	validation float64
	test       []float64
	status     study.Status
}

func (s *stage) Load(_ context.Context, path string, protocol []byte, _ string) error {
	if _, err := os.Stat(filepath.Join(path, "table.json")); err != nil {
		return err
	}
	if !strings.Contains(string(protocol), `"name":"balanced_accuracy"`) {
		return fmt.Errorf("protocol %s", protocol)
	}
	return nil
}

func (s *stage) Evaluate(_ context.Context, g study.Suggestion, _ func(study.Observation) error) (study.Trial, error) {
	s.seen[g.Config["x"].String()]++
	r := s.results[g.Config["x"].Int()]
	if r.status != study.Complete {
		return study.Trial{Suggestion: g, Status: r.status, Reason: "made to fail"}, nil
	}
	metrics := map[string]float64{"balanced_accuracy": r.validation}
	for i, v := range r.test {
		metrics[fmt.Sprintf("balanced_accuracy/test/%d", i)] = v
	}
	return study.Trial{Suggestion: g, Status: study.Complete, Observations: []study.Observation{{Metrics: metrics}}}, nil
}

type noise struct{ unusable []string }

func (n *noise) Planned(int)                    {}
func (n *noise) Evaluated(string, study.Status) {}
func (n *noise) Unusable(file string, _ error)  { n.unusable = append(n.unusable, filepath.Base(file)) }

func table(t *testing.T, dir, name string) grow.Entry {
	t.Helper()
	var text strings.Builder
	text.WriteString("a,b,y\n")
	for i := range 40 {
		fmt.Fprintf(&text, "%d.25,%d,%s\n", i*i%17, i%3, []string{"no", "yes"}[i%2])
	}
	path := filepath.Join(dir, name+".csv")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return grow.Entry{Path: path, Options: dataset.Options{Target: "y"}}
}

func options(t *testing.T, p suggestbench.Progress) suggestbench.Options {
	return suggestbench.Options{K: 3, Splits: 2, Rows: 2000, Folds: 3, TestFraction: .25, Dir: t.TempDir(), Progress: p,
		Metric:     map[string]record.Metric{record.Classification: {Name: "balanced_accuracy", Maximize: true}},
		References: map[string]space.Config{"forest": config(8), "same": config(1)}}
}

func TestRunComparesOnTestRows(t *testing.T) {
	dir := t.TempDir()
	recommender, watch := &oracle{}, &noise{}
	// Of the suggestions 0, 1, 2 the last is best on validation and 0.75 on test; 1 fails.
	s := &stage{seen: map[string]int{}, results: map[int64]outcome{
		0: {.7, []float64{.6, .8}, study.Complete}, 1: {0, nil, study.TimedOut}, 2: {.9, []float64{.75, .75}, study.Complete},
		7: {.95, []float64{.65, .65}, study.Complete}, 8: {.9, nil, study.Complete}}}
	entries := []grow.Entry{table(t, dir, "one"), {Path: filepath.Join(dir, "missing.csv")}, table(t, dir, "two")}
	report, err := suggestbench.Run(t.Context(), entries, recommender, []grow.Evaluator{s}, options(t, watch))
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Datasets) != 2 || report.Unusable != 1 || strings.Join(watch.unusable, "") != "missing.csv" {
		t.Fatalf("%d datasets, %d unusable %v", len(report.Datasets), report.Unusable, watch.unusable)
	}
	for _, rows := range recommender.rows {
		if rows != 30 {
			t.Errorf("the recommender saw %d rows, want the 30 training rows", rows)
		}
	}
	d := report.Datasets[0]
	if d.Name != "one" || d.Metric != "balanced_error" || d.Dummy != .5 {
		t.Errorf("dataset %+v", d)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: loss %v, want %v", what, got, want)
		}
	}
	near("suggest@1", d.Suggest[1], .3)
	near("suggest@3", d.Suggest[3], .25)
	near("single best", d.Named[suggestbench.SingleBest], .35)
	near("without test values", d.Named["forest"], .5)
	near("timed out", d.Named["same"], .5)
	near("paired", report.Paired["suggest@3-single_best"].Diff, (.25-.35)/.5)
	near("paired by type", report.Paired["suggest@1-single_best/classification"].Diff, (.3-.35)/.5)
	if report.Paired["suggest@3-forest"].Datasets != 2 {
		t.Errorf("paired over %d datasets", report.Paired["suggest@3-forest"].Datasets)
	}
	if s.seen["1"] != 4 {
		t.Errorf("a configuration that two contestants share was evaluated %d times in 4 rounds", s.seen["1"])
	}
	if report.Failures[study.TimedOut] != 4 || report.Failures[study.Failed] != 4 {
		t.Errorf("failures %v", report.Failures)
	}
}

func TestRunWithoutUsableFiles(t *testing.T) {
	_, err := suggestbench.Run(t.Context(), []grow.Entry{{Path: "no such file.csv"}}, &oracle{}, []grow.Evaluator{&stage{}}, options(t, &noise{}))
	if !errors.Is(err, suggestbench.ErrNothing) {
		t.Errorf("error %v, want ErrNothing", err)
	}
}
