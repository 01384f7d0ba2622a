package transfer

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Components returns the tasks' mean regrets on their leading principal components, at most the given number, a
// row per task. Sums of squared deviations between rows are what they are between the rows of regrets, up to the
// little that the remaining components hold, so a forest that splits by them finds the same splits for less.
func (b *Belief) Components(most int, seed uint64) [][]float64 {
	const rounds = 3
	return b.factorise(most, rounds, seed).Scores
}

// Factors are regrets of which only what tasks have in common is kept: that of configuration c on task t is
// Mean[c] + sum_j Scores[t][j] Directions[j][c].
type Factors struct {
	Mean               []float64
	Scores, Directions [][]float64
}

// Factorise returns the best approximation of b's mean regrets by that many components around their mean over tasks, at
// most as many as there are tasks or configurations.
func (b *Belief) Factorise(components int, seed uint64) Factors {
	const rounds = 6 // the last components are as close to each other as to what is left out
	return b.factorise(components, rounds, seed)
}

// Belief returns the regrets that the factors stand for. None is in doubt.
func (f Factors) Belief() *Belief {
	b := &Belief{Mean: make([][]float64, len(f.Scores))}
	for t, scores := range f.Scores {
		row := slices.Clone(f.Mean)
		for j, s := range scores {
			floats.AddScaled(row, s, f.Directions[j])
		}
		b.Mean[t] = row
	}
	return b
}

// factorise finds the components by subspace iteration from a seeded start (Halko et al. 2011); they come in no order.
func (b *Belief) factorise(most, rounds int, seed uint64) Factors {
	centred := centre(b.Mean)
	if len(centred) == 0 {
		return Factors{}
	}
	columns := len(centred[0])
	most = min(most, len(centred), columns)
	rng := rand.New(rand.NewPCG(seed, 0))
	basis := make([][]float64, most) // rows are directions in the space of configurations
	for j := range basis {
		basis[j] = make([]float64, columns)
		for c := range basis[j] {
			basis[j][c] = rng.NormFloat64()
		}
	}
	for range rounds {
		orthonormalise(basis)
		basis = product(transposed(project(centred, basis)), centred)
	}
	orthonormalise(basis)
	mean := slices.Clone(b.Mean[0])
	floats.Sub(mean, centred[0])
	return Factors{Mean: mean, Scores: project(centred, basis), Directions: basis}
}

// centre returns rows less their column means.
func centre(rows [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i := range rows {
		out[i] = append([]float64(nil), rows[i]...)
	}
	if len(rows) == 0 {
		return out
	}
	for c := range rows[0] {
		sum := 0.0
		for i := range rows {
			sum += rows[i][c]
		}
		for i := range rows {
			out[i][c] -= sum / float64(len(rows))
		}
	}
	return out
}

// project returns the coordinates of rows along the directions.
func project(rows, directions [][]float64) [][]float64 {
	out := make([][]float64, len(rows))
	for i, row := range rows {
		out[i] = make([]float64, len(directions))
		for j, d := range directions {
			out[i][j] = dot(row, d)
		}
	}
	return out
}

func transposed(a [][]float64) [][]float64 {
	out := make([][]float64, len(a[0]))
	for j := range out {
		out[j] = make([]float64, len(a))
		for i := range a {
			out[j][i] = a[i][j]
		}
	}
	return out
}

// product returns a times b.
func product(a, b [][]float64) [][]float64 {
	out := make([][]float64, len(a))
	for i := range a {
		out[i] = make([]float64, len(b[0]))
		for k, v := range a[i] {
			for j, w := range b[k] {
				out[i][j] += v * w
			}
		}
	}
	return out
}

// orthonormalise replaces the rows by an orthonormal basis of their span (modified Gram-Schmidt); a row that
// depends on those before it becomes zero.
func orthonormalise(rows [][]float64) {
	for i := range rows {
		before := math.Sqrt(dot(rows[i], rows[i]))
		for range 2 { // the second pass removes what rounding left
			for j := range i {
				p := dot(rows[i], rows[j])
				for c := range rows[i] {
					rows[i][c] -= p * rows[j][c]
				}
			}
		}
		norm := math.Sqrt(dot(rows[i], rows[i]))
		scale := 0.0
		if norm > 1e-10*before {
			scale = 1 / norm
		}
		for c := range rows[i] {
			rows[i][c] *= scale
		}
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}
