package transfer

import (
	"cmp"
	"math/rand/v2"
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
