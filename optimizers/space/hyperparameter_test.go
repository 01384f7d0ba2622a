package space

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// TestContradictions lists everything a space can get wrong, with the words its one error must contain.
func TestContradictions(t *testing.T) {
	kind := Hyperparameter{Name: "kind", Type: TypeCategorical, Choices: []Value{String("a"), String("b")}}
	flag := Hyperparameter{Name: "flag", Type: TypeBool, When: Equals("kind", String("a"))}
	number := func(h Hyperparameter) []Hyperparameter { h.Name = "x"; return []Hyperparameter{h} }
	for _, tc := range []struct {
		name      string
		params    []Hyperparameter
		forbidden []Condition
		want      string
	}{
		{"no name", []Hyperparameter{{Type: TypeBool}}, nil, "needs a name"},
		{"reserved name", []Hyperparameter{{Name: "and", Type: TypeBool}}, nil, "kept for conditions"},
		{"name not UTF-8", []Hyperparameter{{Name: "\xff", Type: TypeBool}}, nil, "UTF-8"},
		{"unknown type", number(Hyperparameter{Type: 9}), nil, "unknown type 9"},
		{"twice", []Hyperparameter{kind, kind}, nil, `"kind": it is declared twice`},
		{"low above high", number(Hyperparameter{Low: 2, High: 1}), nil, "low 2 is above high 1"},
		{"NaN", number(Hyperparameter{Low: math.NaN(), High: 1}), nil, "finite"},
		{"infinite", number(Hyperparameter{High: math.Inf(1)}), nil, "finite"},
		{"too wide", number(Hyperparameter{Low: -math.MaxFloat64, High: math.MaxFloat64}), nil, "beyond 2^53"},
		{"values that JSON cannot carry", number(Hyperparameter{Low: 1, High: 1e300, Log: true}), nil, "beyond 2^53"},
		{"step lost in rounding", number(Hyperparameter{Low: 1e9, High: 2e9, Step: 1e-9}), nil, "too fine for floats"},
		{"step that overflows a count", number(Hyperparameter{High: 1e10, Step: 1e-300}), nil, "too fine for floats"},
		{"log from zero", number(Hyperparameter{High: 1, Log: true}), nil, "low > 0"},
		{"negative step", number(Hyperparameter{High: 1, Step: -1}), nil, "negative"},
		{"range with choices", number(Hyperparameter{High: 1, Choices: []Value{Int(1)}}), nil, "not choices"},
		{"broken int", number(Hyperparameter{Type: TypeInt, Low: 0.5, High: 2}), nil, "whole low"},
		{"int beyond 2^53", number(Hyperparameter{Type: TypeInt, High: 1 << 54}), nil, "2^53"},
		{"choices with range", number(Hyperparameter{Type: TypeCategorical, High: 1, Choices: []Value{Int(1)}}), nil, "not low"},
		{"no choices", number(Hyperparameter{Type: TypeCategorical}), nil, "needs choices"},
		{"bool with choices", number(Hyperparameter{Type: TypeBool, Choices: []Value{Bool(true)}}), nil, "false and true"},
		{"constant of two", number(Hyperparameter{Type: TypeConstant, Choices: []Value{Int(1), Int(2)}}), nil, "exactly one"},
		{"equal choices", number(Hyperparameter{Type: TypeOrdinal, Choices: []Value{Int(1), Float(1)}}), nil, "listed twice"},
		{"NaN choice", number(Hyperparameter{Type: TypeOrdinal, Choices: []Value{Float(math.NaN())}}), nil, "outside canonical JSON"},
		{"weights too few", number(Hyperparameter{Type: TypeBool, Weights: []float64{1}}), nil, "1 weights for 2 choices"},
		{"negative weight", number(Hyperparameter{Type: TypeBool, Weights: []float64{-1, 2}}), nil, "is not a probability"},
		{"infinite sum of weights", number(Hyperparameter{Type: TypeBool, Weights: []float64{1e308, 1e308}}), nil, "add up to infinity"},
		{"zero weights", number(Hyperparameter{Type: TypeBool, Weights: []float64{0, 0}}), nil, "all weights are zero"},
		{"default outside", number(Hyperparameter{High: 1, HasDefault: true, Default: Float(2)}), nil, "outside [0, 1]"},
		{"default between ints", number(Hyperparameter{Type: TypeInt, High: 1, HasDefault: true, Default: Float(0.5)}), nil, "no integer"},
		{"default off the grid", number(Hyperparameter{High: 1, Step: 0.5, HasDefault: true, Default: Float(0.3)}), nil, "not on the grid"},
		{"default of another type", number(Hyperparameter{High: 1, HasDefault: true, Default: String("x")}), nil, "no number"},
		{"default no choice", []Hyperparameter{{Name: "k", Type: TypeBool, HasDefault: true, Default: Int(1)}}, nil, "none of"},
		{"unknown parent", number(Hyperparameter{High: 1, When: Equals("y", Int(1))}), nil, `"y", which is no hyperparameter`},
		{"misspelt parent", []Hyperparameter{kind, {Name: "x", High: 1, When: Equals("knd", Int(1))}}, nil, `did you mean "kind"?`},
		{"unknown parent value", []Hyperparameter{kind, {Name: "x", High: 1, When: Equals("kind", String("c"))}}, nil, "can never hold"},
		{"no parent value", []Hyperparameter{kind, {Name: "x", High: 1, When: In("kind")}}, nil, "lists no value"},
		{"no terms", []Hyperparameter{kind, {Name: "x", High: 1, When: And()}}, nil, "without terms"},
		{"unknown operator", []Hyperparameter{kind, {Name: "x", High: 1, When: &Condition{Op: 7}}}, nil, "unknown operator"},
		{"own parent", []Hyperparameter{{Name: "x", Type: TypeBool, When: Equals("x", Bool(true))}}, nil, "cycle: x -> x"},
		{"cycle", []Hyperparameter{
			{Name: "x", Type: TypeBool, When: Equals("y", Bool(true))},
			{Name: "y", Type: TypeBool, When: Equals("x", Bool(true))},
		}, nil, "cycle: x -> y -> x"},
		{"two values at once", []Hyperparameter{kind, {Name: "x", High: 1,
			When: And(*Equals("kind", String("a")), *Equals("kind", String("b")))}}, nil, `"x": it can never be active`},
		{"against the parent's condition", []Hyperparameter{kind, flag, {Name: "x", High: 1,
			When: And(*Equals("flag", Bool(true)), *Equals("kind", String("b")))}}, nil, `"x": it can never be active`},
		{"both branches fail", []Hyperparameter{{Name: "n", Type: TypeInt, Low: 1, High: 3}, {Name: "z", Type: TypeBool}, {
			Name: "x", High: 1, When: And(*Equals("n", Int(1)), *Or(
				*And(*In("n", Int(1), Int(2)), *Equals("z", Bool(true)), *Equals("z", Bool(false))),
				*And(*Equals("n", Int(2)), *Equals("z", Bool(true))),
			)),
		}}, nil, `"x": it can never be active`},
		{"unknown in clause", []Hyperparameter{kind}, []Condition{*Equals("z", Int(1))}, "forbidden clause 1: condition on \"z\""},
		{"clause never met", []Hyperparameter{kind, flag},
			[]Condition{*And(*Equals("flag", Bool(true)), *Equals("kind", String("b")))}, "clause 1: no configuration can meet it"},
		{"one clause forbids all", []Hyperparameter{kind}, []Condition{*In("kind", String("a"), String("b"))}, "every configuration"},
		{"clauses forbid all", []Hyperparameter{kind, flag}, []Condition{
			*Equals("kind", String("b")), *Equals("flag", Bool(true)), *And(*Equals("kind", String("a")), *Equals("flag", Bool(false))),
		}, "every configuration"},
		{"numbers forbid all", []Hyperparameter{{Name: "n", Type: TypeInt, Low: 1, High: 2}},
			[]Condition{*Equals("n", Int(1)), *Equals("n", Int(2))}, "every configuration"},
	} {
		s, err := New(tc.params, tc.forbidden...)
		switch {
		case err == nil:
			t.Errorf("%s: accepted", tc.name)
		case !errors.Is(err, ErrInvalid):
			t.Errorf("%s: %v is not ErrInvalid", tc.name, err)
		case !strings.Contains(err.Error(), tc.want):
			t.Errorf("%s: %q does not say %q", tc.name, err, tc.want)
		case s.Len() != 0:
			t.Errorf("%s: returns a space with its error", tc.name)
		}
	}
}

