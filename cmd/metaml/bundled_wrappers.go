package main

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/asha"
	"github.com/metaml/metaml/optimizers/auto"
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
	open, err := openBundled(cmp.Or(s.Optimizer, "random"), s.Settings)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSettings, err)
	}
	return open(p)
}

// automatic is the optimizer that is another one, chosen by the shape of the study.
const automatic = "auto"

// autoSettings are what the choice of an optimizer depends on beyond the study's problem.
type autoSettings struct {
	// Trials is the number of trials that the study will have, 0 where that is not known.
	Trials int `json:"trials,omitempty"`
}

// openAuto opens the optimizer that suits the problem, with its defaults.
func openAuto(p study.Problem, s autoSettings) (optimizers.Optimizer, error) {
	if s.Trials < 0 {
		return nil, fmt.Errorf("%w: trials = %d", errSettings, s.Trials)
	}
	name, _ := auto.Choose(p, s.Trials)
	settings, err := chosenSettings(p, name, s.Trials)
	if err != nil {
		return nil, err
	}
	return innerSettings{Optimizer: name, Settings: settings}.open(p)
}

// chosenSettings are the settings of the optimizer that auto chose for a study of that many trials; nil for its defaults.
func chosenSettings(p study.Problem, name string, trials int) (json.RawMessage, error) {
	skip := auto.Skip(p, trials)
	if name != auto.BOHB || skip == 0 {
		return nil, nil
	}
	return json.Marshal(hyperband.Settings{Skip: skip})
}

// knowTrials adds the number of trials that a study will have to an optimizer's settings, for auto alone and unless
// they say it themselves.
func knowTrials(optimizer string, settings json.RawMessage, trials int) (json.RawMessage, error) {
	if optimizer != automatic || trials <= 0 {
		return settings, nil
	}
	s, err := decodeSettings[autoSettings](settings)
	if err != nil {
		return nil, err
	}
	if s.Trials == 0 {
		s.Trials = min(trials, largestSetting)
	}
	return json.Marshal(s)
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
