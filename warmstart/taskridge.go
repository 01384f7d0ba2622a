package warmstart

import (
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// taskRidge predicts rows of regrets from meta-features by ridge regression (Hoerl & Kennard 1970): linearly, where the
// trees of a taskForest take the mean of what lies near. Both say what they say by weights of the prior tasks; these may
// be negative, and sum to one.
//
// A meta-feature enters by its normal score, that of its rank among the prior tasks, because many are heavy-tailed; an
// unknown one by the mean. The penalty is that which predicts groups of tasks best from the others.
type taskRidge struct {
	Tasks  int // length of the weights
	Rows   []int32
	Center []float64   // by meta-feature, of its scores
	Spread []float64   // standard deviation of the scores; 0: does not count
	Slopes [][]float64 // by meta-feature: what a standard deviation adds to the weight of each of Rows

	sorted [][]float64 // by meta-feature: its values on Rows, rising
	held   [][]float64 // by task: its weights as if its group were unknown; nil where there are none
}

// Penalties tried, as shares of the largest eigenvalue: powers of 10^.5 between these.
const (
	leastPenalty = -4
	mostPenalty  = .5
	penaltyStep  = .5
)

// fitRidge learns from the tasks that have meta-features; targets has a row per task. Nil without such tasks.
func fitRidge(m *transfer.Matrix, targets [][]float64, groups []int) (*taskRidge, error) {
	r := &taskRidge{Tasks: len(m.Tasks)}
	for t := range m.Tasks {
		if !transfer.Undefined(m.Tasks[t].Features) {
			r.Rows = append(r.Rows, int32(t))
		}
	}
	if len(r.Rows) < 2*forestLeaf {
		return nil, nil
	}
	r.rank(m)
	x := r.standardised(m)
	y := mat.NewDense(len(r.Rows), len(targets[0]), nil)
	for i, t := range r.Rows {
		y.SetRow(i, targets[t])
	}
	gram := mat.NewSymDense(len(m.FeatureNames), nil)
	gram.SymOuterK(1, x.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return nil, fmt.Errorf("warmstart: meta-features of %d tasks: no eigenvalues found", len(r.Rows))
	}
	var directions, along mat.Dense
	eigen.VectorsTo(&directions)
	along.Mul(x, &directions)
	h := &crossFit{along: &along, values: eigen.Values(nil), y: y, blocks: r.blocks(groups)}
	penalty, err := h.penalty()
	if err != nil {
		return nil, err
	}
	var slopes mat.Dense
	slopes.Mul(&directions, h.shrunk(penalty).T())
	for j := range m.FeatureNames {
		r.Slopes = append(r.Slopes, slices.Clone(slopes.RawRowView(j)))
	}
	return r, r.hold(h, penalty)
}

// rank sets sorted.
func (r *taskRidge) rank(m *transfer.Matrix) {
	r.sorted = make([][]float64, len(m.FeatureNames))
	for j := range r.sorted {
		for _, t := range r.Rows {
			if v := m.Tasks[t].Features[j]; !math.IsNaN(v) {
				r.sorted[j] = append(r.sorted[j], v)
			}
		}
		slices.Sort(r.sorted[j])
	}
}

// standardised sets Center and Spread, and returns the standardised scores, a row per row.
func (r *taskRidge) standardised(m *transfer.Matrix) *mat.Dense {
	const constant = 1e-6
	n := len(r.Rows)
	x := mat.NewDense(n, len(m.FeatureNames), nil)
	r.Center, r.Spread = make([]float64, len(m.FeatureNames)), make([]float64, len(m.FeatureNames))
	for j := range m.FeatureNames {
		scores := make([]float64, n)
		for i, t := range r.Rows {
			scores[i] = normalScore(r.sorted[j], m.Tasks[t].Features[j])
		}
		r.Center[j] = floats.Sum(scores) / float64(n)
		floats.AddConst(-r.Center[j], scores)
		if s := floats.Norm(scores, 2) / math.Sqrt(float64(n)); s > constant {
			r.Spread[j] = s
			floats.Scale(1/s, scores)
			x.SetCol(j, scores)
		}
	}
	return x
}

// normalScore is the standard normal quantile of the rank of v among sorted values, between -3 and 3; 0 for NaN.
func normalScore(sorted []float64, v float64) float64 {
	const most = 3
	if math.IsNaN(v) || len(sorted) == 0 {
		return 0
	}
	below, _ := slices.BinarySearch(sorted, v)
	upTo := below
	for upTo < len(sorted) && sorted[upTo] == v {
		upTo++
	}
	share := float64(below+upTo) / float64(2*len(sorted))
	return min(most, max(-most, math.Sqrt2*math.Erfinv(2*share-1)))
}

// blocks returns the places in Rows of every group that has any.
func (r *taskRidge) blocks(groups []int) [][]int {
	blocks := make([][]int, slices.Max(groups)+1)
	for i, t := range r.Rows {
		blocks[groups[t]] = append(blocks[groups[t]], i)
	}
	return slices.DeleteFunc(blocks, func(b []int) bool { return len(b) == 0 })
}

// hold sets held.
func (r *taskRidge) hold(h *crossFit, penalty float64) error {
	r.held = make([][]float64, r.Tasks)
	shrunk := h.shrunk(penalty)
	for _, block := range h.blocks {
		weights, err := h.weights(shrunk, block)
		if err != nil {
			return err
		}
		for i, place := range block {
			r.held[r.Rows[place]] = r.spread(weights.RawRowView(i))
		}
	}
	return nil
}

// spread returns weights of Rows as weights of all tasks.
func (r *taskRidge) spread(weights []float64) []float64 {
	out := make([]float64, r.Tasks)
	for i, t := range r.Rows {
		out[t] = weights[i]
	}
	return out
}

// weights returns what the prior tasks count for x.
func (r *taskRidge) weights(x []float64) []float64 {
	out := make([]float64, len(r.Rows))
	for i := range out {
		out[i] = 1 / float64(len(out))
	}
	for j, slopes := range r.Slopes {
		if r.Spread[j] > 0 {
			floats.AddScaled(out, (normalScore(r.sorted[j], x[j])-r.Center[j])/r.Spread[j], slopes)
		}
	}
	return r.spread(out)
}

// crossFit predicts groups of tasks as if each had not been learned from, which takes no other fit: with the hat matrix H
// of all, H_gg its block for the group, the weights of the others are (I - H_gg)^-1 H_g,others and the residuals
// (I - H_gg)^-1 (Y - H Y)_g.
type crossFit struct {
	along  *mat.Dense // rows along the principal directions of the meta-features
	values []float64  // eigenvalues of the meta-features' squares, rising
	y      *mat.Dense
	blocks [][]int
}

// shrunk divides every direction of along by its eigenvalue and the penalty.
func (h *crossFit) shrunk(penalty float64) *mat.Dense {
	var out mat.Dense
	out.Apply(func(_, j int, v float64) float64 { return v / (max(h.values[j], 0) + penalty) }, h.along)
	return &out
}

// penalty returns that of the least squared error, groups weighing the same.
func (h *crossFit) penalty() (float64, error) {
	best, least := 0.0, math.Inf(1)
	for e := float64(leastPenalty); e <= mostPenalty; e += penaltyStep {
		penalty := h.values[len(h.values)-1] * math.Pow(10, e)
		loss, err := h.loss(penalty)
		if err != nil {
			return 0, err
		}
		if loss < least {
			best, least = penalty, loss
		}
	}
	return best, nil
}

func (h *crossFit) loss(penalty float64) (float64, error) {
	shrunk := h.shrunk(penalty)
	var inner, rest mat.Dense // rest: Y - H Y
	inner.Mul(h.along.T(), h.y)
	rest.Mul(shrunk, &inner)
	n, outputs := h.y.Dims()
	for c := range outputs {
		mean := floats.Sum(mat.Col(nil, c, h.y)) / float64(n)
		for i := range n {
			rest.Set(i, c, h.y.At(i, c)-mean-rest.At(i, c))
		}
	}
	sum := 0.0
	for _, block := range h.blocks {
		var residuals mat.Dense
		if err := residuals.Solve(identityLess(h.hat(shrunk, block, block)), rowsOf(&rest, block)); err != nil {
			return 0, fmt.Errorf("warmstart: leaving out a group of %d tasks: %w", len(block), err)
		}
		norm := mat.Norm(&residuals, 2)
		sum += norm * norm / float64(len(block))
	}
	return sum, nil
}

// weights returns the weights of all rows for those of a block, which themselves count nothing.
func (h *crossFit) weights(shrunk *mat.Dense, block []int) (*mat.Dense, error) {
	n, _ := h.y.Dims()
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	others := h.hat(shrunk, block, all)
	for i := range block {
		for _, j := range block {
			others.Set(i, j, 0)
		}
	}
	var out mat.Dense
	if err := out.Solve(identityLess(h.hat(shrunk, block, block)), others); err != nil {
		return nil, fmt.Errorf("warmstart: leaving out a group of %d tasks: %w", len(block), err)
	}
	return &out, nil
}

// hat returns rows and columns of the hat matrix, the mean of all tasks included.
func (h *crossFit) hat(shrunk *mat.Dense, rows, columns []int) *mat.Dense {
	n, _ := h.y.Dims()
	var out mat.Dense
	out.Mul(rowsOf(shrunk, rows), rowsOf(h.along, columns).T())
	out.Apply(func(_, _ int, v float64) float64 { return v + 1/float64(n) }, &out)
	return &out
}

func rowsOf(a *mat.Dense, rows []int) *mat.Dense {
	_, columns := a.Dims()
	out := mat.NewDense(len(rows), columns, nil)
	for i, r := range rows {
		out.SetRow(i, a.RawRowView(r))
	}
	return out
}

func identityLess(a *mat.Dense) *mat.Dense {
	a.Apply(func(i, j int, v float64) float64 {
		if i == j {
			return 1 - v
		}
		return -v
	}, a)
	return a
}
