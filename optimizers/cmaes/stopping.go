package cmaes

import (
	"math"
	"slices"
)

// The limits at which a descent ends; those of Hansen's tutorial (2016, section B.3) but for the losses', which is 1e-12
// there and asked of as many generations as a window has.
const (
	lossTolerance  = 1e-8  // of the losses' range in the first generation
	calm           = 10    // generations in which losses differ by less
	pointTolerance = 1e-12 // of the first step size
	growthLimit    = 1e4   // of the step size, in first ones
)

// stopping tells when a descent has come to its end.
type stopping struct {
	sigma  float64   // the first step size
	spread float64   // range of the finite losses of the first generations; 0: none yet
	recent []float64 // best and worst losses of the last generations
	window int       // how many losses are recent
}

func newStopping(d *distribution) stopping {
	generations := 10 + int(math.Ceil(30*float64(d.n)/float64(d.lambda)))
	return stopping{sigma: d.sigma, window: 2 * generations}
}

// note adds a generation's best and worst loss.
func (s *stopping) note(best, worst float64) {
	if s.spread == 0 && !math.IsInf(worst-best, 0) && !math.IsNaN(worst-best) {
		s.spread = worst - best
	}
	if len(s.recent) == s.window {
		s.recent = slices.Delete(s.recent, 0, 2)
	}
	s.recent = append(s.recent, best, worst)
}

// settled reports whether the losses are all the same in the window, or differ by next to nothing for some time.
func (s *stopping) settled() bool {
	if len(s.recent) == s.window && slices.Min(s.recent) == slices.Max(s.recent) {
		return true
	}
	if len(s.recent) < 2*calm {
		return false
	}
	latest := s.recent[len(s.recent)-2*calm:]
	low, high := slices.Min(latest), slices.Max(latest)
	return low < high && high-low < lossTolerance*s.spread
}

// finished reports whether further generations are of no use: losses no longer differ, steps are too small or too
// large, or rounding keeps the mean in place.
func (s *stopping) finished(d *distribution, axes []axis) bool {
	if s.settled() {
		return true
	}
	first, last := d.d[0], d.d[len(d.d)-1]
	if d.sigma*last > growthLimit*s.sigma || first*first*conditionLimit <= last*last {
		return true
	}
	still := true
	for i := range d.mean {
		deviation := d.deviation(i)
		if axes[i].cells.count == 0 && d.mean[i]+0.2*deviation == d.mean[i] {
			return true
		}
		still = still && deviation < pointTolerance*s.sigma && d.sigma*math.Abs(d.pC[i]) < pointTolerance*s.sigma
	}
	return still
}
