package space

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

// Type is a hyperparameter's type.
type Type uint8

// The types of hyperparameters. Float and Int lie in [Low, High]; Categorical, Ordinal and Constant list their
// Choices; Bool chooses between false and true.
const (
	TypeFloat Type = iota
	TypeInt
	TypeCategorical
	TypeOrdinal
	TypeBool
	TypeConstant
)

var typeNames = [...]string{"float", "int", "categorical", "ordinal", "bool", "constant"}

// String returns the type as space files spell it.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// ParseType reads a type as String spells it.
func ParseType(name string) (Type, error) {
	if i := slices.Index(typeNames[:], name); i >= 0 {
		return Type(i), nil
	}
	return 0, fmt.Errorf("unknown type %q (one of %v)", name, typeNames)
}

// Hyperparameter is one dimension of a search space.
type Hyperparameter struct {
	Name string
	Type Type
	// Low and High bound Float and Int, both ends included. Neither lies beyond 2^53, where a float is an integer that
	// canonical JSON does not carry.
	Low, High float64
	// Log samples and encodes Float and Int in the logarithm; Low must then be positive.
	Log bool
	// Step, when positive, keeps Float and Int on the grid Low, Low+Step, … It must be wide enough for floats to tell
	// its points apart.
	Step float64
	// Choices lists the values of Categorical, Ordinal (in order) and Constant (exactly one). They may be mixed
	// and may include null. Bool needs none. JSON has one kind of number, so a whole float among the choices is
	// the integer: a parameter for which 1.0 and 1 differ must be a Float.
	Choices []Value
	// Weights are the probabilities of the Choices under random sampling, up to scale; nil means equal.
	Weights []float64
	// Default is used where nothing better is known; Null with HasDefault false asks for the middle of the range
	// or the first choice.
	Default    Value
	HasDefault bool
	// When makes the hyperparameter active; nil means always.
	When *Condition
}

// Discrete reports whether the hyperparameter takes values from a list (Categorical, Ordinal, Bool, Constant).
func (h Hyperparameter) Discrete() bool { return h.Type >= TypeCategorical }

// Values returns the choices of a discrete hyperparameter, false and true for Bool, nil for Float and Int.
func (h Hyperparameter) Values() []Value {
	if h.Type == TypeBool {
		return []Value{Bool(false), Bool(true)}
	}
	return h.Choices
}

// DefaultValue returns the declared default, or the middle of the range (of its logarithm when Log), or the
// first choice.
func (h Hyperparameter) DefaultValue() Value {
	switch {
	case h.HasDefault:
		return h.Default
	case h.Discrete():
		return h.Values()[0]
	}
	mid := (h.Low + h.High) / 2
	if h.Log {
		mid = math.Sqrt(h.Low * h.High)
		if h.Low*h.High < smallestNormal { // the product has lost digits, or all of them
			mid = math.Sqrt(h.Low) * math.Sqrt(h.High)
		}
	}
	return h.number(mid)
}

// smallestNormal is the smallest positive float64 of full precision.
const smallestNormal = 0x1p-1022

// number puts f on the hyperparameter's grid and within its bounds, as a value of its kind. Halves round to even.
func (h Hyperparameter) number(f float64) Value {
	switch {
	case h.Step > 0:
		k := min(max(math.RoundToEven((f-h.Low)/h.Step), 0), h.lastStep())
		f = h.point(k)
	case h.Type == TypeInt:
		f = math.RoundToEven(f)
	}
	f = min(max(f, h.Low), h.High)
	if h.Type == TypeInt {
		return Int(int64(math.RoundToEven(f)))
	}
	return Float(f)
}

// Count returns the number of values that the hyperparameter can have, 0 for a continuous one.
func (h Hyperparameter) Count() int {
	switch {
	case h.Discrete():
		return len(h.Values())
	case h.Low == h.High:
		return 1
	case h.grid() == 0:
		return 0
	}
	return int(h.lastStep()) + 1
}

