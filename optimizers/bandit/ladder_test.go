package bandit

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

func TestLadderLevels(t *testing.T) {
	rows := study.Range{Name: "rows", Low: 0.1, High: 0.9}
	steps := study.Range{Name: "epochs", Low: 1, High: 81, Integer: true}
	for _, tc := range []struct {
		name   string
		ranges []study.Range
		eta    float64
		scaled string
		want   []study.Fidelity
	}{
		{"none", nil, 3, "", []study.Fidelity{nil}},
		{"epochs", []study.Range{steps}, 0, "", []study.Fidelity{{"epochs": 1}, {"epochs": 3}, {"epochs": 9}, {"epochs": 27}, nil}},
		{"not a power", []study.Range{{Name: "epochs", Low: 1, High: 100, Integer: true}}, 3, "",
			[]study.Fidelity{{"epochs": 1}, {"epochs": 4}, {"epochs": 11}, {"epochs": 33}, nil}},
		{"exact fractions", []study.Range{{Name: "rows", Low: 1. / 64, High: 1}}, 4, "",
			[]study.Fidelity{{"rows": 1. / 64}, {"rows": 1. / 16}, {"rows": .25}, nil}},
		{"one of two", []study.Range{rows, steps}, 9, "epochs", []study.Fidelity{{"epochs": 1}, {"epochs": 9}, nil}},
		// The product falls from 72.9 to .1, a factor of 729, in three steps of 9: epochs by 81^(1/3) each, rows by 9^(1/3).
		{"together", []study.Range{rows, steps}, 9, "", []study.Fidelity{
			{"rows": 0.1, "epochs": 1}, {"rows": 0.9 / math.Pow(81, 1./3), "epochs": 4}, {"rows": 0.9 / math.Pow(9, 1./3), "epochs": 19}, nil,
		}},
		{"rounded to the same", []study.Range{{Name: "a", Low: 1, High: 2, Integer: true}, {Name: "b", Low: 1, High: 2, Integer: true}}, 2, "",
			[]study.Fidelity{{"a": 1, "b": 1}, nil}},
		{"constant", []study.Range{{Name: "a", Low: 5, High: 5}}, 3, "", []study.Fidelity{nil}},
	} {
		l, err := NewLadder(study.Problem{Fidelities: tc.ranges}, tc.eta, tc.scaled)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		var got []study.Fidelity
		for level := range l.Len() {
			got = append(got, l.Fidelity(level))
		}
		if !near(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// near compares fidelities up to rounding; those of one scaled fidelity are exact.
func near(a, b []study.Fidelity) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i]) != len(b[i]) || len(a[i]) == 1 && !reflect.DeepEqual(a[i], b[i]) {
			return false
		}
		for name, x := range a[i] {
			if !(math.Abs(x-b[i][name]) < 1e-12) {
				return false
			}
		}
	}
	return true
}

// TestLadderOfAnyRanges checks what holds for every ladder: it ends at the full evaluation, efforts grow and are
// those of the fidelities, which are in range and found again.
func TestLadderOfAnyRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 500 {
		p := study.Problem{}
		for i := range 1 + rng.IntN(3) {
			r := study.Range{Name: string(rune('a' + i)), Low: 1 + float64(rng.IntN(9)), Integer: rng.IntN(2) == 0}
			r.High = r.Low + float64(rng.IntN(2000))
			p.Fidelities = append(p.Fidelities, r)
		}
		l := ladder(t, p, 1.5+3*rng.Float64())
		for level := range l.Len() {
			f := l.Fidelity(level)
			if _, err := optimizers.CheckSuggestions(p, []study.Suggestion{{ID: 1, Fidelity: f}}, 1, 1); err != nil {
				t.Fatalf("%+v: level %d: %v", p.Fidelities, level, err)
			}
			if e := optimizers.Effort(p, f); math.Abs(e-l.Effort(level)) > 1e-12 || level > 0 && !(e > l.Effort(level-1)) {
				t.Fatalf("%+v: effort %v, %v at level %d", p.Fidelities, e, l.Effort(level), level)
			}
			if back, ok := l.Level(f); !ok || back != level {
				t.Fatalf("%+v: level %d is found as %d, %v", p.Fidelities, level, back, ok)
			}
		}
		if l.Effort(l.Len()-1) != 1 {
			t.Fatalf("%+v: the last level has effort %v", p.Fidelities, l.Effort(l.Len()-1))
		}
	}
}

func TestLadderLevelOf(t *testing.T) {
	l := ladder(t, study.Problem{Fidelities: []study.Range{
		{Name: "rows", Low: 1, High: 1000}, {Name: "epochs", Low: 1, High: 9, Integer: true},
	}}, 3)
	full := l.Len() - 1
	for _, f := range []study.Fidelity{nil, {}, {"epochs": 9}, {"rows": 1000}, {"rows": 1000, "epochs": 9}} {
		if level, ok := l.Level(f); !ok || level != full {
			t.Errorf("%v is level %d, %v", f, level, ok)
		}
	}
	if level, ok := l.Level(study.Fidelity{"rows": 17, "epochs": 2}); ok {
		t.Errorf("a fidelity beside the ladder is level %d", level)
	}
	l.Fidelity(0)["rows"] = 77
	if l.Fidelity(0)["rows"] == 77 {
		t.Error("the fidelity is shared")
	}
}

func TestLadderRefuses(t *testing.T) {
	for _, tc := range []struct {
		p    study.Problem
		eta  float64
		name string
	}{
		{epochs(1, 81), 1, ""}, {epochs(1, 81), math.NaN(), ""}, {epochs(1, 81), math.Inf(1), ""}, {epochs(1, 81), -3, ""},
		{epochs(1, 81), 3, "rows"}, {epochs(0, 81), 3, ""}, {epochs(9, 1), 3, ""}, {epochs(1, math.Inf(1)), 3, ""}, {study.Problem{}, 3, "epochs"},
	} {
		if _, err := NewLadder(tc.p, tc.eta, tc.name); !errors.Is(err, ErrSettings) {
			t.Errorf("%+v, eta %v, %q: error %v", tc.p.Fidelities, tc.eta, tc.name, err)
		}
	}
}

func TestLadderWithout(t *testing.T) {
	l, err := NewLadder(study.Problem{Fidelities: []study.Range{{Name: "epochs", Low: 1, High: 27}}}, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int][]study.Fidelity{
		0: {{"epochs": 1}, {"epochs": 3}, {"epochs": 9}, nil},
		2: {{"epochs": 9}, nil},
		9: {nil},
	} {
		short := l.Without(n)
		var got []study.Fidelity
		for level := range short.Len() {
			got = append(got, short.Fidelity(level))
		}
		if !reflect.DeepEqual(got, want) || short.Effort(short.Len()-1) != 1 {
			t.Errorf("without %d levels: %v, want %v", n, got, want)
		}
	}
	if l.Len() != 4 {
		t.Errorf("the ladder itself has %d levels left", l.Len())
	}
}
