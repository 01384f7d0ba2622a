// Package history keeps what an optimizer was told: which trials ended and how, which still run, and which
// configurations were tried already. Every optimizer needs that, and needs telling the same twice to change nothing.
package history

import (
	"slices"
	"strconv"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// History is what was told of one study. It is not safe for concurrent use.
type History struct {
	problem  study.Problem
	names    []string // the hyperparameters in the space's order
	trials   map[study.TrialID]study.Trial
	finished []study.Trial
	pending  []study.TrialID // ascending
	tried    map[string]int  // trials by configuration and fidelity
}

// New returns the empty history of a problem.
func New(p study.Problem) *History {
	return &History{problem: p, names: p.Space.Names(), trials: map[study.TrialID]study.Trial{}, tried: map[string]int{}}
}

// Tell adds trials and returns those that were news, in order: a trial seen for the first time, pending or ended, and
// the end of one that was pending. An end is final: what is told of the trial afterwards is no news.
func (h *History) Tell(trials ...study.Trial) []study.Trial {
	var news []study.Trial
	for _, t := range trials {
		before, known := h.trials[t.ID]
		if known && (before.Status.Final() || !t.Status.Final()) {
			continue
		}
		h.trials[t.ID] = t
		at, waiting := slices.BinarySearch(h.pending, t.ID)
		switch {
		case t.Status.Final():
			h.finished = append(h.finished, t)
			if waiting {
				h.pending = slices.Delete(h.pending, at, at+1)
			}
		default:
			h.pending = slices.Insert(h.pending, at, t.ID)
		}
		if !known {
			h.tried[h.key(t.Config, t.Fidelity)]++
		}
		news = append(news, t)
	}
	return news
}

// Finished returns the trials that ended, in the order in which their ends were told. The slice must not be changed.
func (h *History) Finished() []study.Trial { return h.finished }

// Pending returns the trials that still run, by number.
func (h *History) Pending() []study.Suggestion {
	out := make([]study.Suggestion, len(h.pending))
	for i, id := range h.pending {
		out[i] = h.trials[id].Suggestion
	}
	return out
}

// Len returns the number of trials told, those that still run included.
func (h *History) Len() int { return len(h.trials) }

// Trial returns a trial as it was told last.
func (h *History) Trial(id study.TrialID) (study.Trial, bool) {
	t, known := h.trials[id]
	return t, known
}

// Tried reports whether a configuration was evaluated, or is, at a fidelity (empty: the full one).
func (h *History) Tried(c space.Config, f study.Fidelity) bool { return h.tried[h.key(c, f)] > 0 }

// key identifies an evaluation: the configuration's values in the space's order, then the fidelities, of which a
// missing one is at its maximum. 1 and 1.0 are one number.
func (h *History) key(c space.Config, f study.Fidelity) string {
	b := make([]byte, 0, 16*len(c)+16*len(h.problem.Fidelities))
	for _, name := range h.names {
		v, active := c[name]
		switch {
		case !active:
			b = append(b, '-')
		case v.IsNumber():
			b = strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
		case v.Kind() == space.KindString:
			b = strconv.AppendQuote(b, v.Text())
		default:
			b = append(b, v.String()...)
		}
		b = append(b, ' ')
	}
	for _, r := range h.problem.Fidelities {
		value, given := f[r.Name]
		if !given {
			value = r.High
		}
		b = strconv.AppendFloat(append(b, '@'), value, 'g', -1, 64)
	}
	return string(b)
}
