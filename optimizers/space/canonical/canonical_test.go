package canonical

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

// TestNumbers checks the samples of RFC 8785, appendix B.
func TestNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		got, err := Marshal(math.Float64frombits(bits))
		if err != nil || string(got) != want {
			t.Errorf("%016x is %s, %v; want %s", bits, got, err, want)
		}
	}
}

// TestObject checks the sample of RFC 8785, section 3.2.2 and 3.2.3: escapes, and keys sorted by UTF-16 code units.
func TestObject(t *testing.T) {
	const in = `{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`
	const want = `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`
	if got, err := Transform([]byte(in)); err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	keys := map[string]int{"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\u0080": 6, "\u00f6": 7}
	got, err := Marshal(keys)
	if err != nil || string(got) != "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"\u00f6\":7,\"\u20ac\":1,\"\U0001f600\":5,\"\ufb33\":3}" {
		t.Errorf("%s, %v", got, err)
	}
	if got, _ := Marshal("<&>"); string(got) != `"<&>"` {
		t.Errorf("HTML is escaped: %s", got)
	}
}

func TestRefusals(t *testing.T) {
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if _, err := Marshal(map[string]float64{"x": f}); !errors.Is(err, ErrNumber) {
			t.Errorf("%v: error %v", f, err)
		}
		if err := CheckNumber(f); !errors.Is(err, ErrNumber) {
			t.Errorf("%v: error %v", f, err)
		}
	}
	for f, ok := range map[float64]bool{1 << 53: true, -1 << 53: true, 1<<53 + 2: false, 1e300: false, 0.5: true, 1e-300: true} {
		if err := CheckNumber(f); (err == nil) != ok {
			t.Errorf("%v: error %v", f, err)
		}
	}
	if _, err := Marshal(make(chan int)); err == nil {
		t.Error("a channel is written")
	}
	for _, in := range []string{
		"", "{", "nul", "{a:1}", `{"a":1,}`, "[1 2]", "1 1", "\"\x01\"", "NaN", `{"a":1,"a":2}`, "\"\xff\"", `"\ud800"`, "01", "+1", "1e999",
		strings.Repeat("[", 1<<20), strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20),
	} {
		if out, err := Transform([]byte(in)); err == nil {
			t.Errorf("%.30q became %.30q", in, out)
		}
	}
}

func TestSum(t *testing.T) {
	// printf abc | sha256sum
	if got := Sum([]byte("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
}

// FuzzTransform checks that what is transformed is JSON of the same meaning, and is left alone the second time.
func FuzzTransform(f *testing.F) {
	for _, seed := range []string{`{"b":[1.50,"\u00e9"],"a":{"x":null}}`, `-0.0`, `"\ud83d\ude00"`, ` [ true ] `} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := Transform(in)
		if err != nil {
			return
		}
		if !json.Valid(in) || !json.Valid(out) {
			t.Fatalf("%q became %q", in, out)
		}
		again, err := Transform(out)
		if err != nil || string(again) != string(out) {
			t.Fatalf("%q became %q, then %q, %v", in, out, again, err)
		}
	})
}
