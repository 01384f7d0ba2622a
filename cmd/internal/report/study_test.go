package report

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// noon is when the made study began.
var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// madeSpace has a learner with hyperparameters of its own each.
func madeSpace(t testing.TB) space.Space {
	t.Helper()
	learner := func(name string) *space.Condition { return space.Equals("learner", space.String(name)) }
	s, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("linear"), space.String("tree")}},
		{Name: "C", Low: 1e-3, High: 1e3, Log: true, When: learner("linear")},
		{Name: "depth", Type: space.TypeInt, Low: 1, High: 12, When: learner("tree")},
		{Name: "balanced", Type: space.TypeBool},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func linear(c float64) space.Config {
	return space.Config{"learner": space.String("linear"), "C": space.Float(c), "balanced": space.Bool(false)}
}

func tree(depth int64, balanced bool) space.Config {
	return space.Config{"learner": space.String("tree"), "depth": space.Int(depth), "balanced": space.Bool(balanced)}
}

// log writes a study's events down, with their times in seconds after noon.
type log struct {
	entries []sqlite.Entry
	next    study.TrialID
}

func (l *log) add(at float64, t study.Trial) {
	e := sqlite.Entry{Time: noon.Add(time.Duration(at * float64(time.Second)))}
	e.Sequence, e.Trial = uint64(len(l.entries)+1), t
	l.entries = append(l.entries, e)
}

// begin begins a trial; the function returned ends it.
func (l *log) begin(at float64, origin string, c space.Config, f study.Fidelity) (end func(at float64, t study.Trial)) {
	l.next++
	s := study.Suggestion{ID: l.next, Config: c, Fidelity: f, Origin: origin, Seed: uint64(l.next)}
	l.add(at, study.Trial{Suggestion: s})
	return func(at float64, t study.Trial) {
		t.Suggestion = s
		l.add(at, t)
	}
}

// scored is a complete trial: accuracy on three folds around the mean, a little less on the test split.
func scored(accuracy, wall float64) study.Trial {
	m := map[string]float64{"accuracy": accuracy}
	for i, shift := range []float64{-0.01, 0, 0.01} {
		m[fmt.Sprintf("accuracy/fold/%d", i)] = accuracy + shift
		m[fmt.Sprintf("accuracy/test/%d", i)] = accuracy + shift/2 - 0.02
	}
	return study.Trial{Status: study.Complete, Losses: []float64{-accuracy}, Observations: []study.Observation{{Metrics: m, Cost: study.Cost{Wall: wall}}}}
}

// made is a study with something of everything: warm starts and the default, two workers, a pause of an hour in which
// trial 6 stayed pending, trials at a lower fidelity, learning curves, failures, and a trial that still runs.
func made(t testing.TB) Input {
	t.Helper()
	var l log
	first := l.begin(0, optimizers.OriginWarmStart, tree(4, false), nil)
	second := l.begin(0, optimizers.OriginWarmStart, linear(10), nil)
	second(2, scored(0.81, 2))
	first(3, scored(0.85, 3))
	l.begin(3, optimizers.OriginWarmStart, linear(1), nil)(4, scored(0.8, 1))
	l.begin(4, "random", tree(12, true), nil)(5, study.Trial{Status: study.Failed, Reason: "ValueError: 3 rows in class 2"})
	l.begin(5, "random", tree(11, true), nil)(7, study.Trial{Status: study.Failed, Reason: "ValueError: 1 rows in class 0"})
	paused := l.begin(7, "random", tree(6, true), nil)
	paused(3610, scored(0.87, 3))
	l.begin(3611, "random", tree(9, false), nil)(3671, study.Trial{Status: study.TimedOut, Reason: "60 s"})
	curve := scored(0.84, 4)
	for i, y := range []float64{0.7, 0.8, 0.84, 0.83} {
		curve.Observations = append([]study.Observation{}, curve.Observations...)
		last := len(curve.Observations) - 1
		curve.Observations = append(curve.Observations[:last], study.Observation{
			Step: i + 1, Steps: 4, Fidelity: study.Fidelity{"rounds": float64(int(10) << i)}, Metrics: map[string]float64{"accuracy": y}}, curve.Observations[last])
	}
	l.begin(3671, "model", linear(0.5), nil)(3675, curve)
	l.begin(3675, "model", tree(5, true), study.Fidelity{"rows": 0.1})(3676, scored(0.9, 1))
	l.begin(3676, "model", tree(5, true), nil)(3679, scored(0.88, 3))
	for i, c := range []float64{0.002, 0.05, 0.3, 3, 30, 300} {
		at := 3680 + float64(i)
		l.begin(at, "model", linear(c), nil)(at+1, scored(0.75+0.01*float64(i%3), 1))
	}
	pruned := scored(0.6, 0.5)
	pruned.Status = study.Pruned
	l.begin(3686, "model", tree(2, false), nil)(3686.5, pruned)
	l.begin(3687, "model", tree(7, true), nil)
	details, err := json.Marshal(tuning.Details{
		Mode: tuning.ModeData, Data: "/data/churn & co.csv", Target: "churned", Task: "classification", Rows: 7043, Columns: 20,
		Protocol: json.RawMessage(`{"resampling":"cv","folds":3}`), Evaluator: "sklearn", Metric: "accuracy", Maximize: true,
		WarmStarts: []tuning.WarmStart{{Config: tree(4, false), Reason: "best on 5 of the 9 nearest tasks", From: []string{"credit", "adult"}}, {Config: linear(10)}},
		Default:    linear(1), Command: []string{"tune", "churn & co.csv", "--target", "churned"}, Version: "1.2.3", Machine: "2 cores",
	})
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		Header: sqlite.Header{
			Name: "churn-7f3a", Optimizer: "smac", Settings: json.RawMessage(`{"trees":32}`), Details: details, Created: noon,
			Problem: study.Problem{Space: madeSpace(t), Seed: 7, Objectives: []study.Objective{{Metric: "accuracy", Maximize: true}},
				Fidelities: []study.Range{{Name: "rows", Low: 0.1, High: 1, Log: true}}},
		},
		Entries: l.entries, Made: noon.Add(2 * time.Hour),
	}
}

// composed is the document of a study.
func composed(t testing.TB, in Input) *document {
	t.Helper()
	d, err := compose(in)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
