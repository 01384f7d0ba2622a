package transfer

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestAFullMatrixIsBelievedAsItIs(t *testing.T) {
	m := mustNew(t, table([][]float64{{1, 2, 3}, {3, 2, 1}}, nil), Options{})
	b, err := m.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	if b.SD != nil || &b.Mean[0][0] != &m.Regret[0][0] {
		t.Error("nothing was to be filled")
	}
}

// holes removes each run with the probability p.
func holes(set *record.Set, p float64, rng *rand.Rand) *record.Set {
	out := *set
	out.Runs = slices.DeleteFunc(slices.Clone(set.Runs), func(*record.Run) bool { return rng.Float64() < p })
	return &out
}

// clusteredTable has two kinds of tasks, told apart by feature f00, on which opposite configurations are good.
func clusteredTable(rng *rand.Rand, tasks, configs int) *record.Set {
	losses, features := make([][]float64, tasks), make([][]float64, tasks)
	for t := range losses {
		kind := float64(t % 2)
		features[t] = []float64{kind + .1*rng.NormFloat64(), rng.NormFloat64()}
		for c := range configs {
			place := float64(c) / float64(configs-1)
			losses[t] = append(losses[t], math.Abs(place-kind)+.02*rng.NormFloat64())
		}
	}
	return table(losses, features)
}

// TestHolesAreFilledFromConfigurationAndFeatures: predictions for removed cells beat both the mean of the task and
// the mean of the configuration, and are uncertain, while what was run is certain.
func TestHolesAreFilledFromConfigurationAndFeatures(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	full := clusteredTable(rng, 40, 20)
	truth := mustNew(t, full, Options{})
	m := mustNew(t, holes(full, .3, rng), Options{})
	b, err := m.Believe(1)
	if err != nil {
		t.Fatal(err)
	}
	var own, additive, n float64
	for i := range m.Tasks {
		for c := range m.Configs {
			if m.Status[i][c] == study.Complete {
				if b.Mean[i][c] != m.Regret[i][c] || b.SD[i][c] != 0 {
					t.Fatalf("cell %d, %d was run, but is believed to be %v ± %v", i, c, b.Mean[i][c], b.SD[i][c])
				}
				continue
			}
			if !(b.SD[i][c] > 0) || b.Mean[i][c] < 0 || b.Mean[i][c] > MaxRegret {
				t.Fatalf("cell %d, %d: %v ± %v", i, c, b.Mean[i][c], b.SD[i][c])
			}
			own += math.Abs(b.Mean[i][c] - truth.Regret[i][column(t, truth, m.Configs[c].Values)])
			additive += math.Abs(known(m, i, c) - truth.Regret[i][column(t, truth, m.Configs[c].Values)])
			n++
		}
	}
	if own > .6*additive {
		t.Errorf("mean error %.3f, of means of rows and columns %.3f", own/n, additive/n)
	}
}

// known is the mean of the known cells of the row and of the column.
func known(m *Matrix, t, c int) float64 {
	var row, column []float64
	for d, r := range m.Regret[t] {
		if m.Status[t][d] != study.Pending {
			row = append(row, r)
		}
	}
	for s := range m.Tasks {
		if m.Status[s][c] != study.Pending {
			column = append(column, m.Regret[s][c])
		}
	}
	return (mean(row) + mean(column)) / 2
}

// TestEffectsByHand: three tasks, two configurations, one cell never run. The mean of .2 .6 .4 .8 1 is .6; the
// configurations' effects are (-.4 - .2 + .4)/(3+1) = -.05 and (0 + .2)/(2+1) = .0667, the tasks' what those leave:
// (-.35 - .0667)/(2+1), (-.15 + .1333)/(2+1) and .45/(1+1).
func TestEffectsByHand(t *testing.T) {
	pending := study.Pending
	m := &Matrix{
		Tasks: make([]Task, 3), Configs: []Config{{Values: config(0)}, {Values: config(1)}},
		Regret: [][]float64{{.2, .6}, {.4, .8}, {1, math.NaN()}},
		Status: [][]study.Status{{study.Complete, study.Complete}, {study.Complete, study.Complete}, {study.Complete, pending}},
	}
	s := newSurrogate(m, 1)
	if err := s.fit(); err != nil {
		t.Fatal(err)
	}
	for got, want := range map[*float64]float64{
		&s.mean: .6, &s.config[0]: -.05, &s.config[1]: .2 / 3, &s.task[0]: -1.25 / 9, &s.task[1]: -.05 / 9, &s.task[2]: .225,
	} {
		if math.Abs(*got-want) > 1e-12 {
			t.Errorf("%v, want %v", *got, want)
		}
	}
	if got, want := s.additive(2, 1), .6+.225+.2/3; math.Abs(got-want) > 1e-12 {
		t.Errorf("the effects add up to %v, want %v", got, want)
	}
}

// TestBelievedByHand: what was never run has the loss of the regret that is believed of it.
func TestBelievedByHand(t *testing.T) {
	m := &Matrix{
		Tasks: []Task{{Best: .1, Spread: .4}}, Loss: [][]float64{{.3, math.NaN()}},
		Status: [][]study.Status{{study.Complete, study.Pending}},
	}
	got := m.Believed(&Belief{Mean: [][]float64{{.7, .5}}}, 0)
	if got[0] != .3 || math.Abs(got[1]-.3) > 1e-12 || !math.IsNaN(m.Loss[0][1]) {
		t.Errorf("losses %v of %v", got, m.Loss)
	}
}

func TestBeliefIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	set := holes(clusteredTable(rng, 30, 12), .2, rng)
	a, errA := mustNew(t, set, Options{}).Believe(7)
	b, errB := mustNew(t, shuffled(set, rng), Options{}).Believe(7)
	if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("the same records and seed give two beliefs (%v, %v)", errA, errB)
	}
}

func TestEncodeKeepsNumbersAndMarksInactive(t *testing.T) {
	configs := []Config{{Values: config(0)}, {Values: config(1)}, {Values: space.Config{"depth": space.Null()}}}
	codes := encode(configs) // columns depth, learner
	if codes[0][0] != 0 || codes[1][0] != 1 || codes[2][0] <= 1 {
		t.Errorf("depths %v %v %v", codes[0][0], codes[1][0], codes[2][0])
	}
	if codes[0][1] == codes[1][1] || !math.IsNaN(codes[2][1]) {
		t.Errorf("learners %v %v %v", codes[0][1], codes[1][1], codes[2][1])
	}
}
