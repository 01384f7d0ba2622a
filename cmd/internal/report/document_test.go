package report

import (
	"bytes"
	"encoding/json"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

var update = flag.Bool("update", false, "write testdata/document.json anew")

// TestDocument compares all that is shown of the made study, but for what a forest predicts, with a file that was read
// and checked by hand.
func TestDocument(t *testing.T) {
	d := composed(t, made(t))
	d.Importance, d.Ablation = importances{Order: []int{}}, ablation{}
	got, err := json.MarshalIndent(d, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	const golden = "testdata/document.json"
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		gotLines, wantLines := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
		for i := range min(len(gotLines), len(wantLines)) {
			if gotLines[i] != wantLines[i] {
				t.Fatalf("line %d is %s, want %s; -update writes the file anew", i+1, gotLines[i], wantLines[i])
			}
		}
		t.Fatalf("%d lines, want %d", len(gotLines), len(wantLines))
	}
}

// TestNumbers states what the made study must show, independently of the golden file.
func TestNumbers(t *testing.T) {
	d := composed(t, made(t))
	// The pause begins when trial 5 has ended (trial 6 says that it took 3 s of its hour) and lasts until 3607.
	if d.Study.Paused != 3600 || d.Study.Seconds != 87 {
		t.Errorf("%v s and %v s paused, want 87 s and 3600 s", d.Study.Seconds, d.Study.Paused)
	}
	roles := map[string]study.TrialID{}
	for _, r := range d.Results {
		roles[r.Role] = r.Trial
		if r.Folds != 3 || math.Abs(*r.SD-0.01) > 1e-9 || math.Abs(*r.TestSD-0.005) > 1e-9 || math.Abs(*r.Value-*r.Test-0.02) > 1e-9 {
			t.Errorf("%+v: folds are .01 apart, on the test split .005 around .02 less", r)
		}
	}
	if roles[roleDefault] != 3 || roles[roleWarm] != 1 || roles[roleBest] != 10 {
		t.Errorf("results are %v, want default 3, warm start 1, best 10 (9, at a tenth of the rows, is better but not full)", roles)
	}
	if w := d.Warm; len(w.Starts) != 2 || math.Abs(*w.Gain-0.05) > 1e-9 || math.Abs(*w.Search-0.03) > 1e-9 || w.Overtaken != 6 {
		t.Errorf("warm start %+v, want two, .05 better than the default, .03 worse than the best, overtaken by 6", w)
	}
	if len(d.Failures) != 2 || d.Failures[0].Count != 2 || !slices.Equal(d.Failures[0].Trials, []study.TrialID{4, 5}) {
		t.Errorf("failures are %+v, want 4 and 5 together, which differ in numbers only, and 7", d.Failures)
	}
	if c := d.Curves; c.Axis != "rounds" || len(c.Lines) != 1 || len(c.Lines[0].Points) != 4 || c.Lines[0].Points[3] != [2]float64{80, 0.83} {
		t.Errorf("curves are %+v, want the four points of trial 8, not its result", c)
	}
	if got, want := d.Command, "metaml tune 'churn & co.csv' --target churned"; got != want {
		t.Errorf("command is %s, want %s", got, want)
	}
}

// TestProgress holds that the last milestone is the incumbent and that each is better than the one before, whatever
// the direction.
func TestProgress(t *testing.T) {
	for _, maximize := range []bool{true, false} {
		in := made(t)
		in.Header.Problem.Objectives[0].Maximize = maximize
		if !maximize {
			for _, e := range in.Entries {
				for i := range e.Trial.Losses {
					e.Trial.Losses[i] = -e.Trial.Losses[i]
				}
			}
		}
		d := composed(t, in)
		best := d.Results[len(d.Results)-1]
		last := d.Progress[len(d.Progress)-1]
		if last.Trial != best.Trial || *last.Value != *best.Value || best.Role != roleBest {
			t.Errorf("maximize %v: the last milestone is %+v, the best %+v", maximize, last, best)
		}
		for i := 1; i < len(d.Progress); i++ {
			if (*d.Progress[i].Value > *d.Progress[i-1].Value) != maximize {
				t.Errorf("maximize %v: milestone %d is no better than the one before", maximize, i)
			}
		}
		if maximize && len(d.Progress) != 3 || !maximize && best.Trial != 11 {
			t.Errorf("maximize %v: %d milestones, best %d", maximize, len(d.Progress), best.Trial)
		}
	}
}

// TestImportance holds that shares are shares, and that the learner, by which the losses were made up, is the first.
func TestImportance(t *testing.T) {
	d := composed(t, made(t))
	m := d.Importance
	if m.Missing != "" || m.Singles[0].Names[0] != "learner" || m.Order[0] != 0 || len(m.Order) != 4 {
		t.Errorf("importance is %+v, want the learner first", m)
	}
	sum := *m.Rest
	for _, e := range slices.Concat(m.Singles, m.Pairs) {
		sum += e.Share
	}
	if math.Abs(sum-1) > 1e-4 {
		t.Errorf("shares and rest are %v together, want 1", sum)
	}
	steps := d.Ablation.Steps
	if len(steps) < 2 || len(steps[0].Changes) != 0 {
		t.Fatalf("ablation is %+v, want the default and the steps to the best", d.Ablation)
	}
	for i, s := range steps[1:] {
		if gain := *s.Value - *steps[i].Value; math.Abs(gain-s.Gain) > 1e-5 {
			t.Errorf("step %d gains %v, but its value is %v better", i+1, s.Gain, gain)
		}
	}
	learner := steps[slices.IndexFunc(steps, func(s step) bool { return len(s.Changes) > 0 && s.Changes[0].Name == "learner" })]
	if c := learner.Changes[0]; c.From != "linear" || c.To != "tree" {
		t.Errorf("the learner changes from %s to %s, want from linear to tree", c.From, c.To)
	}
}

// TestBeginnings makes the report at every moment of the study: whatever is missing, the rest is there.
func TestBeginnings(t *testing.T) {
	in := made(t)
	for n := range in.Entries {
		part := in
		part.Entries = in.Entries[:n]
		var page bytes.Buffer
		if err := Write(&page, part); err != nil {
			t.Fatalf("after %d events: %v", n, err)
		}
		d := composed(t, part)
		if complete := d.Study.Counts["complete"]; (complete == 0) != (len(d.Results) == 0) {
			t.Errorf("after %d events, %d complete: results %v", n, complete, d.Results)
		}
		if d.Importance.Missing == "" && d.Study.Counts["complete"] < 10 {
			t.Errorf("after %d events: importance of %d complete trials", n, d.Study.Counts["complete"])
		}
	}
}

// TestRungs joins the trials of a configuration at growing fidelity to one curve, apart from other fidelities.
func TestRungs(t *testing.T) {
	in := made(t)
	in.Header.Problem.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 27, Log: true}, {Name: "folds", Low: 1, High: 3}}
	var l log
	for i, epochs := range []float64{1, 3, 9} {
		at := float64(i)
		l.begin(at, "rung", tree(3, false), study.Fidelity{"epochs": epochs})(at+0.5, scored(0.6+epochs/100, 1))
		l.begin(at, "rung", tree(3, false), study.Fidelity{"epochs": epochs, "folds": 1})(at+0.5, scored(0.5, 1))
	}
	l.begin(4, "rung", tree(3, false), nil)(5, scored(0.95, 1))
	l.begin(5, "rung", tree(8, false), nil)(6, scored(0.5, 1))
	in.Entries = l.entries
	c := composed(t, in).Curves
	if c.Axis != "epochs" || !c.Log || len(c.Lines) != 2 {
		t.Fatalf("curves are %+v, want two by epochs, on a logarithmic axis", c)
	}
	want := [][2]float64{{1, 0.61}, {3, 0.63}, {9, 0.69}, {27, 0.95}}
	if !slices.Equal(c.Lines[0].Points, want) || !c.Lines[0].Best || c.Lines[1].Best || len(c.Lines[1].Points) != 3 {
		t.Errorf("curves are %+v, want %v for the best and three points of one fold", c.Lines, want)
	}
}

