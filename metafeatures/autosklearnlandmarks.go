package metafeatures

import (
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// sklearnFolds is the number of folds of auto-sklearn's landmarkers.
const sklearnFolds = 5

// roundingShare is what summing some thousand squares leaves of them by rounding, with room.
const roundingShare = 1e-24

// sklearnLandmarks computes the mean accuracy over 5 folds, neither shuffled nor stratified, of rows in random order:
// Landmark1NN (one-nearest-neighbour), LandmarkDecisionNodeLearner and LandmarkRandomNodeLearner (a single split by
// information gain, the best of all columns or of one drawn for each fold), LandmarkDecisionTree, LandmarkLDA and
// LandmarkNaiveBayes. They are computed on a sample of Options.PairRows rows, where auto-sklearn takes all. Undefined
// for regression.
func (x *extraction) sklearnLandmarks() ([]measure, error) {
	if !x.classification() {
		return nil, nil
	}
	s, err := x.dummySample(x.opt.PairRows, streamPairRows)
	if err != nil || len(s.x) < sklearnFolds || len(s.x[0]) == 0 {
		return nil, err
	}
	l, err := s.landmarkSample(x.rng(streamFolds), x.rng(streamNode))
	if err != nil {
		return nil, err
	}
	n, p := len(l.x), len(l.x[0])
	if err := x.spend(n*n/2*p + n*p*p); err != nil {
		return nil, err
	}
	trees, err := l.trees()
	if err != nil {
		return nil, err
	}
	mean := func(predictions []float64) float64 { return momentsOf(l.scores(predictions)).mean }
	return []measure{
		one("Landmark1NN", mean(l.nearestNeighbour())),
		one("LandmarkDecisionNodeLearner", mean(l.gainNodes(l.bestGain))),
		one("LandmarkDecisionTree", mean(l.treePredictions(trees))),
		one("LandmarkLDA", mean(l.discriminant())),
		one("LandmarkNaiveBayes", mean(l.naiveBayes())),
		one("LandmarkRandomNodeLearner", mean(l.gainNodes(l.drawnGain))),
	}, nil
}

// landmarkSample puts the rows into random order, so that which of equally near ones comes first is chance, and cuts
// them into folds.
func (s *numericSample) landmarkSample(order, draws *rand.Rand) (*landmarkSample, error) {
	l := &landmarkSample{
		classification: true, classes: len(s.counts), folds: sklearnFolds, rng: draws, negligible: roundingShare,
	}
	for i, r := range order.Perm(len(s.x)) {
		l.x, l.y = append(l.x, s.x[r]), append(l.y, s.y[r])
		l.fold = append(l.fold, i*sklearnFolds/len(s.x))
	}
	var err error
	l.table, err = forest.NewTable(l.x)
	return l, err
}
