package report

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/importance"
	"github.com/metaml/metaml/optimizers/space"
)

// wildLosses is the quantile of the losses above which importance sees no difference: one diverged run would else be
// all that there is to explain.
const wildLosses = 0.95

// The most effects that are shown.
const (
	maxSingles = 12
	maxPairs   = 8
)

// importances are the shares of the losses' variance that hyperparameters explain (fANOVA).
type importances struct {
	Singles []effect `json:"singles,omitempty"`
	Pairs   []effect `json:"pairs,omitempty"`
	// Rest is what neither the singles nor the pairs in the list explain.
	Rest *float64 `json:"rest,omitempty"`
	// Missing says why there is none.
	Missing string `json:"missing,omitempty"`
	// Order lists the positions of the parameters, those first that explain most alone and in pairs.
	Order []int `json:"order"`
}

// effect is the share that one or two hyperparameters explain, with its standard deviation over trees.
type effect struct {
	Names []string `json:"names"`
	Share float64  `json:"share"`
	SD    float64  `json:"sd"`
}

// options are those of both analyses: they are the same for the same study.
func (s *subject) options() importance.Options {
	return importance.Options{Cap: wildLosses, Seed: s.problem.Seed}
}

func (s *subject) importances() importances {
	list, err := importance.FANOVA(s.problem, s.trials, s.options())
	if slices.ContainsFunc(list, func(e importance.Effect) bool { return math.IsNaN(e.Share + e.SD) }) {
		list, err = nil, errHuge
	}
	out := importances{Order: s.order(list)}
	if err != nil {
		out.Missing = missing(err)
		return out
	}
	rest := 1.0
	for _, e := range list {
		shown := effect{e.Names, round(e.Share), round(e.SD)}
		switch {
		case len(e.Names) == 1 && len(out.Singles) < maxSingles:
			out.Singles = append(out.Singles, shown)
		case len(e.Names) == 2 && len(out.Pairs) < maxPairs:
			out.Pairs = append(out.Pairs, shown)
		default:
			continue
		}
		rest -= e.Share
	}
	out.Rest = number(max(rest, 0))
	return out
}

// order sorts the parameters' positions by what they explain; a pair counts half for each. Without effects it is the
// space's order.
func (s *subject) order(list []importance.Effect) []int {
	total := make([]float64, s.problem.Space.Len())
	for _, e := range list {
		for _, name := range e.Names {
			total[s.problem.Space.Index(name)] += e.Share / float64(len(e.Names))
		}
	}
	order := make([]int, len(total))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case total[a] > total[b]:
			return -1
		case total[a] < total[b]:
			return 1
		}
		return 0
	})
	return order
}

// errHuge is about losses whose variance is beyond the largest float.
var errHuge = errors.New("the losses are too large")

// missing says in a sentence why there is no analysis.
func missing(err error) string {
	switch {
	case errors.Is(err, importance.ErrTooFew):
		return fmt.Sprintf("At least %d complete trials at full fidelity are needed.", importance.MinTrials)
	case errors.Is(err, errors.ErrUnsupported):
		return "This space has more combinations of conditions than can be analysed."
	}
	return "It could not be computed: " + err.Error()
}

// ablation is the path from the default to the incumbent.
type ablation struct {
	Steps   []step `json:"steps,omitempty"`
	Missing string `json:"missing,omitempty"`
}

// step changes one hyperparameter, and with it those that it makes active. Values are predictions.
type step struct {
	Changes []change `json:"changes,omitempty"` // none for the start
	Value   *float64 `json:"value"`
	SD      *float64 `json:"sd"`
	Gain    float64  `json:"gain"` // above 0: better
}

// change is a hyperparameter's value before and after; empty where it is inactive.
type change struct {
	Name string `json:"name"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

func (s *subject) ablation() ablation {
	if s.best == nil {
		return ablation{Missing: missing(importance.ErrTooFew)}
	}
	from := s.defaultConfig()
	if s.problem.Space.Validate(from) != nil {
		return ablation{Missing: "The default configuration is not allowed in this space."}
	}
	if from.Equal(s.best.Config) {
		return ablation{Missing: "The default configuration is the best one so far."}
	}
	path, err := importance.Ablation(s.problem, s.trials, from, s.best.Config, s.options())
	if err != nil {
		return ablation{Missing: missing(err)}
	}
	var out ablation
	for i, p := range path {
		if number(p.Gain) == nil {
			return ablation{Missing: missing(errHuge)}
		}
		next := step{Value: number(s.value(p.Loss)), SD: number(p.SD), Gain: round(p.Gain)}
		if i > 0 {
			next.Changes = s.changes(path[i-1].Config, p)
		}
		out.Steps = append(out.Steps, next)
	}
	return out
}

// changes lists what a step changes.
func (s *subject) changes(before space.Config, p importance.Step) []change {
	var list []change
	for _, name := range p.Names {
		c := change{Name: name}
		if v, ok := before[name]; ok {
			c.From = text(v)
		}
		if v, ok := p.Config[name]; ok {
			c.To = text(v)
		}
		list = append(list, c)
	}
	return list
}
