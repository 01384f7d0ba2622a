package dataset

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
)

// Every row is kept equally often, and rows come in the order of the file.
func TestSampleOfRowsIsUniform(t *testing.T) {
	const rows, kept, draws = 40, 8, 2000
	var text strings.Builder
	text.WriteString("a,b,y\n")
	for i := range rows {
		fmt.Fprintf(&text, "%d.5,%d.75,%d.25\n", i, i, i)
	}
	count := make([]float64, rows)
	for seed := range uint64(draws) {
		d := mustRead(t, text.String(), Options{MaxCells: 3 * kept, Seed: seed})
		if d.Rows != kept || d.TotalRows != rows {
			t.Fatalf("%d of %d rows", d.Rows, d.TotalRows)
		}
		last := -1.0
		for i, v := range d.Features[0].Values {
			if v <= last || d.Target.Values[i] != v-0.25 || d.Features[1].Values[i] != v+0.25 {
				t.Fatalf("row of %v is torn or out of order", v)
			}
			last = v
			count[int(v)]++
		}
	}
	// Expected 400 each with a standard deviation of 17.9; the sum of squares is chi-squared with about 39 degrees.
	chi := 0.0
	for i, n := range count {
		d := n - draws*kept/rows
		chi += d * d / (draws * kept / rows * (1 - float64(kept)/rows))
		if math.Abs(d) > 90 {
			t.Errorf("row %d is kept %v times", i, n)
		}
	}
	if chi > 90 {
		t.Errorf("chi-squared %v", chi)
	}
}

func TestSameSeedSameSample(t *testing.T) {
	text := string(longTable(500))
	a := mustRead(t, text, Options{MaxCells: 60, Seed: 1})
	if b := mustRead(t, text, Options{MaxCells: 60, Seed: 1}); !reflect.DeepEqual(a, b) {
		t.Error("the same seed gives another sample")
	}
	if b := mustRead(t, text, Options{MaxCells: 60, Seed: 2}); reflect.DeepEqual(a.Target, b.Target) {
		t.Error("another seed gives the same sample")
	}
	all := mustRead(t, text, Options{MaxCells: 1500})
	if all.Rows != 500 || len(all.Notes) != 0 {
		t.Errorf("just as many cells as may be kept: %d rows, %q", all.Rows, all.Notes)
	}
	if none := mustRead(t, "a,b,y\n1,2,3.5\n1,3,2.5\n", Options{MaxCells: 6}); none.Rows != 2 {
		t.Errorf("%d rows", none.Rows)
	}
}

// Reading allocates per column, not per row.
func TestAllocations(t *testing.T) {
	read := func(rows int) float64 {
		text := string(numericText(rows, 5))
		return testing.AllocsPerRun(3, func() { mustRead(t, text, Options{}) })
	}
	small, large := read(2_000), read(32_000)
	if large > small+6*5+30 {
		t.Errorf("%v allocations for 2,000 rows, %v for 32,000", small, large)
	}
}

func TestErrorText(t *testing.T) {
	cause := errors.New("cause")
	for _, test := range []struct {
		err  *Error
		want string
	}{
		{&Error{File: "a.csv", Message: "is empty"}, "a.csv is empty"},
		{&Error{File: "a.csv", Row: 18204, Message: "21 fields"}, "a.csv, row 18,204: 21 fields"},
		{&Error{File: "a.csv", Row: 2, Line: 1003, Column: "x", Message: "no"}, `a.csv, row 2 (line 1,003), column "x": no`},
		{&Error{File: "a.csv", Column: "a \"b\"\n", Message: "no", Advice: "do this"}, `a.csv, column "a \"b\"\n": no` + "\n   do this"},
		{&Error{File: "a.csv", Column: strings.Repeat("é", 100), Message: "no"}, `a.csv, column "` + strings.Repeat("é", 40) + `…": no`},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("%q, want %q", got, test.want)
		}
	}
	err := fmt.Errorf("more: %w", &Error{Err: ErrData, Cause: cause})
	if !errors.Is(err, ErrData) || !errors.Is(err, cause) || errors.Is(err, ErrOption) {
		t.Error("class and cause")
	}
	if errors.Is(&Error{Cause: cause}, ErrData) {
		t.Error("a failure of the machine is no fault of the data")
	}
}

func TestMarks(t *testing.T) {
	c := newCells("", "NA", "-99", "1e3", "n. v.")
	r := newRow(1)
	for text, want := range map[string]string{
		"": "missing", "  ": "missing", "NA": "missing", " NA\t": "missing", "na": "text", "-99": "missing", "-99.0": "missing", "1000": "missing",
		"99": "number", "n. v.": "missing", "n. v": "text", "?": "text", "0": "number", "inf": "number",
	} {
		if err := c.read(r, 0, []byte(text)); err != nil {
			t.Fatal(err)
		}
		got := "number"
		switch math.Float64bits(r.values[0]) {
		case missingBits:
			got = "missing"
		case textBits:
			got = "text"
		}
		if got != want {
			t.Errorf("%q is %s, not %s", text, got, want)
		}
	}
	// The fast path of lines without quotes knows the same marks.
	d := mustRead(t, "a,b,y\n1,-99,1.5\n-99,2,2.5\n1000,4,3.5\n2,3,4.5\n", Options{Missing: []string{"-99", "1e3"}})
	if d.Features[0].MissingCount != 2 || d.Features[1].MissingCount != 1 {
		t.Errorf("%+v", d.Features)
	}
}

func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Read(ctx, "-", Options{Stdin: strings.NewReader("a,y\n1,2\n")}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
