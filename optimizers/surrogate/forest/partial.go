package forest

import "math"

// partialSquares is the sum of squared errors over the cells that are there, each output with its own counts.
type partialSquares struct {
	columns               int
	y                     []float64 // rows x columns, centred; NaN where missing
	weight                []float64
	total, left           []float64
	totalWeight, leftSize []float64
}

func newPartialSquares(g *grower, y []float64, columns int) criterion {
	p, _ := g.scratch.(*partialSquares)
	if p == nil {
		p = &partialSquares{
			columns: columns,
			total:   make([]float64, columns), left: make([]float64, columns),
			totalWeight: make([]float64, columns), leftSize: make([]float64, columns),
		}
		g.scratch = p
	}
	p.y, p.weight = y, g.weights
	return p
}

func (p *partialSquares) begin(rows []int32) (impurity, score float64) {
	clear(p.total)
	clear(p.totalWeight)
	var own float64
	for _, r := range rows {
		own += p.add(p.total, p.totalWeight, r)
	}
	for k, n := range p.totalWeight {
		if n > 0 {
			score += p.total[k] * p.total[k] / n
		}
	}
	return own - score, score
}

// add adds a row's cells to sums and counts and returns its weighted sum of squares.
func (p *partialSquares) add(sum, size []float64, row int32) float64 {
	w := p.weight[row]
	var own float64
	for k, v := range p.y[int(row)*p.columns : (int(row)+1)*p.columns] {
		if !math.IsNaN(v) {
			sum[k] += w * v
			size[k] += w
			own += w * v * v
		}
	}
	return own
}

func (p *partialSquares) best(order []int32, values []float64, head, tail []int32, minLeaf int) (int, float64) {
	clear(p.left)
	clear(p.leftSize)
	for _, r := range head {
		p.add(p.left, p.leftSize, r)
	}
	first, last := places(order, head, tail, minLeaf)
	at, top := -1, math.Inf(-1)
	for i, r := range order[:max(last+1, 0)] {
		p.add(p.left, p.leftSize, r)
		if i < first || (i+1 < len(values) && values[i] == values[i+1]) {
			continue
		}
		if score := p.score(); score > top {
			at, top = i, score
		}
	}
	return at, top
}

func (p *partialSquares) divide(left []int32) float64 {
	clear(p.left)
	clear(p.leftSize)
	for _, r := range left {
		p.add(p.left, p.leftSize, r)
	}
	return p.score()
}

// score is the sum over sides and outputs of |sum|^2 / weight.
func (p *partialSquares) score() float64 {
	var score float64
	for k, l := range p.left {
		if n := p.leftSize[k]; n > 0 {
			score += l * l / n
		}
		if n := p.totalWeight[k] - p.leftSize[k]; n > 0 {
			r := p.total[k] - l
			score += r * r / n
		}
	}
	return score
}
