package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
)

func TestDistributionByHand(t *testing.T) {
	d := distribution{{0, .25}, {.5, .25}, {1, .5}}
	if got := d.mean(); got != .625 {
		t.Errorf("mean %v", got)
	}
	for v, want := range map[float64]float64{-1: 0, 0: .125, .2: .25, .5: .375, 1: .75, 2: 1} {
		if got := d.place(v); got != want {
			t.Errorf("place of %v: %v, want %v", v, got, want)
		}
	}
	for p, want := range map[float64]float64{0: 0, .25: 0, .3: .5, .5: .5, .51: 1, 1: 1} {
		if got := d.quantile(p); got != want {
			t.Errorf("quantile %v: %v, want %v", p, got, want)
		}
	}
}

// cases makes a calibration of n tasks of their own groups, at distances 0, 1, …, that reached these regrets.
func cases(n int, reached func(i int) float64) (*calibration, *transfer.Matrix) {
	c, m := &calibration{total: float64(n), alike: []float64{.5, .5}}, &transfer.Matrix{Tasks: make([]transfer.Task, n)}
	for i := range n {
		m.Tasks[i].Group = string(rune('a' + i))
		c.cases = append(c.cases, held{task: i, weight: 1, distance: float64(i), reached: []float64{reached(i)}})
	}
	return c, m
}

