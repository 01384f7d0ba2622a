package space

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestDecodeFormulas checks the encoding that the benchmarks of the field state, value by value.
func TestDecodeFormulas(t *testing.T) {
	s, err := New([]Hyperparameter{
		{Name: "f", Low: -5, High: 10},
		{Name: "l", Low: 1e-4, High: 1, Log: true},
		{Name: "i", Type: TypeInt, Low: 1, High: 4},
		{Name: "j", Type: TypeInt, Low: 2, High: 64, Log: true},
		{Name: "c", Type: TypeCategorical, Choices: []Value{String("a"), String("b"), String("c")}},
		{Name: "b", Type: TypeBool},
		{Name: "g", Low: 0, High: 1, Step: 0.25},
	})
	if err != nil {
		t.Fatal(err)
	}
	// python3 -c 'import math; print([round(math.exp(math.log(1.5)+u*(math.log(64.5)-math.log(1.5)))) for u in (0,.1,.5,.9,1)])' for j
	for _, tc := range []struct {
		u                float64
		f, l, i, j, g    float64
		choice, negation string
	}{
		{0, -5, 1e-4, 1, 2, 0, "a", "false"},
		{0.1, -3.5, math.Exp(math.Log(1e-4) * 0.9), 1, 2, 0, "a", "false"},
		{0.5, 2.5, 0.01, 2, 10, 0.5, "b", "true"},
		{0.9, 8.5, math.Exp(math.Log(1e-4) * 0.1), 4, 44, 1, "c", "true"},
		{1, 10, 1, 4, 64, 1, "c", "true"},
		{7, 10, 1, 4, 64, 1, "c", "true"},
		{-7, -5, 1e-4, 1, 2, 0, "a", "false"},
	} {
		u := make([]float64, s.Len())
		for k := range u {
			u[k] = tc.u
		}
		c := s.Decode(u)
		for name, want := range map[string]float64{"f": tc.f, "l": tc.l, "i": tc.i, "j": tc.j, "g": tc.g} {
			if got := c[name].Float(); math.Abs(got-want) > 1e-12*math.Abs(want) {
				t.Errorf("u = %v: %s = %v, want %v", tc.u, name, got, want)
			}
		}
		if c["c"].Text() != tc.choice || c["b"].Text() != tc.negation {
			t.Errorf("u = %v: %v, want %s and %s", tc.u, c, tc.choice, tc.negation)
		}
	}
}

// TestSlicesAreEqual checks that every int, grid point and choice owns a slice of equal width.
func TestSlicesAreEqual(t *testing.T) {
	for name, h := range map[string]Hyperparameter{
		"int":     {Type: TypeInt, Low: -2, High: 4},
		"stepped": {Low: 0, High: 6, Step: 1},
		"ordinal": {Type: TypeOrdinal, Choices: []Value{Int(1), Int(2), Int(3), Int(4), Int(5), Int(6), Int(7)}},
	} {
		const n = 7000
		count := map[Value]int{}
		for i := range n {
			count[h.decode((float64(i)+0.5)/n)]++
		}
		if len(count) != 7 {
			t.Errorf("%s: %d values", name, len(count))
		}
		for v, k := range count {
			if k < n/7-1 || k > n/7+1 {
				t.Errorf("%s: %v has %d of %d points", name, v, k, n)
			}
		}
	}
}

// TestEndsAreExact checks that the edges of the unit interval are the bounds to the last bit, which exp(log(high)) is
// not.
func TestEndsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 500 {
		low := math.Exp(20*rng.Float64() - 10)
		for _, h := range []Hyperparameter{{Low: low, High: low * 1234.5, Log: true}, {Low: -low, High: 3.3 * low}} {
			if l, u := h.decode(0).num, h.decode(1).num; l != h.Low || u != h.High {
				t.Fatalf("%+v reaches from %v to %v", h, l, u)
			}
			if l, u := h.encode(Float(h.Low)), h.encode(Float(h.High)); l != 0 || u != 1 {
				t.Fatalf("%+v encodes its ends as %v and %v", h, l, u)
			}
		}
	}
}

// TestRoundTrip checks that encoding and decoding lose no bit of any configuration the package makes, over random
// spaces of all types, and that inactive hyperparameters are NaN.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		s := randomSpace(t, rng, 12)
		for range 20 {
			c, err := s.Sample(rng)
			if err != nil {
				t.Fatal(err)
			}
			checkRoundTrip(t, s, c)
		}
		checkRoundTrip(t, s, s.Decode(edge(s.Len(), 0)))
		checkRoundTrip(t, s, s.Decode(edge(s.Len(), 1)))
	}
}

func edge(n int, at float64) []float64 {
	u := make([]float64, n)
	for i := range u {
		u[i] = at
	}
	return u
}

func checkRoundTrip(t *testing.T, s Space, c Config) {
	t.Helper()
	u := s.Encode(c)
	for i, h := range s.params {
		_, active := c[h.Name]
		if math.IsNaN(u[i]) == active || u[i] < 0 || u[i] > 1 {
			t.Fatalf("%q, active %v, encodes as %v", h.Name, active, u[i])
		}
	}
	back := s.Decode(u)
	if len(back) != len(c) {
		t.Fatalf("%v came back as %v", c, back)
	}
	for name, v := range c {
		if back[name] != v {
			h, _ := s.Parameter(name)
			t.Fatalf("%v came back as %v through %v of %+v", v, back[name], u[s.Index(name)], h)
		}
	}
}

// TestRoundTripOfNumbersFromElsewhere checks the promise for floats that no coordinate reaches exactly.
func TestRoundTripOfNumbersFromElsewhere(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, h := range []Hyperparameter{
		{Low: -5, High: 10}, {Low: 1e-8, High: 1e8, Log: true}, {Low: 1, High: 1 + 1e-9, Log: true}, {Low: 1e9, High: 1e9 + 1},
		{Low: -1e300, High: 1e300}, {Type: TypeInt, Low: -1 << 52, High: 1 << 52}, {Type: TypeInt, Low: 1, High: 1 << 53, Log: true},
	} {
		for range 200 {
			x := h.number(h.Low + rng.Float64()*(h.High-h.Low)*math.Pow(2, -float64(rng.IntN(60))))
			once := h.decode(h.encode(x))
			limit := 0x1p-51 * max(math.Abs(h.Low), math.Abs(h.High))
			if h.Log {
				limit = 1e-14 * x.Float()
			}
			if math.Abs(once.Float()-x.Float()) > limit {
				t.Errorf("%+v: %v came back as %v", h, x, once)
			}
			if twice := h.decode(h.encode(once)); twice != once {
				t.Errorf("%+v: %v came back as %v at the second time", h, once, twice)
			}
		}
	}
}

func TestDecodeInactiveAndNaN(t *testing.T) {
	s := svm(t)
	// linear, and coordinates for inactive degree and gamma; C has none
	c := s.Decode([]float64{0.1, 0.9, math.NaN(), 0.2})
	if !c.Equal(Config{"kernel": String("linear"), "C": Float(2)}) {
		t.Errorf("decoded %v", c)
	}
	defer func() {
		if recover() == nil {
			t.Error("a point of three coordinates is decoded in four dimensions")
		}
	}()
	s.Decode([]float64{0, 0, 0})
}

func TestEncodeForeignValue(t *testing.T) {
	s := svm(t)
	u := s.Encode(Config{"kernel": String("sigmoid"), "C": String("big")})
	for i := range u {
		if !math.IsNaN(u[i]) {
			t.Errorf("coordinate %d of a value that is none of the space's is %v", i, u[i])
		}
	}
}
