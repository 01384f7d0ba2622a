package gaussian

import "math"

// members are the points in which a block is active, with their coordinates of it side by side, so that a point is
// compared with those alone with which it shares the block.
type members struct {
	points       []int32
	coordinates  []float64
	value, slope []float64 // of what the point at hand shares with each of them: see factor
}

// enlist makes the placed point i, whose active blocks are given, a member.
func (p *Posterior) enlist(i int, active []int) {
	p.members[0].add(p.kernel.blocks[0], i, p.point(i))
	for _, g := range active {
		p.members[g].add(p.kernel.blocks[g], i, p.point(i))
	}
}

func (m *members) add(b block, i int, placed []float64) {
	m.points, m.coordinates = append(m.points, int32(i)), append(m.coordinates, placed[b.from:b.to]...)
	m.value, m.slope = append(m.value, 0), append(m.slope, 0)
}

// dismiss leaves the first n points.
func (p *Posterior) dismiss(n int) {
	for g := range p.members {
		m, b := &p.members[g], p.kernel.blocks[g]
		k := len(m.points)
		for k > 0 && int(m.points[k-1]) >= n {
			k--
		}
		m.points, m.coordinates = m.points[:k], m.coordinates[:k*(b.to-b.from)]
		m.value, m.slope = m.value[:k], m.slope[:k]
	}
}

// cross writes the covariances of all points with a placed point, the active blocks of which are given.
func (p *Posterior) cross(to, x []float64, active []int) { p.crossBy((*kernel).values, to, x, active) }

// crossBy is cross by values or slopes of the kernel.
func (p *Posterior) crossBy(of func(*kernel, block, []float64, *members), to, x []float64, active []int) {
	first := &p.members[0]
	of(&p.kernel, p.kernel.blocks[0], x, first)
	p.begin(to, first.value)
	for _, g := range active {
		m := &p.members[g]
		of(&p.kernel, p.kernel.blocks[g], x, m)
		p.multiply(to, g, m.value)
	}
	p.addLinear(to, x)
}

// begin writes the part of covariances that the Matérn kernels over block 0 make.
func (p *Posterior) begin(to, values []float64) {
	for i, v := range values[:len(to)] {
		to[i] = v * p.kernel.scale
	}
}

// multiply multiplies covariances by the part of a block whose Matérn kernels with its members are given.
func (p *Posterior) multiply(to []float64, g int, values []float64) {
	amplitude := p.kernel.amplitude[g]
	points := p.members[g].points
	for j, v := range values[:len(points)] {
		to[points[j]] *= 1 + amplitude*v
	}
}

// addLinear adds the linear part.
func (p *Posterior) addLinear(to, x []float64) {
	if len(p.kernel.slope) == 0 {
		for i := range to {
			to[i] += p.kernel.intercept
		}
		return
	}
	for i := range to {
		to[i] += p.kernel.linear(x, p.point(i))
	}
}

// values sets the Matérn kernel over a block of a placed point and each member.
func (k *kernel) values(b block, x []float64, m *members) {
	x, numbers, weight := x[b.from:b.to], b.split-b.from, k.weight[b.from:b.to]
	rest := m.coordinates
	for j := range m.value {
		y := rest[:len(x)]
		rest = rest[len(x):]
		r2 := apart(x, y, numbers, weight)
		if r2 == 0 {
			m.value[j] = 1
			continue
		}
		q := math.Sqrt(5 * r2)
		m.value[j] = (1 + q + q*q/3) * math.Exp(-q)
	}
}

// slopes is values, with the derivatives by the squared distance.
func (k *kernel) slopes(b block, x []float64, m *members) {
	x, numbers, weight := x[b.from:b.to], b.split-b.from, k.weight[b.from:b.to]
	rest := m.coordinates
	for j := range m.value {
		m.value[j], m.slope[j] = matern(apart(x, rest[:len(x)], numbers, weight))
		rest = rest[len(x):]
	}
}

// apart is the squared distance of two points over a block, of whose coordinates the first so many are numbers and the
// others have these weights.
func apart(x, y []float64, numbers int, weight []float64) float64 {
	r2 := 0.0
	for i, v := range x[:numbers] {
		d := v - y[i]
		r2 += d * d
	}
	for i := numbers; i < len(x); i++ {
		if x[i] != y[i] {
			r2 += weight[i]
		}
	}
	return r2
}

// crossSlopes is cross for gradients to follow.
func (p *Posterior) crossSlopes(to, x []float64, active []int) {
	p.crossBy((*kernel).slopes, to, x, active)
	for i, c := range to { // rounded as covariances are
		p.product[i] = c - p.kernel.linear(x, p.point(i))
	}
}

// gradients adds the derivatives of the covariances with all points, each times what a and b have for it, by the
// coordinates of the placed point to byA and byB, before division by lengthscales; categorical coordinates have none. It
// follows crossSlopes.
func (p *Posterior) gradients(x []float64, a, b, byA, byB []float64) {
	k, first := &p.kernel, &p.members[0]
	outer := p.outer[:p.n]
	if k.plain {
		for i, slope := range first.slope {
			outer[i] = slope * (2 * k.scale)
		}
		p.blockGradients(0, x, outer, a, b, byA, byB)
		return
	}
	for i, slope := range first.slope {
		outer[i] = 0
		if value := first.value[i]; value > 0 {
			outer[i] = p.product[i] * slope / value * 2
		}
	}
	p.blockGradients(0, x, outer, a, b, byA, byB)
	for _, g := range p.active {
		m, amplitude := &p.members[g], k.amplitude[g]
		for j, i := range m.points {
			outer[j] = p.product[i] * amplitude * m.slope[j] / (1 + amplitude*m.value[j]) * 2
		}
		p.blockGradients(g, x, outer, a, b, byA, byB)
	}
	for s, variance := range k.slope {
		for i := range p.n {
			y := p.point(i)[k.space+s]
			byA[k.space+s] += a[i] * variance * y
			byB[k.space+s] += b[i] * variance * y
		}
	}
}

// blockGradients adds the part of the coordinates of a block, outer being twice the derivative by its squared distance
// from each member.
func (p *Posterior) blockGradients(g int, x, outer, a, b, byA, byB []float64) {
	block, m := p.kernel.blocks[g], &p.members[g]
	numbers := block.split - block.from
	x, byA, byB = x[block.from:block.split], byA[block.from:block.split], byB[block.from:block.split]
	inverse := p.kernel.inverse[block.from:block.split]
	rest := m.coordinates
	for j, i := range m.points {
		y := rest[:numbers]
		rest = rest[block.to-block.from:]
		for t, v := range x {
			by := outer[j] * (v - y[t]) * inverse[t]
			byA[t] += a[i] * by
			byB[t] += b[i] * by
		}
	}
}
