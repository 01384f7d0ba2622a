package optimizers

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// ErrContract is what an error is, by errors.Is, when an optimizer or evaluator broke its contract: it is to be
// repaired, and nothing that the user does helps.
var ErrContract = errors.New("contract broken")

// The origins that Run gives: to the warm starts, and to suggestions whose optimizer named none.
const (
	OriginWarmStart = "warmstart"
	OriginOptimizer = "optimizer"
)

// CheckSuggestions checks what an optimizer answered to Ask(first, n) and returns it as it is to be used:
// configurations with every value in its kind, seeds and origins filled in where the optimizer left them empty. The
// error is ErrContract.
func CheckSuggestions(p study.Problem, suggestions []study.Suggestion, first study.TrialID, n int) ([]study.Suggestion, error) {
	if len(suggestions) > n {
		return nil, fmt.Errorf("%w: %d suggestions where at most %d were asked for", ErrContract, len(suggestions), n)
	}
	out := slices.Clone(suggestions)
	for i := range out {
		s := &out[i]
		if want := first + study.TrialID(i); s.ID != want {
			return nil, fmt.Errorf("%w: suggestion %d of %d has number %d instead of %d", ErrContract, i+1, len(out), s.ID, want)
		}
		var err error
		if s.Config, err = p.Space.Normalize(s.Config); err == nil {
			err = checkFidelity(p, s.Fidelity)
		}
		if err == nil && s.Parent >= first {
			err = fmt.Errorf("it continues trial %d, which has not ended", s.Parent)
		}
		if err == nil && s.Origin == OriginWarmStart {
			err = fmt.Errorf("the origin %q is the host's", s.Origin)
		}
		if err != nil {
			return nil, fmt.Errorf("%w: suggestion %d: %w", ErrContract, s.ID, err)
		}
		complete(p, s)
	}
	return out, nil
}

// complete fills in the seed and the origin.
func complete(p study.Problem, s *study.Suggestion) {
	if s.Seed == 0 {
		s.Seed = p.TrialSeed(s.ID)
	}
	if s.Origin == "" {
		s.Origin = OriginOptimizer
	}
}

// checkFidelity refuses a fidelity that the problem does not have or that is out of its range.
func checkFidelity(p study.Problem, f study.Fidelity) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		i := slices.IndexFunc(p.Fidelities, func(r study.Range) bool { return r.Name == name })
		if i < 0 {
			return fmt.Errorf("the problem has no fidelity %q", name)
		}
		r, x := p.Fidelities[i], f[name]
		if !(x >= r.Low && x <= r.High) {
			return fmt.Errorf("fidelity %s = %v is outside [%v, %v]", name, x, r.Low, r.High)
		}
		if r.Integer && x != math.Trunc(x) {
			return fmt.Errorf("fidelity %s = %v is no integer", name, x)
		}
	}
	return nil
}
