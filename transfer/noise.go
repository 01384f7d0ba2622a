package transfer

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// fewestRepetitions is how many degrees of freedom repeated runs must offer before their variance is believed
// at all.
const fewestRepetitions = 5

// noise estimates the standard error of one run's loss from the runs of one task, sorted by cell: what repetitions
// of the same cell show, or what the folds do if that is more (repetitions on the same folds show less than all).
// After the effects of configuration and fold are taken out of the better half of the configurations, what remains
// is noise that would change their order: the residual mean square of a two-way layout, over the number of folds.
// It is 0 where there are neither repetitions nor folds.
func noise(runs []result) float64 {
	complete := slices.DeleteFunc(slices.Clone(runs), func(r result) bool { return r.status != study.Complete })
	variance, degrees := withinCells(complete)
	if degrees < fewestRepetitions {
		variance = 0
	}
	return math.Sqrt(max(variance, foldVariance(complete)))
}

// withinCells returns the pooled variance of repetitions and its degrees of freedom.
func withinCells(runs []result) (variance float64, degrees int) {
	sum := 0.0
	for start := 0; start < len(runs); {
		end := start
		for end < len(runs) && runs[end].config == runs[start].config {
			end++
		}
		var losses []float64
		for _, r := range runs[start:end] {
			losses = append(losses, r.loss)
		}
		centre := mean(losses)
		for _, l := range losses {
			sum += (l - centre) * (l - centre)
		}
		degrees += end - start - 1
		start = end
	}
	if degrees == 0 {
		return 0, 0
	}
	return sum / float64(degrees), degrees
}

// foldVariance returns the variance of a mean over folds, 0 if there are fewer than two configurations or folds.
func foldVariance(runs []result) float64 {
	if len(runs) == 0 {
		return 0
	}
	folds := len(runs[0].folds)
	if folds < 2 {
		return 0
	}
	runs = slices.DeleteFunc(runs, func(r result) bool { return len(r.folds) != folds })
	slices.SortStableFunc(runs, func(x, y result) int {
		switch {
		case x.loss < y.loss:
			return -1
		case x.loss > y.loss:
			return 1
		}
		return 0
	})
	runs = runs[:(len(runs)+1)/2]
	if len(runs) < 2 {
		return 0
	}
	foldMean, total := make([]float64, folds), 0.0
	for _, r := range runs {
		for i, v := range r.folds {
			foldMean[i] += v / float64(len(runs))
		}
		total += mean(r.folds) / float64(len(runs))
	}
	sum := 0.0
	for _, r := range runs {
		own := mean(r.folds)
		for i, v := range r.folds {
			e := v - own - foldMean[i] + total
			sum += e * e
		}
	}
	return sum / float64((len(runs)-1)*(folds-1)) / float64(folds)
}
