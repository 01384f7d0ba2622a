package bandit

import (
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// epochs is a problem with the fidelity of the paper's table.
func epochs(low, high float64) study.Problem {
	return study.Problem{Fidelities: []study.Range{{Name: "epochs", Low: low, High: high, Integer: true}}}
}

func ladder(t *testing.T, p study.Problem, eta float64) Ladder {
	t.Helper()
	l, err := NewLadder(p, eta, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// driver plays a study by a schedule: it begins jobs and ends them, as a host does.
type driver struct {
	t        *testing.T
	schedule *Schedule
	trials   []study.Trial // by number - 1
	brackets []int         // of each trial
	log      []study.Trial
}

func newDriver(t *testing.T, l Ladder, cycle []Bracket) *driver {
	return &driver{t: t, schedule: NewSchedule(l, cycle)}
}

// begin begins n trials of one plan.
func (d *driver) begin(n int) []study.Trial {
	d.t.Helper()
	plan := d.schedule.Plan()
	var out []study.Trial
	for range n {
		j, ok := plan.Next()
		if !ok {
			d.t.Fatalf("no job after %d trials", len(d.trials))
		}
		out = append(out, d.trial(j))
	}
	for _, t := range out {
		d.tell(t)
	}
	return out
}

// trial makes the trial of a job. A new configuration has the trial's number.
func (d *driver) trial(j Job) study.Trial {
	s := study.Suggestion{
		ID: study.TrialID(len(d.trials) + 1), Config: j.Config, Parent: j.Parent,
		Fidelity: d.schedule.Ladder().Fidelity(j.Level),
	}
	if j.Parent == 0 {
		s.Config = space.Config{"x": space.Int(int64(s.ID))}
	} else if p := d.trials[j.Parent-1]; !p.Config.Equal(j.Config) {
		d.t.Fatalf("trial %d continues %v as %v", s.ID, p.Config, j.Config)
	}
	t := study.Trial{Suggestion: s}
	d.trials, d.brackets = append(d.trials, t), append(d.brackets, j.Bracket)
	return t
}

func (d *driver) tell(t study.Trial) {
	d.schedule.Tell(t)
	d.log = append(d.log, t)
}

// end ends a trial with a loss.
func (d *driver) end(t study.Trial, loss float64) {
	t.Status, t.Losses = study.Complete, []float64{loss}
	d.tell(t)
}

// fail ends a trial without one.
func (d *driver) fail(t study.Trial, s study.Status) {
	t.Status = s
	d.tell(t)
}

// level returns a trial's level.
func (d *driver) level(t study.Trial) int {
	d.t.Helper()
	level, ok := d.schedule.Ladder().Level(t.Fidelity)
	if !ok {
		d.t.Fatalf("trial %d has fidelity %v", t.ID, t.Fidelity)
	}
	return level
}

// x is the number of the trial that had the configuration first.
func x(t study.Trial) int { return int(t.Config["x"].Int()) }
