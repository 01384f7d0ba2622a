package warmstart

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

const (
	// mostCompared bounds the results by whose order the prior tasks are weighed: comparisons grow with their square.
	mostCompared = 30
	// leastRise is the difference in expected regret between two configurations from which on their losses tell the
	// scale of losses.
	leastRise = .05
)

// ownResults is what is known of a new task that is itself among the prior tasks: the same data with the same target,
// whose tuning went into the knowledge base.
//
// Prior tasks are weighed by their meta-features and by how well they explain the order of the results, as in
// posteriorSeq. If the new task is like prior task s, the best of what was run on it leaves the regret that the best of
// the same configurations leaves on s, m_s = min_c r_sc; the others leave (l_c - l_best) / scale more, and what was
// never run on it leaves r_s. So few results prove little (the best of one configuration is expected to be as good as
// that configuration usually is), and many speak for themselves. The scale is that of the median loss, which is as far
// above the least as it is expected to be:
//
//	scale = (l_median - l_best) / sum_s w_s (median_c r_sc - m_s)
//
// Mean normalised regret of the best of the first k on the oboe table's folds, when some results of configurations drawn at
// random are known of each tested task (`metaml bench recommend --known N`), beside the best of those followed by what is
// best for all tasks and was not run; nothing known is the posterior's without results:
//
//	          posterior                        best known, then greedy
//	known  k = 1    3    5   10   25             1    3    5   10   25
//	    0   .408 .231 .178 .122 .075          .465 .227 .189 .124 .076
//	    1   .429 .242 .183 .123 .076          .949 .288 .196 .123 .077
//	    3   .457 .239 .169 .109 .066          .545 .245 .181 .115 .072
//	    5   .381 .212 .154 .107 .063          .411 .219 .173 .112 .071
//	   20   .181 .136 .100 .070 .047          .181 .136 .124 .088 .056
//
// On the seed with 5 known: classification .265 .178 .126 .095 .042 and .394 .195 .145 .114 .050, regression .263 .146 .104
// .070 .024 and .379 .181 .138 .083 .036.
type ownResults struct {
	m       *transfer.Matrix
	row     int
	belief  *transfer.Belief // regrets on the new task, by the prior task that it may be like
	weights []float64        // of the prior tasks
	telling bool             // the results have a say in them
	floor   []float64        // by prior task: m_s
	losses  []float64        // that were found, sorted, also of configurations that no other task has tried
	scale   float64          // of a unit of regret; 0: unknown
}

