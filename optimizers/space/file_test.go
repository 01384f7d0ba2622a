package space

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space/yamldoc"
)

const exampleYAML = `
# a support vector machine
parameters:
  kernel: {type: categorical, choices: [rbf, poly, "linear"], weights: [2, 1, 1]}
  C:      {type: float, low: 1e-2, high: 1_000, log: true, default: 1}
  degree:
    type: int
    low: 2
    high: 5
    when: {kernel: poly}
  gamma: {type: float, low: 1e-4, high: 1, log: true, when: {kernel: [rbf, poly]}}
  coef0: {type: float, low: 0, high: 1, step: 0.25, when: {or: [{kernel: poly}, {and: [{kernel: rbf}, {shrinking: true}]}]}}
  shrinking: {type: bool, default: true}
  class_weight: {type: categorical, choices: [null, balanced]}
  tol: {type: ordinal, choices: [1e-4, .001, 0.01], when: {kernel: rbf, shrinking: false}}
  cache: {type: constant, default: 200}
forbidden:
  - {kernel: linear, class_weight: balanced}
  - or: [{degree: 5, shrinking: true}]
fidelities:
  rows: {low: 100, high: 2000, log: true}
  fraction: {low: 0.1, high: 1}
  epochs: {low: 1.5, high: 81, integer: false}
  steps: {low: 1.0, high: 9, integer: true}
`

const exampleCanonical = `{"forbidden":[{"and":[{"class_weight":"balanced"},{"kernel":"linear"}]},{"and":[{"degree":5},{"shrinking":true}]}],` +
	`"order":["kernel","C","degree","gamma","coef0","shrinking","class_weight","tol","cache"],"parameters":{` +
	`"C":{"default":1,"high":1000,"log":true,"low":0.01,"type":"float"},"cache":{"choices":[200],"type":"constant"},` +
	`"class_weight":{"choices":[null,"balanced"],"type":"categorical"},` +
	`"coef0":{"high":1,"low":0,"step":0.25,"type":"float","when":{"or":[{"kernel":"poly"},{"and":[{"kernel":"rbf"},{"shrinking":true}]}]}},` +
	`"degree":{"high":5,"low":2,"type":"int","when":{"kernel":"poly"}},` +
	`"gamma":{"high":1,"log":true,"low":0.0001,"type":"float","when":{"kernel":["rbf","poly"]}},` +
	`"kernel":{"choices":["rbf","poly","linear"],"type":"categorical","weights":[2,1,1]},` +
	`"shrinking":{"default":true,"type":"bool"},` +
	`"tol":{"choices":[0.0001,0.001,0.01],"type":"ordinal","when":{"and":[{"kernel":"rbf"},{"shrinking":false}]}}}}`

func TestParseYAML(t *testing.T) {
	f, err := ParseYAML([]byte(exampleYAML))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := f.Space.MarshalJSON(); err != nil || string(got) != exampleCanonical {
		t.Errorf("canonical JSON, %v:\n%s\nwant\n%s", err, got, exampleCanonical)
	}
	want := []FidelityRange{
		{Name: "rows", Low: 100, High: 2000, Log: true, Integer: true}, {Name: "fraction", Low: 0.1, High: 1},
		{Name: "epochs", Low: 1.5, High: 81}, {Name: "steps", Low: 1, High: 9, Integer: true},
	}
	if !slices.Equal(f.Fidelities, want) {
		t.Errorf("fidelities %+v", f.Fidelities)
	}
	if tol, _ := f.Space.Parameter("tol"); tol.Choices[1] != Float(0.001) {
		t.Errorf("choice .001 is %v, a %v", tol.Choices[1], tol.Choices[1].Kind())
	}
}

