package regret

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// listing is a strategy that always recommends the configurations of these numbers.
type listing []int

func (l listing) Learn(m *transfer.Matrix, _ uint64) (warmstart.Recommender, error) {
	var columns []int
	for _, n := range l {
		columns = append(columns, columnOf(m, n))
	}
	return fixedList(columns), nil
}

func columnOf(m *transfer.Matrix, number int) int {
	return slices.IndexFunc(m.Configs, func(c transfer.Config) bool { return c.Values["number"].Int() == int64(number) })
}

type fixedList []int

func (f fixedList) Recommend(q warmstart.Query) warmstart.Ranking {
	return warmstart.Ranking{Configs: f[:min(q.K, len(f))]}
}

// evaluate runs strategies given by name.
func evaluate(t *testing.T, m *transfer.Matrix, s Split, opt Options, strategies map[string]warmstart.Strategy) *Report {
	t.Helper()
	opt.Strategy = func(name string) (warmstart.Strategy, error) {
		if s, ok := strategies[name]; ok {
			return s, nil
		}
		return warmstart.NewStrategy(name)
	}
	r, err := Evaluate(context.Background(), m, s, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

// TestRegretByHand: losses .1 .3 .5 have best .1 and median .3. Recommending 2 then 1 reaches 2 (the cap), then 1, on
// the first task; on the second, with losses .2 .6 .4, it reaches 1, then 1; on the third, all the same, nothing is
// measured.
func TestRegretByHand(t *testing.T) {
	m := table(t, [][]float64{{.1, .3, .5}, {.2, .6, .4}, {.7, .7, .7}, {.1, .2, .3}}, nil)
	split := Split{Name: "test", Fold: []int{0, 1, 2, Always}, Group: []string{"g", "h", "i", "j"}}
	r := evaluate(t, m, split, Options{Strategies: []string{"list"}, K: []int{1, 2, 3}}, map[string]warmstart.Strategy{"list": listing{2, 1, 0}})
	if r.Tasks != 2 || r.Dropped != 1 || r.Groups != 2 || r.Configs != 3 || r.Folds != 3 || r.Metric != "error" {
		t.Errorf("%+v", r)
	}
	for k, want := range map[string]float64{"1": 1.5, "2": 1, "3": 0} {
		if got := r.Strategies["list"][k]; !near(got.NR, want) || !near(got.NRGroups, want) || !near(got.Regret, want) {
			t.Errorf("k = %s: %+v, want %v", k, got, want)
		}
	}
	// Random draws: the regrets are 0 1 2 and 0 2 1, so their mean, the mean of the least of two (0 0 1), and 0.
	for k, want := range map[string]float64{"1": 1, "2": 1. / 3, "3": 0} {
		if got := r.Random[k].NR; !near(got, want) {
			t.Errorf("random, k = %s: %v, want %v", k, got, want)
		}
	}
}

func TestMeansOverTasksAndOverGroups(t *testing.T) {
	m := table(t, [][]float64{{.1, .2, .3}, {.1, .2, .3}, {.1, .2, .3}, {.2, .1, .3}, {.1, .2, .3}}, nil)
	split := Split{Fold: []int{0, 0, 0, 0, Always}, Group: []string{"a", "a", "a", "b", "c"}}
	r := evaluate(t, m, split, Options{Strategies: []string{"list"}, K: []int{1}}, map[string]warmstart.Strategy{"list": listing{0}})
	if got := r.Strategies["list"]["1"]; !near(got.NR, .25) || !near(got.NRGroups, .5) {
		t.Errorf("%+v, want .25 over tasks and .5 over groups", got)
	}
}

// TestStrategiesSeeOnlyWhatIsOutsideTheFold, with the groups of the split.
func TestStrategiesSeeOnlyWhatIsOutsideTheFold(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	m := table(t, random(rng, 6, 4), nil)
	split := Split{Fold: []int{0, 1, 0, Always, Absent, 1}, Group: []string{"a", "b", "a", "c", "d", "b"}}
	spy := &spy{}
	evaluate(t, m, split, Options{Strategies: []string{"spy"}, K: []int{1}}, map[string]warmstart.Strategy{"spy": spy})
	slices.Sort(spy.seen)
	if want := []string{"a:a c:a d:c", "b:b d:c f:b"}; !slices.Equal(spy.seen, want) {
		t.Errorf("learned from %q, want %q", spy.seen, want)
	}
	if m.Tasks[0].Group == "a" {
		t.Error("the caller's matrix was changed")
	}
}

// spy writes down what it learns from, as name:group.
type spy struct {
	lock sync.Mutex
	seen []string
}

func (s *spy) Learn(m *transfer.Matrix, _ uint64) (warmstart.Recommender, error) {
	var names []string
	for _, t := range m.Tasks {
		names = append(names, t.Name+":"+t.Group)
	}
	s.lock.Lock()
	s.seen = append(s.seen, strings.Join(names, " "))
	s.lock.Unlock()
	return fixedList{0}, nil
}

// TestPicksThatWereNeverRunAreSkipped: they cannot be judged; the next ones take their places.
func TestPicksThatWereNeverRunAreSkipped(t *testing.T) {
	nan := math.NaN()
	losses := [][]float64{{.1, nan, .3, .5, nan}}
	split := Split{Fold: []int{0}, Group: []string{"a"}}
	for i := range 10 {
		losses = append(losses, []float64{.1, .2, .3, .4, .5})
		split.Fold, split.Group = append(split.Fold, Always), append(split.Group, fmt.Sprint(i))
	}
	m := table(t, losses, nil)
	r := evaluate(t, m, split, Options{Strategies: []string{"list"}, K: []int{1, 2, 3}}, map[string]warmstart.Strategy{"list": listing{1, 3, 4, 2, 0}})
	for k, want := range map[string]float64{"1": 2, "2": 1, "3": 0} { // regrets of 3, 2, 0
		if got := r.Strategies["list"][k].NR; !near(got, want) {
			t.Errorf("k = %s: %v, want %v", k, got, want)
		}
	}
	if got := expected([]float64{1, nan, 0}, []int{1, 2}); !slices.Equal(got, []float64{.5, 0}) {
		t.Errorf("random draws among what was run: %v", got)
	}
	if got := least([]float64{.5, .4, .2}, []int{1, 0}, []int{1, 2, 9}); !slices.Equal(got, []float64{.4, .4, .4}) {
		t.Errorf("regrets %v", got)
	}
}

// TestMissingHereAndThere: where every configuration lacks some tasks, none is left out for it.
func TestMissingHereAndThere(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	losses := random(rng, 40, 12)
	for _, row := range losses {
		for c := range row {
			if rng.Float64() < .3 {
				row[c] = math.NaN()
			}
		}
	}
	m := table(t, losses, random(rng, 40, 3))
	opt := Options{Strategies: []string{warmstart.Greedy, warmstart.KNN, warmstart.Posterior, warmstart.PosteriorSeq}, K: []int{1, 3}, Forecasts: []string{warmstart.Posterior}, Limits: true}
	r := evaluate(t, m, Grouped(m), opt, nil)
	if r.Tasks != 40 || r.Configs < 10 {
		t.Errorf("%d tasks, %d configurations: %v", r.Tasks, r.Configs, r.Notes)
	}
	for name, scores := range r.Strategies {
		if nr := scores["3"].NR; !(nr >= 0 && nr < scores["1"].NR) {
			t.Errorf("%s: %+v", name, scores)
		}
	}
	if got := typical([]int{100, 100, 20, 20, 20, 20, 20}); got != 100 {
		t.Errorf("half of the runs are of configurations run %d times", got)
	}
}

// TestRarelyRunConfigurationsTakeNoPart, since recommending them could not be judged.
func TestRarelyRunConfigurationsTakeNoPart(t *testing.T) {
	nan := math.NaN()
	losses := [][]float64{{.3, .2, .1}, {.3, .2, nan}, {.3, .2, .1}, {.3, .2, .1}}
	m := table(t, losses, nil)
	r := evaluate(t, m, LeaveOneOut(m), Options{Strategies: []string{"list"}, K: []int{1}}, map[string]warmstart.Strategy{"list": listing{1}})
	if r.Configs != 2 || len(r.Notes) != 1 || r.Notes[0] != "1 of 3 configurations left out: run on far fewer tasks than the others" {
		t.Errorf("%d configurations, notes %q", r.Configs, r.Notes)
	}
	if got := r.Strategies["list"]["1"].NR; got != 0 {
		t.Errorf("regret %v of the best that took part", got)
	}
}

// TestCellsMissingByChance leave no configuration out, however many they are: all have as many results but for luck.
func TestCellsMissingByChance(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	losses := make([][]float64, 60)
	for i := range losses {
		for range 20 {
			loss := rng.Float64()
			if rng.Float64() < .6 {
				loss = math.NaN()
			}
			losses[i] = append(losses[i], loss)
		}
	}
	m := table(t, losses, nil)
	if known, notes := wellKnown(m); len(known.Configs) != 20 || len(notes) != 0 {
		t.Errorf("%d of 20 configurations take part: %q", len(known.Configs), notes)
	}
}

func TestEvaluateIsDeterministicWhateverTheWorkers(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	m := table(t, random(rng, 40, 8), random(rng, 40, 5))
	var reports []*Report
	for _, workers := range []int{1, 4} {
		done := 0
		opt := Options{K: []int{1, 3}, Workers: workers, Seed: 5, Resamples: 200, Progress: func(n, total int) {
			if done++; n != done || total != groupedFolds {
				t.Errorf("progress %d of %d, want %d", n, total, done)
			}
		}}
		reports = append(reports, evaluate(t, m, Grouped(m), opt, nil))
	}
	if !reflect.DeepEqual(reports[0], reports[1]) {
		t.Error("one worker and four report differently")
	}
	for _, name := range warmstart.Strategies() {
		if reports[0].Strategies[name]["1"].NR <= 0 {
			t.Errorf("%s: %+v", name, reports[0].Strategies[name])
		}
	}
	if a, b := reports[0].Strategies["random"]["3"].NR, reports[0].Random["3"].NR; !near(a, b) {
		t.Errorf("random as a strategy %v, as expectation %v", a, b)
	}
}

// TestDrawingAtRandomIsTheExpectation: the exact expectation is what random draws reach on average.
func TestDrawingAtRandomIsTheExpectation(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	m := table(t, random(rng, 5, 9), nil)
	want := evaluate(t, m, LeaveOneOut(m), Options{Strategies: []string{"list"}, K: []int{3}}, map[string]warmstart.Strategy{"list": listing{0, 1, 2}}).Random["3"].NR
	sum := 0.0
	const draws = 800
	for range draws {
		s := map[string]warmstart.Strategy{"list": listing(rng.Perm(9)[:3])}
		sum += evaluate(t, m, LeaveOneOut(m), Options{Strategies: []string{"list"}, K: []int{3}, Resamples: 1}, s).Strategies["list"]["3"].NR
	}
	if math.Abs(sum/draws-want) > .03 {
		t.Errorf("%v on average, expected %v", sum/draws, want)
	}
}

func TestEvaluateRefuses(t *testing.T) {
	m := fourTasks(t)
	broken := errors.New("cannot learn")
	stopped, stop := context.WithCancel(context.Background())
	stop()
	for _, c := range []struct {
		name string
		ctx  context.Context
		opt  Options
		want error
		say  string
	}{
		{"strategy", context.Background(), Options{Strategies: []string{"oracle"}}, warmstart.ErrStrategy, "oracle"},
		{"k", context.Background(), Options{K: []int{3, 1}}, nil, "k must rise"},
		{"k from 1", context.Background(), Options{K: []int{0}}, nil, "k must rise"},
		{"learning", context.Background(), Options{Strategies: []string{"x"}, Strategy: func(string) (warmstart.Strategy, error) { return failing{broken}, nil }}, broken, "strategy x, fold"},
		{"stopped", stopped, Options{}, context.Canceled, ""},
	} {
		_, err := Evaluate(c.ctx, m, LeaveOneOut(m), c.opt)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	_, err := Evaluate(context.Background(), m, Split{Fold: []int{0, 0, 0, 0}, Group: []string{"", "", "", ""}}, Options{})
	if !errors.Is(err, ErrNothing) {
		t.Errorf("nothing to learn from: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Learn(*transfer.Matrix, uint64) (warmstart.Recommender, error) { return nil, f.err }

// TestReportIsTheDocumentedJSON: the names that other programs rely on.
func TestReportIsTheDocumentedJSON(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	m := table(t, random(rng, 30, 6), nil)
	r := evaluate(t, m, Grouped(m), Options{Strategies: []string{"greedy", "average-rank"}, K: []int{1, 3}}, nil)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		SchemaVersion  int `json:"schema_version"`
		Tasks, Configs int
		Strategies     map[string]map[string]struct{ NR, SE *float64 }
		Paired         map[string]map[string]struct{ Diff, Lo, Hi *float64 }
		Random         map[string]struct{ NR *float64 }
		BySize         []struct{ From, To, Tasks int } `json:"by_size"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.SchemaVersion != 1 || doc.Tasks != 30 || doc.Configs != 6 {
		t.Errorf("%s", text)
	}
	for _, k := range []string{"1", "3"} {
		if s := doc.Strategies["greedy"][k]; s.NR == nil || s.SE == nil || doc.Random[k].NR == nil {
			t.Errorf("k = %s: %s", k, text)
		}
		ab, ba := doc.Paired["greedy-average-rank"][k], doc.Paired["average-rank-greedy"][k]
		if ab.Diff == nil || ba.Diff == nil || !near(*ab.Diff, -*ba.Diff) || *ab.Lo > *ab.Diff || *ab.Hi < *ab.Diff {
			t.Errorf("k = %s: paired %+v and %+v", k, ab, ba)
		}
		if want := *doc.Strategies["greedy"][k].NR - *doc.Strategies["average-rank"][k].NR; !near(*ab.Diff, want) {
			t.Errorf("k = %s: difference %v, want %v", k, *ab.Diff, want)
		}
	}
	total := 0
	for _, size := range doc.BySize {
		total += size.Tasks
	}
	if len(doc.BySize) != 3 || total != 30 { // 200 to 6,000 rows
		t.Errorf("by size: %+v", doc.BySize)
	}
}

func TestVerdicts(t *testing.T) {
	for want, d := range map[string]Difference{
		"better":    {Diff: -.1, Lo: -.2, Hi: -.01},
		"worse":     {Diff: .005, Lo: .001, Hi: .01},
		"not worse": {Diff: .01, Lo: -.1, Hi: .2},
		"undecided": {Diff: .02, Lo: -.1, Hi: .2},
	} {
		if got := verdict(d); got != want {
			t.Errorf("%+v is %q, want %q", d, got, want)
		}
	}
}

// BenchmarkEvaluate is the grouped cross-validation of all strategies on 300 tasks and 220 configurations.
func BenchmarkEvaluate(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	losses, features := make([][]float64, 300), make([][]float64, 300)
	for t := range losses {
		for range 40 {
			features[t] = append(features[t], rng.NormFloat64())
		}
		for c := range 220 {
			losses[t] = append(losses[t], .1*rng.Float64()+math.Abs(features[t][0]-float64(c%7)/2))
		}
	}
	m := table(b, losses, features)
	for b.Loop() {
		if _, err := Evaluate(context.Background(), m, Grouped(m), Options{Forecasts: []string{warmstart.Posterior}}); err != nil {
			b.Fatal(err)
		}
	}
}
