package problem

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func find(t testing.TB, name string) Problem {
	t.Helper()
	p, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// learner is a configuration of cash.
func learner(name string, values map[string]float64) space.Config {
	c := space.Config{"algo": space.String(name)}
	for k, v := range values {
		c[k] = space.Float(v)
	}
	return c
}

// line is n numbers from low, one apart.
func line(low float64, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = low + float64(i)
	}
	return x
}

// TestValues compares with an independent implementation in NumPy, written from the formulas of the papers.
func TestValues(t *testing.T) {
	middle := repeat(0.5, 25)
	svm := learner("svm", map[string]float64{"C": 2, "gamma": 0.05})
	rf := learner("rf", map[string]float64{"trees": 100, "depth": 20, "minfrac": 0.2})
	mlp := learner("mlp", map[string]float64{"lr": 0.01, "units": 64, "dropout": 0.5})
	for _, tc := range []struct {
		name string
		c    space.Config
		want float64
	}{
		{"branin", point(2.5, 7.5), 24.129964413622268},
		{"branin25", point(middle...), 24.129964413622268},
		{"hartmann6", point(0.1, 0.2, 0.3, 0.4, 0.5, 0.6), -1.4069105761385297},
		{"rosenbrock10", point(line(-4.5, 10)...), 91936.5},
		{"ackley10", point(line(-4.5, 10)...), 11.090184096687567},
		{"styblinski5", point(line(-2.25, 5)...), -66.740234375},
		{"cash", svm, 0.11926227710673126},
		{"cash", rf, 0.13876765005966013},
		{"cash", mlp, 0.28125733500216527},
		{"cash0", svm, 0.17841244714168816},
		{"cash0", rf, 0.14472773333333333},
		{"cash0", mlp, 0.42424059999999997},
		{"cash3", svm, 0.12689537175620394},
		{"cash3", rf, 0.12188423333333333},
		{"cash3", mlp, 0.25856033323856664},
	} {
		p := find(t, tc.name)
		if err := p.Space.Validate(tc.c); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if got := p.Loss(tc.c); math.Abs(got-tc.want) > 1e-12*max(1, math.Abs(tc.want)) {
			t.Errorf("%s: loss %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestOptima checks of every problem that its minimizers reach the optimum, that nothing near them or anywhere else
// is below it, and that they are minima: small steps only ascend.
func TestOptima(t *testing.T) {
	for _, name := range Names() {
		p := find(t, name)
		if math.IsNaN(p.Optimum) {
			continue
		}
		if p.Name != name || len(p.Minimizers) == 0 {
			t.Errorf("%s is named %q and has %d minimizers", name, p.Name, len(p.Minimizers))
		}
		rng := rand.New(rand.NewPCG(1, 1))
		for _, c := range p.Minimizers {
			if err := p.Space.Validate(c); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			// Centres of integer parameters lie between integers, at most 1e-4 of regret away.
			if r := p.Regret(c); math.Abs(r) > 1e-10 && (r < 0 || r > 1e-4 || c["trees"].IsNull() && c["units"].IsNull()) {
				t.Errorf("%s: regret %v at its minimizer %v", name, r, c)
			}
			u := p.Space.Encode(c)
			for range 300 {
				near := slices.Clone(u)
				for i := range near {
					near[i] += 1e-3 * rng.NormFloat64()
				}
				if r := p.Regret(p.Space.Decode(near)); r < -1e-10 {
					t.Fatalf("%s: regret %v near its minimizer", name, r)
				}
			}
		}
		for range 2000 {
			c, err := p.Space.Sample(rng)
			if err != nil {
				t.Fatal(err)
			}
			if r := p.Regret(c); r < 0 {
				t.Fatalf("%s: regret %v at %v", name, r, c)
			}
		}
	}
}

// TestRandomSearchReachesKnownRegrets runs random search with 30 seeds, as it was measured with other software,
// and compares the median regrets after 25, 50 and 100 evaluations with what was found. Medians of 30 runs scatter by
// a third.
func TestRandomSearchReachesKnownRegrets(t *testing.T) {
	for name, want := range map[string][3]float64{
		"branin":       {1.31, 0.81, 0.375},
		"hartmann6":    {2.16, 1.66, 1.4},
		"styblinski5":  {72.3, 56.2, 48.1},
		"rosenbrock10": {1.29e5, 1.13e5, 8.72e4},
		"ackley10":     {18.8, 18.1, 17.9},
		"cash":         {0.0561, 0.048, 0.0369},
	} {
		p := find(t, name)
		var regrets [3][]float64
		for seed := range uint64(30) {
			best, n := math.Inf(1), 0
			for i, checkpoint := range []int{25, 50, 100} {
				for ; n < checkpoint; n++ {
					c, err := p.Space.Sample(p.Study(seed).Stream(study.TrialID(n + 1)))
					if err != nil {
						t.Fatal(err)
					}
					best = min(best, p.Regret(c))
				}
				regrets[i] = append(regrets[i], best)
			}
		}
		for i, list := range regrets {
			slices.Sort(list)
			median := (list[14] + list[15]) / 2
			if median < want[i]/1.6 || median > want[i]*1.6 {
				t.Errorf("%s: median regret %v at checkpoint %d, want %v", name, median, i+1, want[i])
			}
		}
	}
}

// TestCountingNoise checks that noise is what coins make, shrinks with the fidelity, and follows from seed,
// configuration and fidelity alone.
func TestCountingNoise(t *testing.T) {
	for _, name := range []string{"counting_ones", "counting_shifted"} {
		p := find(t, name)
		c, err := p.Space.Sample(rand.New(rand.NewPCG(3, 3)))
		if err != nil {
			t.Fatal(err)
		}
		variance := 0.0 // of one coin per number
		for i := range countingNumbers {
			x := c[coordinate(i)].Float()
			if name == "counting_shifted" {
				x = 1 - math.Abs(x-0.7)/0.7
			}
			variance += x * (1 - x) / 256
		}
		for _, b := range []float64{9, 81, 729} {
			f := study.Fidelity{"b": b}
			const n = 2000
			sum, squares := 0.0, 0.0
			for seed := range uint64(n) {
				d := p.Measure(c, f, seed) - p.Loss(c)
				sum, squares = sum+d, squares+d*d
			}
			sd := math.Sqrt(variance / b)
			if math.Abs(sum/n) > 4*sd/math.Sqrt(n) || math.Abs(math.Sqrt(squares/n)/sd-1) > 0.08 {
				t.Errorf("%s at %v coins: mean error %v, deviation %v, want %v", name, b, sum/n, math.Sqrt(squares/n), sd)
			}
		}
		if p.Measure(c, nil, 5) != p.Measure(c, study.Fidelity{"b": 729}, 5) || p.Measure(c, nil, 5) == p.Measure(c, nil, 6) {
			t.Errorf("%s: noise does not follow from seed and fidelity", name)
		}
	}
}

// TestEvaluator runs a study on a problem with noise, and one without.
func TestEvaluator(t *testing.T) {
	for _, name := range []string{"cash7", "counting_ones"} {
		p := find(t, name)
		o, err := random.New(p.Study(3), random.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		slots := []optimizers.Evaluator{p.Evaluator(9), p.Evaluator(9)}
		result, err := optimizers.Run(context.Background(), p.Study(3), o, slots, optimizers.Options{Trials: 30})
		if err != nil || result.Finished != 30 {
			t.Fatalf("%s: %d trials, %v", name, result.Finished, err)
		}
		for _, trial := range result.Trials {
			if want := p.Measure(trial.Config, nil, 9); trial.Status != study.Complete || trial.Losses[0] != want {
				t.Errorf("%s: trial %d is %v with losses %v, want %v", name, trial.ID, trial.Status, trial.Losses, want)
			}
		}
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	p := find(t, "branin")
	if _, err := p.Evaluator(1).Evaluate(cancelled, study.Suggestion{Config: p.Minimizers[0]}, nil); err == nil {
		t.Error("a cancelled evaluation has no error")
	}
}

func TestFindUnknown(t *testing.T) {
	if _, err := Find("brannin"); err == nil {
		t.Error("there is a problem brannin")
	}
	if names := Names(); len(names) != 30 || !slices.Contains(names, "cash19") {
		t.Errorf("problems %v", names)
	}
	if _, err := cashInstance(0); err != nil {
		t.Error(err)
	}
}
