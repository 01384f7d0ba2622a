package transfer

import (
	"cmp"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
)

// Sorting by counting gives the order of a comparison, whatever the order of the records, cells without a result and
// cells with several included.
func TestByCell(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 9))
	for range 50 {
		tasks, configs := 1+rng.IntN(6), 1+rng.IntN(9)
		results := make([]result, rng.IntN(80))
		for i := range results {
			results[i] = result{
				task: rng.IntN(tasks), config: rng.IntN(configs), loss: float64(rng.IntN(3)), test: float64(rng.IntN(2)),
				cost: float64(rng.IntN(2)), status: study.Status(rng.IntN(2)),
			}
		}
		want := slices.SortedFunc(slices.Values(results), func(x, y result) int {
			return cmp.Or(cmp.Compare(x.task, y.task), cmp.Compare(x.config, y.config), cmp.Compare(x.loss, y.loss),
				cmp.Compare(x.test, y.test), cmp.Compare(x.cost, y.cost), cmp.Compare(x.status, y.status))
		})
		same := func(x, y result) bool {
			return x.task == y.task && x.config == y.config && x.loss == y.loss && x.test == y.test && x.cost == y.cost && x.status == y.status
		}
		if got := byCell(results, tasks, configs); !slices.EqualFunc(got, want, same) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// Knowing some results of a task is as if the others had never been run; other rows, and the matrix itself, stay.
func TestKnowing(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	losses := randomLosses(rng, 5, 8)
	full := mustNew(t, table(losses, nil), Options{})
	before := withoutNaN(full)
	row, columns := 2, []int{1, 4, 6}
	got := full.Knowing(row, columns)
	for c := range full.Configs {
		if !slices.Contains(columns, c) {
			if got.Status[row][c] != study.Pending || !math.IsNaN(got.Loss[row][c]) || !math.IsNaN(got.Regret[row][c]) {
				t.Errorf("column %d is known", c)
			}
			continue
		}
		if got.Status[row][c] != study.Complete || got.Loss[row][c] != full.Loss[row][c] {
			t.Errorf("column %d is not known", c)
		}
	}
	known := pick(full.Loss[row], columns)
	slices.Sort(known)
	if task := got.Tasks[row]; task.Best != known[0] || math.Abs(task.Spread-(known[1]-known[0])) > 1e-12 {
		t.Errorf("best %v, spread %v of %v", task.Best, task.Spread, known)
	}
	if !reflect.DeepEqual(before, withoutNaN(full)) {
		t.Error("the matrix itself has changed")
	}
	joined := full.Without(row).And(full.Rows([]int{row}))
	if len(joined.Tasks) != 5 || joined.Tasks[4].ID != full.Tasks[row].ID || joined.Loss[4][3] != full.Loss[row][3] || joined.Tasks[3].ID != full.Tasks[4].ID {
		t.Errorf("rows %v", joined.Tasks)
	}
}
