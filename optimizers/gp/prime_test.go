package gp

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// earlierTask is a task with so many results on the space of a problem, of the given loss.
func earlierTask(t *testing.T, p problem.Problem, n int, loss func(space.Config) float64) study.WeightedTask {
	t.Helper()
	configs, err := p.Space.Design(space.Sobol, n, 77)
	if err != nil {
		t.Fatal(err)
	}
	task := study.WeightedTask{Name: "earlier", Weight: 2}
	for _, c := range configs {
		task.Results = append(task.Results, study.EarlierResult{Config: c, Loss: loss(c)})
	}
	return task
}

// TestPrimeHelps counts by how much a task that is alike lowers the regret after few trials, and that its opposite does
// not raise it much; the weight of the prior mean tells them apart.
func TestPrimeHelps(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	alike := earlierTask(t, p, 80, func(c space.Config) float64 { return 3*p.Loss(c) + 2*c["x0"].Float() })
	random := p.Study(5).Stream(1)
	unrelated := earlierTask(t, p, 80, func(space.Config) float64 { return random.NormFloat64() })
	const seeds, trials = 8, 12
	regret := func(prior study.Prior) (logs, weight float64) {
		for seed := range uint64(seeds) {
			o, err := New(p.Study(seed), Settings{Candidates: 256, Starts: 3})
			if err == nil {
				err = o.Prime(context.Background(), prior)
			}
			if err != nil {
				t.Fatal(err)
			}
			best := math.Inf(1)
			for i := range trials {
				asked, err := o.Ask(context.Background(), study.TrialID(i+1), 1)
				if err != nil {
					t.Fatal(err)
				}
				tell(t, o, p, asked[0])
				best = min(best, p.Regret(asked[0].Config))
			}
			logs += math.Log10(best) / seeds
			for _, w := range o.model.fit.h.Weights {
				weight += w / seeds
			}
		}
		return logs, weight
	}
	without, _ := regret(study.Prior{})
	with, high := regret(study.Prior{Tasks: []study.WeightedTask{alike}})
	misled, low := regret(study.Prior{Tasks: []study.WeightedTask{unrelated}})
	if with > without-0.25 || misled > without+0.3 || high < 10*low {
		t.Errorf("mean log10 regret %.2f without, %.2f with a task that is alike (weight %.3g), %.2f with an unrelated one (%.3g)",
			without, with, high, misled, low)
	}
}

