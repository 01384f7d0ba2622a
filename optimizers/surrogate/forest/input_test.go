package forest

import (
	"errors"
	"math"
	"testing"
)

// TestInvalidInput checks that bad data and options are refused, naming the place.
func TestInvalidInput(t *testing.T) {
	inf := math.Inf(1)
	good := column(1, 2)
	for name, fit := range map[string]func() (*Forest, error){
		"no rows":            func() (*Forest, error) { return Fit(nil, nil, Options{}) },
		"no columns":         func() (*Forest, error) { return Fit([][]float64{{}, {}}, good, Options{}) },
		"ragged x":           func() (*Forest, error) { return Fit([][]float64{{1}, {1, 2}}, good, Options{}) },
		"infinite x":         func() (*Forest, error) { return Fit(column(1, inf), good, Options{}) },
		"rows of y":          func() (*Forest, error) { return Fit(good, column(1), Options{}) },
		"no columns of y":    func() (*Forest, error) { return Fit(good, [][]float64{{}, {}}, Options{}) },
		"ragged y":           func() (*Forest, error) { return Fit(good, [][]float64{{1}, {1, 2}}, Options{}) },
		"infinite y":         func() (*Forest, error) { return Fit(good, column(1, -inf), Options{}) },
		"number of classes":  func() (*Forest, error) { return FitClasses(good, []int{0}, Options{}) },
		"negative class":     func() (*Forest, error) { return FitClasses(good, []int{0, -1}, Options{}) },
		"huge class":         func() (*Forest, error) { return FitClasses(good, []int{0, 1 << 30}, Options{}) },
		"classes without x":  func() (*Forest, error) { return FitClasses(nil, nil, Options{}) },
		"negative trees":     func() (*Forest, error) { return Fit(good, good, Options{Trees: -1}) },
		"too many features":  func() (*Forest, error) { return Fit(good, good, Options{MaxFeatures: 1.5}) },
		"unknown cut":        func() (*Forest, error) { return Fit(good, good, Options{Cut: 9}) },
		"empty training set": func() (*Forest, error) { return Fit(good, good, Options{Rows: []int{}}) },
		"row out of range":   func() (*Forest, error) { return Fit(good, good, Options{Rows: []int{2}}) },
		"row twice":          func() (*Forest, error) { return Fit(good, good, Options{Rows: []int{1, 1}}) },
	} {
		if _, err := fit(); !errors.Is(err, ErrInput) {
			t.Errorf("%s: error %v, want one wrapping ErrInput", name, err)
		}
	}
}

// TestDegenerateInput checks data in which nothing can be split.
func TestDegenerateInput(t *testing.T) {
	nan := math.NaN()
	for name, x := range map[string][][]float64{
		"constant": column(2, 2, 2), "missing": column(nan, nan, nan),
	} {
		f := mustFit(t, x, column(1, 2, 6), Options{Trees: 3, NoBootstrap: true})
		if got := f.Predict([]float64{7})[0]; !near(got, 3, 1e-12) {
			t.Errorf("%s: predicts %v, want the mean 3", name, got)
		}
		if n := len(f.Nodes(0)); n != 1 {
			t.Errorf("%s: %d nodes, want a single leaf", name, n)
		}
	}
	one := mustFit(t, column(1), column(5), Options{})
	if got := one.Predict([]float64{0})[0]; got != 5 {
		t.Errorf("a single row predicts %v, want 5", got)
	}
}
