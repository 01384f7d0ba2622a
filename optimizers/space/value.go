package space

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

// Kind tells what a Value holds.
type Kind uint8

// The kinds of a Value.
const (
	KindNull Kind = iota
	KindBool
	KindInt
	KindFloat
	KindString
)

// String returns the kind's JSON-like name: null, bool, int, float or string.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

var kindNames = [...]string{"null", "bool", "int", "float", "string"}

// Value is one hyperparameter's value: null, a boolean, an integer within 2^53, a finite float or a string.
// The zero Value is null. Values are comparable with == ; use Equal where 1 and 1.0 are the same choice.
type Value struct {
	kind Kind
	num  float64
	str  string
}

// Null returns the null value.
func Null() Value { return Value{} }

// Bool returns a boolean value.
func Bool(b bool) Value {
	v := Value{kind: KindBool}
	if b {
		v.num = 1
	}
	return v
}

// Int returns an integer value; beyond 2^53 it is refused when validated or written.
func Int(i int64) Value { return Value{kind: KindInt, num: float64(i)} }

// Float returns a float value; NaN and infinities are refused when validated or written.
// Minus zero is zero.
func Float(f float64) Value { return Value{kind: KindFloat, num: f + 0} }

// String returns a string value.
func String(s string) Value { return Value{kind: KindString, str: s} }

// Kind tells what v holds.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is null.
func (v Value) IsNull() bool { return v.kind == KindNull }

// IsNumber reports whether v is an integer or a float.
func (v Value) IsNumber() bool { return v.kind == KindInt || v.kind == KindFloat }

// Bool returns the boolean v holds, false for any other kind.
func (v Value) Bool() bool { return v.kind == KindBool && v.num != 0 }

// Int returns the number v holds, truncated towards zero; 0 for other kinds.
func (v Value) Int() int64 {
	if !v.IsNumber() {
		return 0
	}
	return int64(v.num)
}

// Float returns the number v holds; NaN for other kinds.
func (v Value) Float() float64 {
	if !v.IsNumber() {
		return math.NaN()
	}
	return v.num
}

// Text returns the string v holds, and for other kinds the JSON text of the value.
func (v Value) Text() string {
	if v.kind == KindString {
		return v.str
	}
	return v.String()
}

// String returns the JSON text of v.
func (v Value) String() string {
	b, err := v.MarshalJSON()
	if err != nil {
		return strconv.FormatFloat(v.num, 'g', -1, 64)
	}
	return string(b)
}

// Equal reports whether v and w are the same choice: same kind and content, an integer and a float by number.
func (v Value) Equal(w Value) bool {
	if v.IsNumber() && w.IsNumber() {
		return v.num == w.num
	}
	return v == w
}

// whole returns v as an integer if it is a whole float, which is what JSON makes of it.
func (v Value) whole() Value {
	if v.kind == KindFloat && v.num == math.Trunc(v.num) {
		v.kind = KindInt
	}
	return v
}

// check refuses what canonical JSON cannot carry.
func (v Value) check() error {
	switch {
	case v.IsNumber():
		return canonical.CheckNumber(v.num)
	case v.kind == KindString && !utf8.ValidString(v.str):
		return fmt.Errorf("string %q is not valid UTF-8", v.str)
	}
	return nil
}

// MarshalJSON writes v as canonical JSON; it fails with canonical.ErrNumber for NaN, infinities and integers
// beyond 2^53, and for strings that are not UTF-8.
func (v Value) MarshalJSON() ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	switch v.kind {
	case KindNull:
		return []byte("null"), nil
	case KindBool:
		return strconv.AppendBool(nil, v.num != 0), nil
	case KindString:
		return canonical.Marshal(v.str)
	}
	if v.num == math.Trunc(v.num) && math.Abs(v.num) < 1e15 {
		return strconv.AppendInt(nil, int64(v.num), 10), nil
	}
	return canonical.Marshal(v.num)
}

// UnmarshalJSON reads null, a boolean, a number or a string. A number without fraction and exponent becomes an
// integer, any other a float; Space.Normalize gives it the kind its hyperparameter asks for.
func (v *Value) UnmarshalJSON(b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return fmt.Errorf("space: empty value")
	}
	switch b[0] {
	case '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return fmt.Errorf("space: %w", err)
		}
		*v = String(s)
		return nil
	case '{', '[':
		return fmt.Errorf("space: a value is null, a boolean, a number or a string, not %.20s", b)
	}
	switch string(b) {
	case "null":
		*v = Null()
	case "true", "false":
		*v = Bool(b[0] == 't')
	default:
		return v.parseNumber(string(b))
	}
	return nil
}

// parseNumber reads a JSON number. An integer is refused unless it is held exactly.
func (v *Value) parseNumber(text string) error {
	whole := !strings.ContainsAny(text, ".eE")
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return fmt.Errorf("space: %q is no number: %w", text, err)
	}
	if whole {
		if i, err := strconv.ParseInt(text, 10, 64); err != nil || max(i, -i) > canonical.MaxInteger {
			return fmt.Errorf("space: %s: %w", text, canonical.ErrNumber)
		}
	}
	if err := canonical.CheckNumber(f); err != nil {
		return fmt.Errorf("space: %w", err)
	}
	*v = Float(f)
	if whole {
		v.kind = KindInt
	}
	return nil
}
