package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestDetect(t *testing.T) {
	many := strings.Repeat("1,2,3\n", 50)
	for _, test := range []struct {
		text, path string
		opt        Options
		want       dialect
	}{
		{"a,b\n1,2\n", "", Options{}, dialect{delimiter: ',', header: true, width: 2}},
		{"a;b\n1;2\n", "", Options{}, dialect{delimiter: ';', header: true, width: 2}},
		// A comma in every row is not a delimiter if the header has none.
		{"a;b\n1,5;2,5\n3,5;4,5\n", "", Options{}, dialect{delimiter: ';', header: true, comma: true, width: 2}},
		// More fields win where both are uniform.
		{"a|b,c|d\n1|x,y|4\n", "", Options{}, dialect{delimiter: '|', header: true, width: 3}},
		// The extension decides where a tab cuts at all well.
		{"a,b\tc,d\n1,2\t3,4\n", "x.csv", Options{}, dialect{delimiter: ',', header: true, width: 3}},
		{"a,b\tc,d\n1,2\t3,4\n", "x.tsv", Options{}, dialect{delimiter: '\t', comma: true, header: true, width: 2}},
		{"a,b\tc,d\n1,2\t3,4\n", "X.TAB.GZ", Options{}, dialect{delimiter: '\t', comma: true, header: true, width: 2}},
		// Sentences do not make blanks a delimiter.
		{"text,y\nthe first one,1\nthe second,2\nthird,3\n", "", Options{}, dialect{delimiter: ',', header: true, width: 2}},
		// A few ragged rows do not change the delimiter.
		{"a,b,c\n" + many + "1,2\n1,2,3,4\n", "", Options{}, dialect{delimiter: ',', header: true, width: 3}},
		// Delimiters in quotes do not count.
		{"a,b\n\"x;y;z\",1\n\"p;q;r\",2\n", "", Options{}, dialect{delimiter: ',', header: true, width: 2}},
		// Nothing cuts: one column.
		{"y\n1\n2\n", "", Options{}, dialect{delimiter: ',', header: true, width: 1}},
		// What is in every row but not in the header is a decimal comma rather than a delimiter.
		{"a;y\n1,5;1\n2,5;2\n", "", Options{}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"x\n1,5\n2,6\n", "", Options{}, dialect{delimiter: ',', header: true, short: rowNames, width: 1}},
		// A comma before three digits, and nothing but three, may be decimal or between thousands.
		{"a;b\n12,345;1\n-2,500;2\n", "", Options{}, dialect{delimiter: ';', unclear: "12,345", header: true, width: 2}},
		{"a;b\n12,345;1\n2,50;2\n", "", Options{}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a;b\n12,345;1\n0,500;2\n", "", Options{}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a;b\n1234,500;1\n2,500;1\n", "", Options{}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a;b\n12,345;1.5\n", "", Options{}, dialect{delimiter: ';', header: true, width: 2}},
		{"a;b\n12,345;1\n", "", Options{Decimal: ','}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a;b\n12,345;1\n", "", Options{Decimal: '.'}, dialect{delimiter: ';', header: true, width: 2}},
		// R's forms.
		{"a b\nx 1 2\ny 3 4\n", "", Options{}, dialect{delimiter: ' ', header: true, short: rowNames, width: 2}},
		{"a,b\n1,2,\n3,4,\n", "", Options{}, dialect{delimiter: ',', header: true, short: trailing, width: 2}},
		// Options go before looks.
		{"a,b;c\n1,2;3\n", "", Options{Delimiter: ';'}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a,b\n1,2\n", "", Options{Header: HeaderNo}, dialect{delimiter: ',', width: 2}},
		{"1,2\n3,4\n", "", Options{Header: HeaderYes}, dialect{delimiter: ',', header: true, width: 2}},
		{"a,b;c\n1,2;3\n", "", Options{Decimal: '.'}, dialect{delimiter: ',', header: true, width: 2}},
		{"a,b;c\n1,2;3\n", "", Options{Decimal: ','}, dialect{delimiter: ';', comma: true, header: true, width: 2}},
		{"a\tb\n1\t2\n", "", Options{Format: "tsv"}, dialect{delimiter: '\t', header: true, width: 2}},
	} {
		test.opt.MaxColumns = 100
		if got := detect([]byte(test.text), true, test.path, test.opt); got != test.want {
			t.Errorf("%q %s %+v\nis  %+v\nnot %+v", test.text, test.path, test.opt, got, test.want)
		}
	}
}

// An unfinished record at the end of what is looked at says nothing.
func TestDetectIgnoresTheUnfinished(t *testing.T) {
	const text = "a,b,c\n1,2,3\n4,5,6\n7,"
	if got := detect([]byte(text), false, "", Options{MaxColumns: 9}); got != (dialect{delimiter: ',', header: true, width: 3}) {
		t.Errorf("%+v", got)
	}
	widths := func(text string, whole bool) string {
		var out []int
		eachRecord([]byte(text), whole, ',', 9, func(_ [][]byte, count int) { out = append(out, count) })
		return fmt.Sprint(out)
	}
	for _, test := range []struct {
		text  string
		whole bool
		want  string
	}{
		{text, false, "[3 3 3]"}, {text, true, "[3 3 3 2]"}, {"a,b", false, "[2]"}, {"", true, "[]"}, {"\n \n", true, "[]"},
		{"a,b\n\"x\n", false, "[2]"}, {"a,b\n\"x\n", true, "[2 1]"}, {"a,\"b\"c\n1,2\n", true, "[1 2]"}, {"a,b\r1,2\r3", true, "[2 2 1]"},
	} {
		if got := widths(test.text, test.whole); got != test.want {
			t.Errorf("%q, whole %v: %s, want %s", test.text, test.whole, got, test.want)
		}
	}
}

func TestHasHeader(t *testing.T) {
	for text, want := range map[string]bool{
		"a,b\n1,2":                         true,
		"1,2\n3,4":                         false,
		"a,2\n3,4":                         true, // a text above numbers
		"x,2\ny,4":                         false,
		"2019,2020,kind\n1,2,a\n3,4,b":     false, // years above numbers say nothing, kind does not stand above numbers
		"id,2019,2020\n7,1,2\n8,3,4":       true,
		"0,1,2\n5,6,7\n8,9,9":              true,
		"1,2,3\n5,6,7\n8,9,9":              true,
		"0,1\n5,6":                         false, // too few to be a count
		"1,2,3,5\n5,6,7,7":                 false,
		"NA,1\n2,3":                        false,
		"name,town\nann,york\nbob,bath":    true,
		"ann,york\nbob,bath\nann,york":     false,
		"a,a\nx,y":                         false, // names are not given twice
		"only,names":                       true,
		"1,2":                              false,
		"a,b\n?,?":                         true,
		"when,what\n2020-01-01,x\n,y":      true,
		"2020-01-01,x\n2020-01-02,x\n,y":   false,
		"f1,f2,f3\nf1,b,c\nd,e,f\ng,h,i\n": false,
	} {
		records := [][]string{}
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			records = append(records, strings.Split(line, ","))
		}
		cells := newCells(usualMarks[:]...)
		if got := hasHeader(records, &cells); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestUnclearComma: what may be a decimal comma or one between thousands is read as text, which is said, with what to
// do; as told, it is a number.
func TestUnclearComma(t *testing.T) {
	const text = "a;b;y\n12,345;red;1,500\n2,500;blue;2,250\n7,125;red;1,500\n8,000;red;2,250\n"
	note := "cells like 12,345 are read as text, for their comma may stand between thousands: if it is decimal, --decimal comma"
	d := mustRead(t, text, Options{})
	if !slices.Contains(d.Notes, note) || d.DecimalComma || d.Task != Classification {
		t.Errorf("notes %q, decimal comma %v, %s", d.Notes, d.DecimalComma, d.Task)
	}
	var many strings.Builder
	for i := range 50 {
		fmt.Fprintf(&many, "\n12,%d;%d;x", 345+i, i%2)
	}
	_, err := readText(t, "a;y;b"+many.String(), Options{Target: "y"})
	var fault *Error
	if !errors.As(err, &fault) || fault.Advice != note {
		t.Errorf("without a usable column: %+v", err)
	}
	d = mustRead(t, text, Options{Decimal: ','})
	if !d.DecimalComma || d.Task != Regression || !slices.Equal(d.Features[0].Values, []float64{12.345, 2.5, 7.125, 8}) {
		t.Errorf("told of a decimal comma: %v, %s, %+v", d.DecimalComma, d.Task, d.Features[0])
	}
	if s, err := NewSplit(d, SplitOptions{Folds: 2}); err != nil || !d.describe(s).DecimalComma {
		t.Errorf("the staged table does not say so: %v", err)
	}
	if d = mustRead(t, text, Options{Decimal: '.'}); len(d.Notes) > 0 || d.DecimalComma {
		t.Errorf("told of points: %v, notes %q", d.DecimalComma, d.Notes)
	}
}

func TestDecimalComma(t *testing.T) {
	for text, want := range map[string]bool{
		"1,5": true, "-1,25 x": true, "-1,25": true, "0,125": true, "1,500": false, "1,500 12,250": false, "1500,250": true, "1,5 2.5": false,
		"1,5 2": true, "a,b": false, "1,2,3": false, "1,": false, ",5": true, "1,5 a.b": true, "": false,
	} {
		if got, _ := decimalComma([][]string{strings.Fields(text)}); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
