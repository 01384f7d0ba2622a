package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// id makes a well-formed id from one letter.
func id(c string) ID { return ID(strings.Repeat(c, 64)) }

// fullRun has every field set.
func fullRun() *Run {
	return &Run{
		Task: id("a"), Protocol: id("b"), Space: id("c"),
		Config: space.Config{
			"learner": space.String("lightgbm"), "lightgbm.learning_rate": space.Float(0.0123457),
			"lightgbm.num_leaves": space.Int(31), "lightgbm.max_depth": space.Null(), "scaler": space.Bool(true),
		},
		Fidelity: study.Fidelity{"rows": 2000, "iterations": 50}, Seed: 42, Status: study.Complete,
		Measures: []Measure{
			{Metric: "balanced_accuracy", Validation: []float64{0.81, 0.823457, 0.8}, Test: []float64{0.79, 0.8, 0.81}},
			{Metric: "log_loss", Validation: []float64{0.4, 0.41, 0.42}},
		},
		Curve:     []CurvePoint{{Fidelity: study.Fidelity{"iterations": 10}, Value: 0.7}, {Value: 0.75}},
		Cost:      study.Cost{Wall: 1.2, CPU: 1.1, Fit: 1, Predict: 0.01, Memory: 1.5e8},
		Split:     "s1",
		Evaluator: Evaluator{Name: "sklearn", Version: "1", Lock: "abc"}, Contributor: "someone", Machine: "m",
		Time: 1700000000,
	}
}

