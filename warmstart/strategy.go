// Package warmstart recommends configurations for a task that was never seen, from the results of other tasks: an
// ordered list, each with the regret and the metric it is expected to reach, how sure that is, and why. The ways
// of choosing are strategies; the default weighs prior tasks by a forest on their meta-features and departs from the
// greedy portfolio where those weights give reason to, and the classics of the literature stand beside it.
package warmstart

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/metaml/metaml/transfer"
)

// ErrStrategy is wrapped by NewStrategy's error about a name that is no strategy's.
var ErrStrategy = errors.New("unknown strategy")

// Strategy is a way to choose configurations. Learn takes what it needs from the results of prior tasks; all its
// randomness comes from the seed.
type Strategy interface {
	Learn(m *transfer.Matrix, seed uint64) (Recommender, error)
}

// Recommender answers queries about new tasks from one matrix. It is safe for concurrent use.
type Recommender interface {
	Recommend(q Query) Ranking
}

// Query is a new task as strategies see it.
type Query struct {
	Features []float64 // in the order of the matrix's FeatureNames; NaN is missing
	K        int       // how many configurations
	// Seconds bounds the expected time of all configurations together, which are then chosen by their gain per
	// second. 0: time does not matter. Only the strategies that TimeAware names heed it.
	Seconds float64
	// Size is the size of the new task's table, by which times of prior tasks are scaled.
	Size transfer.Size
	// Own is the row of the matrix that is the new task itself, the same data with the same target; nil if it is not among
	// the prior tasks. Posterior and posterior-seq then go by its results above all.
	Own *int
}

// Result is what a configuration did on the new task.
type Result struct {
	Config int     // column
	Loss   float64 // of its own scale; +Inf if the run ended without result, NaN if it is not known
}

// Sequential is a Recommender whose next choice takes into account what the ones before did.
type Sequential interface {
	Recommender
	// Next returns the column to try after those of the results, in the order in which they were tried; false if
	// none is left.
	Next(q Query, results []Result) (column int, ok bool)
}

// Ranking is a strategy's answer.
type Ranking struct {
	// Configs are distinct columns of the matrix, the first to try first: as many as were asked for, or all
	// candidates of the matrix where it has fewer.
	Configs []int
	// Weights say by which prior tasks the choice was made, one per row of the matrix; they sum to one.
	Weights []float64
	// Leads say, by rank, what speaks for the configuration against what is best for all tasks alike; nil from
	// strategies that do not compare the two.
	Leads []Lead

	own   *ownResults // nil if nothing is known of the new task itself
	first []float64   // the weights of the first pick where they differ; nil: they do not
}

// Lead is by how much a configuration is expected to lower the regret more than what is best for all tasks alike,
// with its standard error; zero where it is that itself.
type Lead struct{ Mean, SE float64 }

// The names of the strategies.
const (
	Random        = "random"
	AverageRank   = "average-rank"
	Greedy        = "greedy"
	KNN           = "knn"
	FLAML         = "flaml"
	Forest        = "forest"
	ForestGreedy  = "forest-greedy"
	ActiveTesting = "active-testing"
	Posterior     = "posterior"
	PosteriorSeq  = "posterior-seq"
)

// Default is the strategy used where none is named.
const Default = Posterior

// Strategies returns the names of all strategies, the simplest first.
func Strategies() []string {
	return []string{Random, AverageRank, Greedy, KNN, FLAML, Forest, ForestGreedy, ActiveTesting, Posterior, PosteriorSeq}
}

// TimeAware returns the names of the strategies that heed Query.Seconds.
func TimeAware() []string { return []string{Posterior, PosteriorSeq} }

// NewStrategy returns the strategy of that name with its default settings; empty means Default.
func NewStrategy(name string) (Strategy, error) {
	switch name {
	case Random:
		return random{}, nil
	case AverageRank:
		return averageRank{}, nil
	case Greedy:
		return greedy{}, nil
	case KNN:
		return nearest{}, nil
	case FLAML:
		return flaml{}, nil
	case Forest:
		return forestTop{}, nil
	case ForestGreedy:
		return forestGreedy{}, nil
	case ActiveTesting:
		return activeTesting{}, nil
	case Posterior, "":
		return posterior{}, nil
	case PosteriorSeq:
		return posteriorSeq{}, nil
	}
	return nil, fmt.Errorf("%w %q (one of %s)", ErrStrategy, name, strings.Join(Strategies(), ", "))
}

// fixed recommends the same order whatever the task.
type fixed struct {
	order   []int
	weights []float64
}

func (f fixed) Recommend(q Query) Ranking {
	return Ranking{Configs: slices.Clone(f.order[:min(max(q.K, 0), len(f.order))]), Weights: slices.Clone(f.weights)}
}

// fillUp appends the columns of order that picks lacks until it has k, and cuts what is beyond k.
func fillUp(picks, order []int, k int) []int {
	for _, c := range order {
		if len(picks) >= k {
			break
		}
		if !slices.Contains(picks, c) {
			picks = append(picks, c)
		}
	}
	return picks[:min(max(k, 0), len(picks))]
}