// Point returns the value number k of a hyperparameter that is not continuous, counted from 0 in ascending order, or
// as choices are listed.
func (h Hyperparameter) Point(k int) Value {
	if h.Discrete() {
		return h.Values()[k]
	}
	return h.number(h.Low + float64(float64(k)*h.grid()))
}

// finestDecimal is the scale of the most decimals that grid points are rounded to.
const finestDecimal = 1e15

// point returns grid point k of a Step. Where Low and Step have few decimals it has no more than they: steps of 0.3
// from 0 lead to 0.9, not to 0.8999999999999999.
func (h Hyperparameter) point(k float64) float64 {
	for scale := 1.0; scale <= finestDecimal; scale *= 10 {
		low, step := math.RoundToEven(h.Low*scale), math.RoundToEven(h.Step*scale)
		if low/scale != h.Low || step/scale != h.Step {
			continue
		}
		if sum := low + float64(k*step); math.Abs(low) <= canonical.MaxInteger && math.Abs(sum) <= canonical.MaxInteger {
			return sum / scale // of whole numbers: the nearest float to that decimal
		}
		break
	}
	return h.Low + float64(k*h.Step)
}

// grid returns the distance between neighbouring values, 0 for a continuous hyperparameter.
func (h Hyperparameter) grid() float64 {
	if h.Type == TypeInt {
		return max(h.Step, 1)
	}
	return h.Step
}

// lastStep returns the number of the last grid point, counted from 0.
func (h Hyperparameter) lastStep() float64 {
	return math.Floor((h.High-h.Low)/h.grid() + gridTolerance)
}

// normalize gives v the kind the hyperparameter asks for and checks that it is allowed.
func (h Hyperparameter) normalize(v Value) (Value, error) {
	if h.Discrete() {
		for _, c := range h.Values() {
			if c.Equal(v) {
				return c, nil
			}
		}
		return v, fmt.Errorf("%s is none of %v", v, h.Values())
	}
	if !v.IsNumber() {
		return v, fmt.Errorf("%s is no number", v)
	}
	f := v.Float()
	if math.IsNaN(f) || f < h.Low || f > h.High {
		return v, fmt.Errorf("%s is outside [%g, %g]", v, h.Low, h.High)
	}
	if h.Type == TypeInt && f != math.Trunc(f) {
		return v, fmt.Errorf("%s is no integer", v)
	}
	n := h.number(f)
	if h.Step > 0 && math.Abs(n.num-f) > gridTolerance*h.Step+h.ulp() {
		return v, fmt.Errorf("%s is not on the grid %g, %g, …", v, h.Low, h.Low+h.Step)
	}
	return n, nil
}

// compare orders normalized values: choices as they are listed, numbers by size.
func (h Hyperparameter) compare(v, w Value) int {
	if !h.Discrete() {
		return cmp.Compare(v.Float(), w.Float())
	}
	return cmp.Compare(slices.Index(h.Values(), v), slices.Index(h.Values(), w))
}

// gridTolerance is how far, in steps, a number may lie from its grid point: 0.1 + 0.2 is on the grid 0, 0.1, ….
const gridTolerance = 1e-6

// finestGrid is the least step, in units of ulp, at which rounding never takes a grid point for its neighbour.
const finestGrid = 32

// ulp returns the distance between floats at the end of the range that is farther from zero; 0 for an Int, whose grid
// is exact.
func (h Hyperparameter) ulp() float64 {
	if h.Type == TypeInt {
		return 0
	}
	end := max(math.Abs(h.Low), math.Abs(h.High))
	return math.Nextafter(end, math.Inf(1)) - end
}

