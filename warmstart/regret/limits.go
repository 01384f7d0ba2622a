package regret

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/stat"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// Limits say what holds strategies back. Their scores are none of a strategy: they see the answers of the task that is
// tested, as no recommendation can.
type Limits struct {
	SeesAnswers bool `json:"sees_answers"` // true: lest anyone take them for strategies
	// NoiseFloor is the regret that is left to one who knows the true loss of every configuration, because the table that
	// judges is measured with noise: what was found best by luck cannot be foreseen. It is simulated from each task's
	// recorded noise; nil where the knowledge base has neither repetitions nor folds to tell it by.
	NoiseFloor map[string]Score `json:"noise_floor,omitempty"`
	NoiseTasks int              `json:"noise_tasks"` // tasks whose noise is known: NoiseFloor is over these
	// TrueCorrelation is the regret of the greedy portfolio of the ten prior tasks whose regrets correlate most with the
	// task's own: what meta-features that told perfectly which tasks are alike would bring.
	TrueCorrelation map[string]Score `json:"true_correlation"`
	// TrueCorrelationGroups is the same for the ten groups with the most alike tasks, weighted equally.
	TrueCorrelationGroups map[string]Score `json:"true_correlation_groups"`
	// GapClosed is, by strategy and k, the share of the way from the greedy portfolio to TrueCorrelation that the
	// strategy goes: 1 all of it, negative if it is behind greedy. Empty where greedy takes no part or there is no way.
	GapClosed map[string]map[string]float64 `json:"gap_closed,omitempty"`
}

// Settings of the limits.
const (
	alikeTasks    = 10 // tasks, or groups, that are alike by true correlation
	noiseReplicas = 50 // tables drawn for the noise floor
)

// limits collects what Limits sum up, by task; nil rows: not tested.
type limits struct {
	floor, alike, alikeGroups [][]float64
}

func newLimits(tasks int) *limits {
	return &limits{make([][]float64, tasks), make([][]float64, tasks), make([][]float64, tasks)}
}

// limit finds the limits of the tasks to test, given what is known.
func (e *evaluation) limit(known *transfer.Matrix, test []int) error {
	belief, err := known.Believe(e.opt.Seed)
	if err != nil {
		return fmt.Errorf("regret: limits: %w", err)
	}
	candidates, groups := known.Candidates(), known.GroupNumbers()
	for _, t := range test {
		nr, ok := e.m.Normalised(t)
		if !ok {
			continue
		}
		tasks, whole := alike(belief, e.m.Regret[t], groups)
		e.limits.alike[t] = e.portfolio(belief, tasks, candidates, t, nr)
		e.limits.alikeGroups[t] = e.portfolio(belief, whole, candidates, t, nr)
		e.limits.floor[t] = floor(e.m, t, e.opt.K, e.opt.Seed)
	}
	return nil
}

// portfolio returns, for each k, what the greedy portfolio under the weights reaches on task t, of what was run on it.
func (e *evaluation) portfolio(b *transfer.Belief, weights []float64, candidates []int, t int, nr []float64) []float64 {
	candidates = slices.DeleteFunc(slices.Clone(candidates), func(c int) bool { return e.m.Status[t][c] == study.Pending })
	var picks []int
	for _, p := range b.Portfolio(weights, candidates, nil, e.opt.K[len(e.opt.K)-1]) {
		picks = append(picks, p.Config)
	}
	return least(nr, picks, e.opt.K)
}

// alike weighs the prior tasks by how their regrets correlate with those of the new task, where these are known: the most
// alike equally, and the groups that these belong to until there are as many, equally.
func alike(b *transfer.Belief, regrets []float64, groups []int) (tasks, whole []float64) {
	correlation := make([]float64, len(b.Mean))
	order := make([]int, len(b.Mean))
	for t, row := range b.Mean {
		order[t], correlation[t] = t, correlate(row, regrets)
	}
	slices.SortStableFunc(order, func(s, t int) int { return cmp.Compare(correlation[t], correlation[s]) })
	tasks, whole = make([]float64, len(order)), make([]float64, len(order))
	taken := make(map[int]bool) // groups
	for rank, t := range order {
		if rank < alikeTasks {
			tasks[t] = 1 / float64(min(alikeTasks, len(order)))
		}
		if !taken[groups[t]] && len(taken) < alikeTasks {
			taken[groups[t]] = true
			whole[t] = 1 // of a group, its most alike task
		}
	}
	for t := range whole {
		whole[t] /= float64(len(taken))
	}
	return tasks, whole
}

