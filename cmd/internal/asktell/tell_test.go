package asktell

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// TestTell tells a study of three pending trials, one after the other, with a metric that is maximised.
func TestTell(t *testing.T) {
	_, p := branin(t)
	p.Objectives = []study.Objective{{Metric: "gloss", Maximize: true}}
	l := &optimizers.Memory{}
	ask(t, p, l, nil, 3)
	value := func(id study.TrialID, x float64) Result { return Value(id, "gloss", x) }
	failure := func(id study.TrialID, reason string) Result {
		r, err := Failure(id, reason)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	costly := value(1, 0.5)
	costly.Cost.Wall = 3
	richer := value(1, 0.5)
	richer.Metrics["noise"] = 1
	for _, step := range []struct {
		name string
		tell []Result
		news int
		want error
	}{
		{"unknown", []Result{value(4, 1)}, 0, ErrUnknown},
		{"no trial", []Result{value(0, 1)}, 0, ErrUnknown},
		{"huge", []Result{value(math.MaxUint64, 1)}, 0, ErrUnknown},
		{"one of two unknown", []Result{value(1, 1), value(4, 1)}, 0, ErrUnknown},
		{"a value", []Result{value(1, 0.5)}, 1, nil},
		{"the same", []Result{value(1, 0.5)}, 0, nil},
		{"the same, timed anew", []Result{costly}, 0, nil},
		{"another value", []Result{value(1, 0.25)}, 0, ErrConflict},
		{"another metric", []Result{richer}, 0, ErrConflict},
		{"a failure of what is complete", []Result{failure(1, "why")}, 0, ErrConflict},
		{"news beside a conflict", []Result{value(2, 1), value(1, 0.25)}, 0, ErrConflict},
		{"against itself", []Result{value(2, 1), value(2, 2)}, 0, ErrConflict},
		{"twice, and known", []Result{value(2, math.NaN()), value(2, math.NaN()), value(1, 0.5)}, 1, nil},
		{"NaN again", []Result{value(2, math.Inf(1))}, 0, nil},
		{"a failure", []Result{failure(3, "no paint")}, 1, nil},
		{"another reason", []Result{failure(3, "no wall")}, 0, ErrConflict},
		{"nothing", nil, 0, nil},
	} {
		before := len(log(t, l))
		news, err := open(t, p, l).Tell(t.Context(), step.tell...)
		if news != step.news || !errors.Is(err, step.want) || len(log(t, l)) != before+step.news {
			t.Errorf("%s: %d news, %d events more, %v", step.name, news, len(log(t, l))-before, err)
		}
	}
	trials := open(t, p, l).Log().Trials
	if x := trials[0]; x.Status != study.Complete || !reflect.DeepEqual(x.Losses, []float64{-0.5}) || x.Observations[0].Metrics["gloss"] != 0.5 {
		t.Errorf("trial 1 %+v", x)
	}
	if x := trials[1]; x.Status != study.Failed || x.Losses != nil || x.Reason != "gloss is no finite number" || x.Observations != nil {
		t.Errorf("trial 2 %+v", x)
	}
	if x := trials[2]; x.Status != study.Failed || x.Reason != "no paint" {
		t.Errorf("trial 3 %+v", x)
	}
}

// TestTellWritesAllOrNone tells a ledger that cannot be written to.
func TestTellWritesAllOrNone(t *testing.T) {
	_, p := branin(t)
	l := &refusing{}
	begun := &optimizers.Memory{}
	ask(t, p, begun, nil, 2)
	for _, trial := range log(t, begun) {
		if err := l.Memory.Append(t.Context(), optimizers.Event{Trial: trial}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := open(t, p, l).Tell(t.Context(), Value(1, "loss", 1), Value(2, "loss", 2)); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
	if n := len(log(t, l)); n != 2 {
		t.Errorf("%d events", n)
	}
}

// TestFidelityAndCheckpoint are kept with the result.
func TestFidelityAndCheckpoint(t *testing.T) {
	_, p := branin(t)
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 9}}
	s := study.Suggestion{ID: 1, Config: at(1, 1), Fidelity: study.Fidelity{"epochs": 3}}
	got := conclude(p, study.Trial{Suggestion: s}, Result{Trial: 1, Status: study.Pruned, Metrics: map[string]float64{"loss": 2, "bad": math.NaN()},
		Cost: study.Cost{Wall: 5}, Checkpoint: "/tmp/1"})
	want := study.Trial{Suggestion: s, Status: study.Pruned, Losses: []float64{2}, Checkpoint: "/tmp/1",
		Observations: []study.Observation{{Fidelity: study.Fidelity{"epochs": 3}, Metrics: map[string]float64{"loss": 2}, Cost: study.Cost{Wall: 5}}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestParseResults(t *testing.T) {
	text := `{"trial": 1, "value": 0.5}

 {"trial": 2, "failed": "boom"}
{"trial":3,"metrics":{"loss":0.25,"accuracy":0.9},"cost":{"wall":2,"memory":1e6},"checkpoint":"/c"}
{"trial":4,"value":1,"metrics":{"accuracy":0.8},"status":"pruned"}
{"trial":5,"failed":"too big","status":"out_of_memory","cost":{"wall":1}}
{"trial":6,"value":-1e300,"metrics":{"loss":-1e300}}`
	want := []Result{
		{Trial: 1, Status: study.Complete, Metrics: map[string]float64{"loss": 0.5}},
		{Trial: 2, Status: study.Failed, Reason: "boom"},
		{Trial: 3, Status: study.Complete, Metrics: map[string]float64{"loss": 0.25, "accuracy": 0.9}, Cost: study.Cost{Wall: 2, Memory: 1e6}, Checkpoint: "/c"},
		{Trial: 4, Status: study.Pruned, Metrics: map[string]float64{"loss": 1, "accuracy": 0.8}},
		{Trial: 5, Status: study.OutOfMemory, Reason: "too big", Cost: study.Cost{Wall: 1}},
		{Trial: 6, Status: study.Complete, Metrics: map[string]float64{"loss": -1e300}},
	}
	got, err := ParseResults(strings.NewReader(text), "loss")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestParseResultsRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"trial": 1, "value": NaN}`:                                     `"failed": "why"`,
		`{"trial": 1, "value": 1, "value": 2}`:                           "no JSON",
		`3`:                                                              "no JSON|cannot unmarshal",
		`{"value": 1}`:                                                   "names no trial",
		`{"trial": 0, "value": 1}`:                                       "names no trial",
		`{"trial": -1, "value": 1}`:                                      "trial",
		`{"trial": 1}`:                                                   `neither a "value" (of loss) nor "failed"`,
		`{"trial": 1, "metrics": {"accuracy": 1}}`:                       "neither",
		`{"trial": 1, "value": 1, "failed": "x"}`:                        "both",
		`{"trial": 1, "failed": ""}`:                                     "empty",
		`{"trial": 1, "failed": "x", "status": "complete"}`:              "status complete",
		`{"trial": 1, "value": 1, "status": "crashed"}`:                  "does not say why",
		`{"trial": 1, "value": 1, "status": "pending"}`:                  "pending",
		`{"trial": 1, "value": 1, "status": "won"}`:                      "won",
		`{"trial": 1, "value": 1, "vaule": 1}`:                           "vaule",
		`{"trial": 1, "value": 1, "metrics": {"loss": 2}}`:               "is not its metric loss",
		`{"trial": 1, "value": 1, "cost": {"wall": -1}}`:                 "negative",
		`{"trial": 1, "value": 1}` + "\n" + `{"trial": 2}`:               "line 2: ",
		strings.Repeat(" ", 10) + "\n" + strings.Repeat("x", maxLine+10): "line 2: longer than",
	} {
		_, err := ParseResults(strings.NewReader(text), "loss")
		ok := false
		for _, w := range strings.Split(want, "|") {
			ok = ok || err != nil && strings.Contains(err.Error(), w)
		}
		if !errors.Is(err, ErrResult) || !ok {
			t.Errorf("%.80q: %v; want %s", text, err, want)
		}
	}
}

// FuzzParseResults: whatever comes in, a result names a trial and says how it ended.
func FuzzParseResults(f *testing.F) {
	f.Add(`{"trial": 1, "value": 0.5}`)
	f.Add(`{"trial":3,"metrics":{"loss":0.25},"cost":{"wall":2}}` + "\n" + `{"trial": 2, "failed": "boom", "status":"crashed"}`)
	f.Add("{\"trial\": 1, \"value\": 1e999}\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		results, err := ParseResults(strings.NewReader(text), "loss")
		if err != nil && !errors.Is(err, ErrResult) {
			t.Errorf("error %v", err)
		}
		for _, r := range results {
			_, measured := r.Metrics["loss"]
			good := r.Status == study.Complete || r.Status == study.Pruned
			if r.Trial < 1 || good != (r.Reason == "") || good && !measured || r.Status == study.Pending {
				t.Errorf("result %+v", r)
			}
		}
	})
}
