package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/transfer"
)

// Comparable returns the matrix with the meta-features by which tasks should be compared: metaml's own are cut to
// metafeatures.Similarity, those of other sources are taken as they are.
func Comparable(m *transfer.Matrix) *transfer.Matrix {
	if m.Extractor == metafeatures.Extractor {
		return m.WithFeatures(metafeatures.Similarity())
	}
	return m
}

// familiarShare is the share of prior tasks whose distance from the nearest other one counts as usual.
const familiarShare = .95

// novelty tells how far a task lies from prior ones, compared with how far they lie from each other.
type novelty struct {
	names  []string
	scale  *metafeatures.Scaler
	scaled [][]float64
	// own is each prior task's distance from the nearest task of another group, infinite if there is none.
	own   []float64
	usual []float64 // the finite ones of own, sorted
}

func newNovelty(m *transfer.Matrix) *novelty {
	n := newNoveltyOf(m, nil)
	for t := range m.Tasks {
		nearest := math.Inf(1)
		for s := range m.Tasks {
			if m.Tasks[s].Group != m.Tasks[t].Group {
				nearest = min(nearest, distance(n.scaled[t], n.scaled[s]))
			}
		}
		n.own = append(n.own, nearest)
	}
	n.sort()
	return n
}

// newNoveltyOf is newNovelty where the prior tasks' own distances are known already.
func newNoveltyOf(m *transfer.Matrix, own []float64) *novelty {
	n := &novelty{names: m.FeatureNames, own: own}
	vectors := make([]map[string]float64, len(m.Tasks))
	for t := range m.Tasks {
		vectors[t] = named(m.FeatureNames, m.Tasks[t].Features)
	}
	n.scale = metafeatures.FitScaler(m.FeatureNames, vectors)
	for _, v := range vectors {
		n.scaled = append(n.scaled, n.scale.Transform(v))
	}
	n.sort()
	return n
}

// sort sets usual from own.
func (n *novelty) sort() {
	n.usual = n.usual[:0]
	for _, d := range n.own {
		if !math.IsInf(d, 1) {
			n.usual = append(n.usual, d)
		}
	}
	slices.Sort(n.usual)
}

// named returns the known values by name.
func named(names []string, x []float64) map[string]float64 {
	values := make(map[string]float64, len(names))
	for i, name := range names {
		if !math.IsNaN(x[i]) {
			values[name] = x[i]
		}
	}
	return values
}

// distance is the mean difference of meta-features in interquartile ranges, infinite where no feature is common.
func distance(a, b []float64) float64 {
	for i, v := range a {
		if !math.IsNaN(v) && !math.IsNaN(b[i]) {
			return metafeatures.Distance(a, b, metafeatures.L1)
		}
	}
	return math.Inf(1)
}

// distances returns the distance of x from every prior task.
func (n *novelty) distances(x []float64) []float64 {
	y := n.scale.Transform(named(n.names, x))
	d := make([]float64, len(n.scaled))
	for t := range d {
		d[t] = distance(y, n.scaled[t])
	}
	return d
}

// nearest returns the distance of x from the nearest prior task.
func (n *novelty) nearest(x []float64) float64 {
	least := math.Inf(1)
	for _, d := range n.distances(x) {
		least = min(least, d)
	}
	return least
}

// limit is the distance beyond which a task is unlike anything known: up to there lie 95 % of the prior tasks from
// their nearest. It is 0 where prior tasks cannot be compared.
func (n *novelty) limit() float64 {
	if len(n.usual) == 0 {
		return 0
	}
	return quantile(n.usual, familiarShare)
}

// strangeness is 0 up to the limit and rises to 1 at twice the limit.
func (n *novelty) strangeness(distance float64) float64 {
	limit := n.limit()
	switch {
	case distance <= limit:
		return 0
	case distance >= 2*limit:
		return 1
	}
	return distance/limit - 1
}
