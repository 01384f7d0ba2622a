package forest

import (
	"fmt"
	"math"
)

// target is what a forest learns: rows of numbers, or classes.
type target interface {
	outputs() int
	// criterion returns the split criterion for one tree, whose in-bag rows and weights g holds.
	criterion(g *grower) criterion
	// summarise writes mean and variance of every output over weighted rows; NaN where no cell is there.
	summarise(mean, variance []float64, rows []int32, weights []float64)
}

// values is the target of a regression, row-major and centred by output for the criterion's sums of squares.
type values struct {
	y       [][]float64
	columns int
	missing bool
	centred []float64 // rows x columns; NaN where missing
	pool    []float64 // rows x poolSize projections, nil until needed
}

func newValues(y [][]float64, rows int) (*values, error) {
	if len(y) != rows {
		return nil, fmt.Errorf("%w: y has %d rows, x has %d", ErrInput, len(y), rows)
	}
	v := &values{y: y, columns: len(y[0])}
	if v.columns == 0 {
		return nil, fmt.Errorf("%w: y has no columns", ErrInput)
	}
	sum, count := make([]float64, v.columns), make([]float64, v.columns)
	for i, row := range y {
		if len(row) != v.columns {
			return nil, fmt.Errorf("%w: row %d of y has %d values, row 0 has %d", ErrInput, i, len(row), v.columns)
		}
		for k, value := range row {
			if math.IsInf(value, 0) {
				return nil, fmt.Errorf("%w: y is infinite in row %d, column %d", ErrInput, i, k)
			}
			if math.IsNaN(value) {
				v.missing = true
				continue
			}
			sum[k] += value
			count[k]++
		}
	}
	v.centred = make([]float64, 0, rows*v.columns)
	for _, row := range y {
		for k, value := range row {
			v.centred = append(v.centred, value-sum[k]/max(count[k], 1))
		}
	}
	return v, nil
}

func (v *values) outputs() int { return v.columns }

func (v *values) criterion(g *grower) criterion {
	g.response = v.centred
	if p := g.opt.Projection; p > 0 && p < v.columns {
		return newSquares(g, v.projected(g, p), p)
	}
	if v.missing {
		return newPartialSquares(g, v.centred, v.columns)
	}
	return newSquares(g, v.centred, v.columns)
}

func (v *values) summarise(mean, variance []float64, rows []int32, weights []float64) {
	for k := range mean {
		var n, sum float64
		for i, r := range rows {
			if value := v.y[r][k]; !math.IsNaN(value) {
				n += weights[i]
				sum += weights[i] * value
			}
		}
		mean[k], variance[k] = math.NaN(), math.NaN()
		if n == 0 {
			continue
		}
		mean[k] = sum / n
		var squares float64
		for i, r := range rows {
			if value := v.y[r][k]; !math.IsNaN(value) {
				squares += weights[i] * (value - mean[k]) * (value - mean[k])
			}
		}
		variance[k] = squares / n
	}
}

// labels is the target of a classification.
type labels struct {
	class   []int32
	classes int
}

func newLabels(classes []int, rows int) (*labels, error) {
	if len(classes) != rows {
		return nil, fmt.Errorf("%w: %d classes for %d rows", ErrInput, len(classes), rows)
	}
	l := &labels{class: make([]int32, rows)}
	for i, c := range classes {
		if c < 0 || c > math.MaxInt32-1 {
			return nil, fmt.Errorf("%w: class %d of row %d", ErrInput, c, i)
		}
		l.class[i] = int32(c)
		l.classes = max(l.classes, c+1)
	}
	if l.classes > 2*rows+1024 {
		return nil, fmt.Errorf("%w: class code %d for %d rows: codes count up from 0", ErrInput, l.classes-1, rows)
	}
	return l, nil
}

func (l *labels) outputs() int { return l.classes }

func (l *labels) criterion(g *grower) criterion { return newGini(g, l) }

func (l *labels) summarise(mean, variance []float64, rows []int32, weights []float64) {
	clear(mean)
	var n float64
	for i, r := range rows {
		mean[l.class[r]] += weights[i]
		n += weights[i]
	}
	for k := range mean {
		mean[k] /= n
		variance[k] = mean[k] * (1 - mean[k])
	}
}
