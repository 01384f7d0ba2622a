package importance

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// sampled returns trials at random configurations.
func sampled(t testing.TB, s space.Space, n int, loss func(space.Config) float64) (study.Problem, []study.Trial) {
	t.Helper()
	p := study.Problem{Space: s, Objectives: []study.Objective{{Metric: "loss"}}, Seed: 1}
	var trials []study.Trial
	for id := study.TrialID(1); int(id) <= n; id++ {
		c, err := s.Sample(p.Stream(id))
		if err != nil {
			t.Fatal(err)
		}
		trials = append(trials, study.Trial{
			Suggestion: study.Suggestion{ID: id, Config: c}, Status: study.Complete, Losses: []float64{loss(c)},
		})
	}
	return p, trials
}

func mustSpace(t testing.TB, params ...space.Hyperparameter) space.Space {
	t.Helper()
	s, err := space.New(params)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func words(list ...string) []space.Value {
	var values []space.Value
	for _, w := range list {
		values = append(values, space.String(w))
	}
	return values
}

// plain is a space without conditions: a number, an integer on a logarithmic scale, and choices of unequal weights.
func plain(t testing.TB) space.Space {
	return mustSpace(t,
		space.Hyperparameter{Name: "x", High: 1},
		space.Hyperparameter{Name: "n", Type: space.TypeInt, Low: 1, High: 8, Log: true},
		space.Hyperparameter{Name: "k", Type: space.TypeCategorical, Choices: words("a", "b", "c"), Weights: []float64{1, 2, 5}},
		space.Hyperparameter{Name: "v", Type: space.TypeConstant, Choices: words("v")},
	)
}

func plainLoss(c space.Config) float64 {
	y := c["x"].Float() + 0.2*c["n"].Float()
	if c["k"].Text() == "b" {
		y += 2 * c["x"].Float()
	}
	return y
}

// conditional has conditions two deep, on a choice and on an integer, and a parameter under both.
func conditional(t testing.TB) space.Space {
	learner := func(name string) *space.Condition { return space.Equals("learner", space.String(name)) }
	return mustSpace(t,
		space.Hyperparameter{Name: "learner", Type: space.TypeCategorical, Choices: words("svm", "forest", "none")},
		space.Hyperparameter{Name: "C", High: 1, When: learner("svm")},
		space.Hyperparameter{Name: "depth", Type: space.TypeInt, Low: 1, High: 5, When: learner("forest")},
		space.Hyperparameter{Name: "prune", Type: space.TypeBool, When: space.In("depth", space.Int(3), space.Int(4))},
		space.Hyperparameter{Name: "scale", Type: space.TypeBool, When: space.Or(
			*learner("svm"), *space.And(*learner("forest"), *space.Equals("depth", space.Int(1))),
		)},
	)
}

func conditionalLoss(c space.Config) float64 {
	y := map[string]float64{"svm": 1, "forest": 2, "none": 4}[c["learner"].Text()]
	if v, ok := c["C"]; ok {
		y += v.Float()
	}
	if v, ok := c["depth"]; ok {
		y += 0.3 * v.Float()
	}
	if c["prune"].Bool() {
		y -= 1.5
	}
	if c["scale"].Bool() {
		y += 0.8
	}
	return y
}

// grid divides the space by brute force into cells of a tree: for every hyperparameter a value of each cell, as in
// rows, and its probability, whether it is active or not.
type grid struct{ values, p [][]float64 }

func gridOf(s *surrogate, tree int) grid {
	var g grid
	for j, d := range s.codec.Dimensions() {
		if d.Levels != nil {
			g.values = append(g.values, d.Levels)
			p := slices.Clone(d.Upper)
			for k := len(p) - 1; k > 0; k-- {
				p[k] -= p[k-1]
			}
			g.p = append(g.p, p)
			continue
		}
		cuts := []float64{0, 1}
		for _, n := range s.forest.Nodes(tree) {
			if n.Feature == j && n.Cut < 1 {
				cuts = append(cuts, n.Cut)
			}
		}
		slices.Sort(cuts)
		var values, p []float64
		for k := range cuts[1:] {
			values, p = append(values, (cuts[k]+cuts[k+1])/2), append(p, cuts[k+1]-cuts[k])
		}
		g.values, g.p = append(g.values, values), append(g.p, p)
	}
	return g
}

// bruteForce integrates a tree over the whole grid and returns the variance of its marginal over the hyperparameters
// in set, by definition; over all of them it is the whole variance.
func bruteForce(s *surrogate, tree int, set []int) float64 {
	g := gridOf(s, tree)
	sum, weight := map[string]float64{}, map[string]float64{}
	latent, row, at := make([]float64, len(g.p)), make([]float64, len(g.p)), make([]int, len(g.p))
	total := 0.0
	var visit func(j int, p float64)
	visit = func(j int, p float64) {
		if j < len(g.p) {
			for at[j] = range g.p[j] {
				latent[j] = g.values[j][at[j]]
				visit(j+1, p*g.p[j][at[j]])
			}
			return
		}
		for _, i := range s.codec.Order() {
			if row[i] = math.NaN(); s.codec.Active(i, row) {
				row[i] = latent[i]
			}
		}
		y := s.forest.LeafMean(tree, s.forest.Leaves(row)[tree])[0]
		var key strings.Builder
		for _, i := range set {
			fmt.Fprint(&key, at[i], " ")
		}
		sum[key.String()] += p * y
		weight[key.String()] += p
		total += p * y
	}
	visit(0, 1)
	variance := 0.0
	for key, w := range weight {
		if w > 0 {
			variance += w * (sum[key]/w - total) * (sum[key]/w - total)
		}
	}
	return variance
}

// TestIntegralsAreExact compares every single and pairwise variance of every tree with integration by brute force.
func TestIntegralsAreExact(t *testing.T) {
	for name, c := range map[string]struct {
		space space.Space
		loss  func(space.Config) float64
	}{"plain": {plain(t), plainLoss}, "conditional": {conditional(t), conditionalLoss}} {
		p, trials := sampled(t, c.space, 60, c.loss)
		s, err := learn(p, trials, Options{Trees: 4})
		if err != nil {
			t.Fatal(err)
		}
		states, err := activity(s.codec)
		if err != nil {
			t.Fatal(err)
		}
		for tree := range s.forest.Trees() {
			got := newIntegral(s.codec, states, leafBoxes(s.forest, tree, s.codec))
			all := make([]int, len(s.names))
			for j := range all {
				all[j] = j
			}
			same := func(what string, got, want float64) {
				if math.Abs(got-want) > 1e-10 {
					t.Errorf("%s, tree %d: variance of %s is %v, by brute force %v", name, tree, what, got, want)
				}
			}
			same("all", got.variance, bruteForce(s, tree, all))
			for j := range all {
				same(s.names[j], got.single(j), bruteForce(s, tree, []int{j}))
				for i := range j {
					want := bruteForce(s, tree, []int{i, j}) - bruteForce(s, tree, []int{i}) - bruteForce(s, tree, []int{j})
					same(s.names[i]+" and "+s.names[j], got.pair(i, j), want)
				}
			}
			if got.variance < 0.1 {
				t.Errorf("%s, tree %d has hardly any variance: %v", name, tree, got.variance)
			}
		}
	}
}

// TestStates counts the states of the conditional space: svm, depths 1, 3, 4 and others of the forest, none.
func TestStates(t *testing.T) {
	s, err := learned(t, conditional(t), conditionalLoss)
	if err != nil {
		t.Fatal(err)
	}
	states, err := activity(s.codec)
	if err != nil || len(states.states) != 6 {
		t.Errorf("%d states, %v", len(states.states), err)
	}
	weka, err := problem.Weka768()
	if err != nil {
		t.Fatal(err)
	}
	p, trials := sampled(t, weka, 12, func(c space.Config) float64 { return float64(len(c)) })
	if _, err := FANOVA(p, trials, Options{Trees: 1}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a space of innumerable combinations: error %v", err)
	}
}

func learned(t *testing.T, sp space.Space, loss func(space.Config) float64) (*surrogate, error) {
	p, trials := sampled(t, sp, 40, loss)
	return learn(p, trials, Options{Trees: 2})
}

func share(t *testing.T, effects []Effect, names ...string) float64 {
	t.Helper()
	for _, e := range effects {
		a, b := slices.Clone(e.Names), slices.Clone(names)
		slices.Sort(a)
		if slices.Sort(b); slices.Equal(a, b) {
			return e.Share
		}
	}
	t.Fatalf("no effect of %v in %v", names, effects)
	return 0
}

// TestKnownShares checks functions whose shares are known: of 2x + y the variances are 4/12 and 1/12; xy about its
// centre is all interaction.
func TestKnownShares(t *testing.T) {
	s := mustSpace(t, space.Hyperparameter{Name: "x", High: 1}, space.Hyperparameter{Name: "y", High: 1}, space.Hyperparameter{Name: "z", High: 1})
	p, trials := sampled(t, s, 400, func(c space.Config) float64 { return 2*c["x"].Float() + c["y"].Float() })
	effects, err := FANOVA(p, trials, Options{Trees: 16})
	if err != nil {
		t.Fatal(err)
	}
	if x, y, z := share(t, effects, "x"), share(t, effects, "y"), share(t, effects, "z"); math.Abs(x-0.8) > 0.03 || math.Abs(y-0.2) > 0.03 || z > 0.01 {
		t.Errorf("2x + y: shares %v, %v, %v", x, y, z)
	}
	if !slices.IsSortedFunc(effects, func(a, b Effect) int { return -int(math.Copysign(1, a.Share-b.Share)) }) || len(effects) != 6 {
		t.Errorf("effects %v", effects)
	}
	p, trials = sampled(t, s, 600, func(c space.Config) float64 { return (c["x"].Float() - 0.5) * (c["y"].Float() - 0.5) })
	if effects, err = FANOVA(p, trials, Options{Trees: 16}); err != nil {
		t.Fatal(err)
	}
	if both, x := share(t, effects, "x", "y"), share(t, effects, "x"); both < 0.75 || x > 0.1 {
		t.Errorf("xy: share %v together, %v of x", both, x)
	}
}

// TestCap checks that one wild loss drowns everything unless it is capped.
func TestCap(t *testing.T) {
	p, trials := sampled(t, plain(t), 100, plainLoss)
	want, err := FANOVA(p, trials, Options{Trees: 8, Pairs: -1, Cap: 0.95})
	if err != nil {
		t.Fatal(err)
	}
	trials[7].Losses[0] = 1e9
	got, err := FANOVA(p, trials, Options{Trees: 8, Pairs: -1, Cap: 0.95})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(share(t, got, "x")-share(t, want, "x")) > 0.15 {
		t.Errorf("with a wild loss, capped, x has share %v, without %v", share(t, got, "x"), share(t, want, "x"))
	}
}

// TestWhatCounts checks that only complete trials at full fidelity are learned from, and that few are refused.
func TestWhatCounts(t *testing.T) {
	p, trials := sampled(t, plain(t), 40, plainLoss)
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 9}}
	want, err := FANOVA(p, trials, Options{Trees: 4})
	if err != nil {
		t.Fatal(err)
	}
	_, more := sampled(t, plain(t), 60, func(space.Config) float64 { return 100 })
	for i := range more[40:] {
		switch m := &more[40+i]; i % 3 {
		case 0:
			m.Status, m.Losses = study.Failed, nil
		case 1:
			m.Fidelity = study.Fidelity{"epochs": 3}
		case 2:
			m.Status = study.Pruned
		}
	}
	got, err := FANOVA(p, append(trials, more[40:]...), Options{Trees: 4})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("with trials that do not count: %v, %v; want %v", got, err, want)
	}
	if _, err := FANOVA(p, append(more[40:], trials[:9]...), Options{}); !errors.Is(err, ErrTooFew) {
		t.Errorf("nine trials: error %v", err)
	}
	if _, err := FANOVA(p, append(more[40:], trials[:MinTrials]...), Options{Trees: 2}); err != nil {
		t.Errorf("%d trials, the least that are enough: %v", MinTrials, err)
	}
	byDefault, err := FANOVA(p, trials, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if told, err := FANOVA(p, trials, Options{Trees: 64, Pairs: 8}); err != nil || !reflect.DeepEqual(byDefault, told) {
		t.Errorf("by default %v, with 64 trees and 8 pairs %v, %v", byDefault, told, err)
	}
	for _, opt := range []Options{{Trees: -1}, {Cap: 1}, {Cap: -0.1}} {
		if _, err := FANOVA(p, trials, opt); err == nil {
			t.Errorf("%+v is taken", opt)
		}
	}
	for i := range trials {
		trials[i].Losses[0] = 3
	}
	effects, err := FANOVA(p, trials, Options{Trees: 2})
	if err != nil || effects[0].Share != 0 {
		t.Errorf("constant losses: %v, %v", effects, err)
	}
}

