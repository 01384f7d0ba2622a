package cmaes

import "fmt"

// Starts of the first descent, for Settings.X0.
const (
	Center  = "center"
	Uniform = "uniform"
)

// Restart strategies, for Settings.Restarts.
const (
	BIPOP = "bipop"
	IPOP  = "ipop"
	None  = "none"
)

// Quadratic is a model, for Settings.Model; None is none.
const Quadratic = "quadratic"

// Settings of CMA-ES.
type Settings struct {
	// X0 is where the first descent begins: "center" of the box, or "uniform", a random point of it. Default: the best
	// of the trials that ended before the first suggestion (with 20 or more: the region of the best tenth), or else the
	// center.
	X0 string `json:"x0,omitempty"`
	// Sigma0 is the first step size, a standard deviation in the unit cube, in (0, 10]; default 1/6, around the best of
	// earlier trials 0.1, and after a restart 1/4.
	Sigma0 float64 `json:"sigma0,omitempty"`
	// Population is the number of trials of a generation in the first descent, from 2 to 100,000; default 4 + 3 ln d for
	// d hyperparameters.
	Population int `json:"population,omitempty"`
	// Restarts says what follows a descent that has come to its end: "bipop", descents from random points with larger
	// and smaller populations in turn; "ipop", with larger ones only; "none", nothing: the optimizer is exhausted.
	// Default bipop.
	Restarts string `json:"restarts,omitempty"`
	// Model says what finds the first point of a generation: "quadratic", the minimum of a quadratic function fitted to the
	// descent's last points, on continuous spaces of up to 12 dimensions; "none", the distribution, as all others.
	// Default quadratic.
	Model string `json:"model,omitempty"`
}

// check refuses settings out of range.
func (s Settings) check() error {
	switch {
	case s.X0 != "" && s.X0 != Center && s.X0 != Uniform:
		return fmt.Errorf("cmaes: x0 is %q; it is %q or %q, or left out", s.X0, Center, Uniform)
	case !(s.Sigma0 >= 0 && s.Sigma0 <= 10):
		return fmt.Errorf("cmaes: sigma0 is %v; give a standard deviation in the unit cube, above 0 and at most 10", s.Sigma0)
	case s.Population < 0 || s.Population == 1 || s.Population > 100_000:
		return fmt.Errorf("cmaes: population is %d; give a number from 2 to 100000, or leave it out", s.Population)
	case s.Restarts != "" && s.Restarts != BIPOP && s.Restarts != IPOP && s.Restarts != None:
		return fmt.Errorf("cmaes: restarts is %q; it is %q, %q or %q", s.Restarts, BIPOP, IPOP, None)
	case s.Model != "" && s.Model != Quadratic && s.Model != None:
		return fmt.Errorf("cmaes: model is %q; it is %q or %q", s.Model, Quadratic, None)
	}
	return nil
}

// restartSigma is the first step size of later descents, that of a uniform start in other libraries: what is known of the
// box's middle is of no use to them.
const restartSigma = 1.0 / 4

// defaultSigma is the first step size where nothing is known: a sixth of the box, as Optuna's.
const defaultSigma = 1.0 / 6

// complete fills in the defaults, but that of Sigma0, for n hyperparameters that vary.
func (s Settings) complete(n int) Settings {
	if s.Population == 0 {
		s.Population = defaultPopulation(max(n, 1))
	}
	if s.Restarts == "" {
		s.Restarts = BIPOP
	}
	return s
}
