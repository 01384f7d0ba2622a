// Package handover leads a study from what the knowledge base recommends over to its optimizer: the first picks are
// evaluated straight away, further ones alternate with the optimizer's proposals, and they end once they no longer pay.
//
// How many picks a study takes is so decided by its own results, not by a setting: where the knowledge base knows the
// task, the list is followed for long, and where it misleads, that costs a handful of trials.
//
// The defaults were compared with others on the tables of 56 tasks that were held out, 300 configurations each, a third of
// which the knowledge base has on other tasks, with the module's TPE and 3 seeds; the mean regret after 5, 10, 20, 40 and
// 100 trials, by validation and on test rows, as shares of the median configuration's:
//
//	no picks                 .387 .245 .158 .106 .054   .487 .420 .380 .378 .372
//	opening 5, patience 5    .229 .182 .135 .095 .056   .396 .404 .371 .361 .368  (as it is)
//	opening 5, patience 10   .229 .179 .130 .082 .037   .396 .400 .387 .347 .364
//	opening 10, patience 5   .229 .189 .133 .092 .054   .396 .395 .381 .354 .366
//	opening 10, patience 10  .229 .180 .121 .079 .042   .396 .397 .367 .363 .355
//	opening 3, patience 5    .219 .183 .129 .095 .055   .406 .409 .375 .376 .373
//	opening 5, patience 3    .224 .183 .123 .087 .050   .411 .407 .385 .381 .377
//	60 picks, no proposals   .229 .180 .122 .095 .033   .396 .397 .373 .415 .387  (60, then proposals)
//	5 and 10, picks at random .462 .282 .195 .115 .058  .556 .410 .383 .370 .363
//
// More patience gains by validation, where the table's few best configurations are the knowledge base's own, and nothing
// that can be told from chance on test rows.
package handover

import (
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The defaults of Options.
const (
	DefaultOpening  = 5
	DefaultPatience = 5
)

// Options say what is handed over, and how.
type Options struct {
	// Picks are the configurations, best first, values in their kinds (space.Normalize). Repetitions count once.
	Picks []space.Config
	// Opening is how many picks come before the first proposal; 0: DefaultOpening, negative: none.
	Opening int
	// Patience is after how many picks in a row that do not improve the incumbent no more are taken; 0:
	// DefaultPatience, negative: never.
	Patience int
	// Fidelities are those of the problem. Picks are full evaluations; between two of them, proposals of as much effort
	// have their turn, so that cheap ones are not crowded out.
	Fidelities []study.Range
}

// Handover is an optimizers.Advice that takes picks from a list. It has no state: what it advises follows from the
// study's trials.
type Handover struct {
	picks             []space.Config
	opening, patience int
	problem           study.Problem // for the fidelities
}

var _ optimizers.Advice = (*Handover)(nil)

// New returns the advice to follow a list of picks.
func New(opt Options) *Handover {
	h := &Handover{opening: opt.Opening, patience: opt.Patience, problem: study.Problem{Fidelities: opt.Fidelities}}
	if h.opening == 0 {
		h.opening = DefaultOpening
	}
	if h.patience == 0 {
		h.patience = DefaultPatience
	}
	for _, c := range opt.Picks {
		if !contains(h.picks, c) {
			h.picks = append(h.picks, c)
		}
	}
	return h
}

// standing is what the trials say of the picks.
type standing struct {
	taken   int     // picks that were evaluated as warm starts, or are being so
	failing int     // those at the end of them in a row that have ended without improving the incumbent
	open    int     // those that have not ended
	effort  float64 // of the trials since the last one taken, in full evaluations
}

// Next returns the next pick, or false where it is the optimizer's turn: after the opening, when proposals have had
// less effort than the last pick, and for good when the picks are used up or as many as the patience allows have not
// improved the incumbent. Where those that still run could exhaust the patience, it waits for them.
//
// A pick improves the incumbent if it is complete and better than every complete full evaluation of a lower number;
// the first of all improves on nothing.
func (h *Handover) Next(trials []study.Trial) (space.Config, bool) {
	s := h.stand(trials)
	if h.patience > 0 && s.failing+s.open >= h.patience {
		return nil, false
	}
	if s.taken >= h.opening && s.effort < 1-1e-9 {
		return nil, false
	}
	for _, c := range h.picks {
		begun := func(t study.Trial) bool { return optimizers.Effort(h.problem, t.Fidelity) == 1 && t.Config.Equal(c) }
		if !slices.ContainsFunc(trials, begun) {
			return c, true
		}
	}
	return nil, false
}

// stand goes through the trials.
func (h *Handover) stand(trials []study.Trial) standing {
	s := standing{effort: 1}
	var incumbent *study.Trial
	for i := range trials {
		t := &trials[i]
		effort := optimizers.Effort(h.problem, t.Fidelity)
		full := effort == 1
		best := full && t.Status == study.Complete && len(t.Losses) > 0 &&
			(incumbent == nil || t.Losses[0] < incumbent.Losses[0])
		switch {
		case t.Origin != optimizers.OriginWarmStart || !full || !contains(h.picks, t.Config):
			s.effort += effort
		case !t.Status.Final():
			s.taken, s.effort, s.open = s.taken+1, 0, s.open+1
		case best && incumbent != nil:
			s.taken, s.effort, s.failing = s.taken+1, 0, 0
		default:
			s.taken, s.effort, s.failing = s.taken+1, 0, s.failing+1
		}
		if best {
			incumbent = t
		}
	}
	return s
}

func contains(list []space.Config, c space.Config) bool { return slices.ContainsFunc(list, c.Equal) }
