package regret

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// Options configures Evaluate.
type Options struct {
	Strategies []string                                 // names, see warmstart.Strategies; nil: all
	K          []int                                    // numbers of recommended configurations, rising; nil: 1, 3, 5, 10, 25
	Seed       uint64                                   // of strategies and bootstrap
	Resamples  int                                      // of the bootstrap; 0: 4000
	Workers    int                                      // folds at the same time; 0: GOMAXPROCS
	Strategy   func(string) (warmstart.Strategy, error) // makes a strategy; nil: NewStrategy
	Forecasts  []string                                 // strategies whose forecasts are judged too; sequential ones make none
	Shuffled   bool                                     // test the strategies with shuffled meta-features too
	Limits     bool                                     // find what holds strategies back, see Limits
	Known      int                                      // results that are known of each tested task itself, see known.go; Strategies nil: those that heed them, and Greedy
	Progress   func(done, total int)                    // called after each fold, one call at a time; nil: none
}

func (o Options) resolve() (Options, error) {
	if o.Strategies == nil && o.Known > 0 {
		o.Strategies = []string{warmstart.Posterior, KnownFirst, warmstart.Greedy}
	}
	if o.Strategies == nil {
		o.Strategies = warmstart.Strategies()
	}
	if o.K == nil {
		o.K = []int{1, 3, 5, 10, 25}
	}
	for i, k := range o.K {
		if k < 1 || (i > 0 && k <= o.K[i-1]) {
			return o, fmt.Errorf("regret: k must rise from 1 on, not %v", o.K)
		}
	}
	if o.Resamples == 0 {
		o.Resamples = 4000
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Strategy == nil {
		o.Strategy = NewStrategy
	}
	if o.Known > 0 { // forecasts and shuffled meta-features are of tasks that nothing is known of
		o.Forecasts, o.Shuffled, o.Limits = nil, false, false
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o, nil
}

// ErrNothing is wrapped by the error that there is nothing to test, or nothing to learn from meanwhile.
var ErrNothing = errors.New("nothing to test")

// judgeable is how much of the coverage of a typical run's configuration a configuration must have to take part.
const judgeable = .9

// wellKnown leaves out the configurations that were run on too few tasks for a recommendation of them to be judged,
// and says so. Too few is measured by the others, and by more than two standard deviations of what chance makes of that:
// where cells are missing here and there, all have some.
func wellKnown(m *transfer.Matrix) (*transfer.Matrix, []string) {
	coverage := make([]int, len(m.Configs))
	for c := range m.Configs {
		for t := range m.Tasks {
			if m.Status[t][c] != study.Pending {
				coverage[c]++
			}
		}
	}
	usual, all := float64(typical(coverage)), float64(len(m.Tasks))
	least := judgeable*usual - 2*math.Sqrt(usual*(1-usual/all))
	var columns []int
	for c, run := range coverage {
		if float64(run) >= least {
			columns = append(columns, c)
		}
	}
	left := len(m.Configs) - len(columns)
	if left == 0 {
		return m, m.Notes
	}
	note := fmt.Sprintf("%d of %d configurations left out: run on far fewer tasks than the others", left, len(m.Configs))
	return m.Columns(columns), append(slices.Clone(m.Notes), note)
}

// typical returns the coverage of which half of all runs have as much or more.
func typical(coverage []int) int {
	sorted := slices.Clone(coverage)
	slices.Sort(sorted)
	slices.Reverse(sorted)
	total := 0
	for _, n := range sorted {
		total += n
	}
	sum := 0
	for _, n := range sorted {
		if sum += n; 2*sum >= total {
			return n
		}
	}
	return 0
}

// Evaluate tests the strategies on the split.
func Evaluate(ctx context.Context, m *transfer.Matrix, split Split, opt Options) (*Report, error) {
	opt, err := opt.resolve()
	if err != nil {
		return nil, err
	}
	m, notes := wellKnown(m)
	e := newEvaluation(m.WithGroups(split.Group), split, opt, notes)
	if err := e.addStrategies(); err != nil {
		return nil, err
	}
	if opt.Limits {
		e.limits = newLimits(len(e.m.Tasks))
	}
	if err := e.run(ctx); err != nil {
		return nil, err
	}
	if opt.Shuffled {
		if err := e.testShuffled(ctx); err != nil {
			return nil, err
		}
	}
	return e.report(), nil
}

func newEvaluation(m *transfer.Matrix, split Split, opt Options, notes []string) *evaluation {
	return &evaluation{
		m: m, split: split, opt: opt, notes: notes, reached: make(map[string][][]float64),
		baseline: make([][]float64, len(m.Tasks)), ratios: make([]ratios, len(m.Tasks)),
	}
}

// addStrategies makes the strategies and room for what they reach.
func (e *evaluation) addStrategies() error {
	for _, name := range e.opt.Strategies {
		s, err := e.opt.Strategy(name)
		if err != nil {
			return err
		}
		e.strategies = append(e.strategies, s)
		e.reached[name] = make([][]float64, len(e.m.Tasks))
		e.scaled = append(e.scaled, make([][]float64, len(e.m.Tasks)))
		var forecasts [2][][]*forecast
		for at := range forecasts {
			for range e.opt.K {
				forecasts[at] = append(forecasts[at], make([]*forecast, len(e.m.Tasks)))
			}
		}
		e.forecasts = append(e.forecasts, forecasts)
	}
	return nil
}

// evaluation collects, by strategy, task and k, the least regret of the first k recommendations.
type evaluation struct {
	m          *transfer.Matrix
	split      Split
	opt        Options
	strategies []warmstart.Strategy
	reached    map[string][][]float64 // nil rows: not tested
	scaled     [][][]float64          // the same on the matrix's own scale (noise floor, reference set)
	baseline   [][]float64            // of random draws, exactly
	forecasts  [][2][][]*forecast     // by strategy, quantity, k and task
	shuffled   map[string][][]float64 // as reached, with shuffled meta-features; nil: not tested
	ratios     []ratios               // by task: how well times are foretold
	limits     *limits                // nil: not asked for
	dropped    int
	notes      []string
	round      int // of the folds, from 0
}

// run tests fold after fold.
func (e *evaluation) run(ctx context.Context) error {
	folds := e.split.folds()
	var (
		wait  sync.WaitGroup
		lock  sync.Mutex
		first error
		done  int
	)
	queue := make(chan int, len(folds))
	for _, f := range folds {
		queue <- f
	}
	close(queue)
	for range min(e.opt.Workers, len(folds)) {
		wait.Go(func() {
			for f := range queue {
				err := context.Cause(ctx)
				if err == nil {
					err = e.fold(f)
				}
				lock.Lock()
				done++
				if err != nil && first == nil {
					first = err
				} else if first == nil {
					e.opt.Progress(e.round*len(folds)+done, e.rounds()*len(folds))
				}
				stop := first != nil
				lock.Unlock()
				if stop {
					return
				}
			}
		})
	}
	wait.Wait()
	if first != nil {
		return first
	}
	for t := range e.m.Tasks {
		if e.split.Fold[t] >= 0 && e.baseline[t] == nil {
			e.dropped++
		}
	}
	return nil
}

// rounds is how often all folds are tested.
func (e *evaluation) rounds() int {
	if e.opt.Shuffled {
		return 2
	}
	return 1
}

// fold lets every strategy learn without the fold's tasks and asks it about each of them.
func (e *evaluation) fold(fold int) error {
	test, hidden := e.split.parts(fold)
	known := e.m.Without(hidden...)
	if len(known.Candidates()) == 0 {
		return fmt.Errorf("%w: without fold %d no result is left to learn from; cross-validation needs tasks of two groups at least", ErrNothing, fold)
	}
	for i := range e.strategies {
		ask := e.ask
		if e.opt.Known > 0 {
			ask = e.askKnowing
		}
		if err := ask(i, known, test); err != nil {
			return fmt.Errorf("strategy %s, fold %d: %w", e.opt.Strategies[i], fold, err)
		}
	}
	if e.limits != nil {
		if err := e.limit(known, test); err != nil {
			return err
		}
	}
	e.clock(known, test)
	for _, t := range test {
		if nr, ok := e.m.Normalised(t); ok {
			e.baseline[t] = expected(nr, e.opt.K)
		}
	}
	return nil
}

// ask lets a strategy learn from what is known and asks it about the tasks to test.
func (e *evaluation) ask(strategy int, known *transfer.Matrix, test []int) error {
	name, s, most := e.opt.Strategies[strategy], e.strategies[strategy], e.opt.K[len(e.opt.K)-1]
	r, err := s.Learn(known, e.opt.Seed)
	if err != nil {
		return err
	}
	var forecaster *warmstart.Forecaster
	if slices.Contains(e.opt.Forecasts, name) {
		forecaster, err = warmstart.NewForecaster(known, s, r, warmstart.Options{K: most, Seed: e.opt.Seed})
		if err != nil {
			return err
		}
	}
	for _, t := range test {
		nr, ok := e.m.Normalised(t)
		if !ok {
			continue
		}
		if name == warmstart.Random {
			e.reached[name][t] = expected(nr, e.opt.K)
			e.scaled[strategy][t] = expected(e.m.Regret[t], e.opt.K)
			continue
		}
		ranking := e.ranking(r, t, most)
		e.reached[name][t] = least(nr, ranking.Configs, e.opt.K)
		e.scaled[strategy][t] = least(e.m.Regret[t], ranking.Configs, e.opt.K)
		if forecaster != nil && ranking.Weights != nil {
			e.foresee(strategy, t, forecaster, ranking, nr)
		}
	}
	return nil
}

// ranking returns the configurations that are tried on task t, k of them unless there are fewer. Sequential strategies
// give no weights, since theirs change as they go.
func (e *evaluation) ranking(r warmstart.Recommender, t, k int) warmstart.Ranking {
	if s, ok := r.(warmstart.Sequential); ok {
		return warmstart.Ranking{Configs: e.played(s, t, k)}
	}
	return e.judged(r, t, k, nil)
}

// played lets a sequential strategy choose one configuration after the other; it is told the loss of each that it
// chose and nothing else. What was never run on the task cannot be told nor judged, and does not count.
func (e *evaluation) played(s warmstart.Sequential, t, k int) []int {
	q := warmstart.Query{Features: e.m.Tasks[t].Features, K: k}
	var results []warmstart.Result
	var picks []int
	for len(picks) < k {
		c, ok := s.Next(q, results)
		if !ok {
			break
		}
		results = append(results, warmstart.Result{Config: c, Loss: e.m.Loss[t][c]})
		if e.m.Status[t][c] != study.Pending {
			picks = append(picks, c)
		}
	}
	return picks
}

// judged returns the first k recommendations for task t that were run on it: what was never run cannot be judged, so
// the strategy is asked for more, of which those it gave before are the first. Own is as in warmstart.Query.
func (e *evaluation) judged(r warmstart.Recommender, t, k int, own *int) warmstart.Ranking {
	missing := 0
	for _, status := range e.m.Status[t] {
		if status == study.Pending {
			missing++
		}
	}
	share := float64(missing) / float64(max(1, len(e.m.Configs)))
	for more := min(missing, int(2*share*float64(k))+1); ; more = min(missing, 2*more) {
		ranking := r.Recommend(warmstart.Query{Features: e.m.Tasks[t].Features, K: k + more, Own: own})
		picks := slices.DeleteFunc(ranking.Configs, func(c int) bool { return e.m.Status[t][c] == study.Pending })
		if len(picks) >= k || more == missing {
			ranking.Configs = picks[:min(k, len(picks))]
			return ranking
		}
	}
}

// least returns the least value of the first k picks for each k, infinite without any.
func least(regret []float64, picks, ks []int) []float64 {
	out := make([]float64, len(ks))
	current, next := math.Inf(1), 0
	for i, k := range ks {
		for ; next < min(k, len(picks)); next++ {
			current = min(current, regret[picks[next]])
		}
		out[i] = current
	}
	return out
}

// expected returns, for each k, the exact expectation of the least regret of k random draws among what was run.
func expected(regret []float64, ks []int) []float64 {
	run := slices.DeleteFunc(slices.Clone(regret), math.IsNaN)
	out := make([]float64, len(ks))
	for i, k := range ks {
		out[i] = warmstart.ExpectedLeast(run, k)
	}
	return out
}
