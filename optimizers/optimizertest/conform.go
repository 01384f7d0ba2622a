// Package optimizertest is the contract of optimizers.Optimizer as a test suite. An optimizer that passes Conform can
// be driven by any host, killed and restarted at any moment, and run in another process; those of metaml run it in
// process and through a plugin process alike.
package optimizertest

import (
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Open opens a fresh optimizer on a problem, in this process or another one, and arranges with tb.Cleanup for what
// has to be closed. prior is nil unless Options.Prior asks for tests with one; Open passes it on as a host would. An
// optimizer that cannot be opened is tb.Fatal.
type Open func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer

// Options say what an optimizer claims to be able to do, and so what it is tested on. The zero Options are those of
// one that handles every space and one objective at full fidelity.
type Options struct {
	// NumericOnly leaves out spaces with hyperparameters that have no order, and conditions.
	NumericOnly bool
	// Unconditional leaves out spaces with conditions.
	Unconditional bool
	// Fidelity adds a problem with a fidelity, on which cheaper evaluations must be proposed.
	Fidelity bool
	// Stopping says that it is a Stopper; its rule is tested.
	Stopping bool
	// Prior says that it takes a prior; the suite is run with one, too.
	Prior bool
	// Repeats allows it to propose a configuration that is pending already, or twice in one answer, where the space
	// has configurations that chance alone often meets again.
	Repeats bool
	// Trials is the length of the scripted studies; 0: 24.
	Trials int
	// Horizon is how many events a study is continued for after each restart; 0: 8. Slow optimizers may ask for
	// fewer.
	Horizon int
}

// slots is how many trials of a scripted study are pending at once.
const slots = 4

// Conform tests an optimizer against the contract. Every check is a subtest named PROBLEM/CHECK.
//
// In process an optimizer also has to do what the border of a process does for one of a third party: Ask returns the
// context's error once that is done, and neither what is told nor what is answered is shared with the caller, who may
// overwrite it; so keep clones.
func Conform(t *testing.T, open Open, opt Options) {
	t.Helper()
	for _, s := range suites(open, opt) {
		t.Run(s.name, func(t *testing.T) {
			for _, c := range checks(s.opt) {
				t.Run(c.name, func(t *testing.T) { c.run(t, s) })
			}
		})
	}
}

// suite is what the checks of one problem need.
type suite struct {
	name    string
	problem study.Problem
	prior   *study.Prior
	lumpy   bool // some configurations have a large share of the space
	opt     Options
	opener  Open
}

// open opens a fresh optimizer.
func (s suite) open(tb testing.TB) optimizers.Optimizer {
	tb.Helper()
	return s.opener(tb, s.problem, s.prior)
}

// suites returns the problems the options ask for.
func suites(open Open, opt Options) []suite {
	if opt.Trials <= 0 {
		opt.Trials = 24
	}
	if opt.Horizon <= 0 {
		opt.Horizon = 8
	}
	var all []suite
	add := func(name string, p study.Problem, prior *study.Prior) {
		all = append(all, suite{name: name, problem: p, prior: prior, lumpy: name == "conditional", opt: opt, opener: open})
	}
	add("continuous", continuous(), nil)
	if !opt.NumericOnly {
		add("mixed", mixed(), nil)
	}
	if !opt.NumericOnly && !opt.Unconditional {
		add("conditional", conditional(), nil)
	}
	if opt.Fidelity {
		add("fidelity", fidelity(), nil)
	}
	if opt.Prior {
		add("prior", continuous(), somePrior())
	}
	return all
}

// check is one clause of the contract.
type check struct {
	name string
	run  func(tb testing.TB, s suite)
}

// checks returns the clauses that hold for an optimizer of these options.
func checks(opt Options) []check {
	all := []check{
		{"answers", checkAnswers},
		{"deterministic", checkDeterministic},
		{"asking changes nothing", checkAskIsPure},
		{"restart", checkRestart},
		{"telling twice", checkTellTwice},
		{"shares nothing", checkSharesNothing},
		{"failures", checkFailures},
		{"degenerate losses", checkDegenerateLosses},
		{"few configurations", checkFewConfigurations},
		{"cancelled", checkCancelled},
		{"no repetition", checkNoRepetition},
	}
	if opt.Fidelity {
		all = append(all, check{"cheaper evaluations", checkFidelity})
	}
	if opt.Stopping {
		all = append(all, check{"stopping", checkStopping})
	}
	return all
}