// TestNoContradiction holds against checks that refuse too much.
func TestNoContradiction(t *testing.T) {
	kind := Hyperparameter{Name: "kind", Type: TypeCategorical, Choices: []Value{String("a"), String("b")}}
	flag := Hyperparameter{Name: "flag", Type: TypeBool, When: Equals("kind", String("a"))}
	n := Hyperparameter{Name: "n", Type: TypeInt, Low: 1, High: 3}
	for name, s := range map[string]func() (Space, error){
		"empty": func() (Space, error) { return New(nil) },
		"child first": func() (Space, error) {
			return New([]Hyperparameter{flag, kind})
		},
		"either parent": func() (Space, error) {
			return New([]Hyperparameter{kind, flag, {Name: "x", High: 1,
				When: Or(*And(*Equals("kind", String("a")), *Equals("kind", String("b"))), *Equals("kind", String("b")))}})
		},
		"all but one number forbidden": func() (Space, error) {
			return New([]Hyperparameter{n}, *In("n", Int(1), Int(2)))
		},
		"default forbidden": func() (Space, error) {
			return New([]Hyperparameter{kind, flag}, *Equals("kind", String("a")))
		},
		"one point": func() (Space, error) { return New([]Hyperparameter{{Name: "x", Low: 1, High: 1}}) },
	} {
		if _, err := s(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWholeChoices checks that a choice means the same before and after a trip through JSON, which does not tell 1.0
// from 1.
func TestWholeChoices(t *testing.T) {
	s, err := New([]Hyperparameter{{
		Name: "k", Type: TypeCategorical, Choices: []Value{Float(1), Float(0.5), String("all")}, Default: Float(1), HasDefault: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Space{s, back} {
		h, _ := s.Parameter("k")
		if h.Choices[0] != Int(1) || h.Default != Int(1) || h.Choices[1] != Float(0.5) {
			t.Errorf("choices %v of kinds %v and %v, default of kind %v", h.Choices, h.Choices[0].Kind(), h.Choices[1].Kind(), h.Default.Kind())
		}
	}
}

func TestDefaultValue(t *testing.T) {
	for _, tc := range []struct {
		h    Hyperparameter
		want Value
	}{
		{Hyperparameter{Low: 1, High: 3}, Float(2)},
		{Hyperparameter{Low: 1, High: 100, Log: true}, Float(10)},
		{Hyperparameter{Type: TypeInt, Low: 1, High: 4}, Int(2)},
		{Hyperparameter{Type: TypeInt, Low: 1, High: 100, Log: true}, Int(10)},
		{Hyperparameter{Low: 0, High: 1, Step: 0.3}, Float(0.6)},
		{Hyperparameter{Type: TypeBool}, Bool(false)},
		{Hyperparameter{Type: TypeOrdinal, Choices: []Value{String("s"), String("m")}}, String("s")},
		{Hyperparameter{Type: TypeOrdinal, Choices: []Value{Null(), Int(1)}, HasDefault: true, Default: Int(1)}, Int(1)},
	} {
		if got := tc.h.DefaultValue(); got != tc.want {
			t.Errorf("%+v: default %v (%v), want %v", tc.h, got, got.Kind(), tc.want)
		}
	}
}

func TestGrid(t *testing.T) {
	h := Hyperparameter{Name: "x", Low: 0, High: 1, Step: 0.1}
	// 0.1+0.2 lies 5e-17 beyond the grid point, which must be hit exactly.
	v, err := h.normalize(Float(0.1 + 0.2))
	if err != nil || v != h.number(0.3) {
		t.Errorf("0.1+0.2 became %v, %v", v, err)
	}
	if h.lastStep() != 10 || h.number(2) != Float(1) || h.number(-2) != Float(0) {
		t.Errorf("the grid ends at step %v, value %v", h.lastStep(), h.number(2))
	}
	short := Hyperparameter{Name: "x", Low: 0, High: 1, Step: 0.4}
	if got := short.number(1); got != Float(0.8) {
		t.Errorf("the last grid point below 1 is %v, want 0.8", got)
	}
	wide := Hyperparameter{Name: "x", Type: TypeInt, Low: 1, High: 10, Step: 4}
	for f, want := range map[float64]int64{1: 1, 2.9: 1, 3: 1, 3.1: 5, 7: 9, 10: 9} {
		if got := wide.number(f); got != Int(want) {
			t.Errorf("%v is put on %v, want %d", f, got, want)
		}
	}
}

// TestGridDecimals compares grid points with the floats that Go reads their decimals as.
func TestGridDecimals(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		decimals := rng.IntN(9)
		low, step := rng.Int64N(2_000_001)-1_000_000, 1+rng.Int64N(10_000)
		read := func(n int64) float64 {
			f, err := strconv.ParseFloat(fmt.Sprintf("%de-%d", n, decimals), 64)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
		last := 1 + rng.Int64N(300)
		h := Hyperparameter{Name: "x", Low: read(low), High: read(low + last*step), Step: read(step)}
		s, err := New([]Hyperparameter{h})
		if err != nil {
			t.Fatalf("%+v: %v", h, err)
		}
		if h.Count() != int(last)+1 {
			t.Fatalf("%+v has %d values, want %d", h, h.Count(), last+1)
		}
		for k := range h.Count() {
			want := Float(read(low + int64(k)*step))
			if got := h.Point(k); got != want {
				t.Fatalf("%+v: point %d is %v, want %v", h, k, got, want)
			}
			if c := s.Decode(s.Encode(Config{"x": want})); c["x"] != want {
				t.Fatalf("%+v: %v comes back as %v", h, want, c["x"])
			}
		}
	}
	if v, err := (Hyperparameter{High: 1, Step: .3}).normalize(Float(0.8999999999999999)); err != nil || v != Float(.9) {
		t.Errorf("what float arithmetic makes of 3 x 0.3 is read as %v, %v", v, err)
	}
}

func TestCount(t *testing.T) {
	for _, tc := range []struct {
		h    Hyperparameter
		want int
	}{
		{Hyperparameter{High: 1}, 0},
		{Hyperparameter{Low: 1, High: 1}, 1},
		{Hyperparameter{Low: 1, High: 1, Step: 1}, 1},
		{Hyperparameter{High: .3, Step: .1}, 4},
		{Hyperparameter{High: 1, Step: .3}, 4},
		{Hyperparameter{High: 1, Step: 1. / 3}, 4},
		{Hyperparameter{Type: TypeInt, Low: -1, High: 3}, 5},
		{Hyperparameter{Type: TypeInt, Low: 1, High: 10, Step: 4}, 3},
		{Hyperparameter{Type: TypeInt, Low: -1 << 53, High: 1 << 53}, 1<<54 + 1},
		{Hyperparameter{Type: TypeBool}, 2},
		{Hyperparameter{Type: TypeOrdinal, Choices: []Value{Int(1), Null(), Int(3)}}, 3},
	} {
		if got := tc.h.Count(); got != tc.want {
			t.Errorf("%+v: %d values, want %d", tc.h, got, tc.want)
		}
		if last := tc.want - 1; tc.want > 0 && tc.want < 100 {
			if v, err := tc.h.normalize(tc.h.Point(last)); err != nil || v != tc.h.Point(last) {
				t.Errorf("%+v: the last value %v is read as %v, %v", tc.h, tc.h.Point(last), v, err)
			}
		}
	}
}

// extremeRange returns a number whose range, step and scale lie anywhere that floats do.
func extremeRange(rng *rand.Rand) Hyperparameter {
	draw := func() float64 {
		switch rng.IntN(4) {
		case 0:
			return math.Exp((rng.Float64()*2 - 1) * 709)
		case 1:
			return -math.Exp((rng.Float64()*2 - 1) * 709)
		case 2:
			return float64(rng.IntN(1000))
		}
		return float64(rng.Int64N(1 << 53))
	}
	h := Hyperparameter{Name: "x", Type: Type(rng.IntN(2)), Log: rng.IntN(3) == 0, Low: draw(), High: draw()}
	if rng.IntN(2) == 0 {
		h.High = h.Low + float64(math.Abs(h.Low)*math.Exp(-rng.Float64()*40))
	}
	switch rng.IntN(4) {
	case 0:
		h.Step = math.Abs(draw())
	case 1:
		h.Step = float64((h.High - h.Low) * math.Exp(-rng.Float64()*60))
	}
	if h.Type == TypeInt {
		h.Low, h.High, h.Step = math.Trunc(h.Low), math.Trunc(h.High), math.Trunc(h.Step)
	}
	return h
}

// TestExtremeRanges checks, over ranges of every magnitude, that a space which is accepted makes only configurations
// that it accepts itself, that canonical JSON carries, and that come back from their coordinates and from Normalize.
func TestExtremeRanges(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	accepted := 0
	for range 20_000 {
		h := extremeRange(rng)
		s, err := New([]Hyperparameter{h})
		if err != nil {
			continue
		}
		accepted++
		if _, err := s.MarshalJSON(); err != nil {
			t.Fatalf("%+v is accepted, not written: %v", h, err)
		}
		for _, u := range []float64{0, 1e-300, 0.5, rng.Float64(), math.Nextafter(1, 0), 1} {
			c := s.Decode([]float64{u})
			if n, err := s.Normalize(c); err != nil || n["x"] != c["x"] {
				t.Fatalf("%+v at %v: %v is %v, %v", h, u, c, n, err)
			}
			if back := s.Decode(s.Encode(c)); back["x"] != c["x"] {
				t.Fatalf("%+v at %v: %v comes back as %v", h, u, c, back)
			}
			if _, err := c.Canonical(); err != nil {
				t.Fatalf("%+v at %v: %v", h, u, err)
			}
		}
	}
	if accepted < 2000 {
		t.Errorf("only %d ranges were accepted", accepted)
	}
}

// TestMiddleOfTinyRange has bounds whose product is no normal number.
func TestMiddleOfTinyRange(t *testing.T) {
	for _, tc := range []struct{ low, high, want float64 }{
		{1e-200, 1e-180, 1e-190},
		{1e-300, 1, 1e-150},
		{5e-324, 5e-324, 5e-324},
		{1e-160, 4e-160, 2e-160}, // the product is subnormal: it has lost digits
	} {
		got := Hyperparameter{Low: tc.low, High: tc.high, Log: true}.DefaultValue().Float()
		if math.Abs(got-tc.want) > 1e-12*tc.want {
			t.Errorf("the middle of %g to %g is %g, want %g", tc.low, tc.high, got, tc.want)
		}
	}
}

// TestManyChoices would take minutes if every choice were compared with all others.
func TestManyChoices(t *testing.T) {
	h := Hyperparameter{Name: "k", Type: TypeCategorical}
	for i := range 200_000 {
		h.Choices = append(h.Choices, Float(float64(i)+0.5))
	}
	if _, err := New([]Hyperparameter{h}); err != nil {
		t.Error(err)
	}
	h.Choices = append(h.Choices, Float(1.5))
	if _, err := New([]Hyperparameter{h}); err == nil || !strings.Contains(err.Error(), "choice 1.5 is listed twice") {
		t.Errorf("a repetition among many: %v", err)
	}
}

// TestTypesSpelled: every type is read as it is spelled, and a number that is no type is spelled without a panic.
func TestTypesSpelled(t *testing.T) {
	for i := range typeNames {
		if got, err := ParseType(Type(i).String()); err != nil || got != Type(i) {
			t.Errorf("%v is read as %v, %v", Type(i), got, err)
		}
	}
	if got := Type(len(typeNames)).String(); got != "type(6)" {
		t.Errorf("one beyond the last is %q", got)
	}
	if _, err := ParseType("type(6)"); err == nil {
		t.Error("type(6) is read as a type")
	}
}
