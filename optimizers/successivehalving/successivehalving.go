// Package successivehalving is successive halving (Karnin, Koren and Somekh 2013; for hyperparameters Jamieson and
// Talwalkar 2016): many configurations are measured cheaply, the best part of them with more effort, and so on to the
// full one.
//
// Brackets follow each other for ever, and overlap so that no worker waits (package bandit). It is Hyperband with one
// kind of bracket: right where it is known how much a cheap measurement tells.
package successivehalving

import (
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "successivehalving"

// Settings of successive halving. Errors about them are bandit.ErrSettings.
type Settings struct {
	// Eta is the factor by which effort grows and the number of configurations falls from rung to rung; at least 1.5.
	// Default 3.
	Eta float64 `json:"eta,omitempty"`
	// Fidelity is the name of the fidelity by which evaluations are made cheaper. Default: all the problem has,
	// together (see bandit.Ladder).
	Fidelity string `json:"fidelity,omitempty"`
	// Skip is the number of cheapest levels to leave out. Default 0.
	Skip int `json:"skip,omitempty"`
	// Configurations is how many a bracket begins with. Default: as many as leave one for the full evaluation.
	Configurations int `json:"configurations,omitempty"`
}

// Optimizer is successive halving.
type Optimizer = hyperband.Optimizer

// New returns successive halving with random configurations.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	l, b, err := s.bracket(p)
	if err != nil {
		return nil, err
	}
	return hyperband.With(p, l, []bandit.Bracket{b}, Origin, hyperband.Random(p)), nil
}

// bracket returns the ladder and the bracket that the settings ask for.
func (s Settings) bracket(p study.Problem) (bandit.Ladder, bandit.Bracket, error) {
	l, err := bandit.NewLadder(p, s.Eta, s.Fidelity)
	if err != nil {
		return l, bandit.Bracket{}, err
	}
	if s.Skip < 0 || s.Skip >= l.Len() {
		return l, bandit.Bracket{}, fmt.Errorf("%w: %d of %d levels cannot be left out", bandit.ErrSettings, s.Skip, l.Len())
	}
	if s.Configurations < 0 {
		return l, bandit.Bracket{}, fmt.Errorf("%w: %d configurations", bandit.ErrSettings, s.Configurations)
	}
	n := s.Configurations
	if n == 0 {
		n = int(math.Ceil(math.Pow(l.Eta(), float64(l.Len()-1-s.Skip)) - 1e-9))
	}
	return l, bandit.Halving(l.Len(), s.Skip, n, l.Eta()), nil
}
