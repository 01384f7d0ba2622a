package transfer

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func mustNew(t *testing.T, set *record.Set, opt Options) *Matrix {
	t.Helper()
	m, err := New(set, opt)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// column finds the column of a configuration.
func column(t *testing.T, m *Matrix, c space.Config) int {
	t.Helper()
	i := slices.IndexFunc(m.Configs, func(have Config) bool { return have.Values.Equal(c) })
	if i < 0 {
		t.Fatalf("no column for %v", c)
	}
	return i
}

func TestCellsAreMeansOverFoldsAndRepetitions(t *testing.T) {
	s := newSheet()
	s.task("a", record.Classification, nil)
	s.run("a", config(0), .1, .2, .3)
	s.run("a", config(1), .5, .5, .5)
	s.run("a", space.Config{"learner": space.String("svm"), "depth": space.Float(1)}, .3, .3, .3) // equal to config(1)
	s.set.Runs[0].Measures[1].Test = []float64{.4, .6}
	m := mustNew(t, s.set, Options{})
	if len(m.Tasks) != 1 || len(m.Configs) != 2 {
		t.Fatalf("%d tasks, %d configurations", len(m.Tasks), len(m.Configs))
	}
	first, second := column(t, m, config(0)), column(t, m, config(1))
	for _, c := range []struct {
		what      string
		got, want float64
	}{
		{"mean over folds", m.Loss[0][first], .2},
		{"mean over repetitions", m.Loss[0][second], .4},
		{"test", m.Test[0][first], .5},
		{"cost", m.Cost[0][first], 1.5},
	} {
		if math.Abs(c.got-c.want) > 1e-12 {
			t.Errorf("%s: %v, want %v", c.what, c.got, c.want)
		}
	}
	if !math.IsNaN(m.Test[0][second]) {
		t.Errorf("a test loss from nowhere: %v", m.Test[0][second])
	}
	if m.Tasks[0].Name != "the a" || m.Tasks[0].Rows != 100 || m.Tasks[0].Columns != 5 || m.Tasks[0].Group != "a" {
		t.Errorf("task %+v", m.Tasks[0])
	}
	if m.Configs[first].Learner != "tree" || m.Configs[second].Learner != "svm" {
		t.Errorf("learners %q, %q", m.Configs[first].Learner, m.Configs[second].Learner)
	}
}

func TestAMaximisedMetricIsNegated(t *testing.T) {
	s := newSheet()
	s.task("a", "", nil)
	s.run("a", config(0), .25)
	m := mustNew(t, s.set, Options{Metric: "accuracy"})
	if m.Loss[0][0] != -.75 || m.Metric.Name != "accuracy" || !m.Metric.Maximize {
		t.Errorf("loss %v by %+v", m.Loss[0][0], m.Metric)
	}
}

func TestRunsWithoutResultAreCensored(t *testing.T) {
	s := newSheet()
	s.task("a", "", nil)
	s.run("a", config(0), .1)
	s.run("a", config(1), .2)
	s.run("a", config(2), .3)
	for i, status := range []study.Status{study.TimedOut, study.OutOfMemory, study.Failed, study.Crashed} {
		s.end("a", config(10+i), status)
	}
	s.end("a", config(1), study.Crashed)                                     // a repetition that gave a result counts
	s.end("a", config(20), study.Pruned)                                     // says nothing at full fidelity
	s.end("a", config(21), study.Pending)                                    // has not ended
	s.run("a", config(22), .05).Fidelity = study.Fidelity{"iterations": 3}   // lower fidelity
	s.run("a", config(23), .05).Measures = []record.Measure{{Metric: "mcc"}} // another metric only
	m := mustNew(t, s.set, Options{})
	if len(m.Configs) != 7 {
		t.Fatalf("%d configurations, want 7", len(m.Configs))
	}
	for i, status := range []study.Status{study.TimedOut, study.OutOfMemory, study.Failed, study.Crashed} {
		c := column(t, m, config(10+i))
		if m.Status[0][c] != status || !math.IsInf(m.Loss[0][c], 1) || m.Regret[0][c] != MaxRegret {
			t.Errorf("%s: status %s, loss %v, regret %v", status, m.Status[0][c], m.Loss[0][c], m.Regret[0][c])
		}
	}
	if c := column(t, m, config(1)); m.Status[0][c] != study.Complete || m.Loss[0][c] != .2 {
		t.Errorf("repetition: %s %v", m.Status[0][c], m.Loss[0][c])
	}
	if got := m.Candidates(); len(got) != 3 {
		t.Errorf("candidates %v, want the three with results", got)
	}
}

func TestProtocolsSpacesAndTypesAreNeverMixed(t *testing.T) {
	s := newSheet()
	s.protocol("other")
	s.task("a", record.Classification, nil)
	s.task("b", record.Regression, nil)
	s.run("a", config(0), .1)
	s.run("a", config(1), .2)
	s.run("a", config(2), .2)
	s.run("a", config(2), .9).Protocol = "other"
	s.run("a", config(3), .9).Space = "elsewhere"
	s.run("b", config(0), 7)
	m := mustNew(t, s.set, Options{})
	if m.Type != record.Classification || m.Protocol != sheetProtocol || m.Space != sheetSpace || len(m.Configs) != 3 {
		t.Fatalf("chose %q, %s, %s with %d configurations", m.Type, m.Protocol, m.Space, len(m.Configs))
	}
	if c := column(t, m, config(2)); m.Loss[0][c] != .2 {
		t.Errorf("mixed with another protocol: %v", m.Loss[0][c])
	}
	if len(m.Notes) != 3 {
		t.Errorf("notes %q, want one each on type, protocol and space", m.Notes)
	}
	if m := mustNew(t, s.set, Options{Type: record.Regression}); m.Tasks[0].ID != "b" || len(m.Notes) != 0 {
		t.Errorf("regression: %v, %q", m.Tasks, m.Notes)
	}
	if m := mustNew(t, s.set, Options{Protocol: "other"}); m.Loss[0][0] != .9 {
		t.Errorf("other protocol: %v", m.Loss)
	}
}

// TestSameEvaluationWithOtherMetrics: cross-validations that differ in the metrics they keep are one; with other folds, or
// in the words of another source, they are not.
func TestSameEvaluationWithOtherMetrics(t *testing.T) {
	s := newSheet()
	few, many := []record.Metric{{Name: "error"}}, []record.Metric{{Name: "error"}, {Name: "f1", Maximize: true}}
	for id, p := range map[record.ID]*record.Protocol{
		"few":   {Resampling: "cv", Folds: 3, RowCap: 2000, Metrics: few},
		"many":  {Resampling: "cv", Folds: 3, RowCap: 2000, Metrics: many},
		"folds": {Resampling: "cv", Folds: 5, RowCap: 2000, Metrics: many},
		"wrong": {Resampling: "cv", Folds: 3, RowCap: 2000, Metrics: []record.Metric{{Name: "error", Maximize: true}}},
		"told":  {Resampling: "hold-out", Metrics: few}, "told too": {Resampling: "hold-out", Metrics: many},
	} {
		s.set.Protocols[id] = p
	}
	s.task("a", record.Classification, nil)
	for i := range 4 {
		s.run("a", config(i), float64(i)).Protocol = "few"
	}
	s.run("a", config(4), .5).Protocol = "many"
	s.run("a", config(0), .5).Protocol = "many" // a repetition
	s.run("a", config(5), .5).Protocol = "folds"
	s.run("a", config(6), .5).Protocol = "wrong"
	s.run("a", config(7), .5).Protocol = "told"
	s.run("a", config(8), .5).Protocol = "told too"
	m := mustNew(t, s.set, Options{})
	if m.Protocol != "few" || len(m.Configs) != 5 {
		t.Fatalf("%d configurations by %s, want 5 by few; %q", len(m.Configs), m.Protocol, m.Notes)
	}
	if got := m.Loss[0][column(t, m, config(0))]; got != .25 {
		t.Errorf("repetitions of 0 and .5 make %v", got)
	}
	if want := "protocol few was chosen of 5; 4 runs of others not comparable and left out"; len(m.Notes) != 1 || m.Notes[0] != want {
		t.Errorf("notes %q, want %q", m.Notes, want)
	}
	if m := mustNew(t, s.set, Options{Protocol: "many"}); len(m.Configs) != 2 {
		t.Errorf("of the named protocol alone: %d configurations", len(m.Configs))
	}
}

// TestMetricOfAnotherProtocol: a metric that the protocol of most runs does not have is asked of those that have it.
func TestMetricOfAnotherProtocol(t *testing.T) {
	s := newSheet()
	s.set.Protocols["f1"] = &record.Protocol{Resampling: "cv", Folds: 3, Metrics: []record.Metric{{Name: "error"}, {Name: "f1", Maximize: true}}}
	s.task("a", record.Classification, nil)
	for i := range 4 {
		s.run("a", config(i), float64(i))
	}
	run := s.run("a", config(7), .5)
	run.Protocol, run.Measures = "f1", []record.Measure{{Metric: "f1", Validation: []float64{.75}}}
	if m := mustNew(t, s.set, Options{Metric: "f1"}); len(m.Configs) != 1 || m.Loss[0][0] != -.75 || !m.Metric.Maximize {
		t.Errorf("%d configurations, losses %v of %+v", len(m.Configs), m.Loss, m.Metric)
	}
	if _, err := New(s.set, Options{Metric: "mcc"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("a metric of none: %v", err)
	}
}

// TestTasksKnownByOtherProtocols: task b was run under another protocol only, c under both, more often under the other;
// d hardly at all. b and c are known by the other protocol, and no task by two.
func TestTasksKnownByOtherProtocols(t *testing.T) {
	s := newSheet()
	s.protocol("other")
	s.set.Protocols["other"].RowCap = 500
	s.set.Protocols["unlike"] = &record.Protocol{Metrics: []record.Metric{{Name: "f1", Maximize: true}}}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		s.task(name, record.Classification, nil)
	}
	for i := range 30 {
		s.run("a", config(i), float64(i)/30)
	}
	for i := range 12 {
		s.run("b", config(i), 1+float64(i)).Protocol = "other"
		s.run("c", config(i), 2+float64(i)).Protocol = "other"
		s.run("e", config(i), 2+float64(i)).Protocol = "unlike"
	}
	s.run("c", config(0), .1)
	s.run("d", config(0), .1).Protocol = "other"
	m := mustNew(t, s.set, Options{})
	if len(m.Tasks) != 3 || m.Protocol != sheetProtocol {
		t.Fatalf("tasks %v by %s", m.Tasks, m.Protocol)
	}
	for i, want := range []struct {
		loss float64
		rows int
	}{{0, 0}, {1, 500}, {2, 500}} {
		c := column(t, m, config(0))
		if m.Loss[i][c] != want.loss || m.Regret[i][c] != 0 || m.Tasks[i].RowCap != want.rows {
			t.Errorf("task %s: loss %v, regret %v, rows %d", m.Tasks[i].ID, m.Loss[i][c], m.Regret[i][c], m.Tasks[i].RowCap)
		}
	}
	want := "protocol protocol was chosen of 3; 24 runs of others taken in for 2 tasks, compared within the task only; 14 runs of others not comparable and left out"
	if len(m.Notes) != 1 || m.Notes[0] != want {
		t.Errorf("notes %q, want %q", m.Notes, want)
	}
	if m := mustNew(t, s.set, Options{Protocol: sheetProtocol}); len(m.Tasks) != 2 || len(m.Notes) != 0 {
		t.Errorf("of the named protocol alone: %d tasks, notes %q", len(m.Tasks), m.Notes)
	}
}

func TestTasksOfUnknownTypeServeWhereThereAreNoOthers(t *testing.T) {
	s := newSheet()
	s.task("a", "", nil)
	s.run("a", config(0), .1)
	m := mustNew(t, s.set, Options{Type: record.Classification})
	if len(m.Tasks) != 1 || len(m.Notes) != 1 || !strings.Contains(m.Notes[0], "type is not recorded") {
		t.Errorf("%d tasks, notes %q", len(m.Tasks), m.Notes)
	}
	s.task("b", record.Regression, nil)
	s.run("b", config(0), .1)
	if m := mustNew(t, s.set, Options{Type: record.Regression}); m.Tasks[0].ID != "b" || len(m.Tasks) != 1 {
		t.Errorf("unknown tasks beside known ones: %v", m.Tasks)
	}
}

func TestLearnersFilter(t *testing.T) {
	m := mustNew(t, table([][]float64{{.1, .2, .3, .4}}, nil), Options{Learners: []string{"svm"}})
	if len(m.Configs) != 2 || m.Configs[0].Learner != "svm" || m.Configs[1].Learner != "svm" {
		t.Errorf("configurations %+v", m.Configs)
	}
	if m.Tasks[0].Best != .2 {
		t.Errorf("best %v is not the best of the learners asked for", m.Tasks[0].Best)
	}
	for _, c := range []struct {
		config space.Config
		want   string
	}{
		{space.Config{"algorithm": space.String("AB")}, "AB"},
		{space.Config{"algorithm": space.String("AB"), "learner": space.String("x")}, "x"},
		{space.Config{"learner": space.Int(3)}, ""},
		{nil, ""},
	} {
		if got := Learner(c.config); got != c.want {
			t.Errorf("Learner(%v) = %q, want %q", c.config, got, c.want)
		}
	}
}

// TestRunsOfUnknownTasksDoNotCount: a pack may hold runs without the task they are of.
func TestRunsOfUnknownTasksDoNotCount(t *testing.T) {
	set := table([][]float64{{.1, .2}, {.2, .1}}, nil)
	for range 9 {
		stray := *set.Runs[0]
		stray.Task, stray.Protocol = "lost", "elsewhere"
		set.Runs = append(set.Runs, &stray)
	}
	if m := mustNew(t, set, Options{}); len(m.Tasks) != 2 || m.Protocol == "elsewhere" {
		t.Errorf("%d tasks by protocol %s", len(m.Tasks), m.Protocol)
	}
}

func TestNewRefuses(t *testing.T) {
	full := table([][]float64{{.1, .2}}, [][]float64{{1}})
	onlyFailed := newSheet()
	onlyFailed.task("a", "", nil)
	for _, c := range []struct {
		name string
		set  *record.Set
		opt  Options
		want error
		say  string
	}{
		{"nothing", record.NewSet(), Options{}, ErrEmpty, "no finished run"},
		{"no run", onlyFailed.set, Options{}, ErrEmpty, "no finished run"},
		{"metric", full, Options{Metric: "rmse"}, ErrNotFound, "error, accuracy"},
		{"protocol", full, Options{Protocol: "p9"}, ErrNotFound, "p9"},
		{"space", full, Options{Space: "s9"}, ErrNotFound, "s9"},
		{"type", full, Options{Type: record.Regression}, ErrNotFound, "regression"},
		{"extractor", full, Options{Extractor: "y/2"}, ErrNotFound, "y/2"},
		{"learner", full, Options{Learners: []string{"knn"}}, ErrEmpty, "there are svm, tree"},
	} {
		_, err := New(c.set, c.opt)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: error %v, want %v saying %q", c.name, err, c.want, c.say)
		}
	}
}

func TestTheOrderOfRecordsDoesNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	features := [][]float64{{1, 2}, {3, 4}, {5, 6}, {7, 8}}
	set := table(randomLosses(rng, 4, 9), features)
	set.Runs = append(set.Runs, set.Runs[:3]...)
	set.Labels = append(set.Labels, &record.Label{Task: "t01", Name: "another", Group: "g"}, &record.Label{Task: "t02", Group: "g"})
	want := mustNew(t, set, Options{})
	if want.Groups() != 3 {
		t.Errorf("%d groups, want 3", want.Groups())
	}
	for range 5 {
		got := mustNew(t, shuffled(set, rng), Options{})
		got.Configs = slices.Clone(got.Configs)
		for c := range got.Configs {
			got.Configs[c].Values = want.Configs[c].Values
		}
		// NaN is not equal to itself; print compares the rest.
		if !reflect.DeepEqual(withoutNaN(got), withoutNaN(want)) {
			t.Fatalf("records in another order give another matrix:\n%+v\n%+v", got, want)
		}
	}
}

// withoutNaN replaces the matrix's cells that are NaN.
func withoutNaN(m *Matrix) *Matrix {
	out := *m
	for _, rows := range []*[][]float64{&out.Loss, &out.Regret, &out.Test, &out.Cost} {
		*rows = slices.Clone(*rows)
		for t := range *rows {
			(*rows)[t] = slices.Clone((*rows)[t])
			for c, v := range (*rows)[t] {
				if math.IsNaN(v) {
					(*rows)[t][c] = -9
				}
			}
		}
	}
	return &out
}

