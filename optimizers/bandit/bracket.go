package bandit

import "math"

// Bracket is one run of successive halving: Sizes[i] configurations are evaluated at level Bottom+i of a ladder, the
// best Sizes[i+1] of which go on to the next level.
type Bracket struct {
	Bottom int
	Sizes  []int
}

// Halving returns the bracket of successive halving (Jamieson and Talwalkar 2016) that begins with n configurations
// at the level bottom of a ladder of that many levels and ends at the full one: rung i has floor(n / eta^i)
// configurations, at least one.
func Halving(levels, bottom, n int, eta float64) Bracket {
	b := Bracket{Bottom: bottom}
	for power := 1.0; bottom < levels; bottom++ {
		b.Sizes = append(b.Sizes, max(1, int(math.Floor(float64(n)/power+1e-9))))
		power *= eta
	}
	return b
}

// Hyperband returns the brackets of one round of Hyperband (Li et al. 2018, algorithm 1) on a ladder of that many
// levels, the most aggressive one first: with s+1 rungs, n = ceil((s_max+1) eta^s / (s+1)). At R = 81 and eta = 3
// they begin with 81, 34, 15, 8 and 5 configurations.
func Hyperband(levels int, eta float64) []Bracket {
	return round(levels, eta, func(s int, power float64) float64 {
		return math.Ceil(float64(levels)*power/float64(s+1) - 1e-9)
	})
}

// HyperbandFloor returns the brackets of one round as HpBandSter has them (Falkner et al. 2018), also found in the
// first version of the paper of Li et al.: n = floor((s_max+1) / (s+1)) eta^s. At R = 81 and eta = 3 they begin with
// 81, 27, 9, 6 and 5 configurations, so that every rung is exactly the eta-th part of the one below.
func HyperbandFloor(levels int, eta float64) []Bracket {
	return round(levels, eta, func(s int, power float64) float64 {
		return math.Floor(math.Floor(float64(levels)/float64(s+1))*power + 1e-9)
	})
}

// round makes the brackets whose first rung has the size n(s, eta^s), for s = levels-1 down to 0.
func round(levels int, eta float64, n func(s int, power float64) float64) []Bracket {
	powers := []float64{1}
	for len(powers) < levels {
		powers = append(powers, powers[len(powers)-1]*eta)
	}
	var out []Bracket
	for s := levels - 1; s >= 0; s-- {
		out = append(out, Halving(levels, levels-1-s, int(n(s, powers[s])), eta))
	}
	return out
}
