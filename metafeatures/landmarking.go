package metafeatures

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// landmarking measures how well very cheap learners do on the numeric view (see encoding) of a sample of rows, by
// 10-fold cross-validation, a value per fold. Missing values take their column's mean.
//
// Classification (accuracy), by pymfe's definitions: best_node, random_node and worst_node (a single split: the
// best, on a random column, and on the column least important to a decision tree), elite_nn (1-nearest-neighbour on
// the most important column), linear_discr, naive_bayes (Gaussian), one_nn; and decision_tree (unpruned). Rows are
// sampled in proportion to classes; folds are stratified and not shuffled. pymfe draws another random column, and
// its choice among equally good splits or equally important columns is random.
//
// Regression (R2, at least -1), metaml's own: best_node_r2, random_node_r2, worst_node_r2, elite_nn_r2, one_nn_r2,
// decision_tree_r2 (at least 5 rows in a leaf) and linear_r2 (ridge regression, penalty 1 on standardised columns).
// Folds are shuffled, as rows often are in the order of time or of the target.
func (x *extraction) landmarking() ([]measure, error) {
	return x.landmarkersOn(x.landmarkRows())
}

// landmarkersOn computes the landmarkers of some rows.
func (x *extraction) landmarkersOn(rows []int32) ([]measure, error) {
	l, err := x.landmarkSample(rows)
	if err != nil || len(l.x) < 2 || len(l.x[0]) == 0 {
		return nil, err
	}
	trees, err := l.trees()
	if err != nil {
		return nil, err
	}
	var measures []measure
	for _, lm := range l.landmarkers(trees) {
		if err := x.spend(lm.operations); err != nil {
			return nil, err
		}
		predictions, err := lm.predict()
		if err != nil {
			return nil, err
		}
		measures = append(measures, each(lm.name, l.scores(predictions)))
	}
	return measures, nil
}

// landmarker predicts every row by a model of the other folds.
type landmarker struct {
	name       string
	operations int // roughly
	predict    func() ([]float64, error)
}

func (l *landmarkSample) landmarkers(trees []foldTree) []landmarker {
	n, p := len(l.x), len(l.x[0])
	random := l.rng.IntN(p)
	scans := n * l.folds
	list := []landmarker{
		{"best_node", scans, func() ([]float64, error) { return l.bestNode(trees), nil }},
		{"decision_tree", scans * p, func() ([]float64, error) { return l.treePredictions(trees), nil }},
		{"elite_nn", n * n, func() ([]float64, error) { return l.eliteNeighbour(trees), nil }},
		{"one_nn", n * n / 2 * p, func() ([]float64, error) { return l.nearestNeighbour(), nil }},
		{"random_node", scans, func() ([]float64, error) { return l.node(func(int) int { return random }) }},
		{"worst_node", scans, func() ([]float64, error) {
			return l.node(func(fold int) int { return trees[fold].least() })
		}},
	}
	if !l.classification {
		for i := range list {
			list[i].name += "_r2"
		}
		return append(list, landmarker{"linear_r2", scans * p * p / 2, func() ([]float64, error) { return l.ridge(), nil }})
	}
	return append(list,
		landmarker{"linear_discr", scans * p * p / 2, func() ([]float64, error) { return l.discriminant(), nil }},
		landmarker{"naive_bayes", scans * p, func() ([]float64, error) { return l.naiveBayes(), nil }},
	)
}

// scores returns accuracy or R2 of every fold. Rows without prediction (NaN) make their fold undefined.
func (l *landmarkSample) scores(predictions []float64) []float64 {
	values := make([]float64, l.folds)
	for f := range values {
		var count, mean, right, residual, spread float64
		for i, y := range l.y {
			if l.fold[i] == f {
				count++
				mean += y
			}
		}
		mean /= count
		for i, y := range l.y {
			if l.fold[i] != f {
				continue
			}
			if math.IsNaN(predictions[i]) {
				right = math.NaN()
			}
			if predictions[i] == y {
				right++
			}
			residual += (predictions[i] - y) * (predictions[i] - y)
			spread += (y - mean) * (y - mean)
		}
		values[f] = right / count
		if !l.classification {
			values[f] = max(1-ratio(residual, spread), -1)
		}
	}
	return values
}

// landmarkSample is what landmarkers see: rows of the numeric view without missing values.
type landmarkSample struct {
	x              [][]float64 // row by row
	y              []float64   // class in label order, or target
	classification bool
	classes        int   // those that occur
	fold           []int // of each row
	folds          int
	table          *forest.Table
	rng            *rand.Rand

	// negligible is the share of a column's mean square below which discriminant analysis takes its variance within
	// classes for rounding. 0, as in the definitions of metaml/1, is none: there, a column that varies between classes
	// or folds but not within them may count with a weight that is rounding.
	negligible float64
}