func TestConfigurationsAreListedByLearnerAndValue(t *testing.T) {
	s := newSheet()
	s.task("a", "", nil)
	for _, i := range []int{10, 9, 2, 1} {
		s.run("a", config(i), float64(i))
	}
	m := mustNew(t, s.set, Options{})
	var got []int64
	for _, c := range m.Configs {
		got = append(got, c.Values["depth"].Int())
	}
	if want := []int64{1, 9, 2, 10}; !slices.Equal(got, want) { // svm before tree
		t.Errorf("order %v, want %v", got, want)
	}
	values := []space.Value{space.Null(), space.Bool(false), space.Bool(true), space.Float(-1), space.Int(2), space.Float(2.5), space.String("a"), space.String("b")}
	for i, v := range values {
		for j, w := range values {
			if got := compareValues(v, w); sign(got) != sign(i-j) {
				t.Errorf("compareValues(%v, %v) = %d", v, w, got)
			}
		}
	}
}

func sign(i int) int { return min(max(i, -1), 1) }

func TestViews(t *testing.T) {
	m := mustNew(t, table([][]float64{{1, 2}, {3, 4}, {5, 6}}, [][]float64{{1, 10}, {2, 20}, {3, math.NaN()}}), Options{})
	v := m.Without(1)
	if len(v.Tasks) != 2 || v.Tasks[1].ID != "t02" || v.Loss[1][0] != m.Loss[2][0] || len(m.Tasks) != 3 {
		t.Errorf("Without: %+v", v.Tasks)
	}
	c := m.Columns([]int{1})
	if len(c.Configs) != 1 || c.Configs[0].Hash != m.Configs[1].Hash || c.Loss[2][0] != m.Loss[2][1] || c.Regret[2][0] != m.Regret[2][1] ||
		c.Status[0][0] != study.Complete || len(m.Loss[2]) != 2 {
		t.Errorf("Columns: %+v", c)
	}
	g := m.WithGroups([]string{"x", "x", "y"})
	if g.Groups() != 2 || m.Groups() != 3 {
		t.Errorf("WithGroups: %d groups, before %d", g.Groups(), m.Groups())
	}
	f := m.WithFeatures([]string{"f01", "unknown"})
	if !slices.Equal(f.FeatureNames, []string{"f01"}) || f.Tasks[0].Features[0] != 10 || len(m.Tasks[0].Features) != 2 {
		t.Errorf("WithFeatures: %v %v", f.FeatureNames, f.Tasks[0].Features)
	}
	if x := m.Vector(map[string]float64{"f01": 7, "else": 1}); !math.IsNaN(x[0]) || x[1] != 7 {
		t.Errorf("Vector: %v", x)
	}
	if rows := m.Features(); rows[1][1] != 20 || !math.IsNaN(rows[2][1]) {
		t.Errorf("Features: %v", rows)
	}
	if Undefined(m.Tasks[2].Features) || !Undefined([]float64{math.NaN()}) || !Undefined(nil) {
		t.Error("Undefined")
	}
}

