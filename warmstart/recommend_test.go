package warmstart

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
)

// memory is a Source.
type memory struct {
	set *record.Set
	err error
}

func (m memory) Snapshot(context.Context) (*record.Set, error) { return m.set, m.err }

func recommend(t *testing.T, set *record.Set, task Task, opt Options) *Advice {
	t.Helper()
	a, err := Recommend(context.Background(), memory{set: set}, task, opt)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAdviceIsComplete(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(1, 1)), 90, 15, 3)
	tb.metric = record.Metric{Name: "balanced_accuracy", Maximize: true}
	for _, row := range tb.losses {
		for c := range row {
			row[c] = min(1, 1-row[c])
		}
	}
	for _, strategy := range append(Strategies(), "") {
		a := recommend(t, tb.set(), Task{Type: record.Classification, Extractor: "x/1", Features: map[string]float64{"f0": 1, "f1": 0, "f2": 0}}, Options{Strategy: strategy, K: 4})
		if a.Tasks != 90 || a.Groups != 90 || a.Configs != 15 || a.Metric.Name != "balanced_accuracy" || a.Protocol != "p" || a.Space != "s" {
			t.Errorf("%s: %+v", strategy, a)
		}
		if want := strategy; want != "" && a.Strategy != want || want == "" && a.Strategy != Default {
			t.Errorf("strategy %q, want %q", a.Strategy, want)
		}
		if a.Distance == nil || !a.InDistribution || !(a.Usual[0] < a.Usual[1]) {
			t.Errorf("%s: distance %v, usual %v, in distribution %v", strategy, a.Distance, a.Usual, a.InDistribution)
		}
		checkNeighbors(t, strategy, a)
		checkRecommendations(t, strategy, a, 4)
		if _, err := json.Marshal(a); err != nil {
			t.Errorf("%s: advice cannot be written as JSON: %v", strategy, err)
		}
	}
}

func checkNeighbors(t *testing.T, strategy string, a *Advice) {
	t.Helper()
	if len(a.Neighbors) != shownNeighbours {
		t.Errorf("%s: %d neighbours", strategy, len(a.Neighbors))
	}
	for i, n := range a.Neighbors {
		if n.Name == "" || n.Task == "" || n.Distance == nil || n.Weight < 0 || i > 0 && n.Weight > a.Neighbors[i-1].Weight {
			t.Errorf("%s: neighbour %d: %+v", strategy, i, n)
		}
	}
}

func checkRecommendations(t *testing.T, strategy string, a *Advice, k int) {
	t.Helper()
	if len(a.Recommendations) != k {
		t.Fatalf("%s: %d recommendations, want %d", strategy, len(a.Recommendations), k)
	}
	for i, r := range a.Recommendations {
		if r.Rank != i+1 || len(r.Config) != 2 || r.Learner != r.Config["learner"].Text() || len(r.Reasons) == 0 || r.Seconds == nil {
			t.Errorf("%s, rank %d: %+v", strategy, i+1, r)
		}
		if !(0 <= r.Interval[0] && r.Interval[0] <= r.ExpectedRegret && r.ExpectedRegret <= r.Interval[1] && r.Interval[1] <= transfer.MaxRegret) {
			t.Errorf("%s, rank %d: expected regret %v in %v", strategy, i+1, r.ExpectedRegret, r.Interval)
		}
		if r.ExpectedMetric == nil || r.MetricInterval == nil {
			t.Fatalf("%s, rank %d: no metric", strategy, i+1)
		}
		if m := *r.ExpectedMetric; !(r.MetricInterval[0] <= m && m <= r.MetricInterval[1]) || m < 0 || m > 1 {
			t.Errorf("%s, rank %d: expected metric %v in %v", strategy, i+1, m, *r.MetricInterval)
		}
		for _, other := range a.Recommendations[:i] {
			if other.Config.Equal(r.Config) {
				t.Errorf("%s: rank %d and %d are the same", strategy, other.Rank, r.Rank)
			}
			if r.ExpectedRegret > other.ExpectedRegret {
				t.Errorf("%s: expected regret rises from rank %d to %d", strategy, other.Rank, r.Rank)
			}
		}
	}
}

// TestExpectationsHold: over fresh tasks of the same kinds, in several knowledge bases, expected regret and metric are
// about what is found, and 80 % intervals hold about 80 %.
func TestExpectationsHold(t *testing.T) {
	var sum expectations
	for draw := range uint64(6) {
		sum.add(t, rand.New(rand.NewPCG(2, draw)))
	}
	if math.Abs(sum.bias/sum.n) > .05 || math.Abs(sum.metricBias/sum.n) > .02 {
		t.Errorf("bias of regret %.3f, of the metric %.3f", sum.bias/sum.n, sum.metricBias/sum.n)
	}
	if held, metricHeld := sum.held/sum.n, sum.metricHeld/sum.n; held < .7 || held > .95 || metricHeld < .65 || metricHeld > .95 {
		t.Errorf("intervals hold %.2f of regrets and %.2f of metrics", held, metricHeld)
	}
}

