package cmaes

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

// TestCellsAreTheCodecs compares the cells with what space.Decode makes of coordinates on both sides of each border, and
// of random ones.
func TestCellsAreTheCodecs(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, h := range []space.Hyperparameter{
		{Name: "int", Type: space.TypeInt, Low: -3, High: 9},
		{Name: "step", Type: space.TypeInt, Low: 2, High: 17, Step: 5},
		{Name: "log", Type: space.TypeInt, Low: 1, High: 512, Log: true},
		{Name: "grid", Low: 0.1, High: 1, Step: 0.1},
		{Name: "uneven grid", Low: 0, High: 1, Step: 0.3},
		{Name: "log grid", Low: 0.5, High: 20, Step: 1.5, Log: true},
		{Name: "bool", Type: space.TypeBool},
		{Name: "ordinal", Type: space.TypeOrdinal, Choices: []space.Value{space.String("s"), space.Int(2), space.Null()}},
	} {
		s, err := space.New([]space.Hyperparameter{h})
		if err != nil {
			t.Fatal(err)
		}
		at := func(u float64) space.Value { return s.Decode([]float64{u})[h.Name] }
		c := newCells(h)
		first, last := 0, c.count-1
		if !at(0).Equal(at(1e-12)) || c.find(-0.5) != first || c.find(1.5) != last {
			t.Errorf("%s: the ends are cells %d and %d of %d", h.Name, c.find(-0.5), c.find(1.5), c.count)
		}
		for k := range c.count - 1 {
			b := c.border(k)
			if at(b - 1e-9).Equal(at(b + 1e-9)) {
				t.Errorf("%s: %v lies on both sides of border %d, %v", h.Name, at(b), k, b)
			}
			if c.find(b-1e-9) != k || c.find(b+1e-9) != k+1 {
				t.Errorf("%s: border %d lies between cells %d and %d", h.Name, k, c.find(b-1e-9), c.find(b+1e-9))
			}
		}
		for range 200 {
			u := rng.Float64()
			if below, above := c.around(u); c.find(u) > first && c.find(u) < last && !(below < u && u < above) {
				t.Errorf("%s: %v is not between %v and %v", h.Name, u, below, above)
			}
		}
	}
	if newCells(space.Hyperparameter{Low: 0, High: 1}).count != 0 || newCells(space.Hyperparameter{Low: 1, High: 1}).count != 1 {
		t.Error("a float has cells, or a point has none")
	}
}

func TestMirror(t *testing.T) {
	for x, want := range map[float64]float64{0: 0, 0.3: 0.3, 1: 1, -0.2: 0.2, 1.2: 0.8, 2.5: 0.5, -1.3: 0.7, 3.25: 0.75} {
		if got := mirror(x); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v is mirrored to %v, want %v", x, got, want)
		}
	}
}

// TestRefusesSpaces names the hyperparameter and what to use instead.
func TestRefusesSpaces(t *testing.T) {
	three := []space.Value{space.Int(1), space.Int(2), space.Int(3)}
	for _, tc := range []struct {
		params []space.Hyperparameter
		want   string // "" for a space that is accepted
	}{
		{[]space.Hyperparameter{{Name: "c", Type: space.TypeCategorical, Choices: three}}, `"c" has 3 choices`},
		{[]space.Hyperparameter{{Name: "b", Type: space.TypeBool}, {Name: "x", High: 1, When: space.Equals("b", space.Bool(true))}}, `"x" is conditional`},
		{[]space.Hyperparameter{{Name: "c", Type: space.TypeCategorical, Choices: three[:2]}}, ""},
		{[]space.Hyperparameter{{Name: "c", Type: space.TypeOrdinal, Choices: three}}, ""},
	} {
		s, err := space.New(tc.params)
		if err != nil {
			t.Fatal(err)
		}
		_, err = newCoordinates(s)
		if tc.want == "" && err != nil || tc.want != "" && (!errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), tc.want)) {
			t.Errorf("%v: error %v, want %q", tc.params[0].Name, err, tc.want)
		}
	}
}
