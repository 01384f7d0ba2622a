package warmstart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/transfer"
)

func learnedPosterior(t *testing.T, tb table) *taskPosterior {
	t.Helper()
	p, err := learnPosterior(tb.matrix(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestTelling: meta-features that tell the kind of a task are believed, the same ones dealt out anew are not.
func TestTelling(t *testing.T) {
	for seed := range uint64(5) {
		rng := rand.New(rand.NewPCG(seed, 1))
		tb := kinds(rng, 90, 12, 3)
		if p := learnedPosterior(t, tb); p.forest == nil {
			t.Errorf("seed %d: features that tell the kind are not believed", seed)
		}
		rng.Shuffle(len(tb.features), func(i, j int) { tb.features[i], tb.features[j] = tb.features[j], tb.features[i] })
		if p := learnedPosterior(t, tb); p.forest != nil {
			slope, se := p.slope()
			t.Errorf("seed %d: shuffled features are believed: slope %v ± %v", seed, slope, se)
		}
	}
}

// TestMomentsByHand: x = 1, -1 and y = 2, -2 in one group, x = 1 and y = 0 in another: the slope is 4/3.
func TestMomentsByHand(t *testing.T) {
	var m moments
	for _, p := range [][2]float64{{1, 2}, {-1, -2}, {1, 0}} {
		m.add(p[0], p[1])
	}
	if m.square != 3 || m.product != 4 {
		t.Errorf("%+v", m)
	}
}

func TestCarefulness(t *testing.T) {
	for _, c := range []struct {
		groups []int
		want   float64
	}{
		{[]int{0, 1, 2, 3}, 0},
		{[]int{0, 0, 1, 1}, 0},
		{[]int{0, 0, 0, 1}, .25}, // 2 groups, effectively 1.6
		{[]int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, 1},
	} {
		p := &taskPosterior{groups: c.groups}
		if got := p.carefulness(); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("groups %v: %v, want %v", c.groups, got, c.want)
		}
	}
}

// TestNeeded: without families the first pick needs no caution, and the later ones half of it.
func TestNeeded(t *testing.T) {
	single, family := &taskPosterior{groups: []int{0, 1, 2}}, &taskPosterior{groups: []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}}
	if got := single.needed([]float64{2, 2, 1}); !slices.Equal(got, []float64{0, 1, .5}) {
		t.Errorf("without families %v", got)
	}
	if got := family.needed([]float64{2, 2, 1}); !slices.Equal(got, []float64{2, 2, 1}) {
		t.Errorf("with families %v", got)
	}
}

func TestDeviations(t *testing.T) {
	got := deviations([]float64{1, 2, 6}, []float64{0, 0, 3})
	for i, want := range []float64{-1, 0, 1} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("deviations %v", got)
		}
	}
}

// TestWithPlainBreaksTies: where the knowledge base's scale sees no difference because of noise, the plain one does.
func TestWithPlainBreaksTies(t *testing.T) {
	m := table{losses: [][]float64{{.1, .2, .3, .5}}}.matrix(t)
	m.Regret[0] = []float64{0, 0, .5, 2}
	plain, _ := m.Normalised(0)
	got := withPlain(m, &transfer.Belief{Mean: m.Regret}, plainScales(m)).Mean[0]
	for c := range got {
		if want := (m.Regret[0][c] + plain[c]) / 2; got[c] != want {
			t.Errorf("configuration %d: %v, want %v", c, got[c], want)
		}
	}
	if got[0] >= got[1] || m.Regret[0][1] != 0 {
		t.Errorf("%v; the regrets of the matrix are %v", got, m.Regret[0])
	}
}
