package forest

import (
	"math"
	"math/rand/v2"
)

// poolSize is how many random projections of the outputs a forest draws from; projecting once and choosing among
// the results for each tree costs far less than projecting for every tree.
const poolSize = 64

// projectionStream keeps the pool's random numbers apart from those of any tree.
const projectionStream = math.MaxUint64

// prepare fills the pool of Gaussian projections if the options ask for it; missing cells count as zero, the
// output's mean.
func (v *values) prepare(opt Options) {
	if opt.Projection == 0 || opt.Projection >= v.columns {
		return
	}
	size := max(poolSize, opt.Projection)
	rng := rand.New(rand.NewPCG(opt.Seed, projectionStream))
	directions := make([]float64, v.columns*size)
	for i := range directions {
		directions[i] = rng.NormFloat64()
	}
	v.pool = make([]float64, len(v.y)*size)
	for i := range v.y {
		to := v.pool[i*size : (i+1)*size]
		for k, value := range v.centred[i*v.columns : (i+1)*v.columns] {
			if math.IsNaN(value) {
				continue
			}
			for j, d := range directions[k*size : (k+1)*size] {
				to[j] += value * d
			}
		}
	}
}

// projected returns rows x p projections for one tree, chosen from the pool without repetition.
func (v *values) projected(g *grower, p int) []float64 {
	size := len(v.pool) / len(v.y)
	chosen := g.rng.Perm(size)[:p]
	g.projection = grown(g.projection, len(v.y)*p)
	for _, r := range g.rows {
		from, to := v.pool[int(r)*size:], g.projection[int(r)*p:]
		for j, c := range chosen {
			to[j] = from[c]
		}
	}
	return g.projection
}

// grown returns a slice of length n, reusing s where it is large enough; its content is arbitrary.
func grown(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
