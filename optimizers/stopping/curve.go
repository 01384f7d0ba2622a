package stopping

import (
	"math"
	"sort"
)

// Curve is what a trial has reported.
type Curve struct {
	// Ended says that the trial does not run any more, whether it was complete or not.
	Ended bool
	// Points are in the order of progress.
	Points []Point
	effort float64 // of the trial's fidelity
}

// Point is one observation.
type Point struct {
	// Progress is the share of the trial that is done, in (0, 1].
	Progress float64
	// Loss is minimised.
	Loss float64
	// Best is the least loss so far, and Mean the mean of the losses so far.
	Best, Mean float64
}

// add adds a point and reports whether it goes beyond the last one and has a finite loss.
func (c *Curve) add(progress, loss float64) bool {
	last, n := c.Last(), float64(len(c.Points))
	if !(progress > last.Progress) || math.IsNaN(loss) || math.IsInf(loss, 0) {
		return false
	}
	p := Point{Progress: min(progress, 1), Loss: loss, Best: loss, Mean: loss}
	if n > 0 {
		p.Best = min(last.Best, loss)
		p.Mean = last.Mean + (loss/(n+1) - last.Mean/(n+1))
	}
	c.Points = append(c.Points, p)
	return true
}

// Last returns the last point, the zero Point if there is none.
func (c *Curve) Last() Point {
	if len(c.Points) == 0 {
		return Point{}
	}
	return c.Points[len(c.Points)-1]
}

// From returns the first point at or after a progress.
func (c *Curve) From(progress float64) (Point, bool) {
	i := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Progress >= progress-1e-9 })
	if i == len(c.Points) {
		return Point{}, false
	}
	return c.Points[i], true
}

// At returns the last point at or before a progress, if the curve goes that far.
func (c *Curve) At(progress float64) (Point, bool) {
	i := sort.Search(len(c.Points), func(i int) bool { return c.Points[i].Progress > progress+1e-9 })
	if i == 0 || c.Last().Progress < progress-1e-9 {
		return Point{}, false
	}
	return c.Points[i-1], true
}
