package de

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space"
)

// Mutation strategies, for Settings.Strategy.
const (
	CurrentToPBest = "current-to-pbest/1/bin"
	Rand           = "rand/1/bin"
)

// Settings of differential evolution.
type Settings struct {
	// Strategy is how challengers are made: "current-to-pbest/1/bin", from the member itself, moved towards one of the
	// best fifth and by a difference of two others, or "rand/1/bin", from a random member and a difference of two others.
	// Default current-to-pbest/1/bin.
	Strategy string `json:"strategy,omitempty"`
	// Population is the number of members, from 4 to 100,000; default 8 and one more for every five hyperparameters,
	// at most 30.
	Population int `json:"population,omitempty"`
	// ScaleFactor is F, by which differences are multiplied, in (0, 2]; default: drawn for each challenger, around values
	// that succeeded.
	ScaleFactor float64 `json:"scale_factor,omitempty"`
	// CrossoverRate is CR, the probability with which a coordinate is the mutated one, in (0, 1]; default: drawn for each
	// challenger, around values that succeeded.
	CrossoverRate float64 `json:"crossover_rate,omitempty"`
}

// check refuses settings out of range.
func (s Settings) check() error {
	switch {
	case s.Strategy != "" && s.Strategy != CurrentToPBest && s.Strategy != Rand:
		return fmt.Errorf("de: strategy is %q; it is %q or %q, or left out", s.Strategy, CurrentToPBest, Rand)
	case s.Population != 0 && s.Population < 4 || s.Population > 100_000:
		return fmt.Errorf("de: population is %d; give a number from 4 to 100000, or leave it out", s.Population)
	case !(s.ScaleFactor >= 0 && s.ScaleFactor <= 2):
		return fmt.Errorf("de: scale_factor is %v; give a number above 0 and at most 2, or leave it out", s.ScaleFactor)
	case !(s.CrossoverRate >= 0 && s.CrossoverRate <= 1):
		return fmt.Errorf("de: crossover_rate is %v; give a number above 0 and at most 1, or leave it out", s.CrossoverRate)
	}
	return nil
}

// complete fills in the defaults.
func (s Settings) complete(in space.Space) Settings {
	if s.Strategy == "" {
		s.Strategy = CurrentToPBest
	}
	if s.Population == 0 {
		s.Population = min(8+in.Len()/5, 30)
	}
	return s
}
