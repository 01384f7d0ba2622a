package dataset

import "testing"

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
