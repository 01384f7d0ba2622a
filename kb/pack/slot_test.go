package pack

import (
	"math"
	"testing"
)

// reader is the reader of one value, coded so, of a task with so many rows.
func readerOf(code byte, difference int, rows []int, exact []byte) *slotReader {
	var p planes
	p.put(code, difference)
	p.exact = exact
	return &slotReader{planes: p, limit: limits[maxDigits], rows: rows}
}

// What a writer puts into a slot a reader takes out of it, whatever the kind of number.
func TestSlotsGiveBackWhatTheyTook(t *testing.T) {
	tasks := [][]float64{{.25, .5, .75, 1, 0, .125}, {1e-300, math.Pi, 123456.7, -2.5}, {0}, {1. / 3, 2. / 3, 1. / 7}}
	predictions := func(i int) float64 { return .1 * float64(i) }
	var w slotWriter
	for task, values := range tasks {
		for i, v := range values {
			w.next(task, predictions(i), v)
		}
	}
	var c columns
	var p planes
	w.encode(&c, &p)
	head := cursor{b: c.b}
	count, digits, exact := int(head.uint()), int(head.uint()), int(head.uint())
	rows := make([]int, head.uint())
	for i := range rows {
		rows[i] = int(head.uint())
	}
	if head.err != nil || count != 14 || exact != len(p.exact) || len(rows) != len(tasks) {
		t.Fatalf("%d values, %d exact bytes, %d tasks, %v", count, exact, len(rows), head.err)
	}
	r := &slotReader{planes: p, limit: limits[digits], rows: rows}
	for task, values := range tasks {
		for i, v := range values {
			if got := r.next(task, predictions(i), 0); got != v || r.latest(task) != v {
				t.Errorf("task %d, value %d: %v, want %v", task, i, got, v)
			}
			if r.latest(task+1) != 0 {
				t.Errorf("the value of task %d is that before the first of the next", task)
			}
		}
	}
	if r.broken || r.i != count || len(r.exact) != 0 {
		t.Errorf("broken %v after %d values, %d exact bytes left", r.broken, r.i, len(r.exact))
	}
}

// Whatever no writer writes breaks the reader, and gives a number all the same.
func TestBrokenSlots(t *testing.T) {
	for name, c := range map[string]struct {
		r      *slotReader
		broken bool
	}{
		"a share":                {readerOf(codeShare, 3, []int{8}, nil), false},
		"the whole":              {readerOf(codeShare, 8, []int{8}, nil), false},
		"more than the whole":    {readerOf(codeShare, 9, []int{8}, nil), true},
		"less than nothing":      {readerOf(codeShare, -1, []int{8}, nil), true},
		"a share of no rows":     {readerOf(codeShare, 0, []int{0}, nil), true},
		"no rows":                {readerOf(codeShare, 3, nil, nil), true},
		"an exact number":        {readerOf(codeExact, 0, []int{0}, make([]byte, 8)), false},
		"an exact number cut":    {readerOf(codeExact, 0, []int{0}, make([]byte, 7)), true},
		"a decimal number":       {readerOf(exponentZero, 5, []int{0}, nil), false},
		"the greatest exponent":  {readerOf(exponentZero+maxExponent, 5, []int{0}, nil), false},
		"an exponent beyond":     {readerOf(exponentZero+maxExponent+1, 5, []int{0}, nil), true},
		"the least exponent":     {readerOf(exponentZero-maxExponent, 5, []int{0}, nil), false},
		"an exponent below that": {readerOf(exponentZero-maxExponent-1, 5, []int{0}, nil), true},
	} {
		v := c.r.next(0, 0, 0)
		if c.r.broken != c.broken || math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s: %v, broken %v", name, v, c.r.broken)
		}
		if c.r.next(0, 0, 0); !c.r.broken {
			t.Errorf("%s: one value more than there are", name)
		}
	}
}
