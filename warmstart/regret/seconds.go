package regret

import (
	"math"
	"slices"

	"github.com/metaml/metaml/transfer"
)

// Timing says how well the times of runs on tasks that were held out are foretold: of every configuration with a known
// time, by the prior tasks alike.
type Timing struct {
	Tasks int `json:"tasks"`
	// Scaled are the times foretold for a table of the task's size (transfer.Stopwatch), Unscaled those for any size.
	Scaled   TimingNote `json:"scaled"`
	Unscaled TimingNote `json:"unscaled"`
}

// TimingNote compares foretold times with real ones. Figures are means over tasks.
type TimingNote struct {
	Ratio    float64 `json:"ratio"`     // foretold / real, the median over the tasks' medians
	OffBy    float64 `json:"off_by"`    // the median factor by which times are wrong, either way: 1 is right
	Within2  float64 `json:"within_2"`  // share of the times that are right within a factor of 2
	TotalOff float64 `json:"total_off"` // the median factor by which the sum over all configurations is wrong
}

// ratios are the logarithms of foretold / real time on one task, of every configuration whose time is known.
type ratios struct {
	scaled, unscaled []float64
	total            [2]float64 // of the sums over them
}

// clock foretells the times of the tasks to test from what is known.
func (e *evaluation) clock(known *transfer.Matrix, test []int) {
	watch, weights := transfer.NewStopwatch(known), transfer.Uniform(len(known.Tasks))
	anySize := watch.All(weights, transfer.Size{})
	for _, t := range test {
		scaled := watch.All(weights, e.m.SizeOf(t))
		var sums [3]float64
		for c, real := range e.m.Cost[t] {
			if !(real > 0) || math.IsNaN(scaled[c]) {
				continue
			}
			e.ratios[t].scaled = append(e.ratios[t].scaled, math.Log(scaled[c]/real))
			e.ratios[t].unscaled = append(e.ratios[t].unscaled, math.Log(anySize[c]/real))
			sums[0] += scaled[c]
			sums[1] += anySize[c]
			sums[2] += real
		}
		e.ratios[t].total = [2]float64{math.Log(sums[0] / sums[2]), math.Log(sums[1] / sums[2])}
	}
}

// timing sums up; nil if no time is known.
func (e *evaluation) timing() *Timing {
	var scaled, unscaled [][]float64
	var totals [2][]float64
	for _, r := range e.ratios {
		if len(r.scaled) > 0 {
			scaled, unscaled = append(scaled, r.scaled), append(unscaled, r.unscaled)
			totals[0], totals[1] = append(totals[0], r.total[0]), append(totals[1], r.total[1])
		}
	}
	if len(scaled) == 0 {
		return nil
	}
	return &Timing{Tasks: len(scaled), Scaled: timingNote(scaled, totals[0]), Unscaled: timingNote(unscaled, totals[1])}
}

func timingNote(logs [][]float64, totals []float64) TimingNote {
	var centres, off []float64
	within := 0.0
	for _, row := range logs {
		centres = append(centres, median(row))
		for _, v := range row {
			off = append(off, math.Abs(v))
			if math.Abs(v) <= math.Ln2 {
				within += 1 / float64(len(row)*len(logs))
			}
		}
	}
	for i, v := range totals {
		totals[i] = math.Abs(v)
	}
	return TimingNote{Ratio: math.Exp(median(centres)), OffBy: math.Exp(median(off)), Within2: within, TotalOff: math.Exp(median(totals))}
}

func median(values []float64) float64 { return transfer.Median(slices.Sorted(slices.Values(values))) }
