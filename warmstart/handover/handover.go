// Package handover leads a study from what the knowledge base recommends over to its optimizer: the first picks are
// evaluated straight away, further ones alternate with the optimizer's proposals, and they end once they no longer pay.
//
// How many picks a study takes is so decided by its own results, not by a setting: where the knowledge base knows the
// task, the list is followed for long, and where it misleads, that costs a handful of trials.
//
// The defaults were compared with others by `metaml bench tune --tables .results/tables/held_out.kb --optimizer tpe
// --seeds 3` with the constants changed: tables of 56 tasks that the knowledge base does not know, 300 configurations each,
// a third of which it has on other tasks. The mean regret after 5, 10, 20, 40 and 100 trials, by validation and on test
// rows, as shares of the median configuration's; in parentheses the standard error of the difference from the first line
// after 20 trials:
//
//	opening 5, patience 5    .234 .195 .138        .098 .038   .404 .409 .374 .365 .385
//	opening 5, patience 10   .234 .191 .122 (.013) .081 .036   .404 .404 .375 .375 .375
//	opening 10, patience 5   .234 .192 .129 (.005) .093 .039   .404 .402 .379 .387 .390
//	opening 10, patience 10  .234 .176 .113 (.014) .073 .037   .404 .390 .376 .392 .378  (as it is)
//	opening 3, patience 5    .222 .188 .134 (.005) .092 .036   .403 .413 .399 .379 .391
//	opening 5, patience 3    .228 .191 .122 (.007) .083 .036   .413 .415 .396 .387 .387
//	60 picks, then proposals .234 .176 .127 (.017) .085 .032   .404 .390 .369 .397 .401
//	no picks                 .382 .259 .156        .105 .040   .487 .435 .399 .394 .368
//
// On other seeds (--seed 100) the choice holds, and on each half of the groups of tasks, of 33 and 23 tables; lines of
// differences have their standard errors below:
//
//	opening 5, patience 5    .232 .209  .143  .104  .046    .402 .395  .382  .374  .387
//	opening 10, patience 10  .232 .175  .112  .077  .039    .402 .384  .370  .372  .385
//	difference                   -.033 -.032 -.026 -.007        -.010 -.012 -.002 -.002
//	                             (.016 .014  .012  .004)        (.014 .021  .015  .013)
//	on 33 tables                 -.062 -.049 -.034 -.008        -.014 +.017 +.020 +.015
//	on 23 tables                 +.009 -.007 -.016 -.005        -.006 -.054 -.033 -.027
//
// By random search, on the former seeds, the differences are -.025, -.030, -.018 and -.009 (standard errors .016, .013,
// .012 and .008), and on test rows -.008, -.006, +.010 and -.013 (.018, .013, .012, .016).
package handover

import (
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// The defaults of Options.
const (
	DefaultOpening  = 10
	DefaultPatience = 10
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
		begun := func(t study.Trial) bool {
			return optimizers.Effort(h.problem, t.Fidelity) == 1 && t.Config.Equal(c) && !optimizers.CutOff(t)
		}
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
		if optimizers.CutOff(*t) {
			continue // its pick is taken again
		}
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
