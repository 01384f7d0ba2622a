package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// smallKB writes a knowledge base of 12 tasks named a to l and 4 configurations. On the first six tasks
// configuration 0 is best and 1 the median, on the others the other way round; 2 and 3 are always worse.
func smallKB(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "small.sqlite")
	base, err := kb.Open(context.Background(), kb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	protocol := &record.Protocol{Resampling: "cv", Metrics: []record.Metric{{Name: "error"}}}
	searched := &record.Space{Space: mustSpace(t)}
	ids, err := base.Add(context.Background(), protocol, searched)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		name := string(rune('a' + i))
		task := &record.Task{Fingerprint: strings.Repeat(fmt.Sprintf("%x", i), 64), Type: record.Classification, Rows: 100 + 700*i, Columns: 5}
		taskIDs, err := base.Add(context.Background(), task)
		if err != nil {
			t.Fatal(err)
		}
		records := []record.Record{
			&record.Label{Task: taskIDs[0], Name: name},
			&record.Features{Task: taskIDs[0], Extractor: "x/1", Values: map[string]float64{"kind": float64(i / 6), "number": float64(i)}},
		}
		losses := []float64{.1, .2, .2, .3}
		if i >= 6 {
			losses[0], losses[1] = losses[1], losses[0]
		}
		for c, loss := range losses {
			records = append(records, &record.Run{
				Task: taskIDs[0], Protocol: ids[0], Space: ids[1], Config: space.Config{"number": space.Int(int64(c))}, Status: study.Complete,
				Measures: []record.Measure{{Metric: "error", Validation: []float64{loss}}}, Evaluator: record.Evaluator{Name: "test"},
			})
		}
		if _, err := base.Add(context.Background(), records...); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func mustSpace(t *testing.T) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "number", Type: space.TypeInt, Low: 0, High: 9}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBenchRecommendByFolds: the tasks a, b (configuration 0 is best) are tested together; c, g to i are always known,
