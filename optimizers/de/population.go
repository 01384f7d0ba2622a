package de

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// member is an evaluated point of the unit cube.
type member struct {
	u    []float64 // a coordinate for every hyperparameter, active or not
	loss float64   // +Inf for a trial without a usable loss
}

// population are the members, in the order in which they were admitted, and JADE's archive of those that were replaced.
type population struct {
	size    int
	members []member
	ranking []int // of the members, best first
	archive []member
}

// full reports whether there are as many members as there are to be.
func (p *population) full() bool { return len(p.members) >= p.size }

// admit adds a member, or when the population is full replaces the worst by one that is better.
func (p *population) admit(m member) {
	switch worst := 0; {
	case !p.full():
		p.members = append(p.members, m)
	default:
		worst = p.ranking[len(p.ranking)-1]
		if m.loss >= p.members[worst].loss {
			return
		}
		p.members[worst] = m
	}
	p.rank()
}

// challenge replaces the member at a position by one that is not worse, and returns what was gained. The loser goes to
// the archive, in which it replaces a random one when that is as large as the population.
func (p *population) challenge(position int, m member, rng *rand.Rand) (gain float64, success bool) {
	old := p.members[position]
	if m.loss > old.loss || math.IsInf(m.loss, 1) {
		return 0, false
	}
	p.members[position] = m
	p.rank()
	if m.loss == old.loss {
		return 0, false
	}
	if len(p.archive) < p.size {
		p.archive = append(p.archive, old)
	} else {
		p.archive[rng.IntN(len(p.archive))] = old
	}
	return old.loss - m.loss, true
}

// rank brings the ranking up to date.
func (p *population) rank() {
	for len(p.ranking) < len(p.members) {
		p.ranking = append(p.ranking, len(p.ranking))
	}
	slices.SortFunc(p.ranking, func(a, b int) int {
		return cmp.Or(cmp.Compare(p.members[a].loss, p.members[b].loss), cmp.Compare(a, b))
	})
}

// best returns a random one of the best: of the two best at least, and of the best share at most.
func (p *population) best(share float64, rng *rand.Rand) member {
	among := max(2, int(share*float64(len(p.members))))
	return p.members[p.ranking[rng.IntN(min(among, len(p.ranking)))]]
}

// others returns n different positions at random, none of which is the given one. Positions from the number of members
// on are in the archive, when that is included for the last.
func (p *population) others(position, n int, archive bool, rng *rand.Rand) []member {
	taken := make([]int, 1, n+1)
	taken[0] = position
	found := make([]member, 0, n)
	for len(found) < n {
		from := len(p.members)
		if archive && len(found) == n-1 {
			from += len(p.archive)
		}
		k := rng.IntN(from)
		if slices.Contains(taken, k) {
			continue
		}
		taken = append(taken, k)
		if k < len(p.members) {
			found = append(found, p.members[k])
		} else {
			found = append(found, p.archive[k-len(p.members)])
		}
	}
	return found
}
