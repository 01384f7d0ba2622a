package dataset

// Training returns the rows of d that a split of it does not keep for testing, in file order: what may be looked at
// before the test. Levels, Fingerprint and TotalRows stay those of d.
func (d *Dataset) Training(s Split) *Dataset {
	var rows []int
	for i, fold := range s.Assignments[0] {
		if fold >= 0 {
			rows = append(rows, i)
		}
	}
	t := *d
	t.Rows = len(rows)
	t.Target = d.Target.rows(rows)
	t.Features = make([]Column, len(d.Features))
	for i, f := range d.Features {
		t.Features[i] = f.rows(rows)
	}
	return &t
}
