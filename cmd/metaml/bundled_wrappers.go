package main

import (
	"encoding/json"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/asha"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/stopping"
	"github.com/metaml/metaml/optimizers/study"
)

// innerSettings name the built-in optimizer that another one works with.
type innerSettings struct {
	// Optimizer is its name, empty for random search.
	Optimizer string `json:"optimizer,omitempty"`
	// Settings are its settings, absent for its defaults.
	Settings json.RawMessage `json:"settings,omitempty"`
}

// open opens the inner optimizer.
func (s innerSettings) open(p study.Problem) (optimizers.Optimizer, error) {
	name := s.Optimizer
	if name == "" {
		name = "random"
	}
	inner, ok := findBundled(name)
	if !ok {
		return nil, fmt.Errorf("%w: %w", errSettings, unknownOptimizer(name, bundledNames()))
	}
	return inner.Open(p, s.Settings)
}

// hyperbandSettings are those of Hyperband, alone or around a model.
type hyperbandSettings struct {
	hyperband.AroundSettings
	innerSettings
}

// openHyperband opens Hyperband, around another optimizer where the settings name one.
func openHyperband(p study.Problem, s hyperbandSettings) (optimizers.Optimizer, error) {
	if s.Optimizer == "" {
		return hyperband.New(p, s.AroundSettings.Settings)
	}
	return hyperband.NewAround(p, s.AroundSettings, s.open)
}

// stoppingSettings are an optimizer and the rule that stops its trials: the percentile rule, by default Vizier's median
// rule, or that of ASHA where there are settings of it.
type stoppingSettings struct {
	innerSettings
	Percentile stopping.Percentile `json:"percentile,omitzero"`
	ASHA       *asha.Rule          `json:"asha,omitempty"`
}

// openStopping opens an optimizer with a stopping rule.
func openStopping(p study.Problem, s stoppingSettings) (*stopping.Optimizer, error) {
	inner, err := s.open(p)
	if err != nil {
		return nil, err
	}
	if s.ASHA != nil {
		return asha.NewStopping(p, inner, *s.ASHA)
	}
	if err := s.Percentile.Check(); err != nil {
		return nil, err
	}
	return stopping.New(p, inner, s.Percentile), nil
}
