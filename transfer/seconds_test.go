package transfer

import (
	"math"
	"math/rand/v2"
	"testing"
)

// timed is a matrix of tasks of random size on which a run takes base x rows^power x columns^2 of its learner, with noise.
func timed(tasks int, noise float64) *Matrix {
	rng := rand.New(rand.NewPCG(1, 1))
	m := &Matrix{FeatureNames: []string{"NumberOfFeatures", "nr_inst"}}
	for c := range 6 {
		m.Configs = append(m.Configs, Config{Learner: []string{"linear", "svm"}[c%2]})
	}
	for range tasks {
		task := Task{Rows: int(math.Exp(4 + 5*rng.Float64())), Columns: 1 + rng.IntN(100), Features: []float64{math.NaN(), math.NaN()}}
		m.Tasks = append(m.Tasks, task)
		var row []float64
		for c := range m.Configs {
			row = append(row, ideal(c, task.Rows, task.Columns)*math.Exp(noise*rng.NormFloat64()))
		}
		m.Cost = append(m.Cost, row)
	}
	return m
}

func ideal(c, rows, columns int) float64 {
	return 1e-4 * float64(c+1) * math.Pow(float64(rows), float64(1+c%2)) * math.Pow(float64(columns), .5)
}

// TestStopwatchFindsThePowers of each learner, and tells times of tables larger than all it knows.
func TestStopwatchFindsThePowers(t *testing.T) {
	m := timed(400, .3)
	s := NewStopwatch(m)
	for learner, want := range map[string][2]float64{"linear": {1, .5}, "svm": {2, .5}} {
		for i, power := range s.powers[learner] {
			if math.Abs(power-want[i]) > .1 {
				t.Errorf("%s: powers %v, want about %v", learner, s.powers[learner], want)
			}
		}
	}
	weights := Uniform(len(m.Tasks))
	size := Size{Rows: 50000, Columns: 200}
	all := s.All(weights, size)
	for c := range m.Configs {
		got, want := s.Seconds(c, weights, size), ideal(c, size.Rows, size.Columns)
		if got/want > 2 || want/got > 2 {
			t.Errorf("configuration %d: %v s, want about %v", c, got, want)
		}
		if math.Abs(all[c]/got-1) > 1e-9 {
			t.Errorf("configuration %d: All says %v, Seconds %v", c, all[c], got)
		}
	}
}

// TestStopwatchByHand: the sizes being unknown, the time is the weighted geometric mean of those that are known.
func TestStopwatchByHand(t *testing.T) {
	nan := math.NaN()
	m := &Matrix{Configs: make([]Config, 3), Tasks: make([]Task, 3), Cost: [][]float64{{1, nan, nan}, {1000, 1000, nan}, {16, 6, nan}}}
	s := NewStopwatch(m)
	weights := []float64{.75, 0, .25}
	for c, want := range []float64{2, 6, nan} {
		got := s.Seconds(c, weights, Size{Rows: 100, Columns: 5})
		if math.Abs(got-want) > 1e-9 || math.IsNaN(got) != math.IsNaN(want) {
			t.Errorf("configuration %d: %v, want %v", c, got, want)
		}
		if other := s.All(weights, Size{})[c]; math.Abs(other-want) > 1e-9 || math.IsNaN(other) != math.IsNaN(want) {
			t.Errorf("configuration %d: All says %v, want %v", c, other, want)
		}
	}
}

// TestStopwatchKnowsTheCap: beyond the rows that runs train on, a larger table takes no longer.
func TestStopwatchKnowsTheCap(t *testing.T) {
	m := timed(100, 0)
	m.RowCap = 1000
	for i := range m.Tasks {
		m.Tasks[i].RowCap = m.RowCap
		for c := range m.Configs {
			m.Cost[i][c] = ideal(c, min(m.Tasks[i].Rows, m.RowCap), m.Tasks[i].Columns)
		}
	}
	s, w := NewStopwatch(m), Uniform(100)
	small, capped, large := s.Seconds(1, w, Size{500, 10}), s.Seconds(1, w, Size{1000, 10}), s.Seconds(1, w, Size{100000, 10})
	if math.Abs(capped/small-4) > .5 || capped != large {
		t.Errorf("500 rows %v s, 1,000 rows %v s, 100,000 rows %v s", small, capped, large)
	}
}

// TestStopwatchIgnoresHalfKnownSizes: a task whose columns, or rows, are not known says nothing of the powers.
func TestStopwatchIgnoresHalfKnownSizes(t *testing.T) {
	m := timed(60, 0)
	want := NewStopwatch(m).powers
	for i, size := range []Size{{Rows: 100000}, {Columns: 90}} {
		m.Tasks = append(m.Tasks, Task{Rows: size.Rows, Columns: size.Columns, Features: []float64{math.NaN(), math.NaN()}})
		m.Cost = append(m.Cost, []float64{1e-3, 1e-3, 1e-3, 1e9, 1e9, 1e9})
		got := NewStopwatch(m).powers
		for learner, powers := range got {
			if math.Abs(powers[0]-want[learner][0]) > 1e-9 || math.Abs(powers[1]-want[learner][1]) > 1e-9 || math.IsNaN(powers[0]+powers[1]) {
				t.Errorf("%d: powers of %s are %v, want %v", i, learner, powers, want[learner])
			}
		}
	}
}

// TestStopwatchNeverShrinksTimes: where larger tables took less, by chance, size does not count.
func TestStopwatchNeverShrinksTimes(t *testing.T) {
	m := timed(50, 0)
	for i := range m.Tasks {
		for c := range m.Configs {
			m.Cost[i][c] = 1 / float64(m.Tasks[i].Rows)
		}
	}
	if powers := NewStopwatch(m).powers["svm"]; powers[0] != 0 {
		t.Errorf("powers %v", powers)
	}
}

func TestSizes(t *testing.T) {
	m := timed(1, 0)
	m.Tasks = []Task{{Rows: 7, Columns: 3, Features: []float64{9, 9}}, {Features: []float64{4, 20}}, {Features: []float64{math.NaN(), math.NaN()}}}
	for i, want := range []Size{{7, 3}, {20, 4}, {}} {
		if got := m.SizeOf(i); got != want {
			t.Errorf("task %d: %+v, want %+v", i, got, want)
		}
	}
}

// BenchmarkStopwatch fits and asks about 1,000 tasks and 1,000 configurations.
func BenchmarkStopwatch(b *testing.B) {
	m := timed(1000, .3)
	for c := len(m.Configs); c < 1000; c++ {
		m.Configs = append(m.Configs, m.Configs[c%6])
		for t := range m.Tasks {
			m.Cost[t] = append(m.Cost[t], m.Cost[t][c%6])
		}
	}
	w := Uniform(1000)
	for b.Loop() {
		NewStopwatch(m).All(w, Size{1000, 10})
	}
}
