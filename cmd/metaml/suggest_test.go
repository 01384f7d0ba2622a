package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/plugins/python"
	"github.com/metaml/metaml/transfer"
)

// suggestJSON runs suggest on the diabetes data and decodes its JSON, refusing keys that are not documented.
func suggestJSON(t *testing.T, args ...string) suggestionJSON {
	t.Helper()
	e, stdout, stderr := testEnvironment()
	e.now = time.Now
	all := append([]string{"suggest", "testdata/diabetes.csv", "--json"}, args...)
	if code := run(t.Context(), e, all); code != exitOK {
		t.Fatalf("%v: exit status %d: %s", args, code, stderr)
	}
	dec := json.NewDecoder(bytes.NewReader(stdout.Bytes()))
	dec.DisallowUnknownFields()
	var out suggestionJSON
	if err := dec.Decode(&out); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stdout)
	}
	return out
}

// TestSuggestJSON holds what programs rely on: k distinct and complete configurations in order, even beyond what the
// knowledge base has tried; expectations that only improve and lie in their intervals; neighbours.
func TestSuggestJSON(t *testing.T) {
	path := madeKnowledge(t)
	for _, task := range []string{"regression", "classification"} {
		data, err := python.SklearnSpace(task)
		if err != nil {
			t.Fatal(err)
		}
		searched, err := space.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{1, 5, madeConfigs + 10} {
			args := []string{"--kb", path, "--task", task, "--k", strconv.Itoa(k), "--exclude", "age"}
			out := suggestJSON(t, args...)
			if out.SchemaVersion != 1 || out.Task.Type != task || out.Task.Rows != 442 || out.Task.Columns != 9 || out.Task.Name != "diabetes" {
				t.Errorf("%s, k %d: task %+v", task, k, out.Task)
			}
			if out.KB.Tasks != 2*madeTasks || out.KB.Runs != 2*madeTasks*madeConfigs || out.KB.Version == "" {
				t.Errorf("%s, k %d: knowledge base %+v", task, k, out.KB)
			}
			if len(out.Neighbors) == 0 || out.Distance == nil || len(out.Recommendations) != k {
				t.Fatalf("%s, k %d: %d neighbours, %d recommendations", task, k, len(out.Neighbors), len(out.Recommendations))
			}
			checkRecommendations(t, searched, out.Recommendations)
		}
	}
}

func checkRecommendations(t *testing.T, searched space.Space, all []recommendationJSON) {
	t.Helper()
	before := transfer.MaxRegret
	for i, r := range all {
		if err := searched.Validate(r.Config); err != nil {
			t.Errorf("rank %d: %v", i+1, err)
		}
		if slices.ContainsFunc(all[:i], func(other recommendationJSON) bool { return other.Config.Equal(r.Config) }) {
			t.Errorf("rank %d repeats an earlier configuration", i+1)
		}
		if r.Rank != i+1 || r.Learner != r.Config["learner"].Text() || len(r.Reasons) == 0 {
			t.Errorf("rank %d: %+v", i+1, r)
		}
		if r.ExpectedRegret > before || r.Interval[0] > r.ExpectedRegret || r.Interval[1] < r.ExpectedRegret {
			t.Errorf("rank %d: %v in %v after %v", i+1, r.ExpectedRegret, r.Interval, before)
		}
		if (r.ExpectedMetric == nil) != (r.MetricInterval == nil) {
			t.Errorf("rank %d: a metric without its interval or the reverse", i+1)
		}
		before = r.ExpectedRegret
	}
}

func TestSuggestIsDeterministic(t *testing.T) {
	path := madeKnowledge(t)
	first, second := suggestJSON(t, "--kb", path), suggestJSON(t, "--kb", path)
	a, _ := json.Marshal(first)
	b, _ := json.Marshal(second)
	if !bytes.Equal(a, b) {
		t.Errorf("two answers to one question:\n%s\n%s", a, b)
	}
}