// TestSteps places curves by their steps where no fidelity grows, and leaves the worst out where there are too many.
func TestSteps(t *testing.T) {
	in := made(t)
	var l log
	for i := range maxCurves + 30 {
		y := 0.9 - float64(i)/1000
		end := scored(y, 1)
		end.Observations = []study.Observation{
			{Step: 1, Metrics: map[string]float64{"accuracy": y / 2}}, {Step: 2, Metrics: map[string]float64{"accuracy": y}}, end.Observations[0]}
		l.begin(float64(i), "random", linear(1+float64(i)), nil)(float64(i)+1, end)
	}
	in.Entries = l.entries
	c := composed(t, in).Curves
	if c.Axis != steps || len(c.Lines) != maxCurves || c.Omitted != 30 || c.Lines[0].Trials[0] != 1 || c.Log {
		t.Errorf("%d curves by %q from trial %d, %d omitted; want the %d best by step, 30 omitted", len(c.Lines), c.Axis, c.Lines[0].Trials[0], c.Omitted, maxCurves)
	}
}

func TestClock(t *testing.T) {
	c := linear(1)
	tests := []struct {
		name           string
		write          func(l *log)
		length, paused float64
	}{
		{"nothing", func(*log) {}, 0, 0},
		{"pending", func(l *log) { l.begin(5, "", c, nil) }, 0, 0},
		{"one", func(l *log) { l.begin(5, "", c, nil)(9, scored(1, 4)) }, 4, 0},
		{"an optimizer that thinks", func(l *log) {
			l.begin(0, "", c, nil)(1, scored(1, 1))
			l.begin(50, "", c, nil)(51, scored(1, 1))
		}, 51, 0},
		{"a night", func(l *log) {
			l.begin(0, "", c, nil)(1, scored(1, 1))
			l.begin(30001, "", c, nil)(30011, scored(1, 10))
		}, 11, 30000},
		{"a long trial is no pause", func(l *log) { l.begin(0, "", c, nil)(30000, scored(1, 30000)) }, 30000, 0},
		{"nor is one that does not say how long it took", func(l *log) {
			l.begin(0, "", c, nil)(30000, study.Trial{Status: study.Crashed})
		}, 30000, 0},
		{"another worker goes on", func(l *log) {
			long := l.begin(0, "", c, nil)
			l.begin(0, "", c, nil)(1, scored(1, 1))
			long(200, scored(1, 200))
			l.begin(201, "", c, nil)(202, scored(1, 1))
		}, 202, 0},
		{"a clock set back", func(l *log) { l.begin(100, "", c, nil)(40, scored(1, 2)) }, 60, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var l log
			tt.write(&l)
			got := newClock(l.entries)
			if got.length != tt.length || got.paused != tt.paused {
				t.Errorf("%v s and %v s paused, want %v and %v", got.length, got.paused, tt.length, tt.paused)
			}
		})
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{
		"tune": "tune", "--time=10m": "--time=10m", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "{lr}": "'{lr}'", "ä": "'ä'",
	} {
		if got := quote(word); got != want {
			t.Errorf("quote(%q) = %s, want %s", word, got, want)
		}
	}
}

