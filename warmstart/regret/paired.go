package regret

// Paired is the mean of paired differences over tasks with its 95 % interval.
type Paired struct {
	Mean, Lo, Hi float64
}

// PairedMean returns the mean of the differences, one per task, with a percentile interval by a bootstrap that draws
// whole groups, so that siblings count once. Groups names each task's group.
func PairedMean(differences []float64, groups []string, resamples int, seed uint64) Paired {
	b := newBootstrap(groups, resamples, seed)
	lo, hi, _ := interval(b.means(differences))
	return Paired{Mean: mean(differences), Lo: lo, Hi: hi}
}
