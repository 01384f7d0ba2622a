package importance

import (
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Step is one step of an ablation path.
type Step struct {
	// Names are the hyperparameters that changed: one, with those that it made active or inactive behind it. Several
	// at once, where no change of one is allowed.
	Names []string
	// Config is the configuration after the step.
	Config space.Config
	// Loss is its predicted loss, and SD the standard deviation of that.
	Loss, SD float64
	// Gain is by how much the step lowers the predicted loss; negative where it rises.
	Gain float64
}

// Ablation returns the greedy path from one configuration to another, such as from the default to the incumbent: each
// step changes the hyperparameter, of those that still differ, that leaves the least predicted loss (Fawcett and Hoos
// 2016), as a forest of the trials predicts it (Biedenkapp et al. 2017). What a change makes active takes the value of
// the goal. The first Step is the start, without names and gain. The error is ErrTooFew without enough trials, and
// space.ErrInvalid for configurations that are not the problem's.
func Ablation(p study.Problem, trials []study.Trial, from, to space.Config, opt Options) ([]Step, error) {
	from, err := p.Space.Normalize(from)
	if err != nil {
		return nil, fmt.Errorf("importance: start of the ablation: %w", err)
	}
	to, err = p.Space.Normalize(to)
	if err != nil {
		return nil, fmt.Errorf("importance: goal of the ablation: %w", err)
	}
	s, err := learn(p, trials, opt)
	if err != nil {
		return nil, err
	}
	path := []Step{s.step(nil, from)}
	for current := from; !current.Equal(to); {
		next := s.best(p.Space, current, to)
		next.Gain = path[len(path)-1].Loss - next.Loss
		path = append(path, next)
		current = next.Config
	}
	return path, nil
}

// step predicts a configuration.
func (s *surrogate) step(names []string, c space.Config) Step {
	mean, variance := s.forest.PredictVariance(s.codec.Encode(c))
	return Step{Names: names, Config: c, Loss: mean[0], SD: math.Sqrt(variance[0])}
}

// best returns the change of one hyperparameter with the least predicted loss, or that of all where none is allowed.
func (s *surrogate) best(sp space.Space, current, to space.Config) Step {
	best := Step{Loss: math.Inf(1)}
	for _, name := range s.names {
		now, active := current[name]
		goal, wanted := to[name]
		if !active || !wanted || now.Equal(goal) {
			continue
		}
		changed := exchange(current, to, name)
		changed, err := sp.Complete(changed)
		if err != nil {
			continue // forbidden
		}
		if step := s.step(difference(name, s.names, current, changed), changed); step.Loss < best.Loss {
			best = step
		}
	}
	if best.Config == nil {
		best = s.step(difference("", s.names, current, to), to)
	}
	return best
}

// exchange returns the values of current, with name's and all that current lacks from to.
func exchange(current, to space.Config, name string) space.Config {
	out := to.Clone()
	for k, v := range current {
		if k != name {
			out[k] = v
		}
	}
	return out
}

// difference lists the hyperparameters in which two configurations differ, first before the others.
func difference(first string, names []string, a, b space.Config) []string {
	var out []string
	if first != "" {
		out = append(out, first)
	}
	for _, name := range names {
		v, inA := a[name]
		w, inB := b[name]
		if name != first && (inA != inB || (inA && !v.Equal(w))) {
			out = append(out, name)
		}
	}
	return out
}
