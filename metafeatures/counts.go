package metafeatures

import (
	"math"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// tally is what the named sets count of a dataset, whatever they call it. Counts of missing cells are multiplied up
// where the rows in memory are a sample.
type tally struct {
	rows, columns                                      float64 // rows with a target in the file
	numeric                                            float64
	symbols                                            []float64 // distinct values of each categorical feature
	missing, incompleteRows, incompleteColumns, binary float64
	classes                                            []float64 // rows in memory of each class that occurs; nil for regression
}

// categories is the number of categorical features.
func (t tally) categories() float64 { return float64(len(t.symbols)) }

func (x *extraction) tally() (tally, error) {
	d := x.data
	t := tally{rows: float64(max(d.TotalRows, d.Rows)), columns: float64(len(d.Features))}
	incomplete := make([]bool, d.Rows)
	for i := range d.Features {
		c := &d.Features[i]
		if err := x.spend(2 * d.Rows); err != nil {
			return tally{}, err
		}
		missing := 0
		for r, v := range c.Values {
			if math.IsNaN(v) {
				missing++
				incomplete[r] = true
			}
		}
		t.missing += float64(missing)
		if missing > 0 {
			t.incompleteColumns++
		}
		if !categorical(c) {
			t.numeric++
			continue
		}
		distinct := distinctCodes(c)
		t.symbols = append(t.symbols, distinct)
		if distinct == 2 {
			t.binary++
		}
	}
	for _, is := range incomplete {
		if is {
			t.incompleteRows++
		}
	}
	scale := t.rows / float64(d.Rows)
	t.missing *= scale
	t.incompleteRows *= scale
	t.classes = x.classCounts()
	return t, nil
}

// distinctCodes counts the levels of a categorical column that occur.
func distinctCodes(c *dataset.Column) float64 {
	counts := make([]float64, len(c.Levels))
	for _, v := range c.Values {
		if !math.IsNaN(v) {
			counts[int(v)]++
		}
	}
	return occupied(counts)
}

// classCounts returns the rows of every class that occurs; nil for regression.
func (x *extraction) classCounts() []float64 {
	if !x.classification() {
		return nil
	}
	counts := make([]float64, len(x.data.Target.Levels))
	for _, v := range x.data.Target.Values {
		counts[int(v)]++
	}
	some := counts[:0]
	for _, n := range counts {
		if n > 0 {
			some = append(some, n)
		}
	}
	return some
}
