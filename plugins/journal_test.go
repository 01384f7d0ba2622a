//go:build unix

package plugins

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestAppendJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.journal")
	t.Setenv(study.JournalVariable, path)
	trial := study.Trial{Suggestion: study.Suggestion{ID: 3, Config: space.Config{"x": space.Float(.5)}, Seed: 1 << 60},
		Status: study.Complete, Observations: []study.Observation{{Metrics: map[string]float64{"loss": 1}}}}
	for _, protocol := range []string{`{"folds":3}`, ""} {
		if err := appendJournal(study.Finished{Fingerprint: "f", Protocol: []byte(protocol), Trial: trial}); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSuffix(b, []byte("\n")), []byte("\n"))
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), b)
	}
	var first study.Finished
	if err := json.Unmarshal(lines[0], &first); err != nil {
		t.Fatal(err)
	}
	if first.Fingerprint != "f" || string(first.Protocol) != `{"folds":3}` || first.Trial.Seed != 1<<60 ||
		!first.Trial.Config.Equal(trial.Config) || first.Trial.Observations[0].Metrics["loss"] != 1 {
		t.Errorf("journal holds %+v", first)
	}
	if !json.Valid(lines[1]) {
		t.Errorf("without protocol: %s", lines[1])
	}
}

func TestAppendJournalSaysWhatFailed(t *testing.T) {
	t.Setenv(study.JournalVariable, filepath.Join(t.TempDir(), "no such folder", "e.journal"))
	if err := appendJournal(study.Finished{Fingerprint: "f"}); err == nil {
		t.Error("a journal that cannot be written is no error")
	}
	t.Setenv(study.JournalVariable, "")
	if err := appendJournal(study.Finished{Fingerprint: "f"}); err != nil {
		t.Errorf("without journal: %v", err)
	}
}

func TestEvaluatorJournalsBeforeItAnswers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.journal")
	e := startEvaluator(t, "evaluator", study.JournalVariable+"="+path)
	if err := e.Load(t.Context(), "/staged", []byte(`{"folds":3}`), "f00"); err != nil {
		t.Fatal(err)
	}
	_, err := e.Evaluate(t.Context(), asking("steps"), func(o study.Observation) error { return optimizers.ErrStop })
	if err != nil {
		t.Fatal(err)
	}
	_, _ = e.Evaluate(t.Context(), asking("fail"), nil)
	_, _ = e.Evaluate(t.Context(), asking("exit"), nil)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var finished study.Finished
	if err := json.Unmarshal(b, &finished); err != nil {
		t.Fatalf("%v: %s", err, b) // also if there is more than the one line
	}
	trial := finished.Trial
	if finished.Fingerprint != "f00" || string(finished.Protocol) != `{"folds":3}` || trial.ID != 7 ||
		trial.Status != study.Pruned || len(trial.Observations) == 0 || trial.Observations[0].Step != 1 {
		t.Errorf("journal holds %+v", finished)
	}
}

// TestTrialsGoOnWithoutJournal has an evaluator whose journal cannot be written: it is for the case that the host dies.
func TestTrialsGoOnWithoutJournal(t *testing.T) {
	said := &lockedBuffer{}
	command := playing(t, "evaluator", study.JournalVariable+"="+filepath.Join(t.TempDir(), "none", "e.journal"))
	command.Stderr = said
	e, err := StartEvaluator(t.Context(), "square", command)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if trial, err := e.Evaluate(t.Context(), asking("nothing"), nil); err != nil || trial.Status != study.Complete {
			t.Errorf("%v, %v", trial.Status, err)
		}
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(said.String(), "trials go on without it"); n != 1 {
		t.Errorf("it says so %d times: %q", n, said)
	}
}

// TestNothingIsLeftOfHalfALine lets the journal reach the largest size that files may have here.
func TestNothingIsLeftOfHalfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.journal")
	e := startEvaluator(t, "short of disk", study.JournalVariable+"="+path)
	for range 40 {
		if _, err := e.Evaluate(t.Context(), asking("nothing"), nil); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(b) == 0 || len(b) > shortOfDisk || b[len(b)-1] != '\n' {
		t.Fatalf("%d bytes, the last %q", len(b), b[len(b)-1:])
	}
	for line := range bytes.Lines(b) {
		if !json.Valid(line) {
			t.Errorf("half a line: %s", line)
		}
	}
}