// TestUnusable holds that what cannot be read is an error, not an empty page.
func TestUnusable(t *testing.T) {
	broken := made(t)
	broken.Header.Details = json.RawMessage(`{"mode":7}`)
	if err := Write(&bytes.Buffer{}, broken); err == nil || !strings.Contains(err.Error(), "churn-7f3a") {
		t.Errorf("details that are none: error %v, want one that names the study", err)
	}
	aimless := made(t)
	aimless.Header.Problem.Objectives = nil
	if err := Write(&bytes.Buffer{}, aimless); err == nil {
		t.Error("a study without objective makes a report")
	}
}

// TestHugeLosses holds that any finite loss can be shown.
func TestHugeLosses(t *testing.T) {
	in := made(t)
	for _, e := range in.Entries {
		for i := range e.Trial.Losses {
			e.Trial.Losses[i] = math.Copysign(math.MaxFloat64, e.Trial.Losses[i])
		}
	}
	if err := Write(&bytes.Buffer{}, in); err != nil {
		t.Error(err)
	}
}

// TestLoad writes the made study to a file and reads it while another process, here the writer, owns it.
func TestLoad(t *testing.T) {
	in := made(t)
	path := t.TempDir() + "/study.sqlite"
	l, err := sqlite.Create(t.Context(), path, in.Header)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, e := range in.Entries {
		if err := l.Append(t.Context(), optimizers.Event{Trial: e.Trial}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Load(t.Context(), path, noon)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != len(in.Entries) || got.Header.Name != in.Header.Name || !got.Made.Equal(noon) {
		t.Errorf("%d entries of %s, want %d of %s", len(got.Entries), got.Header.Name, len(in.Entries), in.Header.Name)
	}
	if trials := composed(t, got).Trials; len(trials) != 18 || trials[0].End == nil {
		t.Errorf("%d trials, want 18, the first with its end", len(trials))
	}
	if _, err := Load(t.Context(), path+"x", noon); err == nil {
		t.Error("a file that is not there makes a report")
	}
}

// TestSameBytes holds that the same study gives the same file.
func TestSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	if err := Write(&a, made(t)); err != nil {
		t.Fatal(err)
	}
	if err := Write(&b, made(t)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two reports of the same study differ")
	}
	if a.Len() > 700_000 {
		t.Errorf("%d bytes: the page without trials should stay below 0.7 MB", a.Len())
	}
}

// hostile is markup that must never become part of the page.
const hostile = `</script><script>window.pwned=1</script><img src=x onerror="window.pwned=2"><!--<b id=pwned>'"&`

// attacked is the made study with hostile text wherever text can come from.
func attacked(t testing.TB) Input {
	in := made(t)
	s, err := space.New([]space.Hyperparameter{
		{Name: hostile, Type: space.TypeCategorical, Choices: []space.Value{space.String(hostile), space.String("b")}},
		{Name: "child", Low: 0, High: 1, When: space.Equals(hostile, space.String(hostile))},
	})
	if err != nil {
		t.Fatal(err)
	}
	in.Header.Name, in.Header.Optimizer, in.Header.Settings = hostile, hostile, json.RawMessage(`"`+`<b id=pwned>`+`"`)
	in.Header.Problem.Space, in.Header.Problem.Objectives = s, []study.Objective{{Metric: hostile, Maximize: true}}
	in.Header.Problem.Fidelities = []study.Range{{Name: hostile, Low: 1, High: 9}}
	bad := space.Config{hostile: space.String(hostile), "child": space.Float(0.5)}
	good := space.Config{hostile: space.String("b")}
	in.Header.Details, err = json.Marshal(tuning.Details{
		Mode: hostile, Data: hostile, Target: hostile, Task: hostile, Rows: 1, Columns: 1, Fingerprint: hostile, Evaluator: hostile, Metric: hostile,
		WarmStarts: []tuning.WarmStart{{Config: bad, Reason: hostile, From: []string{hostile}}}, Default: good,
		Command: []string{hostile}, Version: hostile, Machine: hostile})
	if err != nil {
		t.Fatal(err)
	}
	var l log
	for i := range 24 {
		origin, config := hostile, space.Config{hostile: space.String(hostile), "child": space.Float(float64(i) / 24)}
		if i == 0 {
			origin, config = optimizers.OriginWarmStart, bad
		}
		if i == 1 {
			config = good
		}
		end := study.Trial{Status: study.Complete, Losses: []float64{float64(i * i % 17)}, Observations: []study.Observation{
			{Step: 1, Fidelity: study.Fidelity{hostile: 1}, Metrics: map[string]float64{hostile: 1}},
			{Step: 2, Fidelity: study.Fidelity{hostile: 9}, Metrics: map[string]float64{hostile: 2}}, {Metrics: map[string]float64{hostile: 2}}}}
		if i%7 == 3 {
			end = study.Trial{Status: study.Failed, Reason: hostile}
		}
		l.begin(float64(i), origin, config, nil)(float64(i)+1, end)
	}
	in.Entries, in.Made = l.entries, noon.Add(time.Hour)
	return in
}

// TestInjection holds that text from the study opens no element: the page has the elements of any page, and no more.
func TestInjection(t *testing.T) {
	var safe, page bytes.Buffer
	if err := Write(&safe, made(t)); err != nil {
		t.Fatal(err)
	}
	if err := Write(&page, attacked(t)); err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{"<script", "</script", "<img", "<b", "<!--", "onerror="} {
		if got, want := strings.Count(page.String(), mark), strings.Count(safe.String(), mark); got != want {
			// onerror= stands in the JSON as text, where it is harmless; the others would be markup.
			if mark != "onerror=" {
				t.Errorf("%d times %s, want %d as without the attack", got, mark, want)
			}
		}
	}
	title := page.String()[strings.Index(page.String(), "<title>"):]
	if title = title[:strings.Index(title, "</title>")]; !strings.Contains(title, "&lt;/script&gt;") {
		t.Errorf("the title is %s", title)
	}
}