// TestDistributionMixesAlikeAndAll: half of the mass is equal, half as the weights say, and the group itself is left out.
func TestDistributionMixesAlikeAndAll(t *testing.T) {
	c, m := cases(4, func(i int) float64 { return float64(i) / 10 })
	got := c.distribution([]float64{.8, .2, 0, 0}, 0, m.Tasks[3].Group, m)
	want := distribution{{0, .525}, {.1, .225}, {.2, .125}}
	for i := range want {
		if math.Abs(got[i].weight-want[i].weight) > 1e-12 || got[i].value != want[i].value {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if got := c.distribution([]float64{0, 0, 0, 0}, 0, "", m); len(got) != 4 || got[0].weight != got[3].weight {
		t.Errorf("where nothing is alike: %v", got)
	}
	if got := c.distribution([]float64{1, 0, 0, 0}, 1, "", m); got != nil {
		t.Errorf("at a rank that no case has: %v", got)
	}
}

// TestShareFollowsWhatTheWeightsKnow: where the weights name the cases that did the same, they alone are believed as far
// as is tried; where they name the others, all cases count alike.
func TestShareFollowsWhatTheWeightsKnow(t *testing.T) {
	for _, told := range []bool{true, false} {
		c, m := cases(40, func(i int) float64 { return float64(i % 2) })
		rankings := make([]Ranking, 40)
		for i := range rankings {
			rankings[i].Weights = make([]float64, 40)
			for j := range 40 {
				if (i%2 == j%2) == told {
					rankings[i].Weights[j] = 1. / 20
				}
			}
		}
		c.alike = nil
		c.share(rankings, m)
		if want := map[bool]float64{true: .25, false: 1}[told]; len(c.alike) != 1 || c.alike[0] != want {
			t.Errorf("told %v: shares %v, want %v", told, c.alike, want)
		}
	}
}

// TestExactCRPSByHand: of 0 and 1, equally likely, the score of an outcome inside is the integral of 1/4 over [0, 1].
func TestExactCRPSByHand(t *testing.T) {
	for outcome, want := range map[float64]float64{0: .25, .3: .25, 1: .25, 1.5: .75, -1: 1.25} {
		if got := (distribution{{1, 2}, {0, 2}}).crps(outcome); math.Abs(got-want) > 1e-12 {
			t.Errorf("outcome %v: %v, want %v", outcome, got, want)
		}
	}
	if got := (distribution{{.4, 1}}).crps(.7); math.Abs(got-.3) > 1e-12 {
		t.Errorf("a point's score is its error: %v", got)
	}
}

// TestCalibrationWidensWhatIsTooNarrow: where outcomes lay at the ends of what was predicted, the interval goes a third
// of the way to all of the distribution; where they lay in the middle, it shrinks a third of the way to that.
func TestCalibrationWidensWhatIsTooNarrow(t *testing.T) {
	c, _ := cases(60, func(int) float64 { return .5 })
	var d distribution
	for i := range 3001 { // even between .1 and 1.1, so that by itself the interval is [.2, 1]
		d = append(d, weighted{.1 + float64(i)/3000, 1})
	}
	for _, x := range []struct {
		name  string
		place func(i int) float64
		want  [2]float64
	}{
		{"at the ends", func(i int) float64 { return float64(i % 2) }, [2]float64{.2 - .1/3, 1 + .1/3}},
		{"in the middle", func(int) float64 { return .5 }, [2]float64{.2 + .4/3, 1 - .4/3}},
	} {
		for i := range c.cases {
			c.cases[i].place = []float64{x.place(i)}
		}
		got := c.predict(slices.Clone(d), 0, c.near(0)).consistent().Interval()
		if math.Abs(got[0]-x.want[0]) > 1e-3 || math.Abs(got[1]-x.want[1]) > 1e-3 {
			t.Errorf("outcomes %s: interval %v, want %v", x.name, got, x.want)
		}
	}
	few := &calibration{cases: c.cases[:fewestCases-1]}
	if got := few.predict(slices.Clone(d), 0, few.near(0)).Interval(); math.Abs(got[0]-.2) > 1e-3 || math.Abs(got[1]-1) > 1e-3 {
		t.Errorf("with too few cases the distribution stands as it is: %v", got)
	}
}

// TestCalibrationLooksAtTasksAsFarAway: held-out tasks at a like distance count double.
func TestCalibrationLooksAtTasksAsFarAway(t *testing.T) {
	c, _ := cases(90, func(int) float64 { return 0 })
	for i, h := range c.near(75) {
		if want := 1 + float64((89-i)/45); h.weight != want || (want == 2) != (h.distance >= 45) {
			t.Fatalf("case %d at distance %v has weight %v", i, h.distance, h.weight)
		}
	}
	if n := len(c.near(math.Inf(1))); n != 90 {
		t.Errorf("%d cases for a task that cannot be compared", n)
	}
	if c.cases[80].weight != 1 {
		t.Error("the cases themselves were changed")
	}
}

// TestSpareReachesFartherOut with fewer values: of 9 equal ones the 10 % quantile is taken at .5 - .4*10/9.
func TestSpareReachesFartherOut(t *testing.T) {
	d := make(distribution, 9)
	for i := range d {
		d[i] = weighted{float64(i), 2}
	}
	for p, want := range map[float64]float64{.5: .5, .1: .5 - .4*10/9, .9: .5 + .4*10/9, 0: 0, 1: 1} {
		if got := d.spare()(p); math.Abs(got-want) > 1e-12 {
			t.Errorf("level %v becomes %v, want %v", p, got, want)
		}
	}
}

// TestHeldOutTasksAreNotTheirOwnEvidence, for strategies that cross-fit and for those that learn again.
func TestHeldOutTasksAreNotTheirOwnEvidence(t *testing.T) {
	tb := kinds(rand.New(rand.NewPCG(1, 1)), 40, 9, 3)
	tb.groups = make([]string, 40)
	for i := range tb.groups {
		tb.groups[i] = string(rune('a' + i/2))
	}
	m := tb.matrix(t)
	for _, name := range Strategies() {
		s, err := NewStrategy(name)
		if err != nil {
			t.Fatal(err)
		}
		rankings, err := heldOut(m, s, learn(t, name, m), Options{K: 3})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rankings {
			sum := 0.0
			for s, w := range r.Weights {
				sum += w
				if w > 0 && m.Tasks[s].Group == m.Tasks[i].Group {
					t.Errorf("%s: task %d is judged by task %d of its own group", name, i, s)
				}
			}
			if len(r.Configs) != 3 || math.Abs(sum-1) > 1e-9 {
				t.Errorf("%s, task %d: %v, weights sum to %v", name, i, r.Configs, sum)
			}
		}
	}
	alone := m.WithGroups(slices.Repeat([]string{"one"}, 40))
	rankings, err := heldOut(alone, greedy{}, learn(t, Greedy, alone), Options{K: 3})
	if err != nil || rankings[0].Configs != nil {
		t.Errorf("with one group nothing can be held out: %v, %v", rankings[0], err)
	}
}

func TestNovelty(t *testing.T) {
	tb := table{features: [][]float64{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {3, 4}}}
	for range tb.features {
		tb.losses = append(tb.losses, []float64{1, 2})
	}
	tb.groups = []string{"", "", "", "g", "g"}
	m := tb.matrix(t)
	n := newNovelty(m)
	if n.own[3] == 0 || n.own[3] != n.own[4] {
		t.Errorf("siblings are each other's nearest: %v", n.own)
	}
	if d := n.nearest([]float64{3, 4}); d != 0 {
		t.Errorf("distance %v of a task that is known", d)
	}
	near, far := n.nearest([]float64{1.5, 2.5}), n.nearest([]float64{30, 40})
	if !(near < far) || n.strangeness(near) != 0 || n.strangeness(far) != 1 {
		t.Errorf("distances %v and %v, strangeness %v and %v", near, far, n.strangeness(near), n.strangeness(far))
	}
	if s := n.strangeness(1.5 * n.limit()); math.Abs(s-.5) > 1e-9 {
		t.Errorf("strangeness half-way is %v", s)
	}
	if d := n.nearest(m.Vector(nil)); !math.IsInf(d, 1) || n.strangeness(d) != 1 {
		t.Errorf("without features the distance is %v", d)
	}
	blind := newNovelty(table{losses: tb.losses}.matrix(t))
	if blind.limit() != 0 || blind.strangeness(blind.nearest(nil)) != 1 {
		t.Errorf("limit %v without features", blind.limit())
	}
}

// TestComparableKeepsForeignFeatures and cuts metaml's own to those by which tasks compare.
func TestComparableKeepsForeignFeatures(t *testing.T) {
	tb := table{losses: [][]float64{{1, 2}}, features: [][]float64{{1, 2}}, names: []string{"log_nr_inst", "nr_inst"}}
	m := tb.matrix(t)
	if got := Comparable(m).FeatureNames; len(got) != 2 {
		t.Errorf("features of %s: %v", m.Extractor, got)
	}
	set := tb.set()
	set.Features[0].Extractor = "metaml/1"
	own, err := transfer.New(set, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := Comparable(own).FeatureNames; !slices.Equal(got, []string{"log_nr_inst"}) {
		t.Errorf("metaml's own features: %v", got)
	}
}