// the others left out. Of the known ones most want configuration 1, so greedy takes it first and 0 second.
func TestBenchRecommendByFolds(t *testing.T) {
	folds := writeFile(t, "folds.csv", "name,group,fold\na,1,5\nb,1,5\nc,2,-1\ng,3,-1\nh,4,-1\ni,5,-1\n")
	e, stdout, stderr := testEnvironment()
	args := []string{"bench", "recommend", "--kb", smallKB(t), "--cv", folds, "--strategy", "greedy,knn", "--k", "2,1", "--json"}
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Tasks, Configs, Folds, Groups int
		Strategies                    map[string]map[string]struct{ NR float64 }
		Paired                        map[string]map[string]struct{ Diff, Lo, Hi float64 }
		Random                        map[string]struct{ NR float64 }
		SchemaVersion                 int `json:"schema_version"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	if doc.Tasks != 2 || doc.Configs != 4 || doc.Folds != 1 || doc.Groups != 1 || doc.SchemaVersion != 1 {
		t.Errorf("%+v", doc)
	}
	// Regrets on a and b are 0, 1, 1, 2: nearest by features is c, whose best is 0.
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"greedy, 1", doc.Strategies["greedy"]["1"].NR, 1},
		{"greedy, 2", doc.Strategies["greedy"]["2"].NR, 0},
		{"knn, 1", doc.Strategies["knn"]["1"].NR, 0},
		{"knn less greedy, 1", doc.Paired["knn-greedy"]["1"].Diff, -1},
		{"random, 1", doc.Random["1"].NR, 1},
		{"random, 2", doc.Random["2"].NR, (3*0 + 3*1) / 6.},
	} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestBenchRecommendTables(t *testing.T) {
	base := smallKB(t)
	for _, format := range []string{"table", "csv"} {
		e, stdout, stderr := testEnvironment()
		if code := run(context.Background(), e, []string{"bench", "recommend", "--kb", base, "--strategy", "greedy,average-rank", "--k", "1,3", "--output", format}); code != exitOK {
			t.Fatalf("%s: exit status %d: %s", format, code, stderr)
		}
		text := stdout.String()
		lines := strings.Split(strings.TrimSpace(text), "\n")
		switch format {
		case "table":
			for _, want := range []string{"12 tasks in 12 groups, 4 configurations; grouped, 10 folds; metric error", "k = 3", "average-rank", "random draws, exactly", "fewer than 500 rows", "5,000 or more rows", "difference from average-rank"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is missing in\n%s", want, text)
				}
			}
		case "csv":
			if len(lines) != 5 || lines[0] != "strategy,k,nr,se,nr_groups,regret" || !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, "greedy,3,") }) {
				t.Errorf("csv:\n%s", text)
			}
		}
	}
}

// TestBenchRecommendShuffled: with the meta-features dealt out anew, the nearest task says nothing: knn is no longer
// right about every task.
func TestBenchRecommendShuffled(t *testing.T) {
	base := smallKB(t)
	regretOf := func(args ...string) float64 {
		e, stdout, stderr := testEnvironment()
		all := append([]string{"bench", "recommend", "--kb", base, "--strategy", "knn", "--k", "1", "--cv", "loo", "--json"}, args...)
		if code := run(context.Background(), e, all); code != exitOK {
			t.Fatalf("exit status %d: %s", code, stderr)
		}
		var doc struct {
			Strategies map[string]map[string]struct{ NR float64 }
		}
		if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		return doc.Strategies["knn"]["1"].NR
	}
	if told, shuffled := regretOf(), regretOf("--shuffle-metafeatures"); told != 0 || shuffled < .2 {
		t.Errorf("regret %v, with shuffled meta-features %v", told, shuffled)
	}
}

// TestBenchRecommendAgainstShuffled: one command says what meta-features bring, by tasks and by groups.
func TestBenchRecommendAgainstShuffled(t *testing.T) {
	args := []string{"bench", "recommend", "--kb", smallKB(t), "--strategy", "knn,greedy", "--k", "1,2", "--cv", "loo", "--against-shuffled"}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, append(args, "--json")); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Shuffled map[string]map[string]struct {
			NR   float64
			Gain struct {
				Diff, Lo, Hi float64
				DiffGroups   float64 `json:"diff_groups"`
			}
			Harm *struct{ Diff float64 }
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	knn := doc.Shuffled["knn"]["1"] // without shuffling its regret is 0
	if knn.NR < .2 || math.Abs(knn.Gain.Diff+knn.NR) > 1e-9 || knn.Gain.DiffGroups >= 0 || knn.Harm == nil || doc.Shuffled["greedy"]["2"].Gain.Diff != 0 {
		t.Errorf("%+v", doc)
	}
	e, stdout, stderr = testEnvironment()
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, want := range []string{"true less shuffled meta-features, 95 %", "the same with groups weighted equally", "shuffled, difference from greedy"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
}

// TestBenchRecommendSetsTheDefaultBesideAll others where it is not the one that all are compared with.
func TestBenchRecommendSetsTheDefaultBesideAll(t *testing.T) {
	base := smallKB(t)
	for strategies, want := range map[string]bool{"knn,posterior,greedy": true, "knn,greedy,posterior": false, "knn,greedy": false} {
		e, stdout, stderr := testEnvironment()
		if code := run(context.Background(), e, []string{"bench", "recommend", "--kb", base, "--strategy", strategies, "--k", "1"}); code != exitOK {
			t.Fatalf("exit status %d: %s", code, stderr)
		}
		if got := strings.Contains(stdout.String(), "difference of posterior from, 95 %"); got != want {
			t.Errorf("%s: %v, want %v in\n%s", strategies, got, want, stdout)
		}
	}
}

// TestBenchRecommendLimits: what sees the answers stands apart from the strategies, in the tables and in the document.
func TestBenchRecommendLimits(t *testing.T) {
	args := []string{"bench", "recommend", "--kb", smallKB(t), "--strategy", "greedy,knn", "--k", "1,2", "--cv", "loo", "--limits"}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, append(args, "--json")); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Strategies map[string]any
		Limits     struct {
			SeesAnswers     bool                            `json:"sees_answers"`
			NoiseTasks      int                             `json:"noise_tasks"`
			TrueCorrelation map[string]struct{ NR float64 } `json:"true_correlation"`
			GapClosed       map[string]map[string]float64   `json:"gap_closed"`
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if l := doc.Limits; len(doc.Strategies) != 2 || !l.SeesAnswers || l.NoiseTasks != 0 || l.TrueCorrelation["2"].NR != 0 || l.GapClosed["knn"]["1"] == 0 {
		t.Errorf("%+v", doc)
	}
	e, stdout, stderr = testEnvironment()
	if code := run(context.Background(), e, args); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	for _, want := range []string{"limits, by who sees the answers: no strategies", "noise floor: not known, no repetitions or folds recorded", "ten tasks alike by true correlation", "share of the way from greedy"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("%q is missing in\n%s", want, stdout)
		}
	}
}

// TestBenchRecommendForecasts: the calibration of the strategies asked for is in the tables and in the document.
func TestBenchRecommendForecasts(t *testing.T) {
	base := smallKB(t)
	args := []string{"bench", "recommend", "--kb", base, "--strategy", "greedy,posterior", "--k", "1,2", "--forecasts", "greedy"}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, append(args, "--json")); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Calibration map[string]map[string]map[string]struct {
			Tasks         int
			Forecast      struct{ Coverage, Width, CRPS float64 }
			Unconditional struct {
				IntervalScore float64 `json:"interval_score"`
			}
		}
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	c := doc.Calibration["greedy"]["regret"]["1"]
	if len(doc.Calibration) != 1 || c.Tasks != 12 || c.Forecast.Coverage <= 0 || c.Forecast.Coverage > 1 || c.Unconditional.IntervalScore <= 0 {
		t.Errorf("%+v", doc)
	}
	e, stdout, stderr = testEnvironment()
	if code := run(context.Background(), e, args); code != exitOK || !strings.Contains(stdout.String(), "forecasts of greedy: regret") ||
		!strings.Contains(stdout.String(), "inside the 80 % interval") {
		t.Errorf("exit status %d: %s%s", code, stderr, stdout)
	}
}

// TestBenchRecommendKnown: with three of the four results known, the best of them comes first, and is best or second.
func TestBenchRecommendKnown(t *testing.T) {
	args := []string{"bench", "recommend", "--kb", smallKB(t), "--known", "3", "--k", "1,4"}
	e, stdout, stderr := testEnvironment()
	if code := run(context.Background(), e, append(args, "--json")); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	var doc struct {
		Known      int
		Order      []string
		Strategies map[string]map[string]struct{ NR float64 }
	}
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	first := doc.Strategies["known-first"]
	if doc.Known != 3 || !slices.Equal(doc.Order, []string{"posterior", "known-first", "greedy"}) || first["1"].NR > .5 || first["4"].NR != 0 {
		t.Errorf("%+v", doc)
	}
	e, stdout, stderr = testEnvironment()
	if code := run(context.Background(), e, args); code != exitOK || !strings.Contains(stdout.String(), "3 results of each tested task") ||
		strings.Contains(stdout.String(), "forecasts") {
		t.Errorf("exit status %d: %s%s", code, stderr, stdout)
	}
}

func TestBenchRecommendRefuses(t *testing.T) {
	base := smallKB(t)
	for _, c := range []struct {
		args string
		code exitCode
		say  string
	}{
		{"--strategy oracle", exitUsage, `unknown strategy "oracle"`},
		{"--forecasts oracle", exitUsage, `unknown strategy "oracle"`},
		{"--k 1,0", exitUsage, `--k: "0" is no whole number from 1`},
		{"--k three", exitUsage, `"three"`},
		{"--known 0", exitUsage, "--known must be at least 1"},
		{"--known 3 --limits", exitUsage, "--known goes without"},
		{"--strategy known-first", exitUsage, `unknown strategy "known-first"`},
		{"--cv none.csv", exitNotFound, "--cv none.csv is neither grouped nor loo, nor a file that exists"},
		{"--cv " + writeFile(t, "bad.csv", "name,group,fold\na,1,first\n"), exitInvalid, `line 2, task "a": fold "first"`},
		{"--metric fun", exitNotFound, `metric "fun"; there are error`},
		{"--task regression", exitNotFound, "regression"},
		{"surplus", exitUsage, "surplus"},
	} {
		e, stdout, stderr := testEnvironment()
		args := append([]string{"bench", "recommend", "--kb", base}, strings.Fields(c.args)...)
		if code := run(context.Background(), e, args); code != c.code {
			t.Errorf("%s: exit status %d, want %d", c.args, code, c.code)
		}
		if !strings.Contains(stderr.String(), c.say) || stdout.Len() > 0 {
			t.Errorf("%s: %q should say %q; stdout %q", c.args, stderr, c.say, stdout)
		}
	}
}
