package tunebench

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// closeTo is the regret on validation rows up to which Agreement compares the rows of a table.
const closeTo = .25

// Agreement says how far validation rows tell good configurations apart: where Correlation is near 0, methods that find
// such rows differ on test rows by chance alone, whatever they choose by.
type Agreement struct {
	Within float64 `json:"within"` // regret on validation rows of the table's rows that are compared, at most
	Rows   float64 `json:"rows"`   // of these, mean per table
	// Correlation is that of the regrets on validation and on test rows, both less their means over the rows of their
	// table, tables weighted equally; 0 where either is the same for all.
	Correlation float64 `json:"correlation"`
}

// agree compares the rows of tables that are nearly best on validation rows.
func agree(tasks []*Task) Agreement {
	out := Agreement{Within: closeTo}
	var xx, xy, yy float64
	for _, t := range tasks {
		var validation, test []float64
		for _, r := range t.Rows[:t.tabulated] {
			if x := t.validation.regret(r.Loss); x <= closeTo {
				validation, test = append(validation, x), append(test, t.test.regret(r.Test))
			}
		}
		n := float64(len(validation))
		out.Rows += n / float64(len(tasks))
		mx, my := stat.Mean(validation, nil), stat.Mean(test, nil)
		for i := range validation {
			dx, dy := validation[i]-mx, test[i]-my
			xx, xy, yy = xx+dx*dx/n, xy+dx*dy/n, yy+dy*dy/n
		}
	}
	if xx > 0 && yy > 0 {
		out.Correlation = xy / math.Sqrt(xx*yy)
	}
	return out
}