// TestPrimeGradient checks the derivatives of predictions through the prior mean against differences.
func TestPrimeGradient(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(p.Study(1), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	prior := study.Prior{Tasks: []study.WeightedTask{
		earlierTask(t, p, 20, p.Loss), earlierTask(t, p, 300, func(c space.Config) float64 { return c["x1"].Float() }),
	}}
	configs, err := p.Space.Design(space.Sobol, 8, 5)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range configs {
		if i == 4 { // what was told before counts, too
			if err := o.Prime(context.Background(), prior); err != nil {
				t.Fatal(err)
			}
		}
		tell(t, o, p, study.Suggestion{ID: study.TrialID(i + 1), Config: c})
	}
	if err := o.model.condition(); err != nil || len(o.model.points) != 8 || o.model.losses != 8 {
		t.Fatalf("%d points, %d losses, %v", len(o.model.points), o.model.losses, err)
	}
	x := []float64{0.3, 0.6, 0}
	climb := newClimb(o.inputs)
	climb.expect(o.model, x)
	byMean, byVariance := append([]float64(nil), climb.byMean...), append([]float64(nil), climb.byVariance...)
	for i := range 2 {
		const step = 1e-5
		at := x[i]
		x[i] = at + step
		upMean, upVariance := climb.expect(o.model, x)
		x[i] = at - step
		downMean, downVariance := climb.expect(o.model, x)
		x[i] = at
		mean, variance := (upMean-downMean)/(2*step), (upVariance-downVariance)/(2*step)
		if math.Abs(byMean[i]-mean) > 1e-4*max(1, math.Abs(mean)) || math.Abs(byVariance[i]-variance) > 1e-4*max(1, math.Abs(variance)) {
			t.Errorf("coordinate %d: %v, %v; by differences %v, %v", i, byMean[i], byVariance[i], mean, variance)
		}
	}
}

// TestPrimeRefuses checks that results of another space are an error that names them, and that tasks too small to say
// anything change nothing.
func TestPrimeRefuses(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(p.Study(1), Settings{})
	if err != nil {
		t.Fatal(err)
	}
	small := earlierTask(t, p, 2, p.Loss)
	if err := o.Prime(context.Background(), study.Prior{Tasks: []study.WeightedTask{small}}); err != nil || o.inputs.earlier != nil {
		t.Errorf("a task of two results: %v", err)
	}
	foreign := earlierTask(t, p, 5, p.Loss)
	foreign.Results[3].Config = space.Config{"z": space.Float(1)}
	err = o.Prime(context.Background(), study.Prior{Tasks: []study.WeightedTask{foreign}})
	if !errors.Is(err, space.ErrInvalid) || !strings.Contains(err.Error(), `"earlier": result 4`) {
		t.Errorf("a configuration of another space: %v", err)
	}
}

// TestPrimeAverages checks that of tasks with the same configurations the weighted mean of their transformed losses is
// learned, that the order of tasks does not matter to it, and that many results are bounded.
func TestPrimeAverages(t *testing.T) {
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	a := earlierTask(t, p, 30, p.Loss)
	b := earlierTask(t, p, 30, func(c space.Config) float64 { return 1e6 * (1 - c["x1"].Float()) })
	a.Weight, b.Weight = 0.75, 0.25
	var one, two opinions
	for _, c := range []struct {
		to    *opinions
		tasks []study.WeightedTask
	}{{&one, []study.WeightedTask{a, b}}, {&two, []study.WeightedTask{b, a}}} {
		for _, task := range c.tasks {
			if err := c.to.add(p.Space, task); err != nil {
				t.Fatal(err)
			}
		}
	}
	losses := func(task study.WeightedTask) (y []float64) {
		for _, r := range task.Results {
			y = append(y, r.Loss)
		}
		return y
	}
	ta, tb := gaussian.FitTransform(losses(a)), gaussian.FitTransform(losses(b))
	if len(one.list) != 30 || len(two.list) != 30 {
		t.Fatalf("%d and %d configurations of 30", len(one.list), len(two.list))
	}
	for i, got := range one.list {
		want := 0.75*ta.Apply(a.Results[i].Loss) + 0.25*tb.Apply(b.Results[i].Loss)
		other := two.list[i]
		if math.Abs(got.sum/got.weight-want) > 1e-12 || math.Abs(other.sum/other.weight-want) > 1e-12 || !got.config.Equal(other.config) {
			t.Errorf("configuration %d: %v and %v, want %v", i, got.sum/got.weight, other.sum/other.weight, want)
		}
	}
	many := earlierTask(t, p, 3*mostResults, p.Loss)
	if err := one.add(p.Space, many); err != nil {
		t.Fatal(err)
	}
	if n := len(one.weightiest(mostResults)); n != mostResults {
		t.Errorf("%d configurations are learned, want %d", n, mostResults)
	}
	if first := one.weightiest(1)[0]; first.weight != many.Weight+1 {
		t.Errorf("the weightiest has weight %v", first.weight)
	}
}

// TestPrimeTakesThePlaceOfTheDesign counts the trials of the initial design.
func TestPrimeTakesThePlaceOfTheDesign(t *testing.T) {
	p, err := problem.Find("hartmann6")
	if err != nil {
		t.Fatal(err)
	}
	prior := study.Prior{Tasks: []study.WeightedTask{earlierTask(t, p, 20, p.Loss)}}
	for _, c := range []struct {
		set, want int
		prior     study.Prior
	}{{0, 7, study.Prior{}}, {0, minInitial, prior}, {9, 9, prior}, {3, 3, prior}} {
		o, err := New(p.Study(1), Settings{Initial: c.set})
		if err == nil {
			err = o.Prime(context.Background(), c.prior)
		}
		if err != nil || o.initial != c.want {
			t.Errorf("set to %d, with %d tasks: %d trials, want %d (%v)", c.set, len(c.prior.Tasks), o.initial, c.want, err)
		}
	}
}