// own returns what the results of row t say of the task itself, weighed by o but for them; nil without any.
func (p *taskPosterior) own(t int, o opinion) *ownResults {
	out := &ownResults{m: p.m, row: t, weights: o.later}
	var columns []int
	for c, status := range p.m.Status[t] {
		if status == study.Complete {
			columns = append(columns, c)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	slices.SortStableFunc(columns, func(a, b int) int { return cmp.Compare(p.m.Loss[t][a], p.m.Loss[t][b]) })
	out.losses = p.m.Losses(t)
	if out.telling = len(columns) >= firstResults; out.telling {
		compared := evenly(columns, mostCompared)
		out.weights = p.updated(o, transfer.NewRankLikelihood(p.belief).Log(compared, pickLosses(p.m.Loss[t], compared)))
	}
	out.measure(p.belief, columns)
	out.believe(p.belief)
	return out
}

// measure finds what the best of the columns leaves on every prior task, and the scale.
func (own *ownResults) measure(b *transfer.Belief, columns []int) {
	rise, losses := 0.0, pickLosses(own.m.Loss[own.row], columns)
	for s, w := range own.weights {
		regrets := pickLosses(b.Mean[s], columns)
		slices.Sort(regrets)
		own.floor = append(own.floor, regrets[0])
		rise += w * (transfer.Median(regrets) - regrets[0])
	}
	own.scale = own.m.Tasks[own.row].Spread
	if above := transfer.Median(losses) - losses[0]; above > 0 && rise >= leastRise {
		own.scale = above / rise
	}
}

// believe sets the regrets.
func (own *ownResults) believe(b *transfer.Belief) {
	own.belief = &transfer.Belief{}
	for s := range b.Mean {
		mean := slices.Clone(b.Mean[s])
		for c, status := range own.m.Status[own.row] {
			switch {
			case status == study.Pending:
			case status != study.Complete:
				mean[c] = transfer.MaxRegret
			case own.m.Loss[own.row][c] == own.losses[0]:
				mean[c] = own.floor[s]
			case own.scale > 0:
				mean[c] = min(transfer.MaxRegret, own.floor[s]+(own.m.Loss[own.row][c]-own.losses[0])/own.scale)
			default:
				mean[c] = max(own.floor[s], mean[c])
			}
		}
		own.belief.Mean = append(own.belief.Mean, mean)
		if b.SD == nil {
			continue
		}
		sd := slices.Clone(b.SD[s])
		for c, status := range own.m.Status[own.row] {
			if status != study.Pending {
				sd[c] = 0
			}
		}
		own.belief.SD = append(own.belief.SD, sd)
	}
}

// others returns the weights of the prior tasks but for row t, which is the new task itself: on the scale of its own
// results alone the best of them is always the best there is.
func (p *taskPosterior) others(t int, x []float64) opinion {
	equal := without(transfer.Uniform(len(p.m.Tasks)), t)
	if p.forest == nil {
		return opinion{first: equal, later: equal, equal: equal}
	}
	strangeness := p.novelty.strangeness(p.novelty.own[t])
	o := mixed(without(p.forest.proximity(x), t), equal, strangeness)
	if p.ridge != nil {
		o = o.betting(without(p.ridge.weights(x), t), strangeness)
	}
	return p.withKinBut(o, x, t)
}

// without returns the weights without that of a row, summing to one again; nil where the others have none.
func without(weights []float64, row int) []float64 {
	if weights == nil {
		return nil
	}
	out, sum := slices.Clone(weights), 0.0
	out[row] = 0
	for _, w := range out {
		sum += w
	}
	if sum == 0 {
		return nil
	}
	for t := range out {
		out[t] /= sum
	}
	return out
}

// known ranks for a task that is itself the row t of the matrix; false if it has no result.
func (p *taskPosterior) known(t int, q Query) (Ranking, bool) {
	o := p.others(t, q.Features)
	itself := make([]float64, len(p.m.Tasks))
	itself[t] = 1
	if o.equal == nil {
		o = opinion{first: itself, later: itself, equal: itself} // nothing else is known
	}
	own := p.own(t, o)
	if own == nil {
		return Ranking{}, false
	}
	policy := p.policy(o)
	if own.telling {
		policy = p.knowing(policy, own.weights)
	}
	policy = p.priced(policy, q)
	var first []transfer.CautiousPick
	if !own.telling {
		first = p.bet(own.belief, o, policy, q.K)
	}
	out := p.pick(own.belief, first, policy, q.K)
	out.own, out.Weights = own, transfer.Mix(own.weights, itself, kinShare)
	return out, true
}

// forecast says what the best of the configurations is expected to reach, losses being between two bounds. Its intervals
// are those of measuring once more, by the noise of the task's cells or, where that is more, a regret of blur either way;
// unlike those for new tasks they are not calibrated by cross-validation.
func (own *ownResults) forecast(configs []int, low, high float64) Forecast {
	var regrets, losses distribution
	noise := max(math.Sqrt2*own.m.Tasks[own.row].Noise, own.scale*blur/math.Sqrt(3)) // of a loss measured again
	for s, w := range own.weights {
		least := transfer.MaxRegret
		for _, c := range configs {
			least = min(least, own.belief.Mean[s][c])
		}
		regrets = append(regrets, weighted{least, w})
		for i := range quantiles {
			z := math.Sqrt2 * math.Erfinv(2*Level(i)-1)
			loss := own.losses[0] + (least-own.floor[s])*own.scale + noise*z
			losses = append(losses, weighted{min(max(loss, low), high), w})
		}
	}
	out := Forecast{Regret: regrets.prediction()}
	out.Regret.bounded = true
	if own.scale > 0 {
		metric := losses.prediction()
		for i, l := range losses { // the same in units of regret
			losses[i].value = max(0, (l.value-own.losses[0])/own.scale+own.expectedFloor())
		}
		out.Regret.Quantiles = losses.prediction().Quantiles
		if own.m.Metric.Maximize {
			metric = metric.negated()
		}
		metric = metric.consistent()
		out.Metric = &metric
	}
	out.Regret = out.Regret.consistent()
	return out
}

// expectedFloor is the regret that the best of what was run is expected to leave.
func (own *ownResults) expectedFloor() float64 {
	sum := 0.0
	for s, w := range own.weights {
		sum += w * own.floor[s]
	}
	return sum
}

// reason says how a column did on the data themselves, empty if it was not run.
func (own *ownResults) reason(c int) string {
	if own.m.Status[own.row][c] != study.Complete {
		return ""
	}
	loss := own.m.Loss[own.row][c]
	place, _ := slices.BinarySearch(own.losses, loss)
	value := loss
	if own.m.Metric.Maximize {
		value = -loss
	}
	metric := fmt.Sprintf("%s %.4g", strings.ReplaceAll(own.m.Metric.Name, "_", " "), value)
	switch {
	case len(own.losses) == 1:
		return "the one result on these very data: " + metric
	case place == 0:
		return fmt.Sprintf("the best of %d results on these very data: %s", len(own.losses), metric)
	}
	return fmt.Sprintf("number %d of %d results on these very data: %s", place+1, len(own.losses), metric)
}

// evenly returns at most n of the columns, at equal distances, the first and the last among them.
func evenly(columns []int, n int) []int {
	if len(columns) <= n {
		return columns
	}
	out := make([]int, n)
	for i := range out {
		out[i] = columns[i*(len(columns)-1)/(n-1)]
	}
	return out
}

func pickLosses(row []float64, columns []int) []float64 {
	out := make([]float64, len(columns))
	for i, c := range columns {
		out[i] = row[c]
	}
	return out
}
