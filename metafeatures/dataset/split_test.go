package dataset

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// classTable is a dataset whose classes have the given numbers of rows, in random order, with one numeric feature
// that is the row's number.
func classTable(seed uint64, sizes ...int) *Dataset {
	d := &Dataset{Task: Classification, Target: Column{Name: "y", Kind: Categorical}, Features: []Column{{Name: "x"}}}
	for class, n := range sizes {
		d.Target.Levels = append(d.Target.Levels, fmt.Sprint("c", class))
		for range n {
			d.Target.Values = append(d.Target.Values, float64(class))
		}
		d.Rows += n
	}
	rand.New(rand.NewPCG(seed, 0)).Shuffle(d.Rows, func(i, j int) {
		v := d.Target.Values
		v[i], v[j] = v[j], v[i]
	})
	for i := range d.Rows {
		d.Features[0].Values = append(d.Features[0].Values, float64(i))
	}
	d.TotalRows = d.Rows
	return d
}

// perClass counts rows by class and value of a.
func perClass(d *Dataset, a []int8) map[[2]int]int {
	count := map[[2]int]int{}
	for i, v := range d.Target.Values {
		count[[2]int{int(v), int(a[i])}]++
	}
	return count
}

func TestSplitStratifies(t *testing.T) {
	for _, sizes := range [][]int{{100, 100}, {997, 3}, {50, 31, 7, 12}, {10, 400, 33, 5}} {
		for seed := range uint64(5) {
			d := classTable(seed, sizes...)
			s, err := NewSplit(d, SplitOptions{Folds: 3, Repeats: 2, Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			for repeat, a := range s.Assignments {
				total := map[int]int{}
				for _, v := range a {
					total[int(v)]++
				}
				if want := (d.Rows + 2) / 4; total[-1] != want && total[-1] != want+1 && total[-1] != want-1 {
					t.Errorf("%v: %d test rows of %d", sizes, total[-1], d.Rows)
				}
				if hi, lo := max(total[0], total[1], total[2]), min(total[0], total[1], total[2]); hi-lo > 1 {
					t.Errorf("%v: folds of %d to %d rows", sizes, lo, hi)
				}
				count := perClass(d, a)
				for class, n := range sizes {
					test := count[[2]int{class, -1}]
					if diff := float64(test) - float64(n)/4; diff > 1 || diff < -1 {
						t.Errorf("%v: class %d has %d of %d rows in the test set", sizes, class, test, n)
					}
					if n-test < 3 {
						continue
					}
					for fold := range 3 {
						if k := count[[2]int{class, fold}]; k != (n-test)/3 && k != (n-test+2)/3 {
							t.Errorf("%v: class %d has %d of %d rows in fold %d", sizes, class, k, n-test, fold)
						}
					}
				}
				for i := range a {
					if (a[i] == -1) != (s.Assignments[0][i] == -1) {
						t.Fatalf("repeat %d has another test set", repeat)
					}
				}
			}
			if reflect.DeepEqual(s.Assignments[0], s.Assignments[1]) {
				t.Error("both repeats have the same folds")
			}
		}
	}
}

func TestSplitIsDeterministic(t *testing.T) {
	d := classTable(1, 40, 20)
	a, _ := NewSplit(d, SplitOptions{Seed: 7})
	b, _ := NewSplit(d, SplitOptions{Seed: 7, Folds: 3, Repeats: 1, TestFraction: 0.25})
	if !reflect.DeepEqual(a, b) {
		t.Error("the same options give another split, or the defaults are not those documented")
	}
	c, _ := NewSplit(d, SplitOptions{Seed: 8})
	if a.Hash == c.Hash {
		t.Error("another seed gives the same split")
	}
	// More repeats do not change those before.
	more, _ := NewSplit(d, SplitOptions{Seed: 7, Repeats: 3})
	if !reflect.DeepEqual(more.Assignments[0], a.Assignments[0]) {
		t.Error("the first repeat depends on their number")
	}
}

// A change of these values breaks the comparison with every stored run.
func TestSplitGolden(t *testing.T) {
	const folds = "[[0 2 1 -1 0 1 0 -1 1 -1 0 2 2]]"
	const hash = "d8628152f2594d9887efc3d4dbfef92338101ff4d90f5e4aa8fbfc06372fa808"
	s, err := NewSplit(classTable(1, 8, 5), SplitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.Assignments); got != folds {
		t.Errorf("%s\nwant %s", got, folds)
	}
	if s.Hash != hash {
		t.Errorf("hash %s, want %s", s.Hash, hash)
	}
}

func TestSplitRareClass(t *testing.T) {
	d := classTable(3, 60, 2, 1)
	s, err := NewSplit(d, SplitOptions{Folds: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Notes) != 1 || !strings.Contains(s.Notes[0], `"c1"`) || !strings.Contains(s.Notes[0], `"c2" (1)`) ||
		!strings.Contains(s.Notes[0], "2 classes") || strings.Contains(s.Notes[0], "c0") {
		t.Errorf("notes: %q", s.Notes)
	}
	if n := perClass(d, s.Assignments[0])[[2]int{2, -1}]; n != 0 {
		t.Error("the only row of a class is in the test set, where no model can know it")
	}
	if d := classTable(3, 60, 20); d != nil {
		if s, _ := NewSplit(d, SplitOptions{Folds: 5}); len(s.Notes) != 0 {
			t.Errorf("notes without cause: %q", s.Notes)
		}
	}
}

func TestSplitWithoutTestSet(t *testing.T) {
	d := &Dataset{Task: Regression, Rows: 10, Target: Column{Values: make([]float64, 10)}}
	s, err := NewSplit(d, SplitOptions{TestFraction: -1, Folds: 5})
	if err != nil {
		t.Fatal(err)
	}
	count := map[int8]int{}
	for _, v := range s.Assignments[0] {
		count[v]++
	}
	if want := (map[int8]int{0: 2, 1: 2, 2: 2, 3: 2, 4: 2}); !reflect.DeepEqual(count, want) {
		t.Errorf("rows per fold: %v", count)
	}
}

func TestSplitRefuses(t *testing.T) {
	d := classTable(1, 4, 4)
	for _, o := range []SplitOptions{
		{Folds: 1}, {Folds: -3}, {Folds: 128}, {Repeats: -1}, {TestFraction: 0.9}, {TestFraction: 2}, {Folds: 7},
	} {
		if _, err := NewSplit(d, o); !errors.Is(err, ErrOption) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestSampleStratifies(t *testing.T) {
	for _, sizes := range [][]int{{900, 100}, {995, 4, 1}, {300, 300, 400}} {
		d := classTable(2, sizes...)
		for _, rows := range []int{100, 37, 3} {
			s := d.Sample(rows, 11)
			if s.Rows != rows || len(s.Target.Values) != rows || len(s.Features[0].Values) != rows || s.TotalRows != d.Rows {
				t.Fatalf("%d rows: %+v", rows, s)
			}
			if !slices.IsSorted(s.Features[0].Values) {
				t.Error("not in file order")
			}
			count := make([]int, len(sizes))
			for i, v := range s.Target.Values {
				count[int(v)]++
				if d.Target.Values[int(s.Features[0].Values[i])] != v {
					t.Fatal("target and feature come from different rows")
				}
			}
			for class, n := range sizes {
				diff := float64(count[class]) - float64(n*rows)/float64(d.Rows)
				if diff > 1 || diff < -float64(len(sizes)-1) || count[class] == 0 {
					t.Errorf("%v to %d rows: class %d has %d", sizes, rows, class, count[class])
				}
			}
		}
	}
	d := classTable(2, 5, 5)
	if d.Sample(10, 0) != d || d.Sample(11, 0) != d || d.Sample(0, 0) != d {
		t.Error("a sample of everything is not the dataset itself")
	}
	if a, b := d.Sample(4, 1), d.Sample(4, 1); !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives another sample")
	}
	if len(d.Notes) != 0 || len(d.Sample(4, 1).Notes) != 1 {
		t.Error("notes")
	}
}
