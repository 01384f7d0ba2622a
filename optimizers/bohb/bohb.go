package bohb

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/parzen"
	"github.com/metaml/metaml/optimizers/study"
)

// The origins of suggestions: promotions and the model's proposals; and what was drawn at random.
const (
	Origin       = "bohb"
	OriginRandom = "bohb-random"
)

// ErrSettings is what an error about settings out of range is, by errors.Is.
var ErrSettings = errors.New("invalid setting")

// Settings of BOHB. The zero Settings are the defaults.
type Settings struct {
	// Settings of the brackets.
	hyperband.Settings
	// Reference asks for HpBandSter 0.7.4, the implementation of the paper's authors: its kernels (statsmodels' normal
	// reference bandwidths, Gaussians not truncated, no uniform component, equal weights, at least Points good and bad
	// trials each), brackets of sizes rounded down (Floor), and the defaults that stand second below. Default false.
	Reference bool `json:"reference,omitempty"`
	// Random is the share of configurations drawn at random, in (0, 1]; negative: none. Default 1/10; 1/3.
	Random float64 `json:"random,omitempty"`
	// Points is the number of complete trials from which on a level has a model; with Reference, half of it. Default:
	// one more than the space has hyperparameters, but at least 10; one more than the space has hyperparameters.
	Points int `json:"points,omitempty"`
	// Good is the share of a level's trials that counts as good, in (0, 1). Default 0.3; 0.15.
	Good float64 `json:"good,omitempty"`
	// Candidates is how many draws from the density of the good are compared. Default 64; 64.
	Candidates int `json:"candidates,omitempty"`
	// Widen multiplies the bandwidths of numbers for these draws. Default 2; 3.
	Widen float64 `json:"widen,omitempty"`
	// MinBandwidth is the least bandwidth of numbers, in the unit cube. Default: see parzen.Bandwidth; 0.001.
	MinBandwidth float64 `json:"min_bandwidth,omitempty"`
}

// New returns BOHB on a problem of one objective, on any space. The error is ErrSettings, bandit.ErrSettings for those
// of the brackets, or errors.ErrUnsupported for several objectives.
func New(p study.Problem, s Settings) (*hyperband.Optimizer, error) {
	if len(p.Objectives) > 1 {
		return nil, fmt.Errorf("bohb: %d objectives: %w", len(p.Objectives), errors.ErrUnsupported)
	}
	s, err := s.withDefaults(p)
	if err != nil {
		return nil, err
	}
	ladder, cycle, err := s.Brackets(p)
	if err != nil {
		return nil, err
	}
	return hyperband.With(p, ladder, cycle, Origin, newModels(p, s, ladder)), nil
}

var _ optimizers.Optimizer = (*hyperband.Optimizer)(nil)

// withDefaults returns the settings with every default written out.
func (s Settings) withDefaults(p study.Problem) (Settings, error) {
	switch {
	case !(s.Random <= 1):
		return s, fmt.Errorf("bohb: %w: random = %v, which must be at most 1", ErrSettings, s.Random)
	case !(s.Good >= 0 && s.Good < 1):
		return s, fmt.Errorf("bohb: %w: good = %v, which must be a share between 0 and 1", ErrSettings, s.Good)
	case s.Points < 0 || s.Candidates < 0:
		return s, fmt.Errorf("bohb: %w: points = %d, candidates = %d: neither may be negative",
			ErrSettings, s.Points, s.Candidates)
	case !(s.Widen >= 0) || !(s.MinBandwidth >= 0) || math.IsInf(s.Widen+s.MinBandwidth, 0):
		return s, fmt.Errorf("bohb: %w: widen = %v, min_bandwidth = %v: both must be positive numbers",
			ErrSettings, s.Widen, s.MinBandwidth)
	}
	d := p.Space.Len()
	if s.Reference {
		s.Floor = true
		s.fill(Settings{Random: 1.0 / 3, Points: d + 1, Good: 0.15, Candidates: 64, Widen: 3, MinBandwidth: 1e-3})
	} else {
		s.fill(Settings{Random: 0.1, Points: max(10, d+1), Good: 0.3, Candidates: 64, Widen: 2})
	}
	return s, nil
}

// fill writes defaults where nothing is set.
func (s *Settings) fill(defaults Settings) {
	s.Random = cmp.Or(s.Random, defaults.Random)
	s.Points = cmp.Or(s.Points, defaults.Points)
	s.Good = cmp.Or(s.Good, defaults.Good)
	s.Candidates = cmp.Or(s.Candidates, defaults.Candidates)
	s.Widen = cmp.Or(s.Widen, defaults.Widen)
	s.MinBandwidth = cmp.Or(s.MinBandwidth, defaults.MinBandwidth)
}

// rule is the bandwidths of the models.
func (s Settings) rule() parzen.Rule {
	if s.Reference {
		scott := parzen.Bandwidth{Continuous: 1.06, Grid: 1.06, Floor: s.MinBandwidth, Choices: parzen.Reference}
		return parzen.Rule{Untruncated: true, Good: scott, Bad: scott}
	}
	scott := parzen.Bandwidth{Continuous: 1, Grid: 1, Floor: s.MinBandwidth}
	return parzen.Rule{Uniform: 1, Good: scott, Bad: scott}
}
