package forest

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
)

// conditional returns rows of numbers and choices that most rows have no value of, as in spaces with conditions, and which
// features are nominal.
func conditional(n int) (x [][]float64, y []float64, nominal []int) {
	rng := rand.New(rand.NewPCG(8, 15))
	for j := range 15 {
		nominal = append(nominal, 0)
		if j%3 == 2 {
			nominal[j] = 2 + j/3
		}
	}
	for range n {
		row, value := make([]float64, len(nominal)), 0.0
		branch := rng.IntN(5)
		for j, choices := range nominal {
			switch {
			case j/3 != branch:
				row[j] = math.NaN()
				continue
			case choices > 0:
				row[j] = float64(rng.IntN(choices))
			default:
				row[j] = math.Round(8*rng.Float64()) / 8
			}
			value += row[j] * float64(j+1)
		}
		x, y = append(x, row), append(y, value+rng.NormFloat64())
	}
	return x, y, nominal
}

// TestRareFeatures compares trees with those grown when every feature is searched as if all rows could have a value.
func TestRareFeatures(t *testing.T) {
	x, y, nominal := conditional(300)
	for _, minLeaf := range []int{1, 4} {
		opt := RollingOptions{Trees: 5, MinLeaf: minLeaf, MaxFeatures: 0.7, Cut: CutRandom, Nominal: nominal, Seed: 3}
		grow := func(common bool) []rollingTree {
			f := mustRoll(t, opt)
			mustFollow(t, f, x[:290], first(y))
			for i := 290; i <= len(x); i++ { // row by row, too
				if common {
					for j := range f.table.columns {
						f.table.columns[j].present = make([]int32, len(x))
					}
				}
				f.trees = make([]rollingTree, opt.Trees)
				mustFollow(t, f, x[:i], first(y))
			}
			return f.trees
		}
		rare, common := grow(false), grow(true)
		used := 0
		for i := range rare {
			if !reflect.DeepEqual(rare[i].nodes, common[i].nodes) || !reflect.DeepEqual(rare[i].leafOf, common[i].leafOf) {
				t.Errorf("tree %d with leaves of %d rows is another one", i, minLeaf)
			}
			used += len(rare[i].nodes)
		}
		if used < 50*opt.Trees/minLeaf {
			t.Errorf("%d nodes in %d trees: nothing was split", used, opt.Trees)
		}
	}
}

// TestPresent checks the rows with a value of columns that were made at once and row by row.
func TestPresent(t *testing.T) {
	x, _, _ := conditional(40)
	grown, err := NewTable(x[:5])
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range x[5:] {
		grown.add(row)
	}
	whole, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	for j := range whole.columns {
		var want []int32
		for i, row := range x {
			if !math.IsNaN(row[j]) {
				want = append(want, int32(i))
			}
		}
		if got := whole.columns[j].present; !reflect.DeepEqual(got, want) {
			t.Errorf("column %d has values in %v, not in %v", j, want, got)
		}
		if got := grown.columns[j].present; !reflect.DeepEqual(got, want) {
			t.Errorf("column %d that grew has values in %v, not in %v", j, want, got)
		}
	}
}
