package tunebench

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

// lineup is two tables in two groups on which row i has the test and validation loss i/10, with a noise of .1.
func lineup() []*Task {
	var tasks []*Task
	for _, name := range []string{"a", "b"} {
		task := &Task{ID: record.ID(name), Name: name, Group: name, Noise: .1}
		for i := range 11 {
			task.Rows = append(task.Rows, Row{Loss: float64(i) / 10, Test: float64(i) / 10})
		}
		task.tabulated, task.validation, task.test = len(task.Rows), scale{0, .5}, scale{0, .5}
		tasks = append(tasks, task)
	}
	return tasks
}

var entrants = []Entrant{{"tpe/cold", "tpe", Cold}, {"tpe/warm", "tpe", Warm}, {"random/cold", "random", Cold}, {"peer", "", Cold}, {"partial", "", Cold}, {"absent", "", Cold}}

// summarised are runs of four trials whose incumbents are known.
func summarised() *Report {
	runs := Runs{}
	for _, task := range []string{"a", "b"} {
		for seed := range uint64(2) {
			runs[Key{task, "tpe/cold", seed}] = []int{9, 6, 4, 2}
			runs[Key{task, "tpe/warm", seed}] = []int{3, 5, 2, 1}
			runs[Key{task, "random/cold", seed}] = []int{8, 5, 7, 6}
			runs[Key{task, "peer", seed}] = []int{10, 3, 9} // it had nothing more to propose
		}
	}
	runs[Key{"b", "partial", 0}] = []int{2}
	runs[Key{"gone", "tpe/cold", 0}] = []int{1}
	return Summarise(lineup(), entrants, runs, 4, 1)
}

func TestSummarise(t *testing.T) {
	r := summarised()
	if r.Groups != 2 || r.Trials != 4 || len(r.Tasks) != 2 || len(r.Methods) != 5 {
		t.Fatalf("%+v", r)
	}
	warm := r.Methods[1]
	if warm.Method != "tpe/warm" || warm.Runs != 4 || !slices.EqualFunc(warm.Curves[OnTest], []float64{.6, .6, .4, .2}, near) ||
		!near(warm.Test["4"].Mean, .2) || warm.Test["4"].SE > 1e-6 {
		t.Errorf("%+v", warm)
	}
	if got := r.Methods[0].Curves[OnTest]; !slices.EqualFunc(got, []float64{1.8, 1.2, .8, .4}, near) {
		t.Errorf("cold: %v", got)
	}
	if got := r.Tasks[1]; got.Name != "b" || got.Rows != 11 || !near(got.Regret["peer"], .6) || !near(got.Median, .5) || got.Chosen != 0 || got.Noise != .1 {
		t.Errorf("%+v", got)
	}
	if partial := r.Methods[4]; partial.Tables != 1 || partial.Runs != 1 || !near(partial.Test["4"].Mean, .4) {
		t.Errorf("%+v", partial)
	}
	if _, ok := r.Tasks[0].Regret["partial"]; ok {
		t.Error("a regret where there was no run")
	}
	goals := map[string]float64{}
	for _, g := range r.Goals {
		if g.Score == OnTest && g.Median != nil {
			goals[g.Against+map[float64]string{0: "", 1: "~"}[g.Tolerance]] = *g.Median
		}
		if g.Method != "tpe/warm" {
			t.Errorf("a goal of %s", g.Method)
		}
	}
	if len(goals) != 8 || goals["partial"] != 3 || goals["tpe/cold"] != 3 || goals["tpe/cold~"] != 1 || goals["random/cold"] != 1 || goals["peer"] != 1 {
		t.Errorf("%v", goals)
	}
	for _, d := range r.Differences {
		if d.Against == "tpe/cold" && (!slices.EqualFunc(d.Mean, []float64{-1.2, -.6, -.4, -.2}, near) || len(d.Below) != 4 || len(d.Above) != 0) {
			t.Errorf("%+v", d)
		}
		if d.Against == "partial" && (d.Tables != 1 || !near(d.Mean[0], .2)) {
			t.Errorf("%+v", d)
		}
		if d.Against == "random/cold" {
			t.Error("regrets are compared with another optimizer's cold runs")
		}
	}
	if len(r.Differences) != 6 || len(r.Losses) != 4 {
		t.Errorf("%d differences, %d losses", len(r.Differences), len(r.Losses))
	}
	for _, l := range r.Losses {
		if l.Tolerance == 0 && (l.With.Runs != 4 || *l.With.Median != 3 || *l.Cold.Median != 4 || l.Mean != -1) {
			t.Errorf("%+v", l)
		}
	}
}

// TestReportAsJSON checks that no field hides another.
func TestReportAsJSON(t *testing.T) {
	text, err := json.Marshal(summarised())
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Losses []struct {
			Method string
			Lo     *float64
			With   struct{ Runs int }
		}
		Goals []struct {
			Method, Against string
			Median          *float64
		}
		Differences []struct{ Mean, Lo, Hi []float64 }
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if back.Losses[0].Method != "tpe/warm" || back.Losses[0].With.Runs != 4 || back.Losses[0].Lo == nil || back.Goals[0].Median == nil || len(back.Differences[0].Lo) != 4 {
		t.Errorf("%s", text)
	}
}

func TestCheckpoints(t *testing.T) {
	for trials, want := range map[int][]int{4: {4}, 10: {10}, 100: {10, 25, 100}, 200: {10, 25, 100, 200}} {
		if got := Checkpoints(trials); !slices.Equal(got, want) {
			t.Errorf("of %d: %v, want %v", trials, got, want)
		}
	}
}

func TestRound(t *testing.T) {
	for x, want := range map[float64]float64{.123456789: .12346, 0: 0, -1234567: -1234600} {
		if got := round(x); got != want {
			t.Errorf("%v: %v, want %v", x, got, want)
		}
	}
}

// TestChosen checks the regret of what validation chooses in a whole table: here the row that looks best is not.
func TestChosen(t *testing.T) {
	tasks := lineup()
	tasks[1].Rows[0].Test = .8
	r := Summarise(tasks, entrants, Runs{{"a", "peer", 1}: {1}}, 4, 1)
	if r.Tasks[0].Chosen != 0 || !near(r.Tasks[1].Chosen, 1.6) || len(r.Methods) != 1 {
		t.Errorf("%+v", r.Tasks)
	}
}
