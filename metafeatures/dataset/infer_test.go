package dataset

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// Names that say that a column of distinct integers is a key, and names that only look so.
func TestNamesOfIdentifiers(t *testing.T) {
	for name, want := range map[string]bool{
		"id": true, "ID": true, "Id": true, "PID": true, "kid": true, "uuid": true, "customer_id": true, "customer id": true, "customerID": true,
		"PassengerId": true, "id_number": true, "idnum": true, "record": true, "RowNumber": true, "row.names": true, "row names": true, "No.": true,
		"Unnamed: 0": true, "X": true, "index": true, "obs": true, "column 1": true, "Case": true,
		"paid": false, "valid": false, "grid": false, "humid": false, "idle": false, "x1": false, "column 2": false, "price": false,
		"number of rooms": false, "width": false, "covid": false,
	} {
		if got := idName.MatchString(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	for name, want := range map[string]bool{
		"time": true, "Year": true, "t": true, "days": true, "month_of_sale": true, "sale_year": true, "age": true,
		"timer": false, "total": false, "image": false, "wage": false,
	} {
		if got := timeName.MatchString(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// A sample tells row numbers by their distance to the row, not by their being consecutive.
func TestRowNumbersInASample(t *testing.T) {
	c := column{name: "z", values: []float64{103, 107, 108, 120, 121, 130, 140, 150, 160, 170, 180}}
	rows := make([]int64, len(c.values))
	for i, v := range c.values {
		rows[i] = int64(v) - 100
	}
	if kind, why := c.judge(rows, false); kind != Identifier || why != "counts the rows of the file" {
		t.Errorf("%s: %s", kind, why)
	}
	rows[5]++
	if kind, _ := c.judge(rows, false); kind != Numeric {
		t.Errorf("%s", kind)
	}
}

// levelColumn is a column of n cells that go round d different texts.
func levelColumn(n, d int, text func(i int) string) *column {
	c := &column{name: "c"}
	for i := range n {
		c.reserve(i, n)
		c.set(i, textCell, []byte(text(i%d)), int64(i+2))
	}
	c.values = c.values[:c.kept]
	return c
}

func TestKindsOfTexts(t *testing.T) {
	word := func(i int) string { return fmt.Sprintf("word%d", i) }
	sentence := func(i int) string { return fmt.Sprintf("number %d of the sentences that somebody wrote", i) }
	title := func(i int) string { return fmt.Sprintf("short title %d", i) }
	for _, test := range []struct {
		cells, different int
		text             func(int) string
		want             Kind
	}{
		{9, 9, word, Categorical},   // too few to tell
		{10, 10, word, Identifier},  // every row another word
		{10, 10, title, Text},       // every row another text of several words
		{11, 10, word, Categorical}, // few
		{13, 12, word, Categorical},
		{14, 13, word, Text}, // more than few, and most differ
		{26, 13, word, Categorical},
		{25, 13, word, Text},
		{2000, 1000, word, Categorical},
		{2000, 1001, word, Text},
		{2000, 12, sentence, Categorical},
		{2000, 13, sentence, Text}, // prose
		{2000, 13, title, Categorical},
		{2000, 1, word, Constant},
		{2000, 2, func(i int) string { return []string{"Yes", "NO"}[i] }, Boolean},
		{2000, 2, func(i int) string { return []string{"yes", "n"}[i] }, Categorical},
		{2000, 3, func(i int) string { return []string{"yes", "no", "x"}[i] }, Categorical},
		{2000, 700, func(i int) string { return fmt.Sprintf("2020-01-01 %02d:%02d", i/60, i%60) }, Date},
		{40, 40, func(i int) string { return []string{"-", "."}[i%2] + strings.Repeat("x", i) }, Identifier},
	} {
		c := levelColumn(test.cells, test.different, test.text)
		if kind, why := c.judge(nil, true); kind != test.want || (kind >= Text) != (why != "") {
			t.Errorf("%d cells of %d texts like %q: %s (%s), want %s", test.cells, test.different, test.text(0), kind, why, test.want)
		}
	}
}

func TestKindsOfNumbers(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	up := func(from, step float64) []float64 {
		out := make([]float64, 20)
		for i := range out {
			out[i] = from + step*float64(i)
		}
		return out
	}
	with := func(values []float64, i int, v float64) []float64 {
		values[i] = v
		return values
	}
	for _, test := range []struct {
		name   string
		values []float64
		want   Kind
	}{
		{"z", up(1, 1), Identifier},
		{"z", up(0, 1), Identifier},
		{"z", up(2, 1), Numeric}, // consecutive, but from somewhere
		{"z", up(1, 2), Numeric},
		{"z", up(20, -1), Identifier},
		{"z", up(0.5, 1), Numeric}, // measurements
		{"id", up(0.5, 1), Numeric},
		{"id", up(1000, 17), Identifier},
		{"id", with(up(1000, 17), 3, 1000), Numeric}, // one twice
		{"id", with(up(1000, 17), 3, nan), Numeric},  // one missing
		{"year", up(1, 1), Numeric},
		{"year_id", up(1, 1), Identifier},
		{"z", up(1, 1)[:9], Numeric}, // too few to tell
		{"z", up(5, 0), Constant},
		{"z", with(up(5, 0), 0, nan), Numeric},
		{"z", with(up(5, 0), 0, inf), Numeric},
		{"z", []float64{nan, nan}, Missing},
		{"z", []float64{inf, nan}, Missing},
		{"z", with(up(0, 0), 0, 1), Numeric}, // 0 and 1 are numbers
	} {
		c := &column{name: test.name, values: test.values, kept: len(test.values)}
		if kind, why := c.judge(nil, true); kind != test.want {
			t.Errorf("%s %v: %s (%s), want %s", test.name, test.values, kind, why, test.want)
		}
	}
}