func mustEncode(t testing.TB, r Record) []byte {
	t.Helper()
	b, err := Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestEncodeMatchesReflection compares the hand-written writer with encoding/json followed by the independent
// canonicaliser, on the golden records (the struct tags are the schema).
func TestEncodeMatchesReflection(t *testing.T) {
	for i, r := range goldenRecords(t) {
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		raw = append(fmt.Appendf(nil, `{"kind":%q,`, r.Kind()), raw[1:]...)
		want, err := canonical.Transform(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := mustEncode(t, r); !bytes.Equal(got, want) {
			t.Errorf("record %d\n got %s\nwant %s", i+1, got, want)
		}
	}
}

func TestNumbersMatchReference(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		if rng.IntN(2) == 0 {
			f = Round6(math.Ldexp(rng.Float64(), rng.IntN(160)-80))
		}
		w := writer{}
		w.number(f)
		want, err := canonical.Marshal(f)
		if err != nil || string(w.b) != string(want) || w.err != nil {
			t.Fatalf("%x: got %s, %v; want %s, %v", f, w.b, w.err, want, err)
		}
	}
}

func TestCompareUTF16(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	alphabet := []rune{'a', 'b', 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff}
	word := func() string {
		var s []rune
		for range rng.IntN(4) {
			s = append(s, alphabet[rng.IntN(len(alphabet))])
		}
		return string(s)
	}
	for range 20000 {
		a, b := word(), word()
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := compareUTF16(a, b); got != want {
			t.Fatalf("compare(%q, %q) = %d, want %d", a, b, got, want)
		}
	}
}

func TestDecodeRestoresRecords(t *testing.T) {
	for i, r := range goldenRecords(t) {
		got, err := Decode(mustEncode(t, r))
		if err != nil {
			t.Fatalf("record %d: %v", i+1, err)
		}
		if _, isSpace := r.(*Space); !isSpace && !sameRecord(got, r) {
			t.Errorf("record %d: got %+v, want %+v", i+1, got, r)
		}
	}
}

// sameRecord compares field by field, configurations by choice: 1 and 1.0 are the same value.
func sameRecord(a, b Record) bool {
	ra, aRun := a.(*Run)
	rb, bRun := b.(*Run)
	if !aRun || !bRun {
		return reflect.DeepEqual(a, b)
	}
	x, y := *ra, *rb
	if !x.Config.Equal(y.Config) {
		return false
	}
	x.Config, y.Config = nil, nil
	return reflect.DeepEqual(x, y)
}

func TestUnknownFieldsSurvive(t *testing.T) {
	for _, text := range []string{
		`{"fingerprint":"f","kind":"task","zone":{"a":[1,null,"x",true],"b":1.5}}`,
		`{"batch":7,"fingerprint":"f","kind":"task"}`,
		`{"kind":"retraction","scope":"all","target":"` + string(id("1")) + `"}`,
		`{"config":{},"cost":{"gpu":1},"evaluator":{"name":"e","os":"linux"},"kind":"run","measures":[{"metric":"m","se":0.1,"validation":[0]}],"protocol":"` +
			string(id("b")) + `","space":"` + string(id("c")) + `","status":"complete","task":"` + string(id("a")) + `"}`,
	} {
		r, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := mustEncode(t, r); string(got) != text {
			t.Errorf("came back as %s, was %s", got, text)
		}
	}
}

func TestChangingNewerRecordIsRefused(t *testing.T) {
	r, err := Decode([]byte(`{"fingerprint":"f","kind":"task","zone":1}`))
	if err != nil {
		t.Fatal(err)
	}
	r.(*Task).Rows = 7
	if _, err := Encode(r); !errors.Is(err, ErrInvalid) {
		t.Fatalf("got %v", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good := string(mustEncode(t, fullRun()))
	for name, text := range map[string]string{
		"empty":              "",
		"not an object":      `[]`,
		"null":               `null`,
		"no kind":            `{"fingerprint":"f"}`,
		"unknown kind":       `{"kind":"tusk"}`,
		"kind as number":     `{"fingerprint":"f","kind":1}`,
		"trailing bytes":     `{"fingerprint":"f","kind":"task"} `,
		"second object":      `{"fingerprint":"f","kind":"task"}{}`,
		"white space":        `{"fingerprint": "f","kind":"task"}`,
		"unsorted":           `{"kind":"task","fingerprint":"f"}`,
		"duplicate":          `{"fingerprint":"f","fingerprint":"f","kind":"task"}`,
		"duplicate kind":     `{"fingerprint":"f","kind":"task","kind":"task"}`,
		"duplicate unknown":  `{"a":1,"a":1,"fingerprint":"f","kind":"task"}`,
		"nested duplicate":   `{"a":{"b":1,"b":2},"fingerprint":"f","kind":"task"}`,
		"escape for letter":  `{"fingerprint":"\u0066","kind":"task"}`,
		"escaped slash":      `{"fingerprint":"\/","kind":"task"}`,
		"raw control":        "{\"fingerprint\":\"\x01\",\"kind\":\"task\"}",
		"lone surrogate":     `{"fingerprint":"\ud800","kind":"task"}`,
		"invalid UTF-8":      "{\"fingerprint\":\"\xff\",\"kind\":\"task\"}",
		"UTF-8 in unknown":   "{\"a\":\"\xff\",\"fingerprint\":\"f\",\"kind\":\"task\"}",
		"1.0":                `{"fingerprint":"f","kind":"task","rows":1.0}`,
		"1e2":                `{"fingerprint":"f","kind":"task","rows":1e2}`,
		"leading zero":       `{"fingerprint":"f","kind":"task","rows":01}`,
		"plus":               `{"fingerprint":"f","kind":"task","rows":+1}`,
		"negative zero":      `{"a":-0,"fingerprint":"f","kind":"task"}`,
		"negative rows":      `{"fingerprint":"f","kind":"task","rows":-1}`,
		"fractional rows":    `{"fingerprint":"f","kind":"task","rows":1.5}`,
		"beyond 2^53":        `{"fingerprint":"f","kind":"task","rows":9007199254740994}`,
		"unknown beyond":     `{"a":9007199254740994,"fingerprint":"f","kind":"task"}`,
		"config beyond":      strings.Replace(good, `"lightgbm.num_leaves":31`, `"lightgbm.num_leaves":9007199254740994`, 1),
		"NaN":                `{"fingerprint":"f","kind":"task","rows":NaN}`,
		"Infinity":           `{"fingerprint":"f","kind":"task","rows":Infinity}`,
		"overflow":           `{"fingerprint":"f","kind":"task","rows":1e999}`,
		"explicit zero":      `{"fingerprint":"f","kind":"task","rows":0}x`,
		"truncated":          good[:len(good)-1],
		"status":             strings.Replace(good, `"complete"`, `"finished"`, 1),
		"pending":            strings.Replace(good, `"complete"`, `"pending"`, 1),
		"measures of failed": strings.Replace(good, `"complete"`, `"failed"`, 1),
		"config of list":     strings.Replace(good, `"scaler":true`, `"scaler":[1]`, 1),
		"too deep":           `{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `,"fingerprint":"f","kind":"task"}`,
		"too deep by far":    `{"a":` + strings.Repeat("[", 1e6),
		"space that lies":    `{"kind":"space","space":{"order":["x"],"parameters":{"x":{"high":0,"low":1,"type":"float"}}}}`,
		"space of text":      `{"kind":"space","space":"x"}`,
		"too large":          `{"a":"` + strings.Repeat("x", MaxBytes) + `","fingerprint":"f","kind":"task"}`,
	} {
		if r, err := Decode([]byte(text)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %+v, %v", name, r, err)
		}
	}
}

func TestExplicitEmptyFieldSurvives(t *testing.T) {
	// Another writer may spell out what this one leaves out: a different record, but not a broken one.
	text := `{"fingerprint":"f","kind":"task","rows":0}`
	r, err := Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got := mustEncode(t, r); string(got) != text {
		t.Errorf("came back as %s", got)
	}
}

func TestValidateRefuses(t *testing.T) {
	run := func(change func(*Run)) *Run {
		r := fullRun()
		change(r)
		return r
	}
	long := strings.Repeat("x", MaxName+1)
	inf, nan := math.Inf(1), math.NaN()
	for name, r := range map[string]Record{
		"fingerprint missing": &Task{},
		"task type":           &Task{Fingerprint: "f", Type: "clustering"},
		"rows":                &Task{Fingerprint: "f", Rows: -1},
		"rows beyond":         &Task{Fingerprint: "f", Rows: 1<<53 + 1},
		"features' task":      &Features{Task: "x", Extractor: "e"},
		"upper-case id":       &Features{Task: id("A"), Extractor: "e"},
		"extractor missing":   &Features{Task: id("a")},
		"NaN feature":         &Features{Task: id("a"), Extractor: "e", Values: map[string]float64{"x": nan}},
		"nameless feature":    &Features{Task: id("a"), Extractor: "e", Values: map[string]float64{"": 1}},
		"label name":          &Label{Task: id("a")},
		"long name":           &Label{Task: id("a"), Name: long},
		"empty tag":           &Label{Task: id("a"), Name: "n", Tags: []string{""}},
		"bad UTF-8":           &Label{Task: id("a"), Name: "\xff"},
		"long description":    &Label{Task: id("a"), Name: "n", Description: strings.Repeat("x", MaxText+1)},
		"no metrics":          &Protocol{Resampling: "cv"},
		"metric twice":        &Protocol{Resampling: "cv", Metrics: []Metric{{Name: "a"}, {Name: "a"}}},
		"resampling":          &Protocol{Metrics: []Metric{{Name: "a"}}},
		"test fraction":       &Protocol{Resampling: "cv", Metrics: []Metric{{Name: "a"}}, TestFraction: 1},
		"NaN fraction":        &Protocol{Resampling: "cv", Metrics: []Metric{{Name: "a"}}, TestFraction: nan},
		"split seed":          &Protocol{Resampling: "cv", Metrics: []Metric{{Name: "a"}}, SplitSeed: 1<<53 + 1},
		"empty space":         &Space{},
		"retraction's target": &Retraction{},
		"pending":             run(func(r *Run) { r.Status = study.Pending }),
		"status 99":           run(func(r *Run) { r.Status = 99 }),
		"complete, no values": run(func(r *Run) { r.Measures = nil }),
		"failed with values":  run(func(r *Run) { r.Status = study.Failed }),
		"empty measure":       run(func(r *Run) { r.Measures[0] = Measure{Metric: "accuracy"} }),
		"unsorted measures":   run(func(r *Run) { slices.Reverse(r.Measures) }),
		"measure twice":       run(func(r *Run) { r.Measures[1].Metric = r.Measures[0].Metric }),
		"infinite measure":    run(func(r *Run) { r.Measures[0].Test[1] = inf }),
		"NaN curve":           run(func(r *Run) { r.Curve[0].Value = nan }),
		"curve's fidelity":    run(func(r *Run) { r.Curve[0].Fidelity = study.Fidelity{"x": 0} }),
		"negative fidelity":   run(func(r *Run) { r.Fidelity["rows"] = -1 }),
		"infinite fidelity":   run(func(r *Run) { r.Fidelity["rows"] = inf }),
		"negative time":       run(func(r *Run) { r.Time = -1 }),
		"negative cost":       run(func(r *Run) { r.Cost.CPU = -0.1 }),
		"NaN cost":            run(func(r *Run) { r.Cost.Memory = nan }),
		"seed beyond":         run(func(r *Run) { r.Seed = 1<<53 + 1 }),
		"evaluator missing":   run(func(r *Run) { r.Evaluator.Name = "" }),
		"config NaN":          run(func(r *Run) { r.Config["x"] = space.Float(nan) }),
		"config beyond":       run(func(r *Run) { r.Config["x"] = space.Int(1<<53 + 2) }),
		"config name":         run(func(r *Run) { r.Config[""] = space.Int(1) }),
		"config text":         run(func(r *Run) { r.Config["x"] = space.String(strings.Repeat("x", MaxText+1)) }),
		"task id":             run(func(r *Run) { r.Task = "" }),
		"protocol id":         run(func(r *Run) { r.Protocol = "p" }),
		"space id":            run(func(r *Run) { r.Space = id("g") }),
	} {
		if b, err := Encode(r); !errors.Is(err, ErrInvalid) && !errors.Is(err, canonical.ErrNumber) {
			t.Errorf("%s: got %s, %v", name, b, err)
		}
	}
}

// Limits on the number of values and the length of texts are inclusive: as many are held, one more is refused.
func TestLimitsAreInclusive(t *testing.T) {
	label := func(tags, name, description int) *Label {
		l := &Label{Task: id("a"), Name: strings.Repeat("n", name), Description: strings.Repeat("d", description)}
		l.Tags = slices.Repeat([]string{"t"}, tags)
		return l
	}
	features := func(n int) *Features {
		f := &Features{Task: id("a"), Extractor: "e", Values: make(map[string]float64, n)}
		for i := range n {
			f.Values[strconv.Itoa(i)] = 1
		}
		return f
	}
	config := func(n int) *Run {
		r := fullRun()
		r.Config = make(space.Config, n)
		for i := range n {
			r.Config[strconv.Itoa(i)] = space.Int(1)
		}
		return r
	}
	measure := func(validation, test int) *Run {
		r := fullRun()
		r.Measures[0].Validation, r.Measures[0].Test = make([]float64, validation), make([]float64, test)
		return r
	}
	for name, of := range map[string]func(beyond int) Record{
		"tags":        func(beyond int) Record { return label(MaxEntries+beyond, 1, 0) },
		"name":        func(beyond int) Record { return label(0, MaxName+beyond, 0) },
		"description": func(beyond int) Record { return label(0, 1, MaxText+beyond) },
		"features":    func(beyond int) Record { return features(MaxEntries + beyond) },
		"config":      func(beyond int) Record { return config(MaxEntries + beyond) },
		"validation":  func(beyond int) Record { return measure(MaxEntries+beyond, 1) },
		"test":        func(beyond int) Record { return measure(1, MaxEntries+beyond) },
	} {
		if err := Validate(of(0)); err != nil {
			t.Errorf("%s: as many as may be: %v", name, err)
		}
		if err := Validate(of(1)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: one more than may be: %v", name, err)
		}
	}
}

func TestAppendEncodedKeepsPrefixOnError(t *testing.T) {
	r := fullRun()
	r.Config["x"] = space.Float(math.NaN())
	b, err := AppendEncoded([]byte("before"), r)
	if !errors.Is(err, canonical.ErrNumber) || string(b) != "before" {
		t.Fatalf("got %q, %v", b, err)
	}
}

func TestKey(t *testing.T) {
	key := func(change func(*Run)) ID {
		r := fullRun()
		change(r)
		k, err := Key(r)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	want := key(func(*Run) {})
	for name, change := range map[string]func(*Run){
		"status":      func(r *Run) { r.Status = study.Crashed },
		"pending":     func(r *Run) { r.Status = study.Pending },
		"measures":    func(r *Run) { r.Measures = nil },
		"curve":       func(r *Run) { r.Curve = nil },
		"cost":        func(r *Run) { r.Cost = study.Cost{} },
		"split":       func(r *Run) { r.Split = "" },
		"reason":      func(r *Run) { r.Reason = "x" },
		"contributor": func(r *Run) { r.Contributor = "" },
		"machine":     func(r *Run) { r.Machine = "" },
		"time":        func(r *Run) { r.Time = 0 },
		"1 for 1.0":   func(r *Run) { r.Config["lightgbm.num_leaves"] = space.Float(31) },
	} {
		if got := key(change); got != want {
			t.Errorf("%s changes the key", name)
		}
	}
	seen := map[ID]string{want: "nothing"}
	for name, change := range map[string]func(*Run){
		"task":      func(r *Run) { r.Task = id("1") },
		"protocol":  func(r *Run) { r.Protocol = id("1") },
		"space":     func(r *Run) { r.Space = id("1") },
		"config":    func(r *Run) { r.Config["scaler"] = space.Bool(false) },
		"missing":   func(r *Run) { delete(r.Config, "scaler") },
		"fidelity":  func(r *Run) { r.Fidelity["rows"] = 1000 },
		"full":      func(r *Run) { r.Fidelity = nil },
		"seed":      func(r *Run) { r.Seed++ },
		"evaluator": func(r *Run) { r.Evaluator.Name = "torch" },
		"version":   func(r *Run) { r.Evaluator.Version = "2" },
		"lock":      func(r *Run) { r.Evaluator.Lock = "" },
	} {
		got := key(change)
		if other, twice := seen[got]; twice {
			t.Errorf("%s and %s give the same key", name, other)
		}
		seen[got] = name
	}
	if _, err := Key(&Run{}); !errors.Is(err, ErrInvalid) {
		t.Errorf("key of an empty run: %v", err)
	}
}

func TestKeyIsNoRecord(t *testing.T) {
	// Keys and ids share a form; a key must never be some record's id.
	r := minimalRun()
	k, err := Key(r)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := Identify(r); err != nil || i == k {
		t.Fatalf("id %s, key %s, %v", i, k, err)
	}
}

func TestRound6(t *testing.T) {
	for in, want := range map[float64]float64{
		0: 0, 1: 1, 0.1: 0.1, 1.0 / 3: 0.333333, 2.0 / 3: 0.666667, 123456.5: 123456, 1234567: 1234570,
		-0.99999951: -1, 1.00000049e-9: 1e-9, 9.9999996e20: 1e21, 5e-324: 5e-324,
		math.MaxFloat64: 1.79769e308,
	} {
		if got := Round6(in); got != want {
			t.Errorf("Round6(%v) = %v, want %v", in, got, want)
		}
	}
	if got := Round6(math.Copysign(0, -1)); math.Signbit(got) {
		t.Error("Round6(-0) keeps the sign")
	}
	if !math.IsNaN(Round6(math.NaN())) || !math.IsInf(Round6(math.Inf(-1)), -1) {
		t.Error("Round6 changes NaN or an infinity")
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 10000 {
		f := math.Ldexp(rng.Float64()-0.5, rng.IntN(100)-50)
		r := Round6(f)
		if Round6(r) != r {
			t.Fatalf("Round6 is not idempotent at %v", f)
		}
		if math.Abs(r-f) > 0.5000001e-5*math.Abs(f) {
			t.Fatalf("Round6(%v) = %v is too far", f, r)
		}
	}
}

func TestRoundCost(t *testing.T) {
	got := RoundCost(study.Cost{Wall: 1.23456, CPU: 0.000123456, Fit: 99.96, Predict: 0, Memory: 123456789})
	want := study.Cost{Wall: 1.23, CPU: 0.000123, Fit: 100, Predict: 0, Memory: 123000000}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestEncodeAllocations(t *testing.T) {
	r, buf := fullRun(), make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf, _ = AppendEncoded(buf[:0], r) }); n > 8 {
		t.Errorf("encoding a run allocates %v times", n)
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range goldenRecords(new(testing.T)) {
		b, err := Encode(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"a":{"b":[1,2.5,"x",null,true]},"fingerprint":"f","kind":"task"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Decode(b)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("error without ErrInvalid: %v", err)
			}
			return
		}
		again, err := Encode(r)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("encodes to %q, %v, was %q", again, err, b)
		}
		if text, err := canonical.Transform(b); err != nil || !bytes.Equal(text, b) {
			t.Fatalf("accepted %q, canonical is %q, %v", b, text, err)
		}
	})
}

func BenchmarkEncodeRun(b *testing.B) {
	r, buf := fullRun(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendEncoded(buf[:0], r)
	}
}

func BenchmarkDecodeRun(b *testing.B) {
	text := mustEncode(b, fullRun())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

// TestKeyIsTheHashOfItsFields pins the bytes under a key: another version that hashes anything else would evaluate
// everything again that a knowledge base holds.
func TestKeyIsTheHashOfItsFields(t *testing.T) {
	full, minimal := fullRun(), minimalRun()
	hex := func(c string) string { return strings.Repeat(c, 64) }
	for _, c := range []struct {
		run  *Run
		text string
	}{
		{full, `{"config":{"learner":"lightgbm","lightgbm.learning_rate":0.0123457,"lightgbm.max_depth":null,"lightgbm.num_leaves":31,"scaler":true},` +
			`"evaluator":{"lock":"abc","name":"sklearn","version":"1"},"fidelity":{"iterations":50,"rows":2000},"kind":"run.key",` +
			`"protocol":"` + hex("b") + `","seed":42,"space":"` + hex("c") + `","task":"` + hex("a") + `"}`},
		{minimal, fmt.Sprintf(`{"config":{},"evaluator":{"name":%q},"kind":"run.key","protocol":%q,"space":%q,"task":%q}`,
			minimal.Evaluator.Name, minimal.Protocol, minimal.Space, minimal.Task)},
	} {
		if text, err := canonical.Transform([]byte(c.text)); err != nil || string(text) != c.text {
			t.Fatalf("%s is not canonical: %v", c.text, err)
		}
		if got, err := Key(c.run); err != nil || got != Sum([]byte(c.text)) {
			t.Errorf("the key is %s, %v; want the hash of %s", got, err, c.text)
		}
	}
}

func TestValidIDs(t *testing.T) {
	const good = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	if !ID(good).Valid() {
		t.Errorf("%s is refused", good)
	}
	for _, bad := range []string{"", good[1:], good + "0"} {
		if ID(bad).Valid() {
			t.Errorf("%q of %d digits is taken", bad, len(bad))
		}
	}
	for _, c := range []byte{'/', ':', '@', 'A', 'F', 'G', '`', 'g', ' ', 0, 0xff} { // the neighbours of digits among them
		for _, place := range []int{0, 31, 63} {
			bad := []byte(good)
			bad[place] = c
			if ID(bad).Valid() {
				t.Errorf("%q is taken", bad)
			}
		}
	}
}
