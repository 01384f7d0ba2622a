package bandit

import (
	"github.com/metaml/metaml/optimizers/study"
)

// Plan is what one Ask takes from a schedule, without changing it.
type Plan struct {
	schedule *Schedule
	closed   []bool          // by level: no new configurations are left
	begun    int             // brackets, those of the plan included
	fresh    []*running      // of them, those that the plan begins
	added    map[int]int     // new configurations of the plan, by bracket
	taken    []study.TrialID // promoted by the plan
	jobs     int
	last     Job
}

// Plan returns an empty plan.
func (s *Schedule) Plan() *Plan {
	return &Plan{schedule: s, closed: make([]bool, s.ladder.Len()), begun: s.begun, added: map[int]int{}}
}

// Next takes the next job: of the oldest bracket that has one, else of a new bracket. There is none only after Close.
func (p *Plan) Next() (Job, bool) {
	for _, list := range [][]*running{p.schedule.open, p.fresh} {
		for _, b := range list {
			if j, ok := p.of(b); ok {
				return p.take(j), true
			}
		}
	}
	cycle := p.schedule.cycle
	for i := range cycle {
		shape := cycle[(p.schedule.next()+i)%len(cycle)]
		if p.closed[shape.Bottom] {
			continue
		}
		b := &running{number: p.begun, Bracket: shape, rungs: make([]Rung, len(shape.Sizes))}
		p.begun++
		p.fresh = append(p.fresh, b)
		j, _ := p.of(b)
		return p.take(j), true
	}
	return Job{}, false
}

// of returns the next job of a bracket.
func (p *Plan) of(b *running) (Job, bool) {
	bottom := b.rungs[0].Begun() + p.added[b.number]
	if bottom < b.Sizes[0] && !p.closed[b.Bottom] {
		return Job{Bracket: b.number, Level: b.Bottom}, true
	}
	if !p.closed[b.Bottom] {
		bottom = b.Sizes[0]
	}
	m, rung, ok := b.promotion(p.taken, bottom)
	if !ok {
		return Job{}, false
	}
	return Job{Bracket: b.number, Level: b.Bottom + rung + 1, Parent: m.Trial, Config: m.Config.Clone()}, true
}

// take notes the job.
func (p *Plan) take(j Job) Job {
	if j.Parent == 0 {
		p.added[j.Bracket]++
	} else {
		p.taken = append(p.taken, j.Parent)
	}
	p.jobs++
	p.last = j
	return j
}

// Close gives back the job taken last, a new configuration, because no configuration is left that was not evaluated
// at its level, and takes no more new ones there. Brackets that begin at the level go on with what they have.
func (p *Plan) Close() {
	p.closed[p.last.Level] = true
	p.added[p.last.Bracket]--
	p.jobs--
}

// Running reports whether a trial of the schedule is running, those that the plan has taken included: whether there
// is anything to wait for.
func (p *Plan) Running() bool {
	for _, b := range p.schedule.open {
		if b.running() > 0 {
			return true
		}
	}
	return p.jobs > 0
}
