package metafeatures

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// triangle is the Cholesky factor L of a positive semidefinite matrix without the columns that depend on earlier
// ones.
type triangle struct {
	kept []int       // indices into the matrix, ascending
	rows [][]float64 // of L, row i having i+1 entries
}

// factorise computes the factor. A column is left out where what earlier ones leave of its diagonal entry is not
// above the given share of it.
func factorise(m mat.Symmetric, share float64) triangle {
	var t triangle
	for j := range m.SymmetricDim() {
		row := make([]float64, len(t.kept)+1)
		for i, k := range t.kept {
			row[i] = (m.At(j, k) - floats.Dot(row[:i], t.rows[i][:i])) / t.rows[i][i]
		}
		own := row[:len(t.kept)]
		rest := m.At(j, j) - floats.Dot(own, own)
		if rest > share*m.At(j, j) {
			row[len(t.kept)] = math.Sqrt(rest)
			t.kept = append(t.kept, j)
			t.rows = append(t.rows, row)
		}
	}
	return t
}

// forward solves L x = b in place.
func (t triangle) forward(b []float64) {
	for i, row := range t.rows {
		b[i] = (b[i] - floats.Dot(row[:i], b[:i])) / row[i]
	}
}

// backward solves L' x = b in place.
func (t triangle) backward(b []float64) {
	for i := len(t.rows) - 1; i >= 0; i-- {
		b[i] /= t.rows[i][i]
		floats.AddScaled(b[:i], -b[i], t.rows[i][:i])
	}
}
