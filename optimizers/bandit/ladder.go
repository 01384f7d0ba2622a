// Package bandit holds what the optimizers that spend more on better configurations share: the ladder of fidelities
// they climb (Ladder), the sizes of successive-halving brackets (Bracket, Halving, Hyperband), one rung with its
// ranking (Rung), and the state of many brackets in a study with parallel workers (Schedule).
//
// Everything here follows from the trials in log order alone: no clock, no chance. Losses are only compared, so that
// their scale does not matter; of equal losses the earlier trial is the better one.
package bandit

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// DefaultEta is the usual factor between rungs: of each rung one in three goes on, with three times the effort.
const DefaultEta = 3

// ErrSettings is what an error about eta or the fidelity's name is, by errors.Is.
var ErrSettings = errors.New("invalid setting")

// Ladder is the sequence of fidelities, from the cheapest to the full one, between which the effort grows by eta.
//
// With one fidelity its level k of m is High eta^(k-m+1), rounded where the fidelity is an integer; the full level is
// exactly High, and the cheapest one is the last that is not below Low. With several fidelities that are all scaled,
// the effort is their product (as optimizers.Effort counts it), and each takes a part of every step that is
// proportional to the logarithm of its range: all of them reach their ends together, and one with a range of 1 to 81
// shrinks twice as fast as one of 1 to 9. A Range's Log says how to draw from it and has no meaning here.
type Ladder struct {
	ranges []study.Range        // the problem's
	levels []map[string]float64 // values below the maximum, by level
	effort []float64
	eta    float64
}

// NewLadder makes the ladder of a problem. eta is the factor between the efforts of two levels, at least 1.5; 0 is
// DefaultEta. name says which fidelity is to be scaled while the others stay full; empty: all together. A problem
// without fidelities has the full level only. Levels that rounding makes the same are one. Errors are ErrSettings.
func NewLadder(p study.Problem, eta float64, name string) (Ladder, error) {
	if eta == 0 {
		eta = DefaultEta
	}
	if !(eta >= 1.5) || math.IsInf(eta, 0) {
		return Ladder{}, fmt.Errorf("%w: eta = %v, which must be a number of at least 1.5", ErrSettings, eta)
	}
	l := Ladder{ranges: slices.Clone(p.Fidelities), eta: eta}
	scaled, err := scaledRanges(p.Fidelities, name)
	if err != nil {
		return Ladder{}, err
	}
	width := 0.0 // logarithm of the ratio of full to least effort
	for _, r := range scaled {
		width += math.Log(r.High / r.Low)
	}
	for power := 1.0; math.Log(power) <= width+1e-9; power *= eta {
		l.add(scaled, power, width)
	}
	slices.Reverse(l.levels)
	slices.Reverse(l.effort)
	return l, nil
}

// scaledRanges returns the fidelity of that name, or all for the empty name.
func scaledRanges(ranges []study.Range, name string) ([]study.Range, error) {
	names := []string{}
	for _, r := range ranges {
		names = append(names, r.Name)
		if !(r.Low > 0 && r.High >= r.Low) || math.IsInf(r.High, 0) {
			return nil, fmt.Errorf("%w: fidelity %s ranges from %v to %v, which must be positive and in order", ErrSettings, r.Name, r.Low, r.High)
		}
		if r.Name == name {
			return []study.Range{r}, nil
		}
	}
	if name != "" {
		return nil, fmt.Errorf("%w: the problem has no fidelity %q (it has %v)", ErrSettings, name, names)
	}
	return ranges, nil
}

// add adds the level whose effort is a full evaluation's divided by power, unless it is the last one again.
func (l *Ladder) add(scaled []study.Range, power, width float64) {
	values, effort := map[string]float64{}, 1.0
	for _, r := range scaled {
		x := r.High
		if width > 0 {
			x = rounded(r.High/math.Pow(power, math.Log(r.High/r.Low)/width), r)
		}
		if x < r.High {
			values[r.Name] = x
			effort *= x / r.High
		}
	}
	if n := len(l.effort); n > 0 && !(effort < l.effort[n-1]) {
		return
	}
	l.levels, l.effort = append(l.levels, values), append(l.effort, effort)
}

// rounded returns x as a value of the range: whole where it must be, free of rounding errors where it is nearly
// whole, within the bounds.
func rounded(x float64, r study.Range) float64 {
	if whole := math.RoundToEven(x); r.Integer || math.Abs(x-whole) < 1e-9*whole {
		x = whole
	}
	return min(max(x, r.Low), r.High)
}

// Without returns the ladder without its n lowest levels; the full one always stays.
func (l Ladder) Without(n int) Ladder {
	n = min(n, len(l.levels)-1)
	l.levels, l.effort = l.levels[n:], l.effort[n:]
	return l
}

// Len is the number of levels, at least 1. Level 0 is the cheapest, level Len-1 the full evaluation.
func (l Ladder) Len() int { return len(l.levels) }

// Eta is the factor between the efforts of two levels, but for rounding.
func (l Ladder) Eta() float64 { return l.eta }

// Effort is the share of a full evaluation that one at the level takes, in (0, 1].
func (l Ladder) Effort(level int) float64 { return l.effort[level] }

// Fidelity returns the level's fidelity, without those that are at their maximum: nil for the full level. The map is
// the caller's.
func (l Ladder) Fidelity(level int) study.Fidelity {
	if len(l.levels[level]) == 0 {
		return nil
	}
	f := make(study.Fidelity, len(l.levels[level]))
	for _, r := range l.ranges {
		if x, ok := l.levels[level][r.Name]; ok {
			f[r.Name] = x
		}
	}
	return f
}

// Level returns the level that has the fidelity; ok is false where none has.
func (l Ladder) Level(f study.Fidelity) (level int, ok bool) {
	for level := range l.levels {
		if l.at(level, f) {
			return level, true
		}
	}
	return 0, false
}

// at reports whether f is the fidelity of the level; a missing fidelity is at its maximum.
func (l Ladder) at(level int, f study.Fidelity) bool {
	for _, r := range l.ranges {
		want, ok := l.levels[level][r.Name]
		if !ok {
			want = r.High
		}
		got, ok := f[r.Name]
		if !ok {
			got = r.High
		}
		if got != want {
			return false
		}
	}
	return true
}