// correlate is the correlation of a row with regrets, over those that are known (not NaN); 0 where either is constant.
func correlate(row, regrets []float64) float64 {
	var x, y []float64
	for c, r := range regrets {
		if !math.IsNaN(r) {
			x, y = append(x, row[c]), append(y, r)
		}
	}
	if len(x) == 0 || slices.Min(x) == slices.Max(x) || slices.Min(y) == slices.Max(y) {
		return 0
	}
	return stat.Correlation(x, y, nil)
}

// floor returns the mean regret, for each k, of the k configurations whose true losses are least, in tables drawn as the
// one recorded; nil where the task's noise is not known. True losses are drawn from their distribution given the recorded
// ones: a normal prior of the better half, as for the shrunken best (transfer.Task.Best); the worse half, which matters
// little, is taken as recorded.
func floor(m *transfer.Matrix, t int, ks []int, seed uint64) []float64 {
	noise := m.Tasks[t].Noise
	var losses []float64
	for c, status := range m.Status[t] {
		if status == study.Complete {
			losses = append(losses, m.Loss[t][c])
		}
	}
	if noise == 0 || len(losses) == 0 {
		return nil
	}
	slices.Sort(losses)
	better := losses[:(len(losses)+1)/2]
	centre, variance := mean(better), 0.0
	for _, l := range better {
		variance += (l - centre) * (l - centre) / float64(len(better))
	}
	signal := max(0, variance-noise*noise)
	share := signal / (signal + noise*noise)
	rng := rand.New(rand.NewPCG(seed, uint64(t)))
	sum, drawn := make([]float64, len(ks)), 0.0
	truth, measured := make([]float64, len(losses)), make([]float64, len(losses))
	for range noiseReplicas {
		for i, l := range losses {
			truth[i] = l
			if i < len(better) {
				truth[i] = centre + share*(l-centre) + math.Sqrt(share)*noise*rng.NormFloat64()
			}
			measured[i] = truth[i] + noise*rng.NormFloat64()
		}
		regrets, ok := normalised(measured)
		if !ok {
			continue
		}
		drawn++
		order := byValue(truth)
		for j, r := range least(regrets, order[:min(ks[len(ks)-1], len(order))], ks) {
			sum[j] += r
		}
	}
	if drawn == 0 {
		return nil
	}
	for j := range sum {
		sum[j] /= drawn
	}
	return sum
}

// normalised is transfer.Matrix.Normalised for losses by themselves; false where all are the same.
func normalised(losses []float64) ([]float64, bool) {
	sorted := slices.Sorted(slices.Values(losses))
	best, spread := sorted[0], transfer.Median(sorted)-sorted[0]
	if spread <= 0 {
		return nil, false
	}
	out := make([]float64, len(losses))
	for i, l := range losses {
		out[i] = min(transfer.MaxRegret, (l-best)/spread)
	}
	return out, true
}

// byValue returns the places of the values from the least to the greatest.
func byValue(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	return order
}

// limitsReport sums the limits up; nil where they were not asked for.
func (e *evaluation) limitsReport(b *bootstrap, tasks []int, strategies map[string]map[string]Score) *Limits {
	if e.limits == nil {
		return nil
	}
	alike := e.scores(b, e.limits.alike, tasks)
	out := &Limits{
		SeesAnswers: true, TrueCorrelation: alike, TrueCorrelationGroups: e.scores(b, e.limits.alikeGroups, tasks),
		GapClosed: gapsClosed(strategies, alike),
	}
	var noisy []int
	var groups []string
	for _, t := range tasks {
		if e.limits.floor[t] != nil {
			noisy, groups = append(noisy, t), append(groups, e.split.Group[t])
		}
	}
	if out.NoiseTasks = len(noisy); len(noisy) > 0 {
		out.NoiseFloor = e.scores(newBootstrap(groups, e.opt.Resamples, e.opt.Seed), e.limits.floor, noisy)
	}
	return out
}

// scores sums up values by task and k.
func (e *evaluation) scores(b *bootstrap, rows [][]float64, tasks []int) map[string]Score {
	out := make(map[string]Score)
	for j, k := range e.opt.K {
		values := column(rows, tasks, j)
		out[strconv.Itoa(k)] = Score{NR: mean(values), SE: deviation(b.means(values)), NRGroups: b.overGroups(values)}
	}
	return out
}

// gapsClosed returns GapClosed of Limits.
func gapsClosed(strategies map[string]map[string]Score, limit map[string]Score) map[string]map[string]float64 {
	safe, ok := strategies[warmstart.Greedy]
	if !ok {
		return nil
	}
	const none = 1e-9
	out := make(map[string]map[string]float64)
	for name, scores := range strategies {
		for k, s := range scores {
			if way := safe[k].NR - limit[k].NR; way > none && name != warmstart.Greedy {
				if out[name] == nil {
					out[name] = make(map[string]float64)
				}
				out[name][k] = (safe[k].NR - s.NR) / way
			}
		}
	}
	return out
}
