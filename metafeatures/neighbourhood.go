package metafeatures

import (
	"cmp"
	"math"
	"slices"
)

// gower is the distances between all rows of a sample, and each row's nearest one of another class.
type gower struct {
	sample   *numericSample
	x        [][]float64 // columns stretched to [0,1]
	distance [][]float32
	enemy    []int
}

// neighbourhood computes what nearest rows, the spanning tree, spheres and the graph of near rows say of the classes.
func (x *extraction) neighbourhood(s *numericSample) ([]measure, error) {
	g := &gower{sample: s, x: s.scaled(), distance: make([][]float32, len(s.x)), enemy: make([]int, len(s.x))}
	n := len(s.x)
	for i := range g.distance {
		g.distance[i] = make([]float32, n)
	}
	for i := range n {
		if err := x.spend(i * len(s.x[0])); err != nil {
			return nil, err
		}
		for j := range i {
			d := cityBlock(g.x[i], g.x[j])
			g.distance[i][j], g.distance[j][i] = d, d
		}
	}
	for i := range n {
		g.enemy[i] = g.nearest(i, func(j int) bool { return s.y[i] != s.y[j] })
	}
	if err := x.spend(n * n * 20); err != nil {
		return nil, err
	}
	ratios, errors := g.nearestRatios()
	drawn, err := x.interpolatedNeighbours(g)
	if err != nil {
		return nil, err
	}
	graph := g.graph()
	return []measure{
		one("n1", g.borderline()), each("n2", ratios), each("n3", errors), each("n4", drawn),
		one("t1", g.spheres()), one("lsc", g.localSets()),
		one("density", 1-graph.density()), one("cls_coef", 1-graph.transitivity()), each("hubs", graph.distanceFromHub()),
	}, nil
}

// cityBlock is the mean absolute difference.
func cityBlock(a, b []float64) float32 {
	var sum float64
	for k, v := range a {
		sum += math.Abs(v - b[k])
	}
	return float32(sum / float64(len(a)))
}

// nearest returns the nearest of the other rows that count, the first of several; -1 if there is none.
func (g *gower) nearest(i int, counts func(int) bool) int {
	best := -1
	for j, d := range g.distance[i] {
		if j != i && counts(j) && (best < 0 || d < g.distance[i][best]) {
			best = j
		}
	}
	return best
}

// nearestRatios returns n2 and n3: 1-1/(1+r), where r is the distance to the nearest row of the same class over that to
// the nearest of another, and whether the nearest of all is of another.
func (g *gower) nearestRatios() (ratios, errors []float64) {
	y := g.sample.y
	for i, enemy := range g.enemy {
		within := math.Inf(1)
		if friend := g.nearest(i, func(j int) bool { return y[i] == y[j] }); friend >= 0 {
			within = float64(g.distance[i][friend])
		}
		ratios = append(ratios, 1-1/(1+within/float64(g.distance[i][enemy])))
		wrong := 0.0
		if y[g.nearest(i, func(int) bool { return true })] != y[i] {
			wrong = 1
		}
		errors = append(errors, wrong)
	}
	return ratios, errors
}

// interpolatedNeighbours returns n4: whether a point drawn between two rows of a class is nearest to another class.
func (x *extraction) interpolatedNeighbours(g *gower) ([]float64, error) {
	members := make([][][]float64, len(g.sample.counts))
	for i, y := range g.sample.y {
		members[int(y)] = append(members[int(y)], g.x[i])
	}
	rng, point := x.rng(streamInterpolation), make([]float64, len(g.x[0]))
	wrong := make([]float64, len(g.x))
	for i, y := range g.sample.y {
		if err := x.spend(len(g.x) * len(point)); err != nil {
			return nil, err
		}
		between(rng, members[int(y)], point)
		best, least := 0, float32(math.Inf(1))
		for j, row := range g.x {
			if d := cityBlock(point, row); d < least {
				best, least = j, d
			}
		}
		if g.sample.y[best] != y {
			wrong[i] = 1
		}
	}
	return wrong, nil
}

// borderline is n1: the share of rows that an edge of the minimum spanning tree links with another class (Prim 1957).
func (g *gower) borderline() float64 {
	n := len(g.x)
	parent, reached, border := make([]int, n), make([]bool, n), make([]bool, n)
	reached[0] = true
	for range n - 1 {
		next := -1
		for i := range n {
			if !reached[i] && (next < 0 || g.distance[i][parent[i]] < g.distance[next][parent[next]]) {
				next = i
			}
		}
		reached[next] = true
		if p := parent[next]; g.sample.y[p] != g.sample.y[next] {
			border[p], border[next] = true, true
		}
		for i := range n {
			if !reached[i] && g.distance[i][next] < g.distance[i][parent[i]] {
				parent[i] = next
			}
		}
	}
	var count float64
	for _, is := range border {
		if is {
			count++
		}
	}
	return count / float64(n)
}

// localSets is lsc: 1 minus the mean share of rows nearer than the nearest of another class.
func (g *gower) localSets() float64 {
	var nearer float64
	for i, enemy := range g.enemy {
		for _, d := range g.distance[i] {
			if d < g.distance[i][enemy] {
				nearer++
			}
		}
	}
	return 1 - nearer/float64(len(g.x)*len(g.x))
}

// spheres is t1: every row is the centre of a sphere that touches the one of its nearest row of another class; spheres,
// those with the most rows first, take in what lies within them. It is the share of rows whose spheres remain.
func (g *gower) spheres() float64 {
	radius := g.radii()
	mass, order := make([]int, len(g.x)), make([]int, len(g.x))
	for i := range g.x {
		order[i] = i
		for _, d := range g.distance[i] {
			if float64(d) <= radius[i] {
				mass[i]++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(mass[b], mass[a]) })
	remains := slices.Repeat([]bool{true}, len(g.x))
	for _, i := range order {
		if !remains[i] {
			continue
		}
		for j, d := range g.distance[i] {
			if j != i && float64(d) <= radius[i] {
				remains[j] = false // spheres that took in others among them
			}
		}
	}
	var count float64
	for _, does := range remains {
		if does {
			count++
		}
	}
	return count / float64(len(g.x))
}

// radii follows each row's nearest enemies until two are each other's, which share their distance.
func (g *gower) radii() []float64 {
	radius := make([]float64, len(g.x))
	for i := range radius {
		radius[i] = -1
	}
	var of func(int) float64
	of = func(i int) float64 {
		if radius[i] >= 0 {
			return radius[i]
		}
		enemy := g.enemy[i]
		d := float64(g.distance[i][enemy])
		if g.enemy[enemy] == i {
			radius[i], radius[enemy] = d/2, d/2
			return d / 2
		}
		radius[i] = 0 // ends a circle of equally near rows
		radius[i] = math.Abs(d - of(enemy))
		return radius[i]
	}
	for i := range radius {
		of(i)
	}
	return radius
}