// TestAgreesWithPyrfr compares the shares with those that the library behind the authors' fanova package computes from
// the same 500 trials: pyrfr 0.9.0, 48 times a fanova_forest of one tree (bootstrap of 500, max_features 2,
// min_samples_in_leaf 3, min_samples_to_split 6, k nominal), whose marginal_mean_prediction is integrated over the
// cells between all_split_values. Its standard deviations over trees are .02 to .1, as ours.
func TestAgreesWithPyrfr(t *testing.T) {
	s := mustSpace(t, space.Hyperparameter{Name: "x", High: 1}, space.Hyperparameter{Name: "y", High: 1},
		space.Hyperparameter{Name: "k", Type: space.TypeCategorical, Choices: words("a", "b", "c")})
	p, trials := sampled(t, s, 500, func(c space.Config) float64 {
		x, y := c["x"].Float(), c["y"].Float()
		switch c["k"].Text() {
		case "a":
			return x*x + 0.5*y
		case "b":
			return 1 - x + 0.5*y
		}
		return 2*x*y + 0.3
	})
	effects, err := FANOVA(p, trials, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Effect{
		{Names: []string{"x"}, Share: 0.0737}, {Names: []string{"y"}, Share: 0.2682}, {Names: []string{"k"}, Share: 0.0742},
		{Names: []string{"x", "y"}, Share: 0.0912}, {Names: []string{"x", "k"}, Share: 0.3131}, {Names: []string{"y", "k"}, Share: 0.0490},
	} {
		if got := share(t, effects, want.Names...); math.Abs(got-want.Share) > 0.05 {
			t.Errorf("%v has share %v, by pyrfr %v", want.Names, got, want.Share)
		}
	}
}
