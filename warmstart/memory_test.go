package warmstart

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
	"github.com/metaml/metaml/transfer"
)

// notes is a Memory in memory.
type notes struct {
	data  map[string][]byte
	saved int
}

func (n *notes) Load(key string) ([]byte, bool) {
	data, ok := n.data[key]
	return data, ok
}

func (n *notes) Save(key string, data []byte) {
	n.saved++
	n.data[key] = data
}

// large is a table worth remembering: 60 tasks in pairs and 500 configurations.
func large(holes bool) table {
	rng := rand.New(rand.NewPCG(1, 1))
	tb := kinds(rng, 60, 500, 4)
	for i := range tb.losses {
		tb.groups = append(tb.groups, string(rune('a'+i/2)))
		for c := range tb.losses[i] {
			if holes && rng.Float64() < .05 {
				tb.losses[i][c] = math.NaN()
			}
		}
	}
	return tb
}

// TestAdviceFromMemoryIsTheSame, with cells that were never run and without; it is learned once.
func TestAdviceFromMemoryIsTheSame(t *testing.T) {
	for _, holes := range []bool{false, true} {
		m := large(holes).matrix(t)
		memory := &notes{data: map[string][]byte{}}
		task := Task{Features: map[string]float64{"f0": 2, "f1": .3, "f2": -.4}}
		advise := func(memory Memory) *Advice {
			a, err := Advise(m, nil, task, Options{K: 3, Memory: memory})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		want := advise(nil)
		for _, got := range []*Advice{advise(memory), advise(memory)} {
			if !reflect.DeepEqual(got, want) {
				t.Errorf("holes %v: advice changes with memory:\n%+v\n%+v", holes, got.Recommendations, want.Recommendations)
			}
		}
		if memory.saved != 1 {
			t.Errorf("holes %v: learned %d times", holes, memory.saved)
		}
	}
}

// TestConfigurationsOfOneTaskHardlyCount: of hundreds that single tasks have tried, only the best of each are learned
// from at any length, while results on the very data count them all; advice says how many there are.
func TestConfigurationsOfOneTaskHardlyCount(t *testing.T) {
	tb := large(false)
	for i := range tb.losses {
		for c := 60; c < 500; c++ {
			if c%60 != i {
				tb.losses[i][c] = math.NaN()
			}
		}
	}
	m := tb.matrix(t)
	in, err := recalledInsight(m, posterior{}, Options{K: 5})
	if err != nil || len(in.m.Configs) != 60+60*5 {
		t.Fatalf("learned from %d configurations, %v", len(in.m.Configs), err)
	}
	a, err := Advise(m, nil, Task{ID: m.Tasks[7].ID}, Options{})
	if err != nil || a.Configs != 500 || a.Own != len(m.Losses(7)) || a.Own < 67 {
		t.Errorf("%d configurations, %d results on the data, %v", a.Configs, a.Own, err)
	}
}

// TestDamagedMemoryIsLearnedAnew.
func TestDamagedMemoryIsLearnedAnew(t *testing.T) {
	m := large(false).matrix(t)
	memory := &notes{data: map[string][]byte{}}
	opt := Options{K: 1, Memory: memory}
	want, err := Advise(m, nil, Task{}, opt)
	if err != nil {
		t.Fatal(err)
	}
	for key, data := range memory.data {
		broken := slices.Clone(data)
		broken[len(broken)/2]++
		for _, damage := range [][]byte{broken, data[:len(data)/2], {}, nil} {
			memory.data[key] = damage
			got, err := Advise(m, nil, Task{}, opt)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("after damage: %v", err)
			}
		}
		if !reflect.DeepEqual(len(memory.data[key]), len(data)) {
			t.Error("what was damaged was not saved again")
		}
	}
	if memory.saved != 5 {
		t.Errorf("saved %d times", memory.saved)
	}
}

// TestMemoryKeys: whatever changes what is learned changes the key; small matrices are not remembered.
func TestMemoryKeys(t *testing.T) {
	m := byHand().matrix(t)
	key := memoryKey(m, Options{K: 3})
	if again := memoryKey(byHand().matrix(t), Options{K: 3, Strategy: Posterior}); again != key {
		t.Error("the same records give two keys")
	}
	loss, feature, timed := byHand(), byHand(), byHand()
	loss.losses[1][2] += 1e-6
	feature.features[0][1] = math.NaN()
	timed.losses[2][0] = math.Inf(1)
	keys := []string{key, memoryKey(m, Options{K: 4}), memoryKey(m, Options{K: 3, Seed: 1}), memoryKey(m, Options{K: 3, Seconds: 9})}
	for _, tb := range []table{loss, feature, timed} {
		keys = append(keys, memoryKey(tb.matrix(t), Options{K: 3}))
	}
	slices.Sort(keys)
	if len(slices.Compact(keys)) != 7 {
		t.Error("two different matrices or options share a key")
	}
	memory := &notes{data: map[string][]byte{}}
	if _, err := Advise(m, nil, Task{}, Options{Memory: memory}); err != nil || memory.saved > 0 {
		t.Errorf("a small matrix was saved %d times, %v", memory.saved, err)
	}
}

// TestGroveIsTheForest: proximities are those of the forest, for tasks known and new, with missing values.
func TestGroveIsTheForest(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	x, y := make([][]float64, 80), make([][]float64, 80)
	var rows []int
	for i := range x {
		x[i] = []float64{rng.NormFloat64(), rng.NormFloat64(), math.Round(rng.NormFloat64())}
		if i%7 == 0 {
			x[i][i%3] = math.NaN()
		}
		y[i] = []float64{x[i][1] + rng.NormFloat64()}
		if i%4 > 0 {
			rows = append(rows, i)
		}
	}
	f, err := forest.Fit(x, y, forest.Options{Trees: 30, MinLeaf: 2, Rows: rows, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	g := newGrove(f, x, rows)
	for _, q := range append(x, []float64{0, 0, 0}, []float64{math.NaN(), 5, -5}) {
		want, got := f.Proximity(q), g.proximity(q)
		for i := range want {
			if math.Abs(want[i]-got[i]) > 1e-12 {
				t.Fatalf("proximity of %v to %d: %v, want %v", q, i, got[i], want[i])
			}
		}
	}
}

// BenchmarkAdviseLarge answers from a knowledge base of 1,000 tasks and 1,000 configurations that was learned before.
func BenchmarkAdviseLarge(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 9))
	tb := kinds(rng, 1000, 1000, 7)
	for i := range tb.features {
		for range 40 {
			tb.features[i] = append(tb.features[i], rng.NormFloat64())
		}
	}
	m := tb.matrix(b)
	opt := Options{Memory: &notes{data: map[string][]byte{}}}
	task := Task{Features: named(m.FeatureNames, m.Tasks[0].Features)}
	advise := func(m *transfer.Matrix) {
		if _, err := Advise(m, nil, task, opt); err != nil {
			b.Fatal(err)
		}
	}
	advise(m)
	b.ResetTimer()
	for b.Loop() {
		advise(m)
	}
}
