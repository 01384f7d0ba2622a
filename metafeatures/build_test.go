package metafeatures

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// levelsColumn codes labels in order of first appearance; "" is missing.
func levelsColumn(name string, labels []string) dataset.Column {
	c := dataset.Column{Name: name, Kind: dataset.Categorical}
	for _, l := range labels {
		if l == "" {
			c.Values = append(c.Values, math.NaN())
			c.MissingCount++
			continue
		}
		k := slices.Index(c.Levels, l)
		if k < 0 {
			k = len(c.Levels)
			c.Levels = append(c.Levels, l)
		}
		c.Values = append(c.Values, float64(k))
	}
	return c
}

func numberColumn(name string, values []float64) dataset.Column {
	c := dataset.Column{Name: name, Kind: dataset.Numeric, Values: values}
	for _, v := range values {
		if math.IsNaN(v) {
			c.MissingCount++
		}
	}
	return c
}

func datasetOf(target dataset.Column, features ...dataset.Column) *dataset.Dataset {
	d := &dataset.Dataset{
		Name: "test", Features: features, Target: target, Task: dataset.Regression,
		Rows: len(target.Values), TotalRows: len(target.Values),
	}
	if target.Kind == dataset.Categorical {
		d.Task = dataset.Classification
	}
	return d
}

// generated returns a dataset in which every third column is categorical with up to eight levels, every fifth has
// missing values, and the target depends on the first columns.
func generated(rows, columns int, task dataset.TaskType, seed uint64) *dataset.Dataset {
	rng := rand.New(rand.NewPCG(seed, 99))
	var features []dataset.Column
	signal := make([]float64, rows)
	for j := range columns {
		values := make([]float64, rows)
		for i := range values {
			values[i] = rng.NormFloat64()
			if j < 4 {
				signal[i] += values[i]
			}
		}
		c := dataset.Column{Name: fmt.Sprint("c", j), Kind: dataset.Numeric, Values: values}
		if j%3 == 2 {
			c.Kind = dataset.Categorical
			for l := range 2 + j%7 {
				c.Levels = append(c.Levels, strconv.Itoa(l))
			}
			for i, v := range values {
				values[i] = math.Floor(min(math.Abs(v)/3, 0.999) * float64(len(c.Levels)))
			}
		}
		if j%5 == 4 {
			for i := range values {
				if rng.IntN(10) == 0 {
					values[i] = math.NaN()
					c.MissingCount++
				}
			}
		}
		features = append(features, c)
	}
	target := numberColumn("y", signal)
	if task == dataset.Classification {
		labels := make([]string, rows)
		for i, s := range signal {
			labels[i] = strconv.Itoa(int(min(math.Abs(s), 2.5)))
		}
		target = levelsColumn("y", labels)
	}
	return datasetOf(target, features...)
}

func mustExtract(t testing.TB, d *dataset.Dataset, opt Options) Vector {
	t.Helper()
	v, err := Extract(context.Background(), d, opt)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func newTestExtraction(t testing.TB, d *dataset.Dataset, opt Options) *extraction {
	t.Helper()
	opt, err := opt.resolve()
	if err != nil {
		t.Fatal(err)
	}
	return newExtraction(context.Background(), d, opt)
}
