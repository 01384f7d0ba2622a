package transfer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestRegretByHand: losses .1 .2 .3 .5 .9 have best .1 and median .3, so one unit of regret is .2.
func TestRegretByHand(t *testing.T) {
	m := mustNew(t, table([][]float64{{.3, .1, .9, .2, .5}}, nil), Options{})
	want := map[int]float64{0: 1, 1: 0, 2: 2, 3: .5, 4: 2}
	for i, r := range want {
		if got := m.Regret[0][column(t, m, config(i))]; math.Abs(got-r) > 1e-12 {
			t.Errorf("regret of configuration %d is %v, want %v", i, got, r)
		}
	}
	if task := m.Tasks[0]; task.Best != .1 || math.Abs(task.Spread-.2) > 1e-12 || task.Noise != 0 {
		t.Errorf("scale %+v", task)
	}
}

// TestTheReferenceSetDefinesTheSpread: adding tuned configurations must not change anybody's regret but through a
// better best.
func TestTheReferenceSetDefinesTheSpread(t *testing.T) {
	s := newSheet()
	s.task("a", "", nil)
	for i, loss := range []float64{.1, .3, .5} {
		s.run("a", config(i), loss)
	}
	for i := range 10 {
		s.run("a", config(100+i), .1+float64(i)*1e-4)
	}
	reference := func(c space.Config) bool { return c["depth"].Int() < 100 }
	m := mustNew(t, s.set, Options{Reference: reference})
	if got := m.Regret[0][column(t, m, config(1))]; math.Abs(got-1) > 1e-9 {
		t.Errorf("regret of the reference's median is %v, want 1", got)
	}
	if all := mustNew(t, s.set, Options{}); all.Regret[0][column(t, all, config(1))] != MaxRegret {
		t.Error("with all configurations as reference, optima should blow the regret up")
	}
	// A task that ran little of the reference is measured by all it ran.
	few := mustNew(t, s.set, Options{Reference: func(c space.Config) bool { return c["depth"].Int() == 999 }})
	if few.Regret[0][column(t, few, config(1))] != MaxRegret {
		t.Error("a reference set that was not run must not count")
	}
}

// TestShrunkenBestByHand: the better half of 1 3 5 9 9 9 has mean 3 and variance 8/3. Noise of standard error 1 leaves
// 5/3 of that as signal, so the least loss, 2 from the mean, is believed to be 2 * (5/3) / (8/3) = 5/4 from it; noise
// beyond all variance leaves the mean.
func TestShrunkenBestByHand(t *testing.T) {
	losses := []float64{1, 3, 5, 9, 9, 9}
	for noise, want := range map[float64]float64{0: 1, 1: 1.75, 2: 3} {
		if got := shrunkenBest(losses, noise); math.Abs(got-want) > 1e-12 {
			t.Errorf("noise %v: %v, want %v", noise, got, want)
		}
	}
}

func TestDegenerateScales(t *testing.T) {
	m := mustNew(t, table([][]float64{{.5, .5, .5}, {.1, .1, .9}}, nil), Options{})
	for c, r := range m.Regret[0] {
		if r != 0 {
			t.Errorf("all losses equal, but regret of %d is %v", c, r)
		}
	}
	for c, loss := range m.Loss[1] {
		if want := map[float64]float64{.1: 0, .9: MaxRegret}[loss]; m.Regret[1][c] != want {
			t.Errorf("median equals best: regret of loss %v is %v, want %v", loss, m.Regret[1][c], want)
		}
	}
	s := newSheet()
	s.task("a", "", nil)
	s.end("a", config(0), study.Failed)
	s.task("b", "", nil)
	s.run("b", config(0), .1)
	failed := mustNew(t, s.set, Options{})
	if failed.Regret[0][0] != MaxRegret || math.IsNaN(failed.Tasks[0].Best) || math.IsNaN(failed.Tasks[0].Spread) {
		t.Errorf("a task where everything failed: regret %v, scale %+v", failed.Regret[0], failed.Tasks[0])
	}
}

