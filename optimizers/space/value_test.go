package space

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

func TestValueJSON(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want Value
		out  string // canonical; in, where empty
	}{
		{"null", Null(), ""},
		{"true", Bool(true), ""},
		{"false", Bool(false), ""},
		{"-3", Int(-3), ""},
		{"9007199254740992", Int(1 << 53), ""},
		{"-0", Int(0), "0"},
		{"0.5", Float(0.5), ""},
		{"-0.0", Float(0), "0"},
		{"1e3", Float(1000), "1000"},
		{"1E-7", Float(1e-7), "1e-7"},
		{" 2 ", Int(2), "2"},
		{`"a<b>&\u00e9"`, String("a<b>&é"), `"a<b>&é"`},
		{`""`, String(""), ""},
	} {
		var v Value
		if err := json.Unmarshal([]byte(tc.in), &v); err != nil {
			t.Errorf("%s: %v", tc.in, err)
			continue
		}
		if v != tc.want {
			t.Errorf("%s read as %v (%v), want %v (%v)", tc.in, v, v.Kind(), tc.want, tc.want.Kind())
		}
		want := tc.out
		if want == "" {
			want = tc.in
		}
		if out, err := v.MarshalJSON(); err != nil || string(out) != want {
			t.Errorf("%s written as %s, %v; want %s", tc.in, out, err, want)
		}
	}
}

func TestValueRefusesBadJSON(t *testing.T) {
	for _, in := range []string{"", "nope", "tru", "{}", "[1]", "NaN", "1e400", "9007199254740993", "-9007199254740993", "1e17", "0x10", `"unclosed`, "--1"} {
		var v Value
		if err := v.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("%q was read as %v", in, v)
		}
	}
}

func TestValueRefusesToWrite(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1 << 54} {
		if _, err := Float(f).MarshalJSON(); !errors.Is(err, canonical.ErrNumber) {
			t.Errorf("%v written with error %v, want ErrNumber", f, err)
		}
	}
	if out, err := String("\xff").MarshalJSON(); err == nil {
		t.Errorf("a string that is not UTF-8 was written as %s", out)
	}
}

func TestValueEqual(t *testing.T) {
	values := []Value{Null(), Bool(false), Bool(true), Int(0), Int(1), Float(0.5), String(""), String("1"), String("null")}
	for i, v := range values {
		for j, w := range values {
			if v.Equal(w) != (i == j) {
				t.Errorf("%v (%v) equal to %v (%v): %v", v, v.Kind(), w, w.Kind(), v.Equal(w))
			}
		}
	}
	if !Int(1).Equal(Float(1)) || Int(1) == Float(1) {
		t.Error("1 and 1.0 are one choice of two kinds")
	}
}

func TestValueContents(t *testing.T) {
	for _, tc := range []struct {
		v    Value
		b    bool
		i    int64
		f    float64
		text string
	}{
		{Null(), false, 0, math.NaN(), "null"},
		{Bool(true), true, 0, math.NaN(), "true"},
		{Int(-7), false, -7, -7, "-7"},
		{Float(2.9), false, 2, 2.9, "2.9"},
		{String("2"), false, 0, math.NaN(), "2"},
	} {
		same := tc.v.Float() == tc.f || math.IsNaN(tc.v.Float()) && math.IsNaN(tc.f)
		if tc.v.Bool() != tc.b || tc.v.Int() != tc.i || !same || tc.v.Text() != tc.text {
			t.Errorf("%v: Bool %v, Int %d, Float %v, Text %q", tc.v, tc.v.Bool(), tc.v.Int(), tc.v.Float(), tc.v.Text())
		}
	}
}

func TestConfigHash(t *testing.T) {
	a := Config{"x": Float(1), "s": String("ü"), "n": Null()}
	b := Config{"n": Null(), "x": Int(1), "s": String("ü")}
	ha, err := a.Hash()
	if err != nil {
		t.Fatal(err)
	}
	hb, _ := b.Hash()
	// printf '%s' '{"n":null,"s":"ü","x":1}' | sha256sum
	const want = "40dd28bdba4b88f006bcf0b944932860eff7c0ad1fa1d813532e38d9b1a3851d"
	if ha != want || hb != want {
		t.Errorf("hashes %s and %s, want %s", ha, hb, want)
	}
	if !a.Equal(b) || a.Equal(Config{"x": Int(1)}) {
		t.Error("Equal compares values by number and needs all of them")
	}
	if got, _ := Config(nil).Canonical(); string(got) != "{}" {
		t.Errorf("nil configuration is %s", got)
	}
	c := a.Clone()
	c["x"] = Float(2)
	if !a["x"].Equal(Int(1)) {
		t.Error("a clone shares its values")
	}
}
