package bandit

import (
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Schedule is the state of a study that runs brackets one after another, several of them at once where workers would
// else wait. It is told the trials of the study in log order and finds by itself to which bracket each belongs, so
// that a restarted study goes on as the killed one did:
//
//   - a trial with a parent continues that parent at the next level of the parent's bracket;
//   - one without a parent is a new configuration of the oldest bracket that begins at its level and has room; where
//     none has, a bracket of the kind that begins there begins;
//   - any other trial, and every warm start, takes no part.
//
// A bracket is filled with new configurations first. Then those go on that are certain to be among the best of their
// rung however the running trials end: after the last one that is plain successive halving, before it a worker gains
// by not waiting. Trials that end without a loss never go on; where too few are left, the higher rungs are smaller.
//
// When no bracket has anything to do, a new one begins. It is of the next kind if one of the present kind is over, as
// always with one worker, and else of the present kind again: many workers have several brackets of a kind at once and
// take their turns as one worker does, instead of beginning all kinds before anything is known. Without it the parallel
// efficiency of BOHB (package simulation, counting_ones and counting_shifted, 100 full evaluations on one worker, 9 seeds)
// is .64 and .66 with 8 workers, .31 and .35 with 32; with it .89 and .73, .55 and .66.
//
// Other choices of the next bracket changed the time to the target on counting_ones (384 full evaluations on one worker,
// 60 seeds of BOHB) by these factors. The next kind once the last trial of a bracket has begun, not ended: 1.05 (1.00 to
// 1.10) with 8 workers, 1.16 (1.09 to 1.24) with 32 (exponential and Pareto run times); kinds of many cheap trials then
// get more brackets than the others. Of the kinds that have begun least often, the one of fullest evaluations while none
// is over: 1.03 (.96 to 1.11) with 8 (exponential run times).
//
// Before a bracket begins, a rung's best could go on in proportion to what of it has ended, rounded, though that is not
// certain: no more trials, but sometimes others. On counting_ones that changed the time to the target (384 full
// evaluations on one worker, exponential run times, 40 seeds of BOHB whose model leaves out what runs at other levels) by
// a factor of 1.07 (1.01 to 1.14) with 8 workers and .97 (.84 to 1.13) with 32.
type Schedule struct {
	ladder   Ladder
	cycle    []Bracket
	begun    int  // brackets so far
	turns    int  // changes of the kind so far
	kind     int  // of the present turn, in cycle
	finished bool // a bracket of the present turn is over
	open     []*running
	position map[study.TrialID]position
}

// running is a bracket that has begun.
type running struct {
	Bracket
	number int
	turn   int
	rungs  []Rung
}

// position is where a trial stands.
type position struct {
	bracket *running
	rung    int
	ended   bool
}

// NewSchedule returns the schedule that begins the given brackets of a ladder in turn, for ever.
func NewSchedule(l Ladder, cycle []Bracket) *Schedule {
	return &Schedule{ladder: l, cycle: cycle, position: map[study.TrialID]position{}}
}

// Ladder returns the schedule's ladder.
func (s *Schedule) Ladder() Ladder { return s.ladder }

// Tell takes a trial that has begun or ended. Telling again changes nothing.
func (s *Schedule) Tell(t study.Trial) {
	at, known := s.position[t.ID]
	if !known {
		if at, known = s.place(t.Suggestion); !known {
			return
		}
		s.position[t.ID] = at
		at.bracket.rungs[at.rung].Begin()
	}
	if at.ended || !t.Status.Final() {
		return
	}
	at.ended = true
	s.position[t.ID] = at
	rung := &at.bracket.rungs[at.rung]
	if loss, ok := Usable(t); ok {
		rung.End(t.ID, t.Config.Clone(), loss)
	} else {
		rung.Fail()
	}
	s.open = slices.DeleteFunc(s.open, func(b *running) bool {
		over := b.over()
		s.finished = s.finished || over && b.turn == s.turns
		return over
	})
}

// place finds the place of a trial that begins, and notes the promotion of its parent.
func (s *Schedule) place(t study.Suggestion) (position, bool) {
	level, ok := s.ladder.Level(t.Fidelity)
	if !ok || t.Origin == optimizers.OriginWarmStart {
		return position{}, false
	}
	if t.Parent == 0 {
		b := s.bracketFor(level)
		return position{bracket: b}, b != nil
	}
	at, ok := s.position[t.Parent]
	if !ok || at.rung+1 >= len(at.bracket.rungs) || at.bracket.Bottom+at.rung+1 != level {
		return position{}, false
	}
	if !at.bracket.rungs[at.rung].Promote(t.Parent) {
		return position{}, false
	}
	return position{bracket: at.bracket, rung: at.rung + 1}, true
}

// bracketFor returns the bracket that a new configuration at the level belongs to, nil if there is none.
func (s *Schedule) bracketFor(level int) *running {
	for _, b := range s.open {
		if b.Bottom == level && b.rungs[0].Begun() < b.Sizes[0] {
			return b
		}
	}
	for i := range s.cycle {
		kind := (s.next() + i) % len(s.cycle)
		if s.cycle[kind].Bottom == level {
			return s.begin(kind)
		}
	}
	return nil
}

// next is the kind of the bracket that is to begin next.
func (s *Schedule) next() int {
	if s.finished {
		return (s.kind + 1) % len(s.cycle)
	}
	return s.kind
}

// begin begins a bracket.
func (s *Schedule) begin(kind int) *running {
	if kind != s.kind {
		s.kind, s.finished = kind, false
		s.turns++
	}
	b := &running{Bracket: s.cycle[kind], number: s.begun, turn: s.turns}
	b.rungs = make([]Rung, len(b.Sizes))
	s.begun++
	s.open = append(s.open, b)
	return b
}

// over reports whether the bracket has nothing left to do.
func (b *running) over() bool {
	if b.rungs[0].Begun() < b.Sizes[0] || b.running() > 0 {
		return false
	}
	_, _, more := b.promotion(nil, b.Sizes[0])
	return !more
}

// running counts the bracket's trials that have begun and not ended.
func (b *running) running() int {
	n := 0
	for i := range b.rungs {
		n += b.rungs[i].Running()
	}
	return n
}

// promotion returns the best configuration of the lowest rung that is certain to go on and has not, nor is among
// those taken. bottom is the number of configurations that the lowest rung will have in the end: with fewer than
// planned, the higher rungs shrink in proportion.
func (b *running) promotion(taken []study.TrialID, bottom int) (m Member, rung int, ok bool) {
	// Of the rung under consideration: planned is its size if nothing fails, most what it can still come to.
	planned, most := bottom, bottom
	for i := 0; i+1 < len(b.rungs); i++ {
		r := &b.rungs[i]
		above := b.Sizes[i+1]
		if bottom < b.Sizes[0] {
			above = max(1, planned*b.Sizes[i+1]/b.Sizes[i])
		}
		outstanding := most - r.Ended()
		if certain := above - outstanding; certain > r.Promoted() {
			if m, ok := r.Candidate(certain, taken); ok {
				return m, i, true
			}
		}
		planned, most = above, min(above, len(r.ranked)+outstanding)
	}
	return Member{}, 0, false
}

// Job is a trial that is to begin.
type Job struct {
	// Bracket is the running number of the bracket, from 0.
	Bracket int
	// Level is the level of the ladder at which to evaluate.
	Level int
	// Parent is the trial that goes on, 0 for a new configuration.
	Parent study.TrialID
	// Config is a copy of the parent's configuration, nil for a new one.
	Config space.Config
}