// TestRegretIsFreeOfUnits: a metric in other units, or shifted, gives the same regrets.
func TestRegretIsFreeOfUnits(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	losses := randomLosses(rng, 3, 20)
	scaled := make([][]float64, len(losses))
	for i, row := range losses {
		for _, l := range row {
			scaled[i] = append(scaled[i], 1000*l-7)
		}
	}
	a, b := mustNew(t, table(losses, nil), Options{}), mustNew(t, table(scaled, nil), Options{})
	for i := range a.Regret {
		for c := range a.Regret[i] {
			if math.Abs(a.Regret[i][c]-b.Regret[i][c]) > 1e-9 {
				t.Fatalf("cell %d, %d: %v and %v", i, c, a.Regret[i][c], b.Regret[i][c])
			}
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{1, 2}, 1.5}, {[]float64{1, 2, 9}, 2}, {[]float64{1, 2, 4, 9}, 3}} {
		if got := Median(c.values); got != c.want {
			t.Errorf("Median(%v) = %v, want %v", c.values, got, c.want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("the median of nothing is NaN")
	}
}

// noisyTask has n configurations with true losses 0, .01, .02, … and fold values around them.
func noisyTask(rng *rand.Rand, n, folds int, sd float64) sheet {
	s := newSheet()
	s.task("a", "", nil)
	difficulty := make([]float64, folds) // folds differ in difficulty, which is no noise
	for f := range difficulty {
		difficulty[f] = rng.NormFloat64()
	}
	for i := range n {
		values := make([]float64, folds)
		for f := range values {
			values[f] = float64(i)*.01 + difficulty[f] + sd*rng.NormFloat64()
		}
		s.run("a", config(i), values...)
	}
	return s
}

func TestNoiseFromFolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const sd, folds = .3, 5
	m := mustNew(t, noisyTask(rng, 200, folds, sd).set, Options{})
	want := sd / math.Sqrt(folds)
	if got := m.Tasks[0].Noise; math.Abs(got/want-1) > .15 {
		t.Errorf("noise %v, want about %v", got, want)
	}
	if m.Tasks[0].Spread < 2*m.Tasks[0].Noise {
		t.Errorf("spread %v is under twice the noise %v", m.Tasks[0].Spread, m.Tasks[0].Noise)
	}
	if least := slices.Min(m.Loss[0]); m.Tasks[0].Best <= least {
		t.Errorf("best %v was not shrunken from the least %v", m.Tasks[0].Best, least)
	}
	if single := mustNew(t, table([][]float64{{1, 2, 3}}, nil), Options{}); single.Tasks[0].Noise != 0 {
		t.Errorf("noise %v of single values", single.Tasks[0].Noise)
	}
}

func TestNoiseFromRepetitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	s := newSheet()
	s.task("a", "", nil)
	const sd = .2
	for i := range 60 {
		for range 4 {
			s.run("a", config(i), float64(i)+sd*rng.NormFloat64())
		}
	}
	if got := mustNew(t, s.set, Options{}).Tasks[0].Noise; math.Abs(got/sd-1) > .15 {
		t.Errorf("noise %v, want about %v", got, sd)
	}
	few := newSheet()
	few.task("a", "", nil)
	few.run("a", config(0), .1)
	few.run("a", config(0), .9)
	few.run("a", config(1), .2)
	if got := mustNew(t, few.set, Options{}).Tasks[0].Noise; got != 0 {
		t.Errorf("two runs are taken for a variance: %v", got)
	}
}

func TestNoiseIsOfOneTask(t *testing.T) {
	s := noisyTask(rand.New(rand.NewPCG(7, 7)), 50, 4, .5)
	s.task("quiet", "", nil)
	for i := range 50 {
		s.run("quiet", config(i), float64(i), float64(i)+1)
	}
	m := mustNew(t, s.set, Options{})
	quiet := slices.IndexFunc(m.Tasks, func(task Task) bool { return task.ID == record.ID("quiet") })
	if got := m.Tasks[quiet].Noise; got > 1e-9 {
		t.Errorf("the noise of another task: %v", got)
	}
}

// TestNormalisedByHand: of losses .5 .1 .3, and one configuration never run, the best is .1 and the median .3.
func TestNormalisedByHand(t *testing.T) {
	m := mustNew(t, table([][]float64{{.5, .1, .3, math.NaN()}, {.7, .7, .7, .7}}, nil), Options{})
	got, ok := m.Normalised(0)
	for i, want := range []float64{2, 0, 1, math.NaN()} {
		if r := got[column(t, m, config(i))]; !ok || !(math.Abs(r-want) < 1e-12 || math.IsNaN(r) && math.IsNaN(want)) {
			t.Errorf("regret %v of configuration %d, want %v", r, i, want)
		}
	}
	if best, spread, ok := m.Plain(0); best != .1 || math.Abs(spread-.2) > 1e-12 || !ok {
		t.Errorf("scale %v, %v, %v", best, spread, ok)
	}
	if _, ok := m.Normalised(1); ok {
		t.Error("all the same, and yet regrets")
	}
}
