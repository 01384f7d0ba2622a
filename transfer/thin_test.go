package transfer

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// private is a table of six tasks: ten configurations that all have tried, and four more of each task's own.
func private(t *testing.T) *Matrix {
	rng := rand.New(rand.NewPCG(8, 8))
	losses := randomLosses(rng, 6, 34)
	features := make([][]float64, len(losses))
	for i, row := range losses {
		features[i] = []float64{rng.NormFloat64()}
		for c := 10; c < len(row); c++ {
			if (c-10)/4 != i {
				row[c] = math.NaN()
			}
		}
	}
	return mustNew(t, table(losses, features), Options{})
}

// TestThinKeepsTheBestOfATask, in the order of the columns, and what all have tried.
func TestThinKeepsTheBestOfATask(t *testing.T) {
	m := private(t)
	thin := m.Thin(2)
	if len(thin.Configs) != 10+6*2 {
		t.Fatalf("%d columns", len(thin.Configs))
	}
	for i := range m.Tasks {
		var own, kept []float64
		for c := range m.Configs {
			if tries(m, c) == 1 && !math.IsNaN(m.Loss[i][c]) {
				own = append(own, m.Loss[i][c])
			}
		}
		for c := range thin.Configs {
			if tries(thin, c) == 1 && !math.IsNaN(thin.Loss[i][c]) {
				kept = append(kept, thin.Loss[i][c])
			}
		}
		slices.Sort(own)
		slices.Sort(kept)
		if !reflect.DeepEqual(kept, own[:2]) {
			t.Errorf("task %d keeps %v of %v", i, kept, own)
		}
	}
	if !slices.IsSortedFunc(thin.Configs, compareConfigs) {
		t.Error("the columns are out of order")
	}
	if m.Thin(4) != m {
		t.Error("nothing to set aside changes the matrix")
	}
}

func tries(m *Matrix, c int) int {
	n := 0
	for t := range m.Tasks {
		if !math.IsNaN(m.Loss[t][c]) {
			n++
		}
	}
	return n
}

// TestWhatIsSetAsideStillCounts in a task's own scale and losses, and in what surrogates learn from, also when rows are
// taken or it is thinned again.
func TestWhatIsSetAsideStillCounts(t *testing.T) {
	m := private(t)
	rows := []int{4, 1, 2}
	thin := m.Thin(3).Thin(1).Rows(rows)
	if len(thin.Configs) != 10+6 {
		t.Fatalf("%d columns", len(thin.Configs))
	}
	whole := thin.whole()
	if len(whole.Configs) != len(m.Configs) {
		t.Errorf("%d columns of %d in all", len(whole.Configs), len(m.Configs))
	}
	for i, row := range rows {
		best, spread, _ := m.Plain(row)
		if b, s, _ := thin.Plain(i); b != best || s != spread || !reflect.DeepEqual(thin.Losses(i), m.Losses(row)) {
			t.Errorf("row %d: scale %v %v, want %v %v", row, b, s, best, spread)
		}
		for c := range whole.Configs {
			at := slices.IndexFunc(m.Configs, func(x Config) bool { return x.Hash == whole.Configs[c].Hash })
			if same := math.IsNaN(whole.Regret[i][c]) && math.IsNaN(m.Regret[row][at]) || whole.Regret[i][c] == m.Regret[row][at]; !same || whole.Status[i][c] != m.Status[row][at] {
				t.Errorf("row %d, configuration %d: regret %v, want %v", row, at, whole.Regret[i][c], m.Regret[row][at])
			}
		}
	}
	with, err := thin.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	thin.aside = nil
	without, err := thin.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	if reflect.DeepEqual(with.Mean, without.Mean) {
		t.Error("what was set aside changes no prediction")
	}
	if len(with.Mean[0]) != len(thin.Configs) {
		t.Errorf("%d predictions of a row", len(with.Mean[0]))
	}
}
