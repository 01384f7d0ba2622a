package parzen

import (
	"cmp"
	"math"
	"slices"
)

// Ranking orders the points of a model by their losses. The zero Ranking is empty.
type Ranking struct {
	Members
	rated  []bool
	losses []float64
	class  []uint8
}

// Members are points of a model: those that have a loss, the best first, and the rest.
type Members struct{ Ranked, Rest []int }

// Add adds the next point, numbered as the model numbers it, without a loss.
func (r *Ranking) Add() {
	r.Rest = append(r.Rest, len(r.rated))
	r.rated, r.losses, r.class = append(r.rated, false), append(r.losses, 0), append(r.class, 0)
}

// Rate gives a point its loss. Points of a lower class are better whatever their losses; of equal ones the point of
// lower number is. A second loss is ignored.
func (r *Ranking) Rate(point int, class uint8, loss float64) {
	if r.rated[point] {
		return
	}
	r.rated[point], r.class[point], r.losses[point] = true, class, loss
	at := slices.Index(r.Rest, point)
	r.Rest = slices.Delete(r.Rest, at, at+1)
	at, _ = slices.BinarySearchFunc(r.Ranked, point, r.compare)
	r.Ranked = slices.Insert(r.Ranked, at, point)
}

// Suppose returns the members as they were if some points without a loss had these, of class 0. A point whose supposed
// loss is NaN is in neither list. The ranking itself stays as it is.
func (r *Ranking) Suppose(points []int, losses []float64) Members {
	m := Members{Ranked: slices.Clone(r.Ranked), Rest: slices.Clone(r.Rest)}
	for i, point := range points {
		if r.rated[point] {
			continue
		}
		m.Rest = slices.DeleteFunc(m.Rest, func(p int) bool { return p == point })
		if math.IsNaN(losses[i]) {
			continue
		}
		r.losses[point] = losses[i] // nobody sees it before Rate writes the true one
		at, _ := slices.BinarySearchFunc(m.Ranked, point, r.compare)
		m.Ranked = slices.Insert(m.Ranked, at, point)
	}
	return m
}

func (r *Ranking) compare(a, b int) int {
	return cmp.Or(cmp.Compare(r.class[a], r.class[b]), cmp.Compare(r.losses[a], r.losses[b]), cmp.Compare(a, b))
}
