package warmstart

import (
	"github.com/metaml/metaml/transfer"
)

// Settings of the sequential posterior, by grouped cross-validation.
const (
	firstResults    = 3  // results from which on they speak
	fewestEffective = 5  // groups that the weights must amount to
	unlikeShare     = .1 // mass of the component "unlike any task"
)

// posteriorSeq starts as posterior does. From the third result on, the weights of the prior tasks are updated by
// how well they explain the order of the results (transfer.RankLikelihood). The next configuration is then chosen by the
// updated weights with the same caution as without results: it is the one best for all tasks, unless another one is ahead
// by more than its standard error over groups allows. So results never make the choice much worse, however little they
// say; where they leave few groups in question, doubt is large and they must be the clearer.
//
// A tenth of the mass stays with the component "unlike any task": equal weights, whose regrets are the mean of all
// tasks and vary as they do. The update is tempered so that the weights still amount to five groups. Regrets are blurred
// as in posterior, also where the meta-features say nothing: results do. With few prior tasks they are not: blurred gains
// go on favouring what resembles the first picks when all prior tasks are covered, which cost .06 at k = 25 with ten tasks
// of the oboe table (and gained .02 with ten to twenty of the seed).
//
// Ablations: difference from the static choice in mean normalised regret at k = 5, 10, 25, means over the ten tables on
// which transfer.RankLikelihood was set, and the largest of these tables at each k:
//
//	results without caution                        -.009 -.012 -.005    most +.017 -.000 +.007
//	half the caution of the static choice          -.005 -.012 -.006    most +.012 +.000 +.003
//	its caution                                    -.005 -.012 -.006    most +.000 +.000 +.000
//	against the static choice, not that for all    -.005 -.008 -.007    most +.013 +.012 +.000 (normal scores)
//	its caution, no blur                           +.001 -.005 -.001    most +.008 +.001 +.012
//	blur .05; .2                                   -.001 -.008 -.008; -.003 -.018 -.005
//	results speak from the second on               -.003 -.011 -.006    most +.004 +.000 +.001
//	five groups instead of ten (as it is)          -.005 -.012 -.009    most +.003 +.000 +.000; on eleven others +.008 -.005 +.000
//	five groups, mass .03                          -.005 -.011 -.009    most +.004 +.000 +.000
type posteriorSeq struct{}

func (posteriorSeq) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	p, err := learnPosterior(m, seed)
	if err != nil {
		return nil, err
	}
	return &sequentialPosterior{taskPosterior: p, likelihood: transfer.NewRankLikelihood(p.belief)}, nil
}

// sequentialPosterior recommends what taskPosterior does where there are no results yet.
type sequentialPosterior struct {
	*taskPosterior
	likelihood *transfer.RankLikelihood
}

func (p *sequentialPosterior) Next(q Query, results []Result) (int, bool) {
	policy, tried := p.after(q, results)
	var picks []transfer.CautiousPick
	if len(tried) == 0 {
		picks = p.bet(p.common, p.opinion(q.Features), policy, 1)
	}
	if len(picks) == 0 {
		picks = p.belief.Cautious(p.candidates, tried, 1, policy)
	}
	if len(picks) == 0 {
		return 0, false
	}
	return picks[0].Config, true
}

// after returns the policy of the next choice, and what was tried.
func (p *sequentialPosterior) after(q Query, results []Result) (policy transfer.Policy, tried []int) {
	tried, columns, losses := split(results)
	o := p.opinion(q.Features)
	policy = p.policy(o)
	if len(columns) >= firstResults {
		policy = p.knowing(policy, p.updated(o, p.likelihood.Log(columns, losses)))
	}
	return policy, tried
}

// updated returns the weights of the prior tasks after results of that log-likelihood.
func (p *taskPosterior) updated(o opinion, log []float64) []float64 {
	return transfer.Mix(transfer.Posterior(o.later, log, p.groups, fewestEffective), o.equal, unlikeShare)
}

// knowing returns the policy of a choice under weights that results gave.
func (p *taskPosterior) knowing(policy transfer.Policy, weights []float64) transfer.Policy {
	policy.Weights, policy.First = weights, nil
	if len(p.m.Tasks) >= fewestTasks {
		policy.Blur = blur
	}
	return policy
}

// split returns the columns that were tried, and those of which a loss is known with their losses.
func split(results []Result) (tried, columns []int, losses []float64) {
	for _, r := range results {
		tried = append(tried, r.Config)
		if r.Loss == r.Loss { // not NaN
			columns, losses = append(columns, r.Config), append(losses, r.Loss)
		}
	}
	return tried, columns, losses
}