// copy returns h sharing nothing with it, with its choices and default in the kinds that survive canonical JSON.
func (h Hyperparameter) copy() Hyperparameter {
	h.Choices, h.Weights, h.When = slices.Clone(h.Choices), slices.Clone(h.Weights), h.When.clone()
	for i, c := range h.Choices {
		h.Choices[i] = c.whole()
	}
	if h.HasDefault = h.HasDefault && h.Type != TypeConstant; h.HasDefault {
		h.Default, _ = h.normalize(h.Default)
	} else {
		h.Default = Null()
	}
	return h
}

// validate checks one declaration on its own; conditions are checked by New, which knows the other names.
func (h Hyperparameter) validate() error {
	switch {
	case h.Name == "":
		return errors.New("a hyperparameter needs a name")
	case !utf8.ValidString(h.Name):
		return errors.New("the name is not valid UTF-8")
	case h.Name == wordAnd || h.Name == wordOr:
		return fmt.Errorf("%q is kept for conditions and cannot name a hyperparameter", h.Name)
	case int(h.Type) >= len(typeNames):
		return fmt.Errorf("unknown type %d", h.Type)
	}
	var err error
	if h.Discrete() {
		err = h.validateChoices()
	} else {
		err = h.validateRange()
	}
	if err != nil {
		return err
	}
	if h.HasDefault {
		if _, err := h.normalize(h.Default); err != nil {
			return fmt.Errorf("default: %w", err)
		}
	}
	return nil
}

func (h Hyperparameter) validateRange() error {
	for _, f := range []float64{h.Low, h.High, h.Step} {
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return fmt.Errorf("low, high and step must be finite, not %v", f)
		}
	}
	switch {
	case h.Low > h.High:
		return fmt.Errorf("low %g is above high %g", h.Low, h.High)
	case h.Log && h.Low <= 0:
		return fmt.Errorf("a log range needs low > 0, not %g", h.Low)
	case max(math.Abs(h.Low), math.Abs(h.High)) > canonical.MaxInteger:
		return fmt.Errorf("the range from %g to %g goes beyond 2^53; use a log range of a smaller unit", h.Low, h.High)
	case h.Step < 0:
		return fmt.Errorf("step %g is negative", h.Step)
	case h.Step > 0 && h.Step < finestGrid*h.ulp():
		return fmt.Errorf("step %g is too fine for floats between %g and %g; leave it out", h.Step, h.Low, h.High)
	case len(h.Choices) > 0 || len(h.Weights) > 0:
		return fmt.Errorf("type %s takes low and high, not choices", h.Type)
	case h.Type == TypeInt && (h.Low != math.Trunc(h.Low) || h.High != math.Trunc(h.High) || h.Step != math.Trunc(h.Step)):
		return errors.New("type int needs whole low, high and step")
	}
	return nil
}

func (h Hyperparameter) validateChoices() error {
	values := h.Values()
	switch {
	case h.Low != 0 || h.High != 0 || h.Log || h.Step != 0:
		return fmt.Errorf("type %s takes choices, not low, high, log or step", h.Type)
	case h.Type == TypeBool && len(h.Choices) > 0:
		return errors.New("type bool takes no choices: they are false and true")
	case h.Type == TypeConstant && len(values) != 1:
		return fmt.Errorf("a constant needs exactly one choice, not %d", len(values))
	case len(values) == 0:
		return fmt.Errorf("type %s needs choices", h.Type)
	case h.Weights != nil && len(h.Weights) != len(values):
		return fmt.Errorf("%d weights for %d choices", len(h.Weights), len(values))
	}
	sum := 0.0
	for _, w := range h.Weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("weight %v is not a probability", w)
		}
		sum += w
	}
	switch {
	case h.Weights != nil && sum <= 0:
		return errors.New("all weights are zero")
	case math.IsInf(sum, 0):
		return errors.New("the weights add up to infinity; divide them by the largest")
	}
	seen := make(map[Value]bool, len(values))
	for _, v := range values {
		if err := v.check(); err != nil {
			return err
		}
		if seen[v.whole()] {
			return fmt.Errorf("choice %s is listed twice", v)
		}
		seen[v.whole()] = true
	}
	return nil
}
