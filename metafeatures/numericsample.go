package metafeatures

import (
	"math"
)

// numericSample is what the groups look at that grow a tree or compare rows in pairs: rows of the numeric view (see
// encoding), drawn in proportion to the classes, in which missing values take their column's mean.
type numericSample struct {
	x       [][]float64 // row by row
	y       []float64   // class in label order, those counted that occur; or the target
	counts  []float64   // rows of each class; nil in regression
	rows    int         // of the dataset
	columns int         // of the whole numeric view
}

// empty says that there is nothing to compare.
func (s *numericSample) empty() bool { return len(s.x) < 2 || len(s.x[0]) == 0 }

// numericSample draws at most limit rows; groups says who looks at them, for the note.
func (x *extraction) numericSample(limit int, stream uint64, groups string) (*numericSample, error) {
	all, err := x.encode()
	if err != nil {
		return nil, err
	}
	e := all.narrowed(x, x.opt.MaxEncoded)
	if len(e.columns) < all.total {
		x.note("%s look at %d of %d columns, dummies included", groups, len(e.columns), all.total)
	}
	rows := x.stratifiedRows(limit, stream)
	if len(rows) < x.data.Rows {
		x.note("%s look at %d of %d rows", groups, len(rows), x.data.Rows)
	}
	if err := x.spend(len(rows) * len(e.columns)); err != nil {
		return nil, err
	}
	s := &numericSample{rows: x.data.Rows, columns: all.total}
	s.x = byRow(e.matrix(x, rows), len(rows))
	s.y = gatheredAt(x.data.Target.Values, rows)
	if x.classification() {
		s.classify(x.data.Target.Levels)
	}
	return s, nil
}

// pairSample is the sample whose rows are compared in pairs.
func (x *extraction) pairSample() (*numericSample, error) {
	if x.paired == nil {
		s, err := x.numericSample(x.opt.PairRows, streamPairRows, "groups that compare rows in pairs")
		if err != nil {
			return nil, err
		}
		x.paired = s
	}
	return x.paired, nil
}

// classify numbers the classes that occur in the order of their labels.
func (s *numericSample) classify(levels []string) {
	var classes int
	s.y, classes = classNumbers(s.y, levels)
	s.counts = make([]float64, classes)
	for _, y := range s.y {
		s.counts[int(y)]++
	}
}

// classNumbers returns the class of every row, given by its code, as a number in the order of the labels, and how many
// classes there are. Those that do not occur have no number: a sample of many classes may hold few of them.
func classNumbers(codes []float64, levels []string) (y []float64, classes int) {
	occurs := make([]bool, len(levels))
	for _, code := range codes {
		occurs[int(code)] = true
	}
	number := make([]float64, len(levels))
	for _, code := range labelOrder(levels) {
		if occurs[code] {
			number[code] = float64(classes)
			classes++
		}
	}
	y = make([]float64, len(codes))
	for i, code := range codes {
		y[i] = number[int(code)]
	}
	return y, classes
}

// scaled returns the columns stretched to [0,1]; constant ones are 0.
func (s *numericSample) scaled() [][]float64 {
	columns := len(s.x[0])
	cells := make([]float64, len(s.x)*columns)
	out := make([][]float64, len(s.x))
	for i := range out {
		out[i] = cells[i*columns : (i+1)*columns]
	}
	for j := range columns {
		low, high := math.Inf(1), math.Inf(-1)
		for _, row := range s.x {
			low, high = min(low, row[j]), max(high, row[j])
		}
		if low == high {
			continue
		}
		// Two roundings, never fused, so that values meant to be equal are.
		scale := 1 / (high - low)
		shift := float64(-low * scale)
		for i, row := range s.x {
			out[i][j] = float64(row[j]*scale) + shift
		}
	}
	return out
}
