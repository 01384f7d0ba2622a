package python_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

const protocol = `{"folds":3,"metrics":[{"maximize":true,"name":"balanced_accuracy"},{"name":"log_loss"}],"repeats":1,` +
	`"resampling":"cv","row_cap":2000,"split_seed":0,"test_fraction":0.25}`

// stage writes a staged table of two classes, which the first of four columns tells apart with some noise.
func stage(t *testing.T, rows int) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	columns := make([][]float64, 6)
	for i := range rows {
		for c := range 4 {
			columns[c] = append(columns[c], rng.NormFloat64())
		}
		class := 0.0
		if columns[0][i]+0.5*rng.NormFloat64() > 0 {
			class = 1
		}
		columns[4] = append(columns[4], class)
		columns[5] = append(columns[5], float64(i%4-1))
	}
	var table []byte
	for _, column := range columns {
		for _, v := range column {
			table = binary.LittleEndian.AppendUint64(table, math.Float64bits(v))
		}
	}
	type column struct {
		Name   string   `json:"name"`
		Kind   string   `json:"kind,omitempty"`
		Levels []string `json:"levels,omitempty"`
	}
	header, err := json.Marshal(map[string]any{
		"schema_version": 1, "name": "noise", "fingerprint": "f00d", "task": "classification", "rows": rows,
		"features":   []column{{Name: "a", Kind: "numeric"}, {Name: "b", Kind: "numeric"}, {Name: "c", Kind: "numeric"}, {Name: "d", Kind: "numeric"}},
		"target":     column{Name: "y", Levels: []string{"no", "yes"}},
		"splits":     []map[string]int{{"repeat": 0, "folds": 3}},
		"split_hash": "beef",
	})
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	for name, data := range map[string][]byte{"table.json": header, "table.f64": table} {
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// start starts the evaluator through the plugin host and loads the table in folder.
func start(t *testing.T, folder string, env ...string) *plugins.Evaluator {
	t.Helper()
	path, args, own := environment(t).Module("metaml.evaluators.sklearn")
	ctx := t.Context()
	e, err := plugins.StartEvaluator(ctx, "sklearn", plugins.Command{
		Path: path, Args: args, Env: append(own, env...), StartTimeout: time.Minute, Stderr: t.Output(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	if err := e.Load(ctx, folder, []byte(protocol), "f00d"); err != nil {
		t.Fatal(err)
	}
	return e
}

// defaultOf returns the default configuration of a learner.
func defaultOf(t *testing.T, s space.Space, learner string) space.Config {
	t.Helper()
	c, err := s.Complete(space.Config{"learner": space.String(learner)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEvaluatorThroughTheHost(t *testing.T) {
	e := start(t, stage(t, 240))
	d, err := e.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.Name != "sklearn" || len(d.Spaces) != 2 || len(d.Fidelities) != 2 || d.Metrics["classification"][0].Metric != "balanced_accuracy" {
		t.Fatalf("description %+v", d)
	}
	for i, learner := range []string{"lightgbm", "linear"} {
		reported := 0
		s := study.Suggestion{ID: study.TrialID(i + 1), Config: defaultOf(t, d.Spaces["classification"], learner), Seed: 1 << 63}
		trial, err := e.Evaluate(t.Context(), s, func(study.Observation) error { reported++; return nil })
		if err != nil {
			t.Fatal(err)
		}
		if trial.Status != study.Complete || len(trial.Observations) != reported+1 {
			t.Fatalf("%s: %s %s, %d observations, %d reported", learner, trial.Status, trial.Reason, len(trial.Observations), reported)
		}
		last := trial.Observations[reported]
		if m := last.Metrics; m["balanced_accuracy"] < 0.75 || m["balanced_accuracy/test/2"] < 0.6 || len(m) < 14 {
			t.Errorf("%s: metrics %v", learner, m)
		}
		if c := last.Cost; c.CPU <= 0 || c.Fit <= 0 || c.Wall < c.Fit || c.Memory < 1<<20 {
			t.Errorf("%s: cost %+v", learner, c)
		}
		if grows := learner == "lightgbm"; grows != (reported > 0) {
			t.Errorf("%s reported %d observations", learner, reported)
		}
	}
}

func TestEvaluatorStopsGracefully(t *testing.T) {
	e := start(t, stage(t, 240))
	d, err := e.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := study.Suggestion{ID: 7, Config: defaultOf(t, d.Spaces["classification"], "mlp")}
	trial, err := e.Evaluate(t.Context(), s, func(study.Observation) error { return optimizers.ErrStop })
	if err != nil {
		t.Fatal(err)
	}
	last := trial.Observations[len(trial.Observations)-1]
	if trial.Status != study.Pruned || last.Metrics["balanced_accuracy/test/0"] == 0 || last.Metrics["iterations"] == 100 {
		t.Errorf("%s %s: %v", trial.Status, trial.Reason, last.Metrics)
	}
}

func TestEvaluatorKeepsItsLimits(t *testing.T) {
	e := start(t, stage(t, 240))
	d, err := e.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.SetLimits(plugins.Limits{Wall: time.Millisecond, Grace: time.Minute}); err != nil {
		t.Fatal(err)
	}
	s := study.Suggestion{ID: 1, Config: defaultOf(t, d.Spaces["classification"], "mlp")}
	pid := e.PID()
	trial, err := e.Evaluate(t.Context(), s, func(study.Observation) error { return nil })
	if err != nil || trial.Status != study.TimedOut || !strings.Contains(trial.Reason, "limit of 0.001 s") {
		t.Errorf("%v, %s: %s", err, trial.Status, trial.Reason)
	}
	if e.PID() != pid {
		t.Error("the limit cost the whole process, not a fork")
	}
}

func TestEvaluatorJournalIsReadByStudy(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	e := start(t, stage(t, 120), study.JournalVariable+"="+journal)
	d, err := e.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s := study.Suggestion{ID: 3, Config: defaultOf(t, d.Spaces["classification"], "tree"), Seed: 1<<63 + 1}
	trial, err := e.Evaluate(t.Context(), s, func(study.Observation) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	var line study.Finished
	if err := json.Unmarshal(data, &line); err != nil {
		t.Fatal(err)
	}
	got := line.Trial
	if line.Fingerprint != "f00d" || string(line.Protocol) != protocol || got.ID != 3 || got.Seed != 1<<63+1 || got.Status != study.Complete {
		t.Errorf("journal line %s", data)
	}
	same := got.Observations[0].Metrics["log_loss"] == trial.Observations[0].Metrics["log_loss"]
	if !same || !got.Config.Equal(s.Config) {
		t.Errorf("the journal has %v, the trial %v", got, trial)
	}
}

func TestEvaluatorRefusesABrokenTable(t *testing.T) {
	folder := stage(t, 120)
	e := start(t, folder)
	if err := os.WriteFile(filepath.Join(folder, "table.f64"), []byte("short"), 0o644); err != nil {
		t.Fatal(err)
	}
	err := e.Load(context.Background(), folder, []byte(protocol), "another")
	if err == nil || !strings.Contains(err.Error(), "table.f64") {
		t.Errorf("error %v does not name the file", err)
	}
}
