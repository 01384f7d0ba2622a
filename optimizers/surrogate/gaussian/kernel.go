package gaussian

import "math"

// kernel is the covariance function with its hyperparameters worked in. It compares points in their inside layout,
// numeric coordinates divided by their lengthscales.
type kernel struct {
	*layout
	scale, intercept float64
	inverse          []float64 // of the lengthscale, by inside position
	weight           []float64 // of a categorical mismatch, lengthscale^-2, by inside position
	amplitude        []float64 // by block; that of block 0 means nothing
	slope            []float64 // variance of each basis coefficient
	warps            []Warp    // by dimension; empty where nothing is warped
	plain            bool      // only numeric coordinates that are always active
	shared           []factor  // what factors found last
}

// factor is what a block of conditional coordinates that is active in two points contributes to their kernel: the
// Matérn kernel over it, and its derivative with respect to the squared distance.
type factor struct {
	block        int
	value, slope float64
}

func newKernel(l *layout, h Hyperparameters) kernel {
	k := kernel{
		layout: l, scale: h.Scale, intercept: h.Intercept, slope: h.Weights,
		inverse: make([]float64, l.space), weight: make([]float64, l.space),
		amplitude: append([]float64{0}, h.Amplitudes...), warps: h.Warps,
	}
	for i, j := range l.order[:l.space] {
		k.inverse[i] = 1 / h.Lengthscales[j]
		k.weight[i] = k.inverse[i] * k.inverse[i]
	}
	k.plain = len(l.blocks) == 1 && l.basis() == 0 && l.blocks[0].split == l.blocks[0].to
	return k
}

// place writes a point in its inside layout: numeric coordinates warped and divided by their lengthscales, categories as
// they are, then the basis.
func (k *kernel) place(to, x []float64) {
	for i, j := range k.order {
		to[i] = x[j]
	}
	for _, i := range k.warped {
		to[i] = k.warps[k.order[i]].at(to[i])
	}
	for _, b := range k.blocks {
		for i := b.from; i < b.split; i++ {
			to[i] *= k.inverse[i]
		}
	}
}

// placed is the value of the coordinate at an inside position as place writes it.
func (k *kernel) placed(i int, value float64) float64 {
	j := k.order[i]
	g := k.within[j]
	if g < 0 || i >= k.blocks[g].split {
		return value
	}
	if len(k.warped) > 0 {
		value = k.warps[j].at(value)
	}
	return value * k.inverse[i]
}

// matern is the Matérn kernel of smoothness 5/2 at squared distance r2, and its derivative with respect to r2.
func matern(r2 float64) (value, slope float64) {
	q := math.Sqrt(5 * r2)
	e := math.Exp(-q)
	return (1 + q + q*q/3) * e, -5.0 / 6 * (1 + q) * e
}

// activeBlocks appends the blocks of conditional coordinates that are active in a placed point to list. A pair of points
// is compared over those of one of them that are active in the other, too, so that a space of hundreds of groups of
// which few are active costs little.
func (l *layout) activeBlocks(list []int, a []float64) []int {
	for g := 1; g < len(l.blocks); g++ {
		if l.blocks[g].active(a) {
			list = append(list, g)
		}
	}
	return list
}

// at is the kernel without noise at two placed points, the first one's active blocks given.
func (k *kernel) at(a []float64, active []int, b []float64) float64 {
	if k.plain {
		r2 := 0.0
		b = b[:len(a)]
		for i, v := range a {
			d := v - b[i]
			r2 += d * d
		}
		q := math.Sqrt(5 * r2)
		return k.scale*((1+q+q*q/3)*math.Exp(-q)) + k.intercept
	}
	v, _ := matern(k.distance(k.blocks[0], a, b))
	v *= k.scale
	for _, g := range active {
		if block := k.blocks[g]; block.active(b) {
			m, _ := matern(k.distance(block, a, b))
			v *= 1 + k.amplitude[g]*m
		}
	}
	return v + k.linear(a, b)
}

// factors returns the Matérn kernel over block 0 at two placed points, the first one's active blocks given, with its
// derivative, and the kernel without its linear part, and leaves those of the other blocks in shared.
func (k *kernel) factors(a []float64, active []int, b []float64) (value, slope, product float64) {
	value, slope = matern(k.distance(k.blocks[0], a, b))
	k.shared = k.shared[:0]
	product = value * k.scale
	for _, g := range active {
		if block := k.blocks[g]; block.active(b) {
			f := factor{block: g}
			f.value, f.slope = matern(k.distance(block, a, b))
			product *= 1 + k.amplitude[g]*f.value
			k.shared = append(k.shared, f)
		}
	}
	linear := k.linear(a, b)
	return value, slope, (product + linear) - linear // rounded as at is
}

// variance is the kernel at a placed point and itself.
func (k *kernel) variance(a []float64, active []int) float64 {
	v := k.scale
	for _, g := range active {
		v *= 1 + k.amplitude[g]
	}
	return v + k.linear(a, a)
}

// linear is the covariance of the intercept and the basis.
func (k *kernel) linear(a, b []float64) float64 {
	v := k.intercept
	for i, s := range k.slope {
		v += s * a[k.space+i] * b[k.space+i]
	}
	return v
}

// active reports whether the group of a block of conditional coordinates is active in a placed point.
func (b block) active(a []float64) bool {
	return b.from < b.to && a[b.from] == a[b.from]
}

// distance is the squared distance of two placed points over a block.
func (k *kernel) distance(b block, x, y []float64) float64 {
	r2 := 0.0
	for i := b.from; i < b.split; i++ {
		d := x[i] - y[i]
		r2 += d * d
	}
	for i := b.split; i < b.to; i++ {
		if x[i] != y[i] {
			r2 += k.weight[i]
		}
	}
	return r2
}
