package record

import (
	"bytes"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

var update = flag.Bool("update", false, "rewrite testdata/golden.txt from the records in this file")

const goldenFile = "golden.txt"

// goldenSpace has every type of hyperparameter, nested conditions, and a forbidden clause.
func goldenSpace(t *testing.T) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("förest"), space.Null()},
			Weights: []float64{1, 2.5, 1e-7}},
		{Name: "C", Type: space.TypeFloat, Low: 1e-7, High: 32768, Log: true, When: space.Equals("learner", space.String("svm"))},
		{Name: "depth", Type: space.TypeInt, Low: 1, High: 1 << 53, Default: space.Int(7), HasDefault: true,
			When: space.Or(*space.Equals("learner", space.Null()), *space.And(
				*space.Equals("learner", space.String("förest")), *space.Equals("bootstrap", space.Bool(true))))},
		{Name: "bootstrap", Type: space.TypeBool, When: space.In("learner", space.String("förest"), space.Null())},
		{Name: "grid", Type: space.TypeFloat, Low: 0, High: 1, Step: 0.1},
		{Name: "size", Type: space.TypeOrdinal, Choices: []space.Value{space.Int(8), space.Float(16.5), space.String("all")}},
		{Name: "version", Type: space.TypeConstant, Choices: []space.Value{space.String("1")}},
	}, *space.And(*space.Equals("size", space.String("all")), *space.Equals("learner", space.String("svm"))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// goldenRecords are thirty records of all kinds with what is hard about canonical JSON: numbers at the borders
// of notations, keys whose order differs between bytes and UTF-16, escapes, nulls, integers of 2^53, nesting.
func goldenRecords(t *testing.T) []Record {
	minimal, odd := minimalRun(), minimalRun()
	odd.Config = space.Config{
		"\U0001F600": space.Float(math.Copysign(0, -1)), "\uFB33": space.Float(5e-324), "ö": space.Null(), "1": space.Int(1 << 53),
		"\n": space.String("\u2028\"\\/\b\f\n\r\t\x00\x1f\x7f€"),
	}
	numbers := minimalRun()
	numbers.Measures = []Measure{{Metric: "m", Validation: []float64{
		1e-7, 1e-6, 0.000001234, 123456789, 1e20, 1e21, 1.5e300, -1e-300, 5e-324, math.MaxFloat64, 4.35, 0.1, 1.0 / 3,
		9007199254740993, 295147905179352830000, 999999999999999900000, 333333333.33333329, 2e-3, -0.00001,
	}}}
	failed := func(s study.Status, reason string) *Run {
		r := minimalRun()
		r.Status, r.Measures, r.Reason = s, nil, reason
		return r
	}
	low := fullRun()
	low.Fidelity = study.Fidelity{"rows": 0.5, "iterations": 1.0 / 3}
	big := fullRun()
	big.Seed, big.Time = 1<<53, 1<<53
	return []Record{
		&Task{Fingerprint: "f"},
		&Task{Fingerprint: strings.Repeat("0f", 32), Target: "class", Type: Classification, Rows: 150, Columns: 4},
		&Task{Fingerprint: "2", Target: "prix (€)\t\"net\"", Type: Regression, Rows: 1 << 53, Columns: 1},
		&Task{Fingerprint: "\U00010000\uFFFF"},
		&Features{Task: id("1"), Extractor: "metaml/1", Values: map[string]float64{}},
		&Features{Task: id("1"), Extractor: "metaml/1", Values: map[string]float64{"rows": 150, "skewness.mean": -0.0333333, "classes": 3}},
		&Features{Task: id("2"), Extractor: "foreign:oboe", Values: map[string]float64{"a": 1e21, "B": 1e-7, "\u00e9": 123456.789, "aa": 1e6}},
		&Features{Task: id("2"), Extractor: "x", Values: map[string]float64{"\U0001F600": 1, "\uFB33": 2, "\u20ac": 3, "\r": 4, "1": 5, "\u0080": 6, "ö": 7}},
		&Label{Task: id("3"), Name: "iris"},
		&Label{Task: id("3"), Name: "iris", Group: "iris", Description: "Fisher's \"iris\"\nof 1936", Tags: []string{"uci", "<b>", "a,b"}, Source: "https://archive.ics.uci.edu/?a=1&b=2", Licence: "CC BY 4.0"},
		&Label{Task: id("4"), Name: "données été", Tags: []string{"\U0001F600"}},
		&Protocol{Resampling: "cv", Metrics: []Metric{{Name: "rmse"}}},
		&Protocol{Resampling: "cv", Folds: 3, Repeats: 1, TestFraction: 0.25, RowCap: 2000, Metrics: []Metric{{Name: "balanced_accuracy", Maximize: true}, {Name: "log_loss"}}},
		&Protocol{Resampling: "holdout by the author", TestFraction: 1.0 / 3, SplitSeed: 1 << 53, Metrics: []Metric{{Name: "runtime"}}},
		&Space{Space: goldenSpace(t)},
		minimal,
		fullRun(),
		odd,
		numbers,
		low,
		big,
		failed(study.Pruned, ""),
		failed(study.Failed, "ValueError: Input X contains NaN.\n  estimator <SVC(C=1e-3)>"),
		failed(study.TimedOut, "limit of 60 s"),
		failed(study.OutOfMemory, "limit of 2 GiB"),
		failed(study.Crashed, "signal: segmentation fault \u001b[31m"),
		&Retraction{Target: id("5")},
		&Retraction{Target: id("5"), Contributor: "someone", Reason: "wrong target column", Time: 1},
		&Retraction{Target: id("6"), Reason: "\u2029"},
		&Label{Task: id("7"), Name: strings.Repeat("x", MaxName)},
	}
}

func minimalRun() *Run {
	return &Run{
		Task: id("a"), Protocol: id("b"), Space: id("c"), Config: space.Config{}, Status: study.Complete,
		Measures: []Measure{{Metric: "m", Validation: []float64{0}}}, Evaluator: Evaluator{Name: "e"},
	}
}

// TestGolden holds ids and bytes fixed: they must never change, since stored knowledge bases carry them.
func TestGolden(t *testing.T) {
	path := filepath.Join("testdata", goldenFile)
	records := goldenRecords(t)
	var made bytes.Buffer
	for i, r := range records {
		b, err := Encode(r)
		if err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
		fmt.Fprintf(&made, "%s %s\n", Sum(b), b)
	}
	if *update {
		if err := os.WriteFile(path, made.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(strings.TrimSuffix(string(golden), "\n"), "\n")
	got := strings.Split(strings.TrimSuffix(made.String(), "\n"), "\n")
	if len(want) != 30 || len(got) != len(want) {
		t.Fatalf("%d records against %d golden ones, 30 expected", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("record %d\n got %s\nwant %s", i+1, got[i], want[i])
		}
		decoded, err := Decode([]byte(want[i][65:]))
		if err != nil {
			t.Errorf("record %d: %v", i+1, err)
			continue
		}
		if back, err := Identify(decoded); err != nil || string(back) != want[i][:64] {
			t.Errorf("record %d decodes to id %s, %v", i+1, back, err)
		}
	}
}

// TestGoldenIndependently has the ids recomputed by a Python program that shares nothing with this package.
func TestGoldenIndependently(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		skipUnlessStrict(t, "python3 is not installed")
	}
	out, err := exec.Command(python, filepath.Join("testdata", "check_ids.py"), filepath.Join("testdata", goldenFile)).CombinedOutput()
	if err != nil {
		t.Fatalf("check_ids.py: %v\n%s", err, out)
	}
	if got := strings.TrimSpace(string(out)); got != "30 records agree" {
		t.Fatalf("check_ids.py says %q", got)
	}
}

// TestIndependentCheckCanFail makes sure the Python program notices a wrong id and wrong bytes.
func TestIndependentCheckCanFail(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		skipUnlessStrict(t, "python3 is not installed")
	}
	body := `{"fingerprint":"f","kind":"task"}`
	for name, line := range map[string]string{
		"id":     strings.Repeat("0", 64) + " " + body,
		"order":  string(Sum([]byte(`{"kind":"task","fingerprint":"f"}`))) + ` {"kind":"task","fingerprint":"f"}`,
		"number": string(Sum([]byte(`{"a":1.0}`))) + ` {"a":1.0}`,
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command(python, filepath.Join("testdata", "check_ids.py"), path).CombinedOutput(); err == nil {
			t.Errorf("%s: accepted: %s", name, out)
		}
	}
}

func skipUnlessStrict(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("METAML_STRICT") == "1" {
		t.Fatal(why)
	}
	t.Skip(why)
}
