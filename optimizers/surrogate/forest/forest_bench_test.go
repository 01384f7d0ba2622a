package forest

import (
	"math/rand/v2"
	"testing"
)

// matrices returns random features, a fifth of the columns discrete, and outputs that depend on some of them.
func matrices(rows, features, outputs int, seed uint64) (x, y [][]float64) {
	rng := rand.New(rand.NewPCG(seed, 0))
	x, y = make([][]float64, rows), make([][]float64, rows)
	for i := range x {
		x[i], y[i] = make([]float64, features), make([]float64, outputs)
		for j := range x[i] {
			x[i][j] = rng.NormFloat64()
			if j%5 == 4 {
				x[i][j] = float64(rng.IntN(4))
			}
		}
		for k := range y[i] {
			y[i][k] = x[i][k%features]*x[i][(k/3)%features] + 0.5*rng.NormFloat64()
		}
	}
	return x, y
}

// BenchmarkPosterior is the work of one recommendation: grow 600 trees on 200 tasks of 60 meta-features and ask for
// one proximity.
func BenchmarkPosterior(b *testing.B) {
	for _, c := range []struct {
		name    string
		outputs int
		opt     Options
	}{
		{"best cuts of a third, 200 outputs as 8 projections", 200, Options{MinLeaf: 3, Projection: 8}},
		{"random cuts of a third, 200 outputs as 8 projections", 200, Options{MinLeaf: 3, Projection: 8, Cut: CutRandom}},
		{"random cuts of all, 24 outputs", 24, Options{MinLeaf: 5, MaxFeatures: 1, Cut: CutRandom}},
		{"best cuts of a third, 200 outputs", 200, Options{MinLeaf: 3}},
	} {
		x, y := matrices(200, 60, c.outputs, 1)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			c.opt.Trees, c.opt.Workers = 600, 1
			for b.Loop() {
				f, err := Fit(x, y, c.opt)
				if err != nil {
					b.Fatal(err)
				}
				f.Proximity(x[0])
			}
		})
	}
}
