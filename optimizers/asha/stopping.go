package asha

import (
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/stopping"
	"github.com/metaml/metaml/optimizers/study"
)

// Rule is the stopping rule of ASHA: its rungs lie at the shares 1/Eta, 1/Eta^2, … of a trial that are not below
// Grace. A trial that comes to a rung goes on if it is the first Eta there or among the best Eta-th part of those
// that came there so far, running and stopped ones included, by their losses at the rung.
type Rule struct {
	// Eta is the factor between rungs, at least 1.5. Default 3.
	Eta float64 `json:"eta,omitempty"`
	// Grace is the share of a trial for which it is left alone, in (0, 1]. Default 0.01.
	Grace float64 `json:"grace,omitempty"`
}

var _ stopping.Rule = Rule{}

// Check reports what is wrong with the settings: bandit.ErrSettings.
func (r Rule) Check() error {
	if r.Eta != 0 && !(r.Eta >= 1.5) || math.IsInf(r.Eta, 0) || !(r.Grace >= 0 && r.Grace <= 1) {
		return fmt.Errorf("%w: eta %v, grace %v", bandit.ErrSettings, r.Eta, r.Grace)
	}
	return nil
}

// NewStopping returns an optimizer whose trials are stopped by the rule. With random search inside it is the stopping
// variant of ASHA.
func NewStopping(p study.Problem, inner optimizers.Optimizer, r Rule) (*stopping.Optimizer, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	return stopping.New(p, inner, r), nil
}

// Stop decides at the first point of the curve at or after a rung; of several rungs between two points, the highest
// counts.
func (r Rule) Stop(trial *stopping.Curve, others []*stopping.Curve) bool {
	rung, ok := r.rung(trial)
	if !ok {
		return false
	}
	loss, came, better := trial.Last().Loss, 1, 0
	for _, c := range others {
		if p, ok := c.From(rung); ok {
			came++
			if p.Loss < loss {
				better++
			}
		}
	}
	eta := r.eta()
	return float64(came) > eta && better >= int(float64(came)/eta+1e-9)
}

// rung returns the highest rung that the curve's last point is the first to reach.
func (r Rule) rung(trial *stopping.Curve) (share float64, ok bool) {
	before, n := 0.0, len(trial.Points)
	if n > 1 {
		before = trial.Points[n-2].Progress
	}
	grace := r.Grace
	if grace == 0 {
		grace = 0.01
	}
	const slack = 1e-9
	for share = 1 / r.eta(); share >= grace-slack; share /= r.eta() {
		if trial.Last().Progress >= share-slack {
			return share, before < share-slack
		}
	}
	return 0, false
}

func (r Rule) eta() float64 {
	if r.Eta == 0 {
		return bandit.DefaultEta
	}
	return r.Eta
}
