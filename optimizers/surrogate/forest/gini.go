package forest

import "math"

// gini is the sum of squared errors of one-hot class indicators, which is the row count times the Gini impurity.
// A row changes one count only, so that its cost does not depend on the number of classes.
type gini struct {
	class  []int32 // by row
	weight []float64
	total  []float64 // class counts of the node
	left   []float64 // all 0 between calls
	size   float64   // weight of the node
	within float64   // |total|^2

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

// take moves a row to the left. It returns the row's weight, and what it adds to |left|^2 and to left . total.
func (c *gini) take(r int32) (weight, square, along float64) {
	w, k := c.weight[r], c.class[r]
	before := c.left[k]
	c.left[k] = before + w
	return w, w * (2*before + w), w * c.total[k]
}

// forget empties the left side again, at the cost of the rows taken and not of all classes.
func (c *gini) forget(rows []int32) {
	for _, r := range rows {
		c.left[c.class[r]] = 0
	}
}

func (c *gini) best(order []int32, values []float64, head, tail []int32, minLeaf int) (int, float64) {
	var nl, ll, lt float64
	for _, r := range head {
		w, square, along := c.take(r)
		nl, ll, lt = nl+w, ll+square, lt+along
	}
	first, last := places(order, head, tail, minLeaf)
	order = order[:max(last+1, 0)]
	at, top := -1, math.Inf(-1)
	for i, r := range order {
		w, square, along := c.take(r)
		nl, ll, lt = nl+w, ll+square, lt+along
		if i < first || (i+1 < len(values) && values[i] == values[i+1]) {
			continue
		}
		if score := ll*c.inverse[int(nl)] + (c.within-2*lt+ll)*c.inverse[int(c.size-nl)]; score > top {
			at, top = i, score
		}
	}
	c.forget(head)
	c.forget(order)
	return at, top
}

func (c *gini) divide(left []int32) float64 {
	var n, ll, lt float64
	for _, r := range left {
		w, square, along := c.take(r)
		n, ll, lt = n+w, ll+square, lt+along
	}
	c.forget(left)
	return ll/n + (c.within-2*lt+ll)/(c.size-n)
}
