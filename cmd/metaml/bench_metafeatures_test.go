package main

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
)

// TestCostTable checks that the generated table is what it is said to be, and the same for the same seed.
func TestCostTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.csv")
	var before []byte
	for range 2 {
		if err := writeCostTable(path, 400, 10, 0.2, 7); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if before != nil && !bytes.Equal(text, before) {
			t.Error("two tables of one seed differ")
		}
		before = text
	}
	d, err := dataset.Read(context.Background(), path, dataset.Options{Target: "y"})
	if err != nil {
		t.Fatal(err)
	}
	categories := 0
	for _, c := range d.Features {
		if c.Kind == dataset.Categorical || c.Kind == dataset.Boolean {
			categories++
		}
	}
	if d.Rows != 400 || len(d.Features) != 10 || categories != 2 || len(d.Target.Levels) != 3 {
		t.Errorf("%d rows, %d features, %d categorical, %d classes", d.Rows, len(d.Features), categories, len(d.Target.Levels))
	}
	v, err := metafeatures.Extract(context.Background(), d, metafeatures.Options{Groups: []string{metafeatures.Landmarking}})
	if err != nil {
		t.Fatal(err)
	}
	if best := v.Map()["naive_bayes.mean"]; best < 0.6 {
		t.Errorf("there is nothing to learn: naive Bayes reaches %v", best)
	}
}

// TestCostGrowth checks the exponents on costs that are known.
func TestCostGrowth(t *testing.T) {
	var shapes []costShape
	for _, rows := range []int{100, 1000} {
		for _, columns := range []int{10, 20, 40} {
			shapes = append(shapes, costShape{Rows: rows, Columns: columns, ReadCPU: float64(rows * columns * columns)})
		}
	}
	g := growthOf(shapes, func(s costShape) float64 { return s.ReadCPU })
	if math.Abs(*g.Rows-1) > 1e-12 || math.Abs(*g.Columns-2) > 1e-12 {
		t.Errorf("exponents %v and %v, want 1 and 2", *g.Rows, *g.Columns)
	}
	if g := growthOf(shapes[:1], func(costShape) float64 { return 1 }); g.Rows != nil || g.Columns != nil {
		t.Error("one size has an exponent")
	}
	if g := growthOf(shapes, func(costShape) float64 { return 0 }); g.Rows != nil {
		t.Errorf("no cost grows by %v", *g.Rows)
	}
}

// TestCostOfGroup checks that the cost of a draw is summed and the median taken, and what the error is of.
func TestCostOfGroup(t *testing.T) {
	draw := func(cpu time.Duration, a, b float64) metafeatures.Vector {
		return metafeatures.Vector{Features: []metafeatures.Feature{
			{Name: "a", Group: "g", Value: a, CPU: cpu}, {Name: "b", Group: "g", Value: b, CPU: cpu},
			{Name: "c", Group: "other", Value: 1, CPU: time.Hour}, {Name: "d", Group: "g", Value: math.NaN()},
		}}
	}
	c := costOf("g", []metafeatures.Vector{draw(time.Second, 9, 5), draw(3*time.Second, 11, 5), draw(8*time.Second, 10, 5)})
	if c.CPU != 6 || c.Error == nil || math.Abs(*c.Error-0.05) > 1e-12 {
		t.Errorf("cost %v, error %v; want 6 and 0.05", c.CPU, *c.Error)
	}
	if c := costOf("g", []metafeatures.Vector{draw(time.Second, 9, 5)}); c.Error != nil {
		t.Errorf("one draw has the error %v", *c.Error)
	}
}
