package forest

import "math"

// criterion scores the splits of one node of one tree. Rows are rows of the table. A split's
// score less the score of not splitting is the decrease of impurity: higher is better.
type criterion interface {
	// begin takes the node's rows and returns their impurity, the weighted sum of squared deviations, and the
	// score of not splitting.
	begin(rows []int32) (impurity, score float64)
	// best finds the best place to divide order after one of its positions where the value changes. The rows of
	// head go left whatever the place, those of tail right. It returns the position of the last row that goes
	// left, -1 if there is no place which leaves minLeaf (> 0) rows on both sides, and the score.
	best(order []int32, values []float64, head, tail []int32, minLeaf int) (position int, score float64)
	// divide scores the split of the given rows from the node's others, neither being none.
	divide(side []int32) float64
}

// places returns the first and the last position of order after which a cut leaves minLeaf rows on both sides.
// With rows in tail the cut may follow the last position.
func places(order []int32, head, tail []int32, minLeaf int) (first, last int) {
	first = max(0, minLeaf-len(head)-1)
	return first, len(order) - 1 - max(0, minLeaf-len(tail))
}

// squares is the sum of squared errors over complete outputs. With L and R the sums of the centred outputs on the
// two sides, the error's decrease is |L|^2/n_l + |R|^2/n_r - |L+R|^2/n; one pass keeps |L|^2 and L.T up to date.
type squares struct {
	width  int       // outputs, padded to a multiple of 4 for the unrolled loop
	y      []float64 // rows x width: weight x output
	square []float64 // by row: |y|^2
	weight []float64
	total  []float64 // of the node
	along  []float64 // by row: y . total
	left   []float64
	size   float64 // weight of the node
	within float64 // |total|^2

	inverse []float64 // 1/n for every weight a node can have
}

const lanes = 4

func newSquares(g *grower, y []float64, columns int) criterion {
	s, _ := g.scratch.(*squares)
	if s == nil {
		s = &squares{}
		g.scratch = s
	}
	s.width = (columns + lanes - 1) / lanes * lanes
	n := g.table.rows
	s.y, s.square, s.along = grown(s.y, n*s.width), grown(s.square, n), grown(s.along, n)
	s.total, s.left = grown(s.total, s.width), grown(s.left, s.width)
	s.weight, s.inverse = g.weights, g.inverse
	for _, r := range g.rows {
		to := s.y[int(r)*s.width : (int(r)+1)*s.width]
		clear(to[columns:])
		var square float64
		for k, v := range y[int(r)*columns : (int(r)+1)*columns] {
			to[k] = v * s.weight[r]
			square += to[k] * to[k]
		}
		s.square[r] = square
	}
	return s
}

func (s *squares) begin(rows []int32) (impurity, score float64) {
	clear(s.total)
	var n, own float64
	for _, r := range rows {
		addTo(s.total, s.y[int(r)*s.width:])
		n += s.weight[r]
		own += s.square[r] / s.weight[r]
	}
	for _, r := range rows {
		s.along[r] = dot(s.total, s.y[int(r)*s.width:])
	}
	s.size, s.within = n, dot(s.total, s.total)
	score = s.within / n
	return own - score, score
}

func (s *squares) best(order []int32, values []float64, head, tail []int32, minLeaf int) (int, float64) {
	clear(s.left)
	w := s.width
	var nl, ll, lt float64
	for _, r := range head {
		ll += 2*accumulate(s.left, s.y[int(r)*w:int(r)*w+w]) + s.square[r]
		lt += s.along[r]
		nl += s.weight[r]
	}
	first, last := places(order, head, tail, minLeaf)
	at, top := -1, math.Inf(-1)
	for i, r := range order[:max(last+1, 0)] {
		ll += 2*accumulate(s.left, s.y[int(r)*w:int(r)*w+w]) + s.square[r]
		lt += s.along[r]
		nl += s.weight[r]
		if i < first || (i+1 < len(values) && values[i] == values[i+1]) {
			continue
		}
		if score := ll*s.inverse[int(nl)] + (s.within-2*lt+ll)*s.inverse[int(s.size-nl)]; score > top {
			at, top = i, score
		}
	}
	return at, top
}

func sumWeights(weight []float64, rows []int32) float64 {
	var n float64
	for _, r := range rows {
		n += weight[r]
	}
	return n
}

func (s *squares) divide(left []int32) float64 {
	clear(s.left)
	w := s.width
	var n float64
	for _, r := range left {
		addTo(s.left, s.y[int(r)*w:int(r)*w+w])
		n += s.weight[r]
	}
	ll := dot(s.left, s.left)
	return ll/n + (s.within-2*dot(s.total, s.left)+ll)/(s.size-n)
}

// accumulate adds y to sum and returns their inner product from before. Four lanes hide the latency of additions.
func accumulate(sum, y []float64) float64 {
	y = y[:len(sum)]
	var a, b, c, d float64
	for k := 0; k+lanes <= len(sum); k += lanes {
		s, v := sum[k:k+lanes:k+lanes], y[k:k+lanes:k+lanes]
		a += s[0] * v[0]
		b += s[1] * v[1]
		c += s[2] * v[2]
		d += s[3] * v[3]
		s[0] += v[0]
		s[1] += v[1]
		s[2] += v[2]
		s[3] += v[3]
	}
	return (a + b) + (c + d)
}

// addTo adds y to sum.
func addTo(sum, y []float64) {
	y = y[:len(sum)]
	for k := 0; k+lanes <= len(sum); k += lanes {
		s, v := sum[k:k+lanes:k+lanes], y[k:k+lanes:k+lanes]
		s[0] += v[0]
		s[1] += v[1]
		s[2] += v[2]
		s[3] += v[3]
	}
}

func dot(a, b []float64) float64 {
	var s float64
	for k, v := range b[:len(a)] {
		s += a[k] * v
	}
	return s
}
