package report

import (
	"math"
	"slices"
	"time"

	"github.com/metaml/metaml/optimizers/ledger/sqlite"
	"github.com/metaml/metaml/optimizers/study"
)

// longestBreath is how long nothing may run before the time counts as a pause: a study that is stopped and continued
// the next day did not take a day. An optimizer's thinking is shorter.
const longestBreath = time.Minute

// clock tells the time of a study since its first trial began, pauses left out.
type clock struct {
	begun, ended map[study.TrialID]time.Time
	pauses       []interval // in order, apart from each other
	start        time.Time
	length       float64 // seconds from the first event to the last, pauses left out
	paused       float64 // seconds of the pauses
}

// interval is a stretch of time.
type interval struct{ from, to time.Time }

// newClock finds the pauses: the gaps, longer than a breath, in which no trial was evaluated. A trial that was pending
// when the study was stopped was evaluated for as long as it says, before its end.
func newClock(entries []sqlite.Entry) *clock {
	c := &clock{begun: map[study.TrialID]time.Time{}, ended: map[study.TrialID]time.Time{}}
	if len(entries) == 0 {
		return c
	}
	var busy []interval
	for _, e := range entries {
		id := e.Trial.ID
		if !e.Trial.Status.Final() {
			if _, observed := c.begun[id]; !observed {
				c.begun[id] = e.Time
			}
			busy = append(busy, interval{e.Time, e.Time})
			continue
		}
		c.ended[id] = e.Time
		from := e.Time
		if begun, ok := c.begun[id]; ok && begun.Before(from) { // a clock that was set back must not confuse the rest
			from = begun
		}
		if wall := wall(e.Trial); wall > 0 {
			if measured := e.Time.Add(-time.Duration(wall * float64(time.Second))); measured.After(from) {
				from = measured
			}
		}
		busy = append(busy, interval{from, e.Time})
	}
	slices.SortStableFunc(busy, func(a, b interval) int { return a.from.Compare(b.from) })
	c.start = busy[0].from
	until := c.start
	for _, b := range busy {
		if b.from.Sub(until) > longestBreath {
			c.pauses = append(c.pauses, interval{until, b.from})
			c.paused += b.from.Sub(until).Seconds()
		}
		if b.to.After(until) {
			until = b.to
		}
	}
	c.length = c.at(until)
	return c
}

// wall is how long a trial says that its evaluation took, in seconds; 0 where it does not say.
func wall(t study.Trial) float64 {
	if len(t.Observations) == 0 {
		return 0
	}
	return t.Observations[len(t.Observations)-1].Cost.Wall
}

// at is a time on the study's clock, in seconds.
func (c *clock) at(t time.Time) float64 {
	d := t.Sub(c.start)
	for _, p := range c.pauses {
		if t.After(p.from) {
			d -= min(t.Sub(p.from), p.to.Sub(p.from))
		}
	}
	return d.Seconds()
}

// end is when a trial ended, nil for a pending one.
func (c *clock) end(id study.TrialID) *float64 {
	if t, ok := c.ended[id]; ok {
		return number(c.at(t))
	}
	return nil
}

// seconds is how long a trial took: as it says, or else from its beginning to its end.
func (c *clock) seconds(t study.Trial) *float64 {
	if w := wall(t); w > 0 {
		return number(w)
	}
	begun, ok := c.begun[t.ID]
	ended, over := c.ended[t.ID]
	if !ok || !over {
		return nil
	}
	return number(max(0, c.at(ended)-c.at(begun)))
}

// number is x as the document holds it: to six significant digits, which is more than a chart shows, and nil, which is
// left out, where it is none.
func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	x = round(x)
	return &x
}
