package gp

import (
	"math"
	"reflect"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// The bounds of the initial design.
const (
	minInitial = 5
	maxInitial = 50
)

// relaxed is how many values a grid has from which on it is climbed as if it were continuous, and then rounded.
const relaxed = 10

// inputs says how rows of the codec are points of the process.
type inputs struct {
	codec      *coding.Codec
	columns    []int // of rows that vary, one per dimension of a point but for the prior mean
	coordinate []int // by column of a row: that of a point; -1 of those that do not vary
	dimensions []gaussian.Dimension
	smooth     []bool // by column of a row: climbed by gradient
	groups     int
	// earlier is the prior mean, which is the last coordinate of points; nil: there is none.
	earlier *earlier
}

// newInputs groups hyperparameters by when they are active. Constants tell nothing and are left out.
func newInputs(s space.Space, codec *coding.Codec) *inputs {
	in := &inputs{codec: codec, smooth: make([]bool, s.Len()), coordinate: make([]int, s.Len())}
	var conditions []*space.Condition
	for i, h := range s.Parameters() {
		d := codec.Dimensions()[i]
		if d.Levels != nil && len(d.Levels) < 2 {
			in.coordinate[i] = -1
			continue
		}
		in.coordinate[i] = len(in.columns)
		g := gaussian.Dimension{}
		if d.Nominal {
			g.Kind = gaussian.Categorical
		}
		if h.When != nil {
			g.Group = 1
			for g.Group <= len(conditions) && !reflect.DeepEqual(conditions[g.Group-1], h.When) {
				g.Group++
			}
			if g.Group > len(conditions) {
				conditions = append(conditions, h.When)
			}
		}
		in.smooth[i] = !d.Nominal && (d.Levels == nil || len(d.Levels) >= relaxed)
		in.columns = append(in.columns, i)
		in.dimensions = append(in.dimensions, g)
	}
	in.groups = len(conditions)
	return in
}

// point writes the point of a row.
func (in *inputs) point(to, row []float64) []float64 {
	to = to[:0]
	for _, c := range in.columns {
		to = append(to, row[c])
	}
	if in.earlier != nil {
		to = append(to, in.earlier.mean(to))
	}
	return to
}

// follow makes a point that of a row after some columns changed, and appends the coordinates that it sets to list.
func (in *inputs) follow(point, row []float64, changed, list []int) []int {
	for _, c := range changed {
		if i := in.coordinate[c]; i >= 0 {
			point[i] = row[c]
			list = append(list, i)
		}
	}
	if last := len(in.columns); in.earlier != nil {
		point[last] = in.earlier.mean(point[:last])
		list = append(list, last)
	}
	return list
}

// initial is the number of trials of the design: enough for the hyperparameters that are active at once on average,
// and for every branch to be seen.
func (in *inputs) initial(design []space.Config) int {
	active := 0.0
	for _, c := range design {
		for _, v := range in.point(nil, in.codec.Encode(c)) {
			if !math.IsNaN(v) {
				active += 1 / float64(len(design))
			}
		}
	}
	return min(max(minInitial, int(math.Round(active))+1+2*in.groups), maxInitial)
}
