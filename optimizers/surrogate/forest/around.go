package forest

import "slices"

// Around predicts the neighbours of a point, those that differ from it in few features: it knows which splits the point
// meets in every tree, and a neighbour's leaf is another only where one of these asks about such a feature and sends the
// neighbour to its other side. A local search that judges hundreds of neighbours of a point is spared most of their paths.
// It is of no use once the forest follows more rows, and not safe for concurrent use.
type Around struct {
	forest *Rolling
	near   *Neighbourhood
	leaves []int32   // of the point, by tree
	first  []int32   // by feature: one of the splits on it, -1 if the point meets none
	splits []met     // tree by tree, from the root on
	known  []summary // what the first n trees say of the point, by n
	queue  []neighbour
	rows   []float64 // of the queue, one after the other
	away   []int32   // by neighbour and tree: the node at which it leaves the point's path; -1: it does not
}

// neighbour is one in the queue: from which tree on it is in another leaf, and what the trees up to the one at hand say.
type neighbour struct {
	from int
	told summary
}

// met is a split that the point meets.
type met struct {
	compactNode
	tree, at int32
	left     bool  // where it sends the point
	next     int32 // split on the same feature, -1 after the last
}

// summary is what some trees say of a point: the mean, the sum of what the variance is the mean of, and in how many of
// them it is in a leaf of the neighbourhood.
type summary struct{ mean, variance, shared float64 }

// add takes in tree number i, in which the point is in the given leaf.
func (s *summary) add(f *Rolling, near *Neighbourhood, i int, leaf int32) {
	t := &f.trees[i]
	delta := t.mean[leaf] - s.mean
	s.mean += delta / float64(i+1)
	s.variance += t.variance[leaf] + delta*(t.mean[leaf]-s.mean)
	if near != nil && near.leaves[i][leaf] {
		s.shared++
	}
}

// Around returns an Around without a point. Shares are those with near, 0 where that is nil.
func (f *Rolling) Around(near *Neighbourhood) *Around {
	k := len(f.trees)
	return &Around{
		forest: f, near: near, leaves: make([]int32, k), first: make([]int32, f.table.features), known: make([]summary, k+1),
	}
}

// Point sets the point and returns its mean and variance as Predict writes them, and its share as Share does.
func (a *Around) Point(x []float64) (mean, variance, share float64) {
	for j := range a.first {
		a.first[j] = -1
	}
	a.splits = a.splits[:0]
	for i := range a.forest.trees {
		a.leaves[i] = a.path(int32(i), x)
		a.known[i+1] = a.known[i]
		a.known[i+1].add(a.forest, a.near, i, a.leaves[i])
	}
	return a.of(a.known[len(a.leaves)])
}

// path lists the splits of a tree that x meets, and returns its leaf.
func (a *Around) path(tree int32, x []float64) int32 {
	nodes := a.forest.trees[tree].nodes
	for at := int32(0); ; {
		n := nodes[at]
		if n.about == leafFlag {
			return n.right
		}
		left := n.sendsLeft(x[n.about>>2])
		a.splits = append(a.splits, met{compactNode: n, tree: tree, at: at, left: left, next: a.first[n.about>>2]})
		a.first[n.about>>2] = int32(len(a.splits) - 1)
		if left {
			at++
		} else {
			at = n.right
		}
	}
}

// Enqueue takes note of a neighbour x that differs from the point in no features but those that are listed, unless it is
// in the same leaf in every tree and so no different. It returns the length of the queue.
func (a *Around) Enqueue(x []float64, features []int) int {
	k := len(a.leaves)
	n := len(a.queue)
	a.away = slices.Grow(a.away[:n*k], k)[:(n+1)*k]
	away := a.away[n*k:]
	for i := range away {
		away[i] = -1
	}
	from := k
	for _, j := range features {
		for at := a.first[j]; at >= 0; at = a.splits[at].next {
			s := &a.splits[at]
			if s.sendsLeft(x[j]) == s.left {
				continue
			}
			if away[s.tree] < 0 || s.at < away[s.tree] { // children come after their parents
				away[s.tree] = s.at
			}
			from = min(from, int(s.tree))
		}
	}
	if from < k {
		a.queue = append(a.queue, neighbour{from: from, told: a.known[from]})
		a.rows = append(a.rows, x...)
	}
	return len(a.queue)
}

// Predict empties the queue. It calls visit with every neighbour, in their order, and what Point returns of it; rows are
// valid during the call.
func (a *Around) Predict(visit func(x []float64, mean, variance, share float64)) {
	k, width := len(a.leaves), len(a.first)
	for i, leaf := range a.leaves { // tree by tree, each of which so stays in the processor's cache
		for q := range a.queue {
			n := &a.queue[q]
			if i < n.from {
				continue
			}
			to := leaf
			if at := a.away[q*k+i]; at >= 0 {
				to = leafBelow(a.forest.trees[i].nodes, at, a.rows[q*width:(q+1)*width])
			}
			n.told.add(a.forest, a.near, i, to)
		}
	}
	for q := range a.queue {
		mean, variance, share := a.of(a.queue[q].told)
		visit(a.rows[q*width:(q+1)*width], mean, variance, share)
	}
	a.queue, a.rows = a.queue[:0], a.rows[:0]
}

// of makes means of the sums over all trees.
func (a *Around) of(s summary) (mean, variance, share float64) {
	k := float64(len(a.leaves))
	return s.mean, s.variance / k, s.shared / k
}
