package tunebench

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBandOfOneTrial compares with what is known of the mean of independent groups: about 1.96 standard errors.
func TestBandOfOneTrial(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var tasks []*Task
	var rows [][]float64
	sum, square := 0.0, 0.0
	for i := range 50 {
		x := rng.NormFloat64()
		tasks, rows = append(tasks, &Task{Group: fmt.Sprint(i)}), append(rows, []float64{x})
		sum, square = sum+x, square+x*x
	}
	b := newClusters(tasks, 2).band(rows)
	mean := sum / 50
	se := math.Sqrt((square/50 - mean*mean) / 50)
	if !near(b.Mean[0], mean) || math.Abs((b.Hi[0]-b.Lo[0])/2-1.96*se) > .1*se {
		t.Errorf("%v [%v, %v], standard error %v", b.Mean[0], b.Lo[0], b.Hi[0], se)
	}
	if got := newClusters(tasks, 2).standardError(rows, 0); math.Abs(got-se) > .03*se {
		t.Errorf("standard error %v, want %v", got, se)
	}
}

// TestBandCoversCurves draws curves of independent noise around 0: the whole of 0 lies inside the band in about 19 of 20
// samples, as often as that holds for one trial by itself, for which intervals of single trials would be too narrow.
func TestBandCoversCurves(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	inside, single := 0, 0
	const samples = 60
	for range samples {
		var tasks []*Task
		var rows [][]float64
		for i := range 30 {
			row := make([]float64, 12)
			for n := range row {
				row[n] = rng.NormFloat64()
			}
			tasks, rows = append(tasks, &Task{Group: fmt.Sprint(i)}), append(rows, row)
		}
		c := newClusters(tasks, rng.Uint64())
		c.draws = c.draws[:1000]
		if b := c.band(rows); len(b.Above())+len(b.Below()) == 0 {
			inside++
		}
		narrow := true
		for n := range 12 {
			one := make([][]float64, len(rows))
			for i := range rows {
				one[i] = rows[i][n : n+1]
			}
			b := c.band(one)
			narrow = narrow && len(b.Above())+len(b.Below()) == 0
		}
		if narrow {
			single++
		}
	}
	if inside < samples*85/100 || single > samples*75/100 {
		t.Errorf("of %d samples %d lie inside, %d inside the intervals of single trials", samples, inside, single)
	}
}

// TestBandKeepsSiblingsTogether copies every task: with the copies as siblings the band is what it was.
func TestBandKeepsSiblingsTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	var once, twice []*Task
	var rows, copied [][]float64
	for i := range 20 {
		task, row := &Task{Group: fmt.Sprint(i)}, []float64{rng.NormFloat64(), 1}
		once, rows = append(once, task), append(rows, row)
		twice, copied = append(twice, task, task), append(copied, row, row)
	}
	a, b := newClusters(once, 1).band(rows), newClusters(twice, 1).band(copied)
	if !near(a.Lo[0], b.Lo[0]) || !near(a.Hi[0], b.Hi[0]) {
		t.Errorf("[%v, %v] and [%v, %v]", a.Lo[0], a.Hi[0], b.Lo[0], b.Hi[0])
	}
	if !near(a.Lo[1], 1) || !near(a.Hi[1], 1) { // where all agree
		t.Errorf("[%v, %v] around 1", a.Lo[1], a.Hi[1])
	}
	if !slices.Equal(a.Above(), []int{2}) && !slices.Equal(a.Above(), []int{1, 2}) {
		t.Errorf("above 0 at %v", a.Above())
	}
}
