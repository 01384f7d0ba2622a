package forest

import (
	"fmt"
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

// BenchmarkPosterior is the work of one recommendation: grow the forest and ask for one proximity.
func BenchmarkPosterior(b *testing.B) {
	x, y := matrices(200, 60, 200, 1)
	for _, o := range []Options{
		{MinLeaf: 3, Projection: 8},
		{MinLeaf: 3, Projection: 16},
		{MinLeaf: 3, Projection: 8, Cut: CutRandom},
		{MinLeaf: 3},
	} {
		b.Run(fmt.Sprintf("leaf=%d/projection=%d/cut=%d", o.MinLeaf, o.Projection, o.Cut), func(b *testing.B) {
			b.ReportAllocs()
			o.Trees, o.Workers = 600, 1
			for b.Loop() {
				f, err := Fit(x, y, o)
				if err != nil {
					b.Fatal(err)
				}
				f.Proximity(x[0])
			}
		})
	}
}
