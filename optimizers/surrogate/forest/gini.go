package forest

import "math"

// gini is the sum of squared errors of one-hot class indicators, which is the row count times the Gini impurity.
// A row changes one count only, so that its cost does not depend on the number of classes.
type gini struct {
	class  []int32 // by row
	weight []float64
	total  []float64 // class counts of the node
	left   []float64
	size   float64 // weight of the node
	within float64 // |total|^2

	inverse []float64 // 1/n for every weight a node can have
}

func newGini(g *grower, l *labels) criterion {
	c, _ := g.scratch.(*gini)
	if c == nil {
		c = &gini{total: make([]float64, l.classes), left: make([]float64, l.classes)}
		g.scratch = c
	}
	c.class = l.class
	c.weight, c.inverse = g.weights, g.inverse
	return c
}

func (c *gini) begin(rows []int32) (impurity, score float64) {
	clear(c.total)
	var n float64
	for _, r := range rows {
		c.total[c.class[r]] += c.weight[r]
		n += c.weight[r]
	}
	c.size, c.within = n, dot(c.total, c.total)
	score = c.within / n
	return n - score, score
}

func (c *gini) best(order []int32, values []float64, head, tail []int32, minLeaf int) (int, float64) {
	clear(c.left)
	var nl, ll, lt float64
	take := func(r int32) {
		w, k := c.weight[r], c.class[r]
		ll += w * (2*c.left[k] + w)
		lt += w * c.total[k]
		c.left[k] += w
		nl += w
	}
	for _, r := range head {
		take(r)
	}
	first, last := places(order, head, tail, minLeaf)
	at, top := -1, math.Inf(-1)
	for i, r := range order[:max(last+1, 0)] {
		take(r)
		if i < first || (i+1 < len(values) && values[i] == values[i+1]) {
			continue
		}
		if score := ll*c.inverse[int(nl)] + (c.within-2*lt+ll)*c.inverse[int(c.size-nl)]; score > top {
			at, top = i, score
		}
	}
	return at, top
}

func (c *gini) divide(left []int32) float64 {
	clear(c.left)
	var n float64
	for _, r := range left {
		c.left[c.class[r]] += c.weight[r]
		n += c.weight[r]
	}
	ll := dot(c.left, c.left)
	return ll/n + (c.within-2*dot(c.total, c.left)+ll)/(c.size-n)
}
