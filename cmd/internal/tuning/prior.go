package tuning

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Prior is what a study's optimizer was told of earlier tasks before the first trial. Every configuration is kept once,
// since most tasks have tried the same.
type Prior struct {
	Configs []space.Config `json:"configs"`
	Tasks   []EarlierTask  `json:"tasks"`
}

// EarlierTask is a study.WeightedTask: the loss of configuration At[i] is Losses[i].
type EarlierTask struct {
	Name   string    `json:"name"`
	Weight float64   `json:"weight"`
	At     []int     `json:"at"`
	Losses []float64 `json:"losses"`
}

// KeepPrior returns the tasks of a prior as they are kept; nil if there are none.
func KeepPrior(p study.Prior) (*Prior, error) {
	if len(p.Tasks) == 0 {
		return nil, nil
	}
	kept, place := &Prior{}, map[string]int{}
	for _, t := range p.Tasks {
		task := EarlierTask{Name: t.Name, Weight: t.Weight}
		for _, r := range t.Results {
			hash, err := r.Config.Hash()
			if err != nil {
				return nil, fmt.Errorf("earlier task %s: %w", t.Name, err)
			}
			at, known := place[hash]
			if !known {
				at = len(kept.Configs)
				place[hash], kept.Configs = at, append(kept.Configs, r.Config)
			}
			task.At, task.Losses = append(task.At, at), append(task.Losses, r.Loss)
		}
		kept.Tasks = append(kept.Tasks, task)
	}
	return kept, nil
}

// Study returns the prior as an optimizer takes it; nil where there is none. Configurations of another space, or tasks
// that do not fit them, are an error.
func (p *Prior) Study(s space.Space) (*study.Prior, error) {
	if p == nil {
		return nil, nil
	}
	configs := make([]space.Config, len(p.Configs))
	for i, c := range p.Configs {
		var err error
		if configs[i], err = s.Normalize(c); err != nil {
			return nil, fmt.Errorf("what is kept of earlier tasks: configuration %d: %w", i+1, err)
		}
	}
	prior := &study.Prior{}
	for _, t := range p.Tasks {
		task := study.WeightedTask{Name: t.Name, Weight: t.Weight}
		if len(t.At) != len(t.Losses) {
			return nil, fmt.Errorf("what is kept of earlier task %s: %d losses of %d configurations", t.Name, len(t.Losses), len(t.At))
		}
		for i, at := range t.At {
			if at < 0 || at >= len(configs) {
				return nil, fmt.Errorf("what is kept of earlier task %s: there is no configuration %d", t.Name, at)
			}
			task.Results = append(task.Results, study.EarlierResult{Config: configs[at], Loss: t.Losses[i]})
		}
		prior.Tasks = append(prior.Tasks, task)
	}
	return prior, nil
}
