package warmstart

import (
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// told is the regret of a column on a prior task on the scale in which advice tells all regrets: 0 is the best
// configuration run there, 1 the median one (transfer.Matrix.Normalised). Choices are made on a scale that takes noise out
// and so is lower (transfer.Matrix.Believe), whose regrets stand in where the column was never run or the task's plain
// scale is degenerate.
func (in *insight) told(t, c int) float64 {
	scale := in.plain[t]
	if scale.Spread == 0 || in.m.Status[t][c] == study.Pending {
		return in.belief.Mean[t][c]
	}
	return min(transfer.MaxRegret, (in.m.Loss[t][c]-scale.Best)/scale.Spread)
}

// left is the regret of a column on the new task if that is like a prior one.
func (a *adviser) left(t, c int) float64 {
	if a.ranking.own != nil {
		return a.view.Mean[t][c]
	}
	return a.told(t, c)
}

// meanTold is the mean regret of a column over prior tasks of given weights.
func (in *insight) meanTold(weights []float64, c int) float64 {
	sum := 0.0
	for t, w := range weights {
		if w > 0 {
			sum += w * in.told(t, c)
		}
	}
	return sum
}

// alone returns, by rank, the regret expected of each configuration by itself: its mean over the prior tasks as they weigh
// where there is a single pick, moved to the level that cross-validation finds, which makes that of the first what is
// expected of it. None is below what is expected of the best up to it.
func (a *adviser) alone(forecasts []Forecast) []float64 {
	out := make([]float64, len(a.ranking.Configs))
	var own []float64
	if a.ranking.own != nil {
		own = a.view.Expected(a.likely)
	}
	weights := a.ranking.first
	if weights == nil {
		weights = a.ranking.Weights
	}
	for rank, c := range a.ranking.Configs {
		if own != nil {
			out[rank] = own[c]
		} else {
			out[rank] = a.meanTold(weights, c)
		}
	}
	level := forecasts[0].Regret.Expected - out[0]
	for rank := range out {
		out[rank] = min(max(out[rank]+level, forecasts[rank].Regret.Expected), transfer.MaxRegret)
	}
	return out
}

// regrets returns, by rank, the regrets of the recommended configurations on a prior task; nil where never run.
func (a *adviser) regrets(t int) []*float64 {
	out := make([]*float64, len(a.ranking.Configs))
	for rank, c := range a.ranking.Configs {
		if a.m.Status[t][c] != study.Pending {
			out[rank] = finite(a.told(t, c))
		}
	}
	return out
}

// place returns how many configurations were run on a prior task with a result and how many of them did better than the
// column; false if it has no result there.
func (in *insight) place(t, c int) (better, run int, ok bool) {
	if in.m.Status[t][c] != study.Complete {
		return 0, 0, false
	}
	for other, status := range in.m.Status[t] {
		if status == study.Complete {
			run++
			if in.m.Loss[t][other] < in.m.Loss[t][c] {
				better++
			}
		}
	}
	return better, run, true
}