// TestExplanation: gains add up to what is expected, and the regrets are those of the knowledge base.
func TestExplanation(t *testing.T) {
	out := suggestJSON(t, "--kb", madeKnowledge(t), "--explain", "--k", strconv.Itoa(madeConfigs+3))
	sum := 0.0
	for _, r := range out.Recommendations {
		sum += *r.Gain
	}
	last := out.Recommendations[len(out.Recommendations)-1]
	if math.Abs(medianRegret-sum-last.ExpectedRegret) > 1e-9 {
		t.Errorf("gains of %v leave %v", sum, last.ExpectedRegret)
	}
	for _, n := range out.Neighbors {
		least := math.Inf(1)
		for i, regret := range n.Regrets {
			if tried := i < madeConfigs; tried != (regret != nil) {
				t.Errorf("%s: configuration %d was tried: %v", n.Name, i+1, tried)
			}
			if regret != nil {
				least = min(least, *regret)
			}
		}
		if least > 1e-9 {
			t.Errorf("%s: all configurations were tried, and the best has regret %v", n.Name, least)
		}
		if len(n.Alike) > namedFeatures {
			t.Errorf("%s: %d meta-features named", n.Name, len(n.Alike))
		}
	}
}

// TestSuggestWithinATime: what is recommended takes no longer together, and where time is short there is less of it.
func TestSuggestWithinATime(t *testing.T) {
	path := madeKnowledge(t)
	free := suggestJSON(t, "--kb", path, "--strategy", "posterior", "--k", strconv.Itoa(madeConfigs))
	total := 0.0
	for _, r := range free.Recommendations {
		total += *r.Seconds
	}
	budget := time.Duration(total / 2 * float64(time.Second))
	timed := suggestJSON(t, "--kb", path, "--strategy", "posterior", "--k", strconv.Itoa(madeConfigs), "--budget-time", budget.String())
	spent := 0.0
	for _, r := range timed.Recommendations {
		spent += *r.Seconds
	}
	if spent > budget.Seconds()+1e-9 || len(timed.Recommendations) == 0 || len(timed.Recommendations) >= len(free.Recommendations) {
		t.Errorf("%d configurations take %v s of %s; all %d take %v s", len(timed.Recommendations), spent, budget, len(free.Recommendations), total)
	}
	if free.Evidence < 1 || free.Evidence > madeTasks {
		t.Errorf("the choice rests on %v of %d tasks", free.Evidence, madeTasks)
	}
	for args, say := range map[string]string{
		"--budget-time 0s":                        "there must be some time",
		"--budget-time 1ns --strategy posterior":  "no configuration fits the time: 1e-09 s",
		"--budget-time 1h --strategy greedy":      "strategy greedy does not heed time; posterior, posterior-seq do",
		"--budget-time soon --strategy posterior": "soon",
	} {
		e, stdout, stderr := testEnvironment()
		all := append([]string{"suggest", "testdata/diabetes.csv", "--kb", path}, strings.Fields(args)...)
		if code := run(t.Context(), e, all); code != exitUsage || !strings.Contains(stderr.String(), say) || stdout.Len() > 0 {
			t.Errorf("%s: exit status %d, %q should say %q", args, code, stderr, say)
		}
	}
}

func TestLikeness(t *testing.T) {
	nan := math.NaN()
	m := &transfer.Matrix{FeatureNames: []string{"constant", "rows", "rare"}}
	for i := range 11 {
		m.Tasks = append(m.Tasks, transfer.Task{Features: []float64{5, float64(i), nan}})
	}
	m.Tasks[3].Features[2] = 1
	l := newLikeness(&suggestion{matrix: m, features: map[string]float64{"constant": 5, "rows": 0}})
	for row, want := range map[int][]string{0: {"rows"}, 1: {"rows"}, 10: nil} {
		if got := l.of(row); !slices.Equal(got, want) {
			t.Errorf("task %d is alike in %v, want %v", row, got, want)
		}
	}
}

// TestHostileNames: names from data and knowledge base cannot reach the terminal as commands to it.
func TestHostileNames(t *testing.T) {
	dir := t.TempDir()
	file := dir + "/x.csv"
	text := "a\x1b[2J,y\n"
	for i := range 20 {
		text += strconv.Itoa(i*i%7) + ",cl\x1b[31mass" + strconv.Itoa(i%2) + "\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	e, stdout, stderr := testEnvironment()
	code := run(t.Context(), e, []string{"suggest", file, "--kb", madeKnowledge(t), "--explain"})
	if bytes.ContainsRune(stdout.Bytes(), '\x1b') || bytes.ContainsRune(stderr.Bytes(), '\x1b') {
		t.Errorf("exit status %d, an escape reached the screen:\n%s%s", code, stdout, stderr)
	}
	if code == exitOK && !bytes.Contains(stdout.Bytes(), []byte(term.Clean("cl\x1b[31mass"))) {
		t.Errorf("the class is not shown:\n%s", stdout)
	}
}
