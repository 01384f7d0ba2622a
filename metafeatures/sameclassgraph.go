package metafeatures

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// classGraph links rows of the same class that are near each other.
type classGraph struct {
	links  [][]uint64 // a bit per row
	degree []float64
	edges  [][]int32
}

// nearShare is the share of the rows that count as near.
const nearShare = 0.15

// graph links every row with those of its class among its nearest rows, the first of equally near ones.
func (g *gower) graph() *classGraph {
	n := len(g.x)
	near := min(max(int(math.RoundToEven(float64(n)*nearShare)), 1), n-1)
	c := &classGraph{links: make([][]uint64, n), degree: make([]float64, n), edges: make([][]int32, n)}
	for i := range c.links {
		c.links[i] = make([]uint64, (n+63)/64)
	}
	order := make([]int32, 0, n)
	for i, distance := range g.distance {
		order = order[:0]
		for j := range distance {
			if j != i {
				order = append(order, int32(j))
			}
		}
		slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(distance[a], distance[b]) })
		for _, j := range order[:near] {
			if g.sample.y[i] == g.sample.y[j] {
				c.link(i, int(j))
			}
		}
	}
	return c
}

func (c *classGraph) link(i, j int) {
	if c.links[i][j/64]>>(j%64)&1 == 1 {
		return
	}
	for _, e := range [2][2]int{{i, j}, {j, i}} {
		c.links[e[0]][e[1]/64] |= 1 << (e[1] % 64)
		c.degree[e[0]]++
		c.edges[e[0]] = append(c.edges[e[0]], int32(e[1]))
	}
}

// density is the share of the pairs of rows that are linked.
func (c *classGraph) density() float64 {
	n := float64(len(c.links))
	return total(c.degree) / (n * (n - 1))
}

// transitivity is the share of paths of two links whose ends are linked; 0 without such paths.
func (c *classGraph) transitivity() float64 {
	var closed, paths float64
	for i, edges := range c.edges {
		paths += c.degree[i] * (c.degree[i] - 1)
		for _, j := range edges {
			for w, word := range c.links[i] {
				closed += float64(bits.OnesCount64(word & c.links[j][w]))
			}
		}
	}
	if paths == 0 {
		return 0
	}
	return closed / paths
}

// distanceFromHub is 1 minus Kleinberg's (1999) hub score, which is 1 for the row with the most and best links: the
// principal eigenvector of the adjacency matrix, by power iteration of its square. Of that square a graph without odd
// circles has two principal eigenvectors; the positive one is taken.
func (c *classGraph) distanceFromHub() []float64 {
	const rounds, tolerance = 3000, 1e-11
	n := len(c.degree)
	score, once, twice := make([]float64, n), make([]float64, n), make([]float64, n)
	for i, d := range c.degree {
		score[i] = d + 1
	}
	var square float64 // of the principal eigenvalue
	for range rounds {
		c.follow(score, once)
		c.follow(once, twice)
		top := slices.Max(twice)
		if square = top; top == 0 {
			break // no links
		}
		var change float64
		for i, v := range twice {
			change = max(change, math.Abs(v/top-score[i]))
			score[i] = v / top
		}
		if change < tolerance {
			break
		}
	}
	if square > 0 {
		c.follow(score, once)
		for i, v := range once {
			score[i] += v / math.Sqrt(square)
		}
	}
	top := slices.Max(score)
	for i := range score {
		score[i] = 1 - score[i]/top
	}
	return score
}

// follow adds up the values of each row's links.
func (c *classGraph) follow(values, sums []float64) {
	for i, edges := range c.edges {
		sums[i] = 0
		for _, j := range edges {
			sums[i] += values[j]
		}
	}
}
