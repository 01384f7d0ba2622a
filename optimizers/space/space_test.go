package space

import (
	"errors"
	"strings"
	"testing"
)

// svm is a small conditional space with a forbidden clause.
func svm(t testing.TB) Space {
	t.Helper()
	s, err := New([]Hyperparameter{
		{Name: "degree", Type: TypeInt, Low: 2, High: 5, When: Equals("kernel", String("poly"))},
		{Name: "kernel", Type: TypeCategorical, Choices: []Value{String("rbf"), String("poly"), String("linear")}},
		{Name: "C", Low: 0.1, High: 10, Log: true, Default: Int(2), HasDefault: true},
		{Name: "gamma", Low: 1e-4, High: 1, Log: true, When: In("kernel", String("rbf"), String("poly"))},
	}, *And(*Equals("degree", Int(5)), *Equals("C", Int(10))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNormalize(t *testing.T) {
	s := svm(t)
	for _, tc := range []struct {
		name string
		c    Config
		want string // part of the error; none if empty
	}{
		{"valid", Config{"kernel": String("linear"), "C": Int(1)}, ""},
		{"all active", Config{"kernel": String("poly"), "C": Int(1), "gamma": Float(0.5), "degree": Float(3)}, ""},
		{"missing", Config{"kernel": String("rbf"), "C": Int(1)}, `"gamma" is missing`},
		{"inactive", Config{"kernel": String("linear"), "C": Int(1), "gamma": Float(0.5)}, `"gamma" is given but inactive`},
		{"outside", Config{"kernel": String("linear"), "C": Int(11)}, `"C": 11 is outside [0.1, 10]`},
		{"no choice", Config{"kernel": String("rbff"), "C": Int(1)}, `"kernel": "rbff" is none of`},
		{"unknown", Config{"kernel": String("linear"), "C": Int(1), "gama": Int(1)}, `"gama" does not exist in this space; did you mean "gamma"?`},
		{"forbidden", Config{"kernel": String("poly"), "C": Int(10), "gamma": Float(0.5), "degree": Int(5)}, "forbidden clause 1"},
	} {
		c, err := s.Normalize(tc.c)
		switch {
		case tc.want == "" && err != nil:
			t.Errorf("%s: %v", tc.name, err)
		case tc.want == "" && (c["C"].Kind() != KindFloat || !c.Equal(tc.c)):
			t.Errorf("%s: became %v", tc.name, c)
		case tc.want != "" && (err == nil || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), tc.want)):
			t.Errorf("%s: error %v, want ErrInvalid with %q", tc.name, err, tc.want)
		}
	}
	c, _ := s.Normalize(Config{"kernel": String("poly"), "C": Int(1), "gamma": Float(0.5), "degree": Float(3)})
	if c["degree"] != Int(3) {
		t.Errorf("degree 3.0 became %v", c["degree"].Kind())
	}
}

func TestComplete(t *testing.T) {
	s := svm(t)
	c, err := s.Complete(Config{"kernel": String("poly"), "degree": Int(4)})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{"kernel": String("poly"), "degree": Int(4), "C": Float(2), "gamma": s.params[3].DefaultValue()}
	if !c.Equal(want) {
		t.Errorf("completed to %v, want %v", c, want)
	}
	c, err = s.Complete(Config{"kernel": String("linear"), "degree": Int(4)})
	if err != nil || !c.Equal(Config{"kernel": String("linear"), "C": Float(2)}) {
		t.Errorf("an inactive value must be dropped: %v, %v", c, err)
	}
	for _, bad := range []Config{{"x": Int(1)}, {"C": Int(100)}} {
		if _, err := s.Complete(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v completed with error %v", bad, err)
		}
	}
}

func TestSpaceAccessors(t *testing.T) {
	s := svm(t)
	if s.Len() != 4 || strings.Join(s.Names(), " ") != "degree kernel C gamma" || s.Index("gamma") != 3 || s.Index("x") != -1 {
		t.Errorf("%d hyperparameters %v", s.Len(), s.Names())
	}
	if h, ok := s.Parameter("degree"); !ok || h.High != 5 {
		t.Errorf("degree is %+v, %v", h, ok)
	}
	if _, ok := s.Parameter("x"); ok {
		t.Error("x is found")
	}
	if !s.Conditional() || len(s.Forbidden()) != 1 {
		t.Error("conditions or clauses are lost")
	}
	if d := s.Default(); !d.Equal(Config{"kernel": String("rbf"), "C": Float(2), "gamma": d["gamma"]}) {
		t.Errorf("default %v", d)
	}
	var zero Space
	if zero.Len() != 0 || len(zero.Default()) != 0 || zero.Index("x") != -1 || zero.Validate(Config{}) != nil {
		t.Error("the zero space admits the empty configuration")
	}
	for typ := TypeFloat; typ <= TypeConstant; typ++ {
		if back, err := ParseType(typ.String()); err != nil || back != typ {
			t.Errorf("%v read back as %v, %v", typ, back, err)
		}
	}
	if _, err := ParseType("real"); err == nil {
		t.Error("type real is read")
	}
}