// expectations counts how far what was expected is from what was found.
type expectations struct{ bias, metricBias, held, metricHeld, n float64 }

// add asks for advice on fresh tasks of one knowledge base.
func (e *expectations) add(t *testing.T, rng *rand.Rand) {
	draw := func(n int) table {
		tb := kinds(rng, n, 12, 3)
		for i, row := range tb.losses { // difficulty shows in a feature
			hard := rng.Float64()
			tb.features[i][1] = hard + .02*rng.NormFloat64()
			for c := range row {
				row[c] = min(1, max(0, .3*row[c]+.5*hard))
			}
		}
		return tb
	}
	m, fresh := draw(75).matrix(t), draw(6).matrix(t)
	for i, task := range fresh.Tasks {
		features := map[string]float64{"f0": task.Features[0], "f1": task.Features[1], "f2": task.Features[2]}
		a, err := Advise(m, nil, Task{Features: features}, Options{K: 3})
		if err != nil {
			t.Fatal(err)
		}
		regret, loss := transfer.MaxRegret, math.Inf(1)
		for _, r := range a.Recommendations {
			c := slices.IndexFunc(fresh.Configs, func(c transfer.Config) bool { return c.Values.Equal(r.Config) })
			regret, loss = min(regret, fresh.Regret[i][c]), min(loss, fresh.Loss[i][c])
			e.bias += r.ExpectedRegret - regret
			e.metricBias += *r.ExpectedMetric - loss
			if r.Interval[0] <= regret && regret <= r.Interval[1] {
				e.held++
			}
			if r.MetricInterval[0] <= loss && loss <= r.MetricInterval[1] {
				e.metricHeld++
			}
			e.n++
		}
	}
}

// TestUnlikeAnythingKnown: the advice says so, and is the safe choice.
func TestUnlikeAnythingKnown(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(3, 3)), 60, 12, 3)
	for name, features := range map[string]map[string]float64{"far": {"f0": 1e9, "f1": -1e9, "f2": 1e9}, "nothing in common": {"other": 1}} {
		a := recommend(t, tb.set(), Task{Features: features}, Options{})
		if a.InDistribution {
			t.Errorf("%s: in distribution at distance %v", name, a.Distance)
		}
		if (a.Distance == nil) != (name == "nothing in common") {
			t.Errorf("%s: distance %v", name, a.Distance)
		}
		if reasons := strings.Join(a.Recommendations[0].Reasons, "; "); !strings.Contains(reasons, "safe all-round choice") {
			t.Errorf("%s: reasons %q", name, reasons)
		}
		if len(a.Neighbors) == 0 {
			t.Errorf("%s: no neighbours", name)
		}
	}
}

func TestFeaturesOfOtherDefinitionsAreNotCompared(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(4, 4)), 40, 9, 3)
	a := recommend(t, tb.set(), Task{Extractor: "other/3", Features: map[string]float64{"f0": 1, "f1": 0, "f2": 0}}, Options{})
	if a.Distance != nil || a.InDistribution {
		t.Errorf("distance %v between values of different definitions", a.Distance)
	}
}

func TestAMetricInTheTargetsUnitIsNotPredicted(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(5, 5)), 40, 9, 3)
	tb.metric = record.Metric{Name: "rmse"}
	for i, row := range tb.losses {
		for c := range row {
			row[c] *= math.Pow(10, float64(i%5))
		}
	}
	for _, r := range recommend(t, tb.set(), Task{Features: map[string]float64{"f0": 1}}, Options{}).Recommendations {
		if r.ExpectedMetric != nil || r.MetricInterval != nil {
			t.Errorf("rank %d: expected %v", r.Rank, *r.ExpectedMetric)
		}
	}
}

func TestSmallKnowledgeBases(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(6, 6)), 12, 6, 2)
	for n := 1; n <= 12; n++ {
		small := table{losses: tb.losses[:n], features: tb.features[:n]}
		for _, strategy := range Strategies() {
			a := recommend(t, small.set(), Task{Features: map[string]float64{"f0": 1, "f1": 0, "f2": 0}}, Options{Strategy: strategy, K: 3})
			if len(a.Recommendations) != 3 || len(a.Neighbors) != min(n, shownNeighbours) {
				t.Fatalf("%d tasks, %s: %d recommendations, %d neighbours", n, strategy, len(a.Recommendations), len(a.Neighbors))
			}
			for _, r := range a.Recommendations {
				if math.IsNaN(r.ExpectedRegret) || math.IsNaN(r.Interval[0]) || math.IsNaN(r.Interval[1]) {
					t.Fatalf("%d tasks, %s: %+v", n, strategy, r)
				}
			}
		}
	}
}

