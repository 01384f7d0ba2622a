package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestTuneXGBoost tunes XGBoost's own command line (Debian package xgboost): a program written in
// C++ that knows nothing of metaml, whose metric is in a line among others, and a number of rounds for fidelity.
func TestTuneXGBoost(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("xgboost"); err != nil {
		t.Skip("there is no xgboost here (apt-get install xgboost)")
	}
	l := newTuneLab(t, "")
	rng := rand.New(rand.NewPCG(1, 1))
	l.write(t, "train.txt", curved(rng, 400))
	l.write(t, "valid.txt", curved(rng, 400))
	l.write(t, "xgb.conf", `objective = binary:logistic
data = "train.txt"
eval[valid] = "valid.txt"
eval_metric = logloss
nthread = 1
`)
	l.write(t, "xgb.yaml", `parameters:
  eta:       {type: float, low: 0.01, high: 1, log: true}
  max_depth: {type: int, low: 1, high: 10}
  booster:   {type: categorical, choices: [gbtree, dart]}
  rate_drop: {type: float, low: 0, high: 0.5, when: {booster: dart}}
fidelities:
  rounds: {low: 3, high: 27, integer: true, log: true}
`)
	const line = `exec xgboost xgb.conf "$@" 2>&1`
	args := []string{"--optimizer", "hyperband", "--space", "xgb.yaml", "--metric", "logloss", "--pattern", `valid-logloss:(\S+)`, "--",
		"sh", "-c", line, "sh", "eta={eta}", "max_depth={max_depth}", "booster={booster}", "rate_drop={rate_drop}",
		"num_round={fidelity.rounds}", "model_out={checkpoint}/model.json"}
	o := l.run(t, append([]string{"--trials", "25"}, args...)...)
	if o.code != 0 || o.done == nil || o.done.Best == nil || len(o.trials) != 25 {
		t.Fatalf("status %d, %d trials\n%s", o.code, len(o.trials), o.stderr)
	}
	cheap := 0
	for _, ev := range o.trials {
		if ev.Status.String() != "complete" {
			t.Errorf("trial %d: %v (%s)", ev.ID, ev.Status, ev.Reason)
		}
		if r := ev.Fidelity["rounds"]; r > 0 && r < 27 {
			cheap++
		}
		if _, err := os.Stat(filepath.Join(l.folder(), "trials", fmt.Sprint(ev.ID), "model.json")); err != nil {
			t.Error(err)
		}
	}
	if cheap < 10 {
		t.Errorf("%d of 25 trials had fewer rounds", cheap)
	}
	// 0.693 is what guessing scores.
	if best := o.done.Best; best.Value > .6 || best.Default == nil || best.Value > *best.Default {
		t.Errorf("best %+v is no better than guessing or the default", best)
	}
	if o.done.Best != nil {
		l.expectLoss(t, o.done.Best)
	}
}

// expectLoss has XGBoost predict by the best trial's model, and finds the loss that the trial reported.
func (l *tuneLab) expectLoss(t *testing.T, best *bestTrial) {
	t.Helper()
	model := filepath.Join(l.folder(), "trials", fmt.Sprint(best.ID), "model.json")
	cmd := exec.Command("xgboost", "xgb.conf", "task=pred", "model_in="+model, "test:data=valid.txt", "name_pred=predicted")
	cmd.Dir = l.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("predicting by the best model: %v\n%s", err, out)
	}
	predicted, rows := l.lines(t, "predicted"), l.lines(t, "valid.txt")
	if len(predicted) != len(rows) {
		t.Fatalf("%d predictions of %d rows", len(predicted), len(rows))
	}
	var loss float64
	for i, row := range rows {
		p, err := strconv.ParseFloat(predicted[i], 64)
		if err != nil {
			t.Fatal(err)
		}
		if row[0] == '0' {
			p = 1 - p
		}
		loss -= math.Log(p) / float64(len(rows))
	}
	if math.Abs(loss-best.Value) > 1e-4 {
		t.Errorf("the best model's loss is %v, the trial's %v", loss, best.Value)
	}
}

func (l *tuneLab) lines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// curved makes rows in LIBSVM's format of a classification that no line solves.
func curved(rng *rand.Rand, rows int) string {
	var text strings.Builder
	for range rows {
		x, y, z := rng.NormFloat64(), rng.NormFloat64(), rng.NormFloat64()
		class := 0
		if x*y+z*z+.3*rng.NormFloat64() > .7 {
			class = 1
		}
		fmt.Fprintf(&text, "%d 0:%.3f 1:%.3f 2:%.3f\n", class, x, y, z)
	}
	return text.String()
}
