package metafeatures

import (
	"maps"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// modelBased describes an unpruned decision tree (Gini impurity; in regression squared error and at least 5 rows in
// a leaf) grown on the numeric view of a sample of rows. The number of leaves and the depth grow with the rows, so
// they are comparable between samples of about the same size only.
//
// By pymfe's definitions, single numbers: leaves; nodes (splits); nodes_per_attr and nodes_per_inst (per column and
// row looked at). A value per leaf: leaves_branch (its depth), leaves_corrob (its share of the rows), tree_shape
// (-p log2 p, where p is the chance to arrive at it by tossing a coin at each split), leaves_homo (leaves /
// tree_shape). A value per node: tree_depth. Per class that has leaves: leaves_per_class (share of them;
// classification only). Per level with splits: nodes_per_level. Per column in use: nodes_repeated. Per distinct p
// among leaves: tree_imbalance (-q log2 q, where q is 2 to the power of minus the sum of these p). Per column:
// var_importance (share of the impurity removed).
//
// scikit-learn's tree, which pymfe grows, chooses at random among equally good splits and holds values in single
// precision; of these splits the first column's is taken here. For a tree without splits pymfe gives no
// leaves_per_class.
func (x *extraction) modelBased() ([]measure, error) {
	s, err := x.numericSample(x.opt.TreeRows, streamTreeRows, "trees of model-based")
	if err != nil || s.empty() {
		return nil, err
	}
	// Sorting every column and scanning it on every level.
	if err := x.spend(len(s.x) * len(s.x[0]) * 20); err != nil {
		return nil, err
	}
	model, err := s.tree()
	if err != nil {
		return nil, err
	}
	nodes := model.Nodes(0)
	depths, leaves := depthsOf(nodes)
	splits := float64(len(nodes) - len(leaves))
	measures := []measure{
		one("leaves", float64(len(leaves))),
		one("nodes", splits),
		one("nodes_per_attr", splits/float64(len(s.x[0]))),
		one("nodes_per_inst", splits/float64(len(s.x))),
		each("tree_depth", depths),
	}
	measures = append(measures, leafMeasures(nodes, depths, leaves)...)
	measures = append(measures, splitMeasures(nodes, depths, len(s.x[0]))...)
	if x.classification() {
		measures = append(measures, each("leaves_per_class", s.leavesPerClass(model, len(leaves))))
	}
	return measures, nil
}

// tree grows the decision tree on all rows of the sample.
func (s *numericSample) tree() (*forest.Forest, error) {
	table, err := forest.NewTable(s.x)
	if err != nil {
		return nil, err
	}
	opt := forest.Tree()
	opt.Workers = 1
	if s.counts != nil {
		classes := make([]int, len(s.y))
		for i, v := range s.y {
			classes[i] = int(v)
		}
		return table.FitClasses(classes, opt)
	}
	opt.MinLeaf = 5
	y := make([][]float64, len(s.y))
	for i := range y {
		y[i] = s.y[i : i+1]
	}
	return table.Fit(y, opt)
}

// depthsOf returns the depth of every node and which nodes are leaves. The root, node 0, has depth 0.
func depthsOf(nodes []forest.Node) (depths []float64, leaves []int) {
	depths = make([]float64, len(nodes))
	pending := []int{0}
	for len(pending) > 0 {
		i := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		n := nodes[i]
		if n.Feature < 0 {
			leaves = append(leaves, i)
			continue
		}
		depths[n.Left], depths[n.Right] = depths[i]+1, depths[i]+1
		pending = append(pending, n.Left, n.Right)
	}
	return depths, leaves
}

func leafMeasures(nodes []forest.Node, depths []float64, leaves []int) []measure {
	var branch, corroboration, shape, homogeneity []float64
	arrivals := make(map[float64]float64) // leaves by depth
	for _, i := range leaves {
		d := depths[i]
		arrivals[d]++
		branch = append(branch, d)
		corroboration = append(corroboration, nodes[i].Weight/nodes[0].Weight)
		h := math.Exp2(-d) * d
		shape = append(shape, h)
		homogeneity = append(homogeneity, ratio(float64(len(leaves)), h))
	}
	var imbalance []float64
	for _, d := range slices.Sorted(maps.Keys(arrivals)) {
		p := arrivals[d] * math.Exp2(-d)
		imbalance = append(imbalance, p*math.Exp2(-p))
	}
	return []measure{
		each("leaves_branch", branch),
		each("leaves_corrob", corroboration),
		each("leaves_homo", homogeneity),
		each("tree_shape", shape),
		each("tree_imbalance", imbalance),
	}
}

func splitMeasures(nodes []forest.Node, depths []float64, columns int) []measure {
	repeated, importance := make([]float64, columns), make([]float64, columns)
	levels := make([]float64, int(slices.Max(depths)))
	var removed float64
	for i, n := range nodes {
		if n.Feature >= 0 {
			repeated[n.Feature]++
			levels[int(depths[i])]++
			importance[n.Feature] += n.Gain
			removed += n.Gain
		}
	}
	for j := range importance {
		if removed > 0 { // without splits no column has any
			importance[j] /= removed
		}
	}
	return []measure{
		each("nodes_per_level", levels),
		each("nodes_repeated", slices.DeleteFunc(repeated, func(n float64) bool { return n == 0 })),
		each("var_importance", importance),
	}
}

// leavesPerClass returns the share of the leaves in which each class is the most frequent, the first of several.
func (s *numericSample) leavesPerClass(model *forest.Forest, leaves int) []float64 {
	counts := make([][]int, leaves)
	for i, row := range s.x {
		l := model.Leaves(row)[0]
		if counts[l] == nil {
			counts[l] = make([]int, len(s.counts))
		}
		counts[l][int(s.y[i])]++
	}
	shares := make([]float64, len(s.counts))
	for _, c := range counts {
		shares[slices.Index(c, slices.Max(c))] += 1 / float64(leaves)
	}
	return slices.DeleteFunc(shares, func(share float64) bool { return share == 0 })
}