func testSpace(t *testing.T) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("tree")}},
		{Name: "number", Type: space.TypeInt, Low: 0, High: 1000},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestMoreThanTheKnowledgeBaseKnows: the space fills up, within the learners asked for.
func TestMoreThanTheKnowledgeBaseKnows(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(7, 7)), 10, 4, 2)
	set := tb.set()
	set.Spaces["s"] = &record.Space{Space: testSpace(t)}
	a := recommend(t, set, Task{}, Options{K: 9, Learners: []string{"svm"}})
	if len(a.Recommendations) != 9 {
		t.Fatalf("%d recommendations", len(a.Recommendations))
	}
	for i, r := range a.Recommendations {
		if err := set.Spaces["s"].Space.Validate(r.Config); err != nil || r.Learner != "svm" || r.Rank != i+1 {
			t.Errorf("rank %d: %v (%v)", r.Rank, r.Config, err)
		}
		if drawn := strings.Contains(r.Reasons[0], "drawn at random"); drawn != (i >= 2) {
			t.Errorf("rank %d: reasons %q", r.Rank, r.Reasons)
		}
		for _, other := range a.Recommendations[:i] {
			if other.Config.Equal(r.Config) {
				t.Errorf("rank %d repeats %d", r.Rank, other.Rank)
			}
		}
	}
	if again := recommend(t, set, Task{}, Options{K: 9, Learners: []string{"svm"}}); !reflect.DeepEqual(a, again) {
		t.Error("the same question gets another answer")
	}
}

func TestRecommendRefuses(t *testing.T) {
	full := kinds(rand.New(rand.NewPCG(8, 8)), 5, 4, 2)
	failed := table{losses: [][]float64{{math.Inf(1), math.Inf(1)}}}
	broken := errors.New("disk on fire")
	for _, c := range []struct {
		name   string
		source memory
		task   Task
		opt    Options
		want   error
	}{
		{"source", memory{err: broken}, Task{}, Options{}, broken},
		{"empty", memory{set: record.NewSet()}, Task{}, Options{}, transfer.ErrEmpty},
		{"all failed", memory{set: failed.set()}, Task{}, Options{}, transfer.ErrEmpty},
		{"strategy", memory{set: full.set()}, Task{}, Options{Strategy: "psychic"}, ErrStrategy},
		{"metric", memory{set: full.set()}, Task{}, Options{Metric: "fun"}, transfer.ErrNotFound},
		{"type", memory{set: full.set()}, Task{Type: record.Regression}, Options{}, transfer.ErrNotFound},
		{"learners", memory{set: full.set()}, Task{}, Options{Learners: []string{"knn"}}, transfer.ErrEmpty},
	} {
		if _, err := Recommend(context.Background(), c.source, c.task, c.opt); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestReasonsComeFromTheData: on two kinds of tasks the second pick covers what the first misses, by name and size.
func TestReasonsComeFromTheData(t *testing.T) {
	var tb table
	for i := range 30 {
		large := i >= 20 // rows grow with the number of the task
		good, bad := .1, .9
		if large {
			good, bad = bad, good
		}
		tb.losses = append(tb.losses, []float64{good, bad, .5, .6, .7})
		tb.features = append(tb.features, []float64{float64(i)})
	}
	a := recommend(t, tb.set(), Task{Features: map[string]float64{"f0": 10}}, Options{K: 3})
	if got := a.Recommendations[0].Reasons; !slices.Equal(got, []string{"best on 9 of the 9 tasks that weigh most"}) {
		t.Errorf("first: %q", got)
	}
	second := a.Recommendations[1].Reasons[0]
	if !strings.HasPrefix(second, "covers what 1 misses: ") {
		t.Fatalf("second: %q", second)
	}
	for _, name := range strings.Split(second[strings.LastIndex(second, "data ")-0:], ", ") {
		if !strings.HasPrefix(name, "data 2") {
			t.Errorf("%q is none of the tasks that the first misses", name)
		}
	}
	if got := a.Recommendations[2].Reasons; !slices.Equal(got, []string{"mean regret 0.80 on tasks like this, the median configuration having 1"}) {
		t.Errorf("third: %q", got)
	}
}

func BenchmarkAdvise(b *testing.B) {
	tb := kinds(rand.New(rand.NewPCG(9, 9)), 140, 100, 5)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range tb.features {
		for range 42 {
			tb.features[i] = append(tb.features[i], rng.NormFloat64())
		}
	}
	m := tb.matrix(b)
	features := named(m.FeatureNames, m.Tasks[0].Features)
	b.ResetTimer()
	for b.Loop() {
		if _, err := Advise(m, nil, Task{Features: features}, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
