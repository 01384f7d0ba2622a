package tunebench

import (
	"math"
	"testing"
)

// TestAgreement compares tables of which only the first four rows are nearly best: on one, test losses rise with those on
// validation rows, on the other they fall half as steeply.
func TestAgreement(t *testing.T) {
	task := func(slope float64) *Task {
		task := &Task{validation: scale{0, 1}, test: scale{0, 1}}
		for i, loss := range []float64{0, .08, .16, .24, .3, 1, math.Inf(1)} {
			task.Rows = append(task.Rows, Row{Loss: loss, Test: .5 + slope*loss})
			if i > 3 {
				task.Rows[i].Test = 9
			}
		}
		task.tabulated = len(task.Rows)
		task.Rows = append(task.Rows, Row{Loss: 0, Test: 3}) // that training added
		return task
	}
	for _, c := range []struct {
		tasks []*Task
		want  float64
	}{
		{[]*Task{task(.3)}, 1}, {[]*Task{task(-.2)}, -1}, {[]*Task{task(0)}, 0},
		{[]*Task{task(1), task(-.5)}, (1 - .5) / math.Sqrt(2*(1+.25))},
	} {
		if got := agree(c.tasks); got.Within != .25 || got.Rows != 4 || math.Abs(got.Correlation-c.want) > 1e-9 {
			t.Errorf("%+v, want a correlation of %v", got, c.want)
		}
	}
}