// TestJSONFileKeepsOrder checks that the JSON form of a space file, which encoding/json would read into a map, keeps
// the document's order.
func TestJSONFileKeepsOrder(t *testing.T) {
	f, err := ParseYAML([]byte(`{"schema_version": 1, "parameters": {"z": {"type": "bool"}, "a": {"type": "bool", "when": {"z": true}}, "m": {"type": "bool"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.Space.Names(), ""); got != "zam" {
		t.Errorf("order %s", got)
	}
}

// TestFileErrors lists malformed and contradictory files, with the line and the words their one error must have.
func TestFileErrors(t *testing.T) {
	for _, tc := range []struct{ name, file, want string }{
		{"empty", "", "the document is empty"},
		{"only a comment", "# nothing\n", "the document is empty"},
		{"a list", "- 1\n", "line 1: a space file must be a mapping, not a list"},
		{"no parameters", "forbidden: []\n", `"parameters" is missing`},
		{"misspelt section", "paramters:\n  x: {type: bool}\n", `line 1: a space file has an unknown key "paramters"; did you mean "parameters"?`},
		{"parameters a list", "parameters:\n  - x\n", "line 1: parameters must be a mapping"},
		{"parameter a value", "parameters:\n  x: bool\n", `line 2: parameter "x": a parameter must be a mapping, not a single value`},
		{"no type", "parameters:\n  x: {low: 1, high: 2}\n", `line 2: parameter "x": type is missing`},
		{"misspelt type", "parameters:\n\n  x: {type: flaot}\n", `line 3: parameter "x": unknown type "flaot"`},
		{"misspelt type, hint", "parameters:\n  x: {type: Int}\n", `did you mean "int"?`},
		{"misspelt key", "parameters:\n  x:\n    type: float\n    hihg: 2\n", `line 4: parameter "x": a parameter has an unknown key "hihg"; did you mean "high"?`},
		{"unlike any key", "parameters:\n  x: {type: bool, zzzzzzz: 1}\n", `unknown key "zzzzzzz"`},
		{"no high", "parameters:\n  x: {type: float, low: 1}\n", `type float needs "high"`},
		{"low no number", "parameters:\n  x: {type: float, low: a, high: 1}\n", "low must be a number"},
		{"high a list", "parameters:\n  x: {type: float, low: 0, high: [1]}\n", "high must be a number"},
		{"log no bool", "parameters:\n  x: {type: float, low: 1, high: 2, log: 10}\n", "log must be true or false"},
		{"choices no list", "parameters:\n  x: {type: categorical, choices: a}\n", "choices must be a list, not a single value"},
		{"nested choice", "parameters:\n  x: {type: categorical, choices: [[a]]}\n", "an entry of choices must be a single value, not a list"},
		{"weight no number", "parameters:\n  x: {type: bool, weights: [a, 1]}\n", "weight NaN is not a probability"},
		{"default a list", "parameters:\n  x: {type: bool, default: [true]}\n", "default must be a single value"},
		{"infinite", "parameters:\n  x: {type: float, low: -.inf, high: 1}\n", "infinities and NaN are no values"},
		{"large integer", "parameters:\n  x: {type: int, low: 0, high: 9007199254740993}\n", "9007199254740993 is beyond 2^53"},
		{"negative large integer", "parameters:\n  x: {type: int, low: -9007199254740993, high: 0}\n", "beyond 2^53"},
		{"leading zero", "parameters:\n  x: {type: int, low: 1, high: 010}\n", "line 2: 010: write a number without the leading 0"},
		{"leading zero, no octal", "parameters:\n  x: {type: categorical, choices: [089, a]}\n", "089: write a number without the leading 0, a text in quotes"},
		{"huge number", "parameters:\n  x: {type: float, low: 0, high: 1e999}\n", "is no number"},
		{"same parameter twice", "parameters:\n  x: {type: bool}\n  x: {type: bool}\n", "line 3"},
		{"same JSON key twice", "{\"parameters\": {\n\"x\": {\"type\": \"bool\"},\n\n\"x\": {\"type\": \"bool\"}}}", `line 4: key "x" is given twice, first on line 2`},
		{"contradiction", "parameters:\n  a: {type: bool}\n  x: {type: float, low: 2, high: 1}\n", `line 3: parameter "x": low 2 is above high 1`},
		{"unknown parent", "parameters:\n  kernel: {type: bool}\n  x:\n    type: bool\n    when: {kernl: true}\n", `line 3: hyperparameter "x": condition on "kernl"`},
		{"cycle", "parameters:\n  x: {type: bool, when: {y: true}}\n  y: {type: bool, when: {x: true}}\n", "line 2: hyperparameter \"x\": conditions form a cycle"},
		{"when a value", "parameters:\n  x: {type: bool, when: y}\n", "a condition must be a mapping"},
		{"when empty", "parameters:\n  x: {type: bool, when: {}}\n", "a condition names no parameter"},
		{"and no list", "parameters:\n  x: {type: bool, when: {and: {y: 1}}}\n", "and must be a list"},
		{"or empty", "parameters:\n  x: {type: bool, when: {or: []}}\n", `"or" joins no conditions`},
		{"when a mapping", "parameters:\n  x: {type: bool, when: {y: {z: 1}}}\n", `condition on "y" must be a value or a list`},
		{"forbidden no list", "parameters:\n  x: {type: bool}\nforbidden: {x: true}\n", "line 3: forbidden must be a list"},
		{"forbids all", "parameters:\n  x: {type: bool}\nforbidden:\n  - {x: [true, false]}\n", "exclude every configuration"},
		{"bad clause", "parameters:\n  x: {type: bool}\nforbidden:\n  - {x: true}\n  - {x: 7}\n", "line 5: forbidden clause 2"},
		{"order too short", `{"parameters": {"x": {"type": "bool"}}, "order": []}`, "order lists 0 of the 1 parameters"},
		{"order unknown", `{"parameters": {"x": {"type": "bool"}}, "order": ["y"]}`, `order lists "y", which is no parameter`},
		{"order twice", `{"parameters": {"x": {"type": "bool"}, "y": {"type": "bool"}}, "order": ["x", "x"]}`, `order lists "x" twice`},
		{"order no list", "parameters: {x: {type: bool}}\norder: x\n", "order must be a list"},
		{"future version", "schema_version: 2\nparameters: {x: {type: bool}}\n", "schema_version 2 is not 1"},
		{"fidelity from zero", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 0, high: 1}\n", `line 3: fidelity "e": low must be above 0`},
		{"fidelity upside down", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 3, high: 1}\n", "low 3 is above high 1"},
		{"fidelity without high", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 3}\n", "a fidelity needs low and high"},
		{"fidelity key", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 3, high: 9, int: true}\n", `unknown key "int"`},
		{"fidelity broken integer", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 0.5, high: 9, integer: true}\n", "whole low and high"},
		{"fidelity flag", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 1, high: 9, log: 1}\n", "log must be true or false"},
		{"fidelity low", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: a, high: 9}\n", "low must be a number"},
		{"fidelity high", "parameters: {x: {type: bool}}\nfidelities:\n  e: {low: 1, high: b}\n", "high must be a number"},
		{"fidelities a list", "parameters: {x: {type: bool}}\nfidelities: [e]\n", "fidelities must be a mapping"},
		{"fidelity a value", "parameters: {x: {type: bool}}\nfidelities: {e: 9}\n", "a fidelity must be a mapping"},
		{"alias", "parameters:\n  x: &x {type: bool}\n  y: *x\n", "cannot contain a YAML"},
		{"merge", "parameters:\n  x: {type: bool}\n  <<: {y: 1}\n", "line 3: a key must be a plain word"},
		{"tag", "parameters:\n  x: !!map {type: bool}\n", "cannot contain a YAML Tag"},
		{"complex key", "parameters:\n  ? [a, b]\n  : {type: bool}\n", "invalid key"},
		{"no parameters", "# nothing\nparameters: {}\n", "line 2: there are no parameters to search; declare at least one"},
		{"two documents", "parameters: {x: {type: bool}}\n---\nparameters: {}\n", "a second YAML document"},
		{"broken YAML", "parameters:\n  x: [1, 2\n", "malformed YAML"},
		{"too long", strings.Repeat("#", yamldoc.MaxBytes+1), "longer than"},
		{"too deep", "parameters: " + strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2), "nested more than 100 deep"},
	} {
		f, err := ParseYAML([]byte(tc.file))
		switch {
		case err == nil:
			t.Errorf("%s: accepted", tc.name)
		case !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tc.want):
			t.Errorf("%s: %q, want ErrInvalid with %q", tc.name, err, tc.want)
		case strings.Contains(err.Error(), "\n"):
			t.Errorf("%s: the error has several lines: %q", tc.name, err)
		case f.Space.Len() != 0 || f.Fidelities != nil:
			t.Errorf("%s: returns a file with its error", tc.name)
		}
	}
}

func TestParse(t *testing.T) {
	s, err := Parse([]byte(exampleCanonical))
	if err != nil {
		t.Fatal(err)
	}
	f, err := ParseYAML([]byte(exampleYAML))
	if err != nil || !reflect.DeepEqual(f.Space, s) {
		t.Errorf("the canonical JSON and the file it was written from are different spaces: %v", err)
	}
	for _, tc := range []struct{ in, want string }{
		{"", "malformed JSON"},
		{"{", "malformed JSON"},
		{"{\n\n!}", "line 3: malformed JSON"},
		{"[]", "must be a mapping"},
		{"null", "must be a mapping"},
		{"parameters: {}", "malformed JSON"},
		{"{\"parameters\": {\"\xff\": {}}}", "UTF-8"},
		{`{"parameters": {}, "fidelities": {}}`, "fidelities belong to a space file"},
		{`{"parameters": {"x": {"type": "float", "low": 1e999, "high": 2}}}`, "no number"},
		{`{"parameters": ` + strings.Repeat("[", maxDepth+2) + strings.Repeat("]", maxDepth+2) + "}", "nested more than 100 deep"},
		{`{"parameters": ` + strings.Repeat("[", 1<<20), "malformed JSON"},
	} {
		if _, err := Parse([]byte(tc.in)); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%.40q: error %v, want ErrInvalid with %q", tc.in, err, tc.want)
		}
	}
}

func TestSpaceInJSON(t *testing.T) {
	type record struct {
		Space Space `json:"space"`
	}
	in := record{svm(t)}
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out record
	if err := json.Unmarshal(b, &out); err != nil || !reflect.DeepEqual(in, out) {
		t.Errorf("read back %v from %s", err, b)
	}
	if err := json.Unmarshal([]byte(`{"space": {"parameters": 1}}`), &out); !errors.Is(err, ErrInvalid) {
		t.Errorf("error %v", err)
	}
	if b, _ := (Space{}).MarshalJSON(); string(b) != `{"order":[],"parameters":{}}` {
		t.Errorf("the zero space is %s", b)
	}
}

// TestRandomSpacesRoundTrip checks, over random spaces, that writing and reading lose nothing.
func TestRandomSpacesRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 300 {
		s := randomSpace(t, rng, 12)
		b, err := s.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		back, err := Parse(b)
		if err != nil {
			t.Fatalf("%v in %s", err, b)
		}
		if !reflect.DeepEqual(s, back) {
			t.Fatalf("%s is another space:\n%+v\n%+v", b, s, back)
		}
		again, _ := back.MarshalJSON()
		if !bytes.Equal(b, again) {
			t.Fatalf("written again:\n%s\n%s", b, again)
		}
	}
}

// TestHash pins the identity of a space: records name spaces by it.
func TestHash(t *testing.T) {
	s, err := Parse([]byte(exampleCanonical))
	if err != nil {
		t.Fatal(err)
	}
	// printf '%s' "$exampleCanonical" | sha256sum
	const want = "31d224f4b620ac380d6462a2bfd10e80a134f6b6daca995bea47e1b90f291970"
	if got, err := s.Hash(); err != nil || got != want {
		t.Errorf("hash %s, %v; want %s", got, err, want)
	}
}

// hostile are documents of the longest allowed size that make careless parsers recurse without bound or run in
// quadratic time.
func hostile() [][]byte {
	var docs [][]byte
	for _, pattern := range []string{"[", "{a: ", "{", "- ", "? ", "a: ", "&a ", "!a ", "*a ", "|", "\"", "'", "- - -\n", "#", "a:\n", "\t", "%"} {
		docs = append(docs, []byte(strings.Repeat(pattern, 20_000/len(pattern))))
	}
	return docs
}

func TestHostileYAML(t *testing.T) {
	for _, doc := range hostile() {
		if _, err := ParseYAML(doc); !errors.Is(err, ErrInvalid) {
			t.Errorf("%.10q…: error %v", doc, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(exampleCanonical))
	f.Add([]byte(`{"parameters":{"x":{"type":"float","low":-0.0,"high":1e-7,"step":1e-9}},"forbidden":[{"x":0}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		checkParsed(t, s, err)
	})
}

func FuzzParseYAML(f *testing.F) {
	f.Add([]byte(exampleYAML))
	f.Add([]byte("parameters: {x: {type: int, low: 0x1, high: 0o17}}\nfidelities: {e: {low: 1, high: 2}}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseYAML(data)
		checkParsed(t, file.Space, err)
	})
}

// checkParsed checks what must hold of a parser's result on any input: an error that is ErrInvalid, or a space that
// survives writing and reading and whose default is complete.
func checkParsed(t *testing.T, s Space, err error) {
	t.Helper()
	if err != nil {
		if !errors.Is(err, ErrInvalid) {
			t.Fatalf("%v is not ErrInvalid", err)
		}
		return
	}
	b, err := s.MarshalJSON()
	if err != nil {
		t.Fatalf("accepted but not writable: %v", err)
	}
	back, err := Parse(b)
	if err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	if !reflect.DeepEqual(s, back) {
		t.Fatalf("%s is another space", b)
	}
	if _, err := s.Complete(Config{}); err != nil && len(s.forbidden) == 0 {
		t.Fatalf("default: %v", err)
	}
	u := make([]float64, s.Len())
	checkRoundTrip(t, s, s.Decode(u))
	if len(s.params) > 100 {
		return
	}
	rng := rand.New(rand.NewPCG(1, 2))
	c, err := s.Sample(rng)
	if err != nil {
		return // hardly anything is allowed
	}
	checkConfig(t, s, c)
	checkRoundTrip(t, s, c)
	if err := s.Validate(c); err != nil {
		t.Fatalf("%v was drawn: %v", c, err)
	}
	for n := range s.Neighbours(c, rng) {
		if err := s.Validate(n); err != nil {
			t.Fatalf("%v is a neighbour: %v", n, err)
		}
	}
}

// TestQuotedNumberIsText: what looks like a number that other readers of YAML take for octal is a text in quotes.
func TestQuotedNumberIsText(t *testing.T) {
	file, err := ParseYAML([]byte("parameters:\n  zip: {type: categorical, choices: [\"010\", '089']}\n"))
	if err != nil {
		t.Fatal(err)
	}
	h, _ := file.Space.Parameter("zip")
	if want := []Value{String("010"), String("089")}; !slices.Equal(h.Choices, want) {
		t.Errorf("choices are %v, want %v", h.Choices, want)
	}
}
