package smac

import (
	"math"
	"math/rand/v2"
)

// few is the number of losses from which on an arm's trials can say where in it to look.
const few = 3

// armDraws is how many rows are drawn to find an arm that few trials are in.
const armDraws = 6

// arm is a set of active hyperparameters, given by a row that has them. Nil stands for the whole space.
type arm []float64

// holds reports whether a row is in the arm.
func (a arm) holds(row []float64) bool {
	for j := range a {
		if math.IsNaN(a[j]) != math.IsNaN(row[j]) {
			return false
		}
	}
	return true
}

// arm draws the arm that a pick is made within; known is the number of trials before it.
func (o *Optimizer) arm(known int, pending [][]float64, rng *rand.Rand) arm {
	share := o.settings.ArmShare * math.Cbrt(10/float64(max(known, 1)))
	if !o.problem.Space.Conditional() || rng.Float64() >= share {
		return nil
	}
	return o.leastTried(pending, rng)
}

// leastTried draws rows and returns, of their arms with a few losses, the first of those with the fewest trials, running
// ones included. Nil: none has a few losses.
func (o *Optimizer) leastTried(pending [][]float64, rng *rand.Rand) (least arm) {
	fewest := math.MaxInt
	for range armDraws {
		row := make(arm, len(o.codec.Dimensions()))
		o.codec.Sample(row, rng)
		trials, losses := o.model.count(row)
		for _, p := range pending {
			if row.holds(p) {
				trials++
			}
		}
		if losses >= few && trials < fewest {
			least, fewest = row, trials
		}
	}
	return least
}
