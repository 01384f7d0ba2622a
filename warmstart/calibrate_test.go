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

func TestPredictionIsTheLeastOfTheFirst(t *testing.T) {
	b := &transfer.Belief{Mean: [][]float64{{1, .2, 0}, {.5, 2, 0}, {0, 0, 0}}}
	got := prediction(b, []float64{.5, .5, 0}, []int{0, 1})
	if want := (distribution{{.5, .5}, {1, .5}}); !slices.Equal(got[0], want) {
		t.Errorf("first: %v, want %v", got[0], want)
	}
	if want := (distribution{{.2, .5}, {.5, .5}}); !slices.Equal(got[1], want) {
		t.Errorf("first two: %v, want %v", got[1], want)
	}
}

// TestCalibrationMendsWhatIsPredictedWrong: predictions that are too good by .4 are moved, and intervals that are
// too narrow are widened.
func TestCalibrationMendsWhatIsPredictedWrong(t *testing.T) {
	var c calibration
	for i := range 60 {
		c.cases = append(c.cases, held{task: i, weight: 1, place: []float64{float64(i) / 59}, bias: []float64{.4}, reached: []float64{.5}})
	}
	d := distribution{{0, .1}, {.1, .8}, {1.5, .1}}
	o := c.predict([]distribution{d}, c.near(0))[0]
	if want := d.mean() + .4; math.Abs(o.expected-want) > 1e-12 {
		t.Errorf("expected %v, want %v", o.expected, want)
	}
	for i := range c.cases {
		c.cases[i].place[0] = float64(i % 2) // always at one of the ends
		c.cases[i].bias[0] = 0
	}
	if o := c.predict([]distribution{d}, c.near(0))[0]; o.interval != [2]float64{0, 1.5} {
		t.Errorf("interval %v, want all of the distribution", o.interval)
	}
	few := &calibration{cases: c.cases[:fewestCases-1]}
	if o := few.predict([]distribution{d}, few.near(0))[0]; o.expected != d.mean() || o.interval != [2]float64{0, d.mean()} {
		t.Errorf("with too few cases the prediction stands as it is: %+v", o)
	}
}

// TestCalibrationLooksAtTasksAsFarAway: only held-out tasks at a like distance count.
func TestCalibrationLooksAtTasksAsFarAway(t *testing.T) {
	var c calibration
	for i := range 90 {
		c.cases = append(c.cases, held{task: i, distance: float64(i)})
	}
	for _, h := range c.near(75) {
		if h.distance < 60 {
			t.Errorf("a task at distance %v was compared with one at 75", h.distance)
		}
	}
	if n := len(c.near(75)); n != 30 {
		t.Errorf("%d cases, want a third", n)
	}
	if n := len(c.near(math.Inf(1))); n != 30 {
		t.Errorf("%d cases for a task that cannot be compared", n)
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
