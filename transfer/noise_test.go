package transfer

import (
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
)

func runsOf(values ...[]float64) []result {
	var runs []result
	for c, folds := range values {
		runs = append(runs, result{config: c, loss: mean(folds), folds: folds, status: study.Complete})
	}
	return runs
}

// TestFoldVarianceByHand: of four configurations the better two count. Theirs are (1, 3) and (2, 8): configuration
// means 2 and 5, fold means 1.5 and 5.5, overall 3.5; the residuals are +-1, their sum of squares 4, over 1 x 1
// degrees of freedom and 2 folds.
func TestFoldVarianceByHand(t *testing.T) {
	runs := runsOf([]float64{1, 3}, []float64{2, 8}, []float64{50, 90}, []float64{100, 1})
	if got := foldVariance(runs); got != 2 {
		t.Errorf("variance %v, want 2", got)
	}
}

func TestFoldVarianceNeedsFoldsAndConfigurations(t *testing.T) {
	for name, runs := range map[string][]result{
		"nothing":                 nil,
		"one configuration":       runsOf([]float64{1, 2, 3}),
		"one fold":                runsOf([]float64{1}, []float64{2}, []float64{3}),
		"two, of which one kept":  runsOf([]float64{1, 2}, []float64{3, 5}),
		"no interaction":          runsOf([]float64{1, 2}, []float64{3, 4}, []float64{5, 6}),
		"other numbers of folds":  runsOf([]float64{1, 2}, []float64{3}, []float64{5, 6, 9}),
		"configurations are same": runsOf([]float64{1, 4}, []float64{1, 4}, []float64{1, 4}),
	} {
		if got := foldVariance(runs); got != 0 {
			t.Errorf("%s: variance %v", name, got)
		}
	}
}

// TestWithinCellsByHand: cells 1 3, and 5 5 8: sums of squares 2 and 6, degrees of freedom 1 and 2.
func TestWithinCellsByHand(t *testing.T) {
	var runs []result
	for _, r := range []struct {
		config int
		loss   float64
	}{{0, 1}, {0, 3}, {1, 9}, {2, 5}, {2, 5}, {2, 8}} {
		runs = append(runs, result{config: r.config, loss: r.loss, status: study.Complete})
	}
	variance, degrees := withinCells(runs)
	if math.Abs(variance-8./3) > 1e-12 || degrees != 3 {
		t.Errorf("variance %v with %d degrees of freedom", variance, degrees)
	}
	if variance, degrees := withinCells(runs[2:3]); variance != 0 || degrees != 0 {
		t.Errorf("a single run: %v, %d", variance, degrees)
	}
}

// TestNoiseIsTheGreaterOfBoth: repetitions on the same folds show less than all noise.
func TestNoiseIsTheGreaterOfBoth(t *testing.T) {
	var runs []result
	for c := range 8 {
		for range 3 { // repetitions that agree to the digit
			folds := []float64{float64(c) + float64(c%2), float64(c) - float64(c%2)}
			runs = append(runs, result{config: c, loss: mean(folds), folds: folds, status: study.Complete})
		}
	}
	if got := noise(runs); !(got > 0) {
		t.Errorf("noise %v, but folds disagree", got)
	}
	failed := append([]result{{config: 99, loss: math.NaN(), status: study.Failed}}, runs...)
	if got, want := noise(failed), noise(runs); got != want {
		t.Errorf("a failed run changes the noise from %v to %v", want, got)
	}
}
