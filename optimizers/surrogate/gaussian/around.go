package gaussian

import (
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Around predicts the neighbours of a point, those that differ from it in few coordinates: of what they share with the data
// only that is computed anew which the blocks with these coordinates make. It is of no use once the posterior changed.
type Around struct {
	posterior *Posterior
	point     []float64 // placed
	active    []int
	values    [][]float64 // by block: the Matérn kernels of the point with the block's members
	fresh     []bool      // by block: the neighbour at hand differs in it
	changed   []int       // those blocks
	near      []float64   // the neighbour, placed; the point between calls
}

// Around returns the predictions around a point.
func (p *Posterior) Around(x []float64) *Around {
	k := &p.kernel
	a := &Around{
		posterior: p, point: make([]float64, p.width), near: make([]float64, p.width),
		values: make([][]float64, len(k.blocks)), fresh: make([]bool, len(k.blocks)),
	}
	k.place(a.point, x)
	copy(a.near, a.point)
	a.active = k.activeBlocks(nil, a.point)
	a.learn(0)
	for _, g := range a.active {
		a.learn(g)
	}
	return a
}

// learn computes what a block of the point makes.
func (a *Around) learn(g int) {
	m := &a.posterior.members[g]
	a.posterior.kernel.values(a.posterior.kernel.blocks[g], a.point, m)
	a.values[g] = slices.Clone(m.value)
}

// Predict is Posterior.Predict for a point x that differs from the one that is known in no coordinates but those that are
// listed. Unless worth, which is told the mean and a bound that the variance does not exceed, is true, it ends there, before
// what costs most, and ok is false.
func (a *Around) Predict(x []float64, coordinates []int, worth func(mean, bound float64) bool) (mean, variance float64, ok bool) {
	p := a.posterior
	a.move(x, coordinates)
	across, prior := p.across[:p.n], p.kernel.variance(a.near, p.active)
	a.cross(across)
	mean = p.mean(across)
	if ok = worth(mean, remaining(prior, p.most(across))); ok {
		back := p.back[:p.n]
		p.forward(back, across)
		variance = remaining(prior, floats.Dot(back, back))
	}
	for _, j := range coordinates {
		a.near[p.kernel.inside[j]] = a.point[p.kernel.inside[j]]
	}
	for _, g := range a.changed {
		a.fresh[g] = false
	}
	return mean, variance, ok
}

// move places the neighbour and lists the blocks that are active in it.
func (a *Around) move(x []float64, coordinates []int) {
	p := a.posterior
	k := &p.kernel
	a.changed = a.changed[:0]
	for _, j := range coordinates {
		i := k.inside[j]
		a.near[i] = k.placed(i, x[j])
		if g := k.within[j]; g >= 0 && !a.fresh[g] {
			a.fresh[g] = true
			a.changed = append(a.changed, g)
		}
	}
	p.active = p.active[:0]
	for _, g := range a.active {
		if !a.fresh[g] {
			p.active = append(p.active, g)
		}
	}
	for _, g := range a.changed {
		if g > 0 && k.blocks[g].active(a.near) {
			p.active = append(p.active, g)
		}
	}
	slices.Sort(p.active)
}

// cross writes the covariances of the neighbour as Posterior.cross does.
func (a *Around) cross(to []float64) {
	p := a.posterior
	p.begin(to, a.block(0))
	for _, g := range p.active {
		p.multiply(to, g, a.block(g))
	}
	p.addLinear(to, a.near)
}

// block returns the Matérn kernels of the neighbour with a block's members.
func (a *Around) block(g int) []float64 {
	if !a.fresh[g] {
		return a.values[g]
	}
	p := a.posterior
	p.kernel.values(p.kernel.blocks[g], a.near, &p.members[g])
	return p.members[g].value
}