// landmarkFolds is the number of folds, as in pymfe, or of rows if there are fewer.
const landmarkFolds = 10

func (x *extraction) landmarkSample(rows []int32) (*landmarkSample, error) {
	all, err := x.encode()
	if err != nil {
		return nil, err
	}
	e := all.narrowed(x, x.opt.MaxEncoded)
	if len(e.columns) < all.total {
		x.note("covariances and landmarkers look at %d of %d columns, dummies included", len(e.columns), all.total)
	}
	l := &landmarkSample{classification: x.classification(), rng: x.rng(streamNode)}
	if err := x.spend(len(rows) * len(e.columns)); err != nil {
		return nil, err
	}
	l.x = byRow(e.matrix(x, rows), len(rows))
	l.y = gatheredAt(x.data.Target.Values, rows)
	l.folds = min(landmarkFolds, len(rows))
	if !l.classification {
		l.fold = make([]int, len(rows))
		for i, r := range x.rng(streamFolds).Perm(len(rows)) {
			l.fold[r] = i % l.folds
		}
	} else {
		l.fold = stratifiedFolds(l.y, len(x.data.Target.Levels), l.folds)
		l.y, l.classes = classNumbers(l.y, x.data.Target.Levels)
	}
	if len(rows) < 2 || len(e.columns) == 0 {
		return l, nil
	}
	l.table, err = forest.NewTable(l.x)
	return l, err
}

// byRow transposes columns, putting in the mean of the values present for missing ones (0 if there are none).
func byRow(columns [][]float64, rows int) [][]float64 {
	cells := make([]float64, rows*len(columns))
	x := make([][]float64, rows)
	for i := range x {
		x[i] = cells[i*len(columns) : (i+1)*len(columns)]
	}
	for j, column := range columns {
		var mean, n float64
		for _, v := range column {
			if !math.IsNaN(v) {
				n++
				mean += v/n - mean/n // the running mean of finite values is finite
			}
		}
		for i, v := range column {
			if math.IsNaN(v) {
				v = mean
			}
			x[i][j] = v
		}
	}
	return x
}

// landmarkRows draws the rows, in proportion to the classes, ascending.
func (x *extraction) landmarkRows() []int32 {
	rows := x.stratifiedRows(x.opt.LandmarkRows, streamLandmarkRows)
	if len(rows) < x.data.Rows {
		x.note("landmarkers look at %d of %d rows", len(rows), x.data.Rows)
	}
	return rows
}

// stratifiedRows draws at most limit rows, in proportion to the classes, ascending.
func (x *extraction) stratifiedRows(limit int, stream uint64) []int32 {
	n, k := x.data.Rows, min(x.data.Rows, limit)
	rows := make([]int32, k)
	if k == n {
		for i := range rows {
			rows[i] = int32(i)
		}
		return rows
	}
	order, rng := x.byClass(), x.rng(stream)
	// One of every n/k rows sorted by class.
	for i := range rows {
		first, next := i*n/k, (i+1)*n/k
		rows[i] = order[first+rng.IntN(next-first)]
	}
	slices.Sort(rows)
	return rows
}

// byClass returns all rows, sorted by class where there are classes.
func (x *extraction) byClass() []int32 {
	order := make([]int32, x.data.Rows)
	if !x.classification() {
		for i := range order {
			order[i] = int32(i)
		}
		return order
	}
	next := make([]int32, len(x.data.Target.Levels)+1)
	for _, v := range x.data.Target.Values {
		next[int(v)+1]++
	}
	for k := range x.data.Target.Levels {
		next[k+1] += next[k]
	}
	for i, v := range x.data.Target.Values {
		order[next[int(v)]] = int32(i)
		next[int(v)]++
	}
	return order
}

// stratifiedFolds gives every row a fold such that classes are spread evenly: with the rows sorted by class, in
// order of appearance, position i counts for fold i mod folds; a class's rows then fill its places fold by fold.
func stratifiedFolds(y []float64, classes, folds int) []int {
	var appearance []int
	counts := make([]int, classes)
	for _, v := range y {
		if counts[int(v)] == 0 {
			appearance = append(appearance, int(v))
		}
		counts[int(v)]++
	}
	left := make([][]int, classes) // places by class and fold
	position := 0
	for _, k := range appearance {
		left[k] = make([]int, folds)
		for range counts[k] {
			left[k][position%folds]++
			position++
		}
	}
	fold := make([]int, len(y))
	for i, v := range y {
		places, f := left[int(v)], 0
		for places[f] == 0 {
			f++
		}
		places[f]--
		fold[i] = f
	}
	return fold
}

// train returns the rows of all folds but one.
func (l *landmarkSample) train(fold int) []int {
	var rows []int
	for i, f := range l.fold {
		if f != fold {
			rows = append(rows, i)
		}
	}
	return rows
}