func TestFeaturesOfTheMostUsedExtractor(t *testing.T) {
	set := table([][]float64{{1, 2}, {3, 4}, {5, 6}}, [][]float64{{1}, {2}, {3}})
	set.Features = append(set.Features[:2], &record.Features{Task: "t02", Extractor: "y/2", Values: map[string]float64{"g": 1}})
	m := mustNew(t, set, Options{})
	if m.Extractor != "x/1" || !Undefined(m.Tasks[2].Features) || len(m.Notes) != 1 {
		t.Errorf("extractor %q, features %v, notes %q", m.Extractor, m.Tasks[2].Features, m.Notes)
	}
	if m := mustNew(t, set, Options{Extractor: "y/2"}); !slices.Equal(m.FeatureNames, []string{"g"}) {
		t.Errorf("features %v", m.FeatureNames)
	}
}

// TestConfigurationsAreHashedOncePerMap counts allocations: the cost of a run must not depend on whether its
// configuration was seen before under the same map.
func TestConfigurationsAreHashedOncePerMap(t *testing.T) {
	c := config(1)
	d := newDictionary()
	d.number(c)
	if n := testing.AllocsPerRun(100, func() { d.number(c) }); n != 0 {
		t.Errorf("%v allocations for a configuration seen before", n)
	}
	if d.number(config(1)) != 0 || d.number(config(2)) != 1 || d.number(space.Config{}) != 2 || d.number(nil) != 2 {
		t.Error("equal configurations have different numbers, or different ones the same")
	}
}

func BenchmarkNew(b *testing.B) {
	set := table(randomLosses(rand.New(rand.NewPCG(1, 1)), 270, 100), nil)
	for i, r := range set.Runs { // as a pack has them
		r.Config = set.Runs[i%100].Config
		r.Measures[1].Validation = []float64{.1, .2, .3}
	}
	b.ResetTimer()
	for b.Loop() {
		if _, err := New(set, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
