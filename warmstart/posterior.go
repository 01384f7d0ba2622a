package warmstart

import (
	"math"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// Settings of the posterior, by grouped cross-validation; see the table at the type posterior.
const (
	equalShare = .3 // of equal weights in those of the prior tasks, from the second pick on
	blur       = .1 // half-width of a prior task's regrets where it resembles the new one
	ridgeShare = .5 // of the ridge in the first pick
	// commonComponents is how many components of the regrets the first pick goes by.
	commonComponents = 20
	costPower        = 1. // gamma: gains are weighed by cost^-gamma where time matters
)

// caution is by how many standard errors a configuration must be ahead of what is best for all tasks, by rank, where
// tasks come in families: the first picks decide the most, and the later ones are cheap to get wrong.
var caution = [...]float64{1, 2, 1.5, 1.5, 1, 1, 1, 1, 1, .5}

// margin is how much less regret it must be expected to leave besides.
var margin = [...]float64{.03, 0}

// posterior is the default: a distribution over prior tasks that says which of them the new one resembles, and a
// choice under it that never strays far from the greedy portfolio without evidence.
//
// Prior tasks are weighed by the proximities p of a forest that predicts rows of regrets from meta-features, mixed with
// equal weights, w = (1 - lam) p + lam u. The share of equal weights grows to one as the new task lies farther from all
// prior tasks than they do from each other; it is one where the prior tasks are few, or where meta-features do not surely
// tell anything of prior tasks held out with their groups (see telling). The next configuration is the greedy portfolio's,
// unless another one's expected gain under w is ahead by more than its standard error over groups allows; how much that
// counts depends on how much tasks come in families (see carefulness and transfer.Belief.Cautious). From the second pick
// on, regrets of prior tasks are blurred: what nearly was an improvement on a task like the new one may be one. A new task
// that is a near-duplicate of prior ones goes by those (see withKin), one that is itself among them by its own results (see
// ownResults).
//
// The first pick has nothing to fall back on, and is made otherwise: half by the proximities, without equal weights, and
// half by a linear regression on the meta-features (see taskRidge), which errs elsewhere; by what the regrets of prior tasks
// have in common (transfer.Factors), the rest of them being noise to another task; and with a margin, since held-out leads
// are worth what they promise on average, but those below .1 a third or less. Difference from the greedy portfolio in mean
// normalised regret, tasks weighted equally / groups weighted equally, at k = 1 and k = 3, on the oboe table's folds, two
// other divisions of it, 196 of its tasks with 500 other configurations (scikit-learn pipelines; draws 1, 2, 4 and 5 of
// .peers/recommend/run), and 94 other tasks with such configurations (three draws; their meta-features are those of the
// PMF project, which no package has), which had no part in the choice but of the margin. The first three can be run
// again: `metaml bench recommend --kb oboe.sqlite --cv oboe/folds.csv`, or `grouped`, and `.peers/recommend/run META`, for
// another row with the constants above changed:
//
//	                     k = 1: folds       others      pipelines   other tasks   k = 3: folds   others      pipelines   other tasks
//	forest, margin .15   -.033/-.067  -.044/-.071  -.028/-.026  +.003/+.001    -.003/-.004  +.000/-.002  -.007/-.005  -.004/-.006
//	no margin            -.057/-.153  -.084/-.152  -.140/-.084  -.018/-.037    +.024/+.024  +.017/+.025  -.006/-.013  +.004/-.002
//	.03 (as it is)       -.057/-.138  -.077/-.135  -.139/-.080  -.018/-.033    +.004/-.003  +.014/+.026  -.006/-.012  +.000/-.005
//	.05                  -.058/-.123  -.062/-.108                              +.001/-.005  +.010/+.018
//	.1                   -.045/-.094  -.049/-.084                              -.003/-.012  +.009/+.018
//
// A first pick for tasks like this one leaves less for the second and third to add than the greedy portfolio's, which are
// made for each other; looking ahead to them in the first choice, or choosing them together, helped little (+.020 and +.013
// for +.024 without margin). Parts of the method, at k = 1 on the folds and the mean of six draws of pipelines:
//
//	                                          no margin                  margin .03
//	forest alone                              +.045/-.087  -.100/-.086
//	with 20 common components                 +.014/-.125  -.105/-.086   +.015/-.113  -.097/-.072
//	with the ridge                            -.055/-.142  -.099/-.093   -.049/-.114  -.079/-.076
//	with both (as it is)                      -.076/-.157  -.108/-.072   -.070/-.141  -.108/-.070
//	and three tenths of the ridge             -.033/-.140  -.103/-.075   -.025/-.114  -.100/-.067
//	and seven tenths                          -.074/-.153  -.109/-.082   -.069/-.150  -.101/-.069
//	12 components                             -.051/-.139  -.095/-.079   -.054/-.128  -.074/-.072
//	30 components                             -.051/-.162  -.113/-.086   -.058/-.153  -.102/-.072
//	a Laplacian kernel for the linear one     +.130/-.098  -.094/-.082   +.109/-.111  -.083/-.068
//	a quadratic one                           +.032/-.122  -.105/-.084   +.013/-.118  -.099/-.069
//
// (The ridge without components, the other shares and the other numbers of components were compared on another grid of
// penalties, 1 to 10^4 whatever the eigenvalues, on which both gave -.064/-.164 and -.101/-.070 without margin, and
// -.069/-.154 and -.102/-.067 with it.) The forest's pick errs most on one family of 55 near-copies, 27 % of the oboe table's
// tasks, for which it is worse than the greedy one by .42 without caution, that of both by .22.
//
// Half-widths of the blur: difference at k = 3, 5, 10, on the same and on the seed's classification and regression tasks
// (two divisions each):
//
//	      folds            others           no family        halves           classification   regression
//	0     -.002 -.013 -.007 -.008 -.015 -.020 -.005 -.011 -.036 -.000 -.007 -.004 -.001 -.019 -.016 -.032 -.045 -.013
//	.05   -.004 -.023 -.006 -.007 -.016 -.024 -.005 -.010 -.034 -.000 -.008 -.005 -.001 -.020 -.018 -.030 -.050 -.012
//	.1    -.001 -.019 -.004 -.007 -.016 -.025 -.006 -.009 -.032 -.001 -.006 -.005 -.003 -.018 -.025 -.032 -.052 -.012
//	.15   +.001 -.012 -.006 -.013 -.017 -.022 -.003 -.004 -.024 -.002 -.007 -.003 -.001 -.015 -.027 -.032 -.042 -.017
//
// Earlier ablations, without margin and blur: the difference from the greedy portfolio in mean normalised regret at k = 1, 3, 5, 10, 25, averaged over
// cross-validations of the oboe table (its folds; other folds; without its largest group; half of its groups) and of
// the seed's classification tasks with 60 configurations, two forests each.
//
//	leaf 2, lam .3, caution 2 2 1.5 1.5 1 1 1 1 1 .5      -.016 +.000 -.009 -.013 -.006
//	caution 1 from the fifth pick on                      -.016 +.000 -.009 -.009 -.003
//	lam .2                                                -.020 +.005 -.009 -.016 -.008
//	lam .4, caution 1 from the fifth pick on              -.011 -.001 -.004 -.004 +.001
//	lam .2, caution 1 throughout                          -.012 +.016 +.005 -.007 -.002
//	lam 0, caution 2 2 1.5 1.5 1                          -.026 +.008 -.003 -.013 -.006
//	no caution, leaf 5, lam .15, then .5 (forest-greedy)  +.042 +.014 +.003 -.009 -.005
//
// On the seed's classification tasks, which come in no families and whose losses are noisy:
//
//	full caution, regrets of the knowledge base's scale   -.044 -.001 -.003 -.011 +.000
//	no caution                                            -.133 +.036 -.014 -.019 -.001
//	full caution, regrets half plain                      -.045 +.001 -.020 -.018 -.011
//	no caution, regrets half plain                        -.120 +.002 -.030 -.039 -.021
//	no caution, regrets plain                             -.099 +.004 -.032 -.029 -.021
//
// The same with 100 configurations, and on its regression tasks:
//
//	no caution             +.000 +.015 -.004 -.018 -.005   -.026 -.038 -.032 -.006 -.007
//	half from the second   +.000 +.002 -.015 -.016 -.004   -.026 -.033 -.029 -.010 -.010  (as it is)
//	full from the second   +.000 +.000 -.024 -.013 -.002   -.026 -.009 -.016 -.006 -.012
//
// Leaves of 2 tasks instead of 5 raise the variance of regrets that the forest explains on held-out groups from 16 to
// 21 % (oboe) and from 29 to 32 % (seed, regression); a Gaussian process beside the forest adds 1 to 3 points, at the
// price of negative weights.
type posterior struct{}

func (posterior) Learn(m *transfer.Matrix, seed uint64) (Recommender, error) {
	return learnPosterior(m, seed)
}

func learnPosterior(m *transfer.Matrix, seed uint64) (*taskPosterior, error) {
	belief, err := m.Believe(seed)
	if err != nil {
		return nil, err
	}
	p := &taskPosterior{
		m: m, plain: plainScales(m), candidates: m.Candidates(), groups: m.GroupNumbers(), watch: stopwatch(m),
		caution: caution[:], margin: margin[:], filled: belief,
	}
	if len(m.Tasks) < fewestTasks {
		p.belief = belief // that of the greedy portfolio
		return p, nil
	}
	p.belief = withPlain(m, belief, p.plain)
	p.novelty = newNovelty(m)
	p.forest, err = growForest(m, belief.Components(forestOutputs, seed), forestTrees, posteriorLeaf, seed)
	if err != nil {
		return nil, err
	}
	p.caution, p.margin = p.needed(caution[:]), p.needed(margin[:])
	if !p.telling() {
		p.forest, p.belief = nil, belief
		return p, nil
	}
	return p, p.learnFirst(seed)
}

// learnFirst learns what the first pick goes by.
func (p *taskPosterior) learnFirst(seed uint64) (err error) {
	p.factors = p.belief.Factorise(commonComponents, seed)
	p.common = p.factors.Belief()
	p.ridge, err = fitRidge(p.m, p.factors.Scores, p.groups)
	return err
}

// taskPosterior weighs prior tasks and chooses under the weights.
type taskPosterior struct {
	m          *transfer.Matrix
	filled     *transfer.Belief // the matrix's regrets
	belief     *transfer.Belief // those that choices are made by
	candidates []int
	groups     []int
	plain      []plainScale
	forest     *taskForest // nil where meta-features are not believed, as all that follows
	ridge      *taskRidge
	factors    transfer.Factors
	common     *transfer.Belief // what the factors stand for: the first pick is chosen by these
	novelty    *novelty
	caution    []float64 // by rank
	margin     []float64
	watch      func() *transfer.Stopwatch
}

// plainScale is what transfer.Matrix.Plain says of a task; Spread is 0 where it says nothing.
type plainScale struct{ Best, Spread float64 }

func plainScales(m *transfer.Matrix) []plainScale {
	out := make([]plainScale, len(m.Tasks))
	for t := range out {
		out[t].Best, out[t].Spread, _ = m.Plain(t)
	}
	return out
}

// withPlain returns regrets half-way between those of the knowledge base's scale, on which losses that noise may
// explain are equal, and the plain ones of the task's own table: what little those add still breaks ties.
func withPlain(m *transfer.Matrix, b *transfer.Belief, scales []plainScale) *transfer.Belief {
	out := &transfer.Belief{Mean: slices.Clone(b.Mean), SD: b.SD}
	for t, scale := range scales {
		if scale.Spread == 0 {
			continue
		}
		row := slices.Clone(b.Mean[t])
		for c, loss := range m.Loss[t] {
			if m.Status[t][c] != study.Pending {
				row[c] = (row[c] + min(transfer.MaxRegret, (loss-scale.Best)/scale.Spread)) / 2
			}
		}
		out.Mean[t] = row
	}
	return out
}

func (p *taskPosterior) Recommend(q Query) Ranking {
	if q.Own != nil {
		if r, ok := p.known(*q.Own, q); ok {
			return r
		}
	}
	return p.choose(p.opinion(q.Features), q)
}

// opinion says how much the prior tasks speak for a new one, in the choice of the first configuration and of the later
// ones; equal are the weights of the safe choice.
type opinion struct {
	first, later, equal []float64
	bet                 []float64 // first as the ridge has a say in it, some negative: what the first choice is made by
	blur                float64   // see transfer.Policy
	kin                 bool      // the new task is a near-duplicate of prior ones, see withKin
}

// opinion returns the weights of the prior tasks for x.
func (p *taskPosterior) opinion(x []float64) opinion {
	equal := transfer.Uniform(len(p.m.Tasks))
	if p.forest == nil {
		return opinion{first: equal, later: equal, equal: equal}
	}
	strangeness := p.novelty.strangeness(p.novelty.nearest(x))
	o := mixed(p.forest.proximity(x), equal, strangeness)
	if p.ridge != nil {
		o = o.betting(p.ridge.weights(x), strangeness)
	}
	return p.withKin(o, x)
}

// unseen answers about prior task t as if its group were unknown.
func (p *taskPosterior) unseen(t int, q Query) Ranking {
	equal := uniformWithout(p.m, t)
	o := opinion{first: equal, later: equal, equal: equal}
	if p.forest != nil {
		strangeness := p.novelty.strangeness(p.novelty.own[t])
		o = mixed(p.forest.unseen(t, p.m.Tasks[t].Features), equal, strangeness)
		if p.ridge != nil {
			o = o.betting(p.ridge.held[t], strangeness)
		}
	}
	return p.choose(o, q)
}

// mixed mixes a proximity (nil: unknown) with equal weights as the strangeness in [0, 1] asks for, and for the later
// picks by equalShare besides.
func mixed(proximity, equal []float64, strangeness float64) opinion {
	if proximity == nil {
		return opinion{first: equal, later: equal, equal: equal}
	}
	return opinion{
		first: transfer.Mix(proximity, equal, strangeness),
		later: transfer.Mix(proximity, equal, equalShare+(1-equalShare)*strangeness),
		equal: equal,
		blur:  blur * (1 - strangeness),
	}
}

// betting returns the opinion with the ridge's weights in the first choice. One that has none of its own stays as it is.
func (o opinion) betting(ridge []float64, strangeness float64) opinion {
	if ridge != nil && o.blur > 0 {
		o.bet = transfer.Mix(o.first, transfer.Mix(ridge, o.equal, strangeness), ridgeShare)
	}
	return o
}

// policy is the policy of the choice.
func (p *taskPosterior) policy(o opinion) transfer.Policy {
	policy := transfer.Policy{
		Weights: o.later, First: o.first, Safe: o.equal, Groups: p.groups, Caution: p.caution, Margin: p.margin, Blur: o.blur,
	}
	if o.kin {
		policy.Caution, policy.Margin = nil, nil
	}
	return policy
}

func (p *taskPosterior) choose(o opinion, q Query) Ranking {
	policy := p.priced(p.policy(o), q)
	return p.pick(p.belief, p.bet(p.common, o, policy, q.K), policy, q.K)
}

// bet returns the first of k picks where the ridge has a say in it, otherwise none.
func (p *taskPosterior) bet(b *transfer.Belief, o opinion, policy transfer.Policy, k int) []transfer.CautiousPick {
	if o.bet == nil || o.kin {
		return nil
	}
	policy.First = o.bet
	return b.Cautious(p.candidates, nil, min(1, k), policy)
}

// pick chooses up to k from what is believed of the new task's regrets, after the picks that were made already.
func (p *taskPosterior) pick(b *transfer.Belief, picks []transfer.CautiousPick, policy transfer.Policy, k int) Ranking {
	var chosen []int
	for _, pick := range picks {
		chosen = append(chosen, pick.Config)
	}
	out := Ranking{Weights: policy.Weights, first: policy.First}
	for _, pick := range append(picks, b.Cautious(p.candidates, chosen, k-len(chosen), policy)...) {
		out.Configs = append(out.Configs, pick.Config)
		out.Leads = append(out.Leads, Lead{Mean: pick.Lead, SE: pick.Doubt})
	}
	return out
}

// priced returns the policy with what the choices cost, where time matters.
func (p *taskPosterior) priced(policy transfer.Policy, q Query) transfer.Policy {
	if q.Seconds > 0 {
		policy.Cost, policy.Budget = p.price(policy.Weights, q)
	}
	return policy
}

// price returns cost^gamma of every column, and the seconds that there are on the same scale.
func (p *taskPosterior) price(w []float64, q Query) (cost []float64, budget float64) {
	cost = expectedSeconds(p.watch(), w, q.Size)
	for c := range cost {
		cost[c] = math.Pow(cost[c], costPower)
	}
	return cost, math.Pow(q.Seconds, costPower)
}
