package simulation

import (
	"container/heap"
	"math"
	"slices"
	"sort"

	"github.com/metaml/metaml/optimizers/study"
)

// idealTime returns when a loss of at most q is reached if workers take the trials of this trace, which is one
// worker's, in its order, each as soon as a worker is free and the trial that it continues has ended; infinity if the
// trace never reaches q.
func (t Trace) idealTime(q float64, workers int) float64 {
	n := slices.IndexFunc(t, func(p Point) bool { return p.Loss <= q })
	if n < 0 {
		return math.Inf(1)
	}
	place := make(map[study.TrialID]int, n+1)
	next := make([][]int, n+1) // the trials that continue each
	ready := &places{}
	for i, p := range t[:n+1] {
		place[p.Trial] = i
		if parent, ok := place[p.Parent]; ok {
			next[parent] = append(next[parent], i)
		} else {
			ready.Push(i)
		}
	}
	var running queue // by end; trials by their places
	now := 0.0
	for {
		for ready.Len() > 0 && len(running) < workers {
			i := heap.Pop(ready).(int)
			begin := 0.0
			if i > 0 {
				begin = t[i-1].Time
			}
			heap.Push(&running, job{Suggestion: study.Suggestion{ID: study.TrialID(i)}, end: now + t[i].Time - begin})
		}
		ended := heap.Pop(&running).(job)
		now = ended.end
		if int(ended.ID) == n {
			return now
		}
		for _, i := range next[ended.ID] {
			heap.Push(ready, i)
		}
	}
}

// places is a heap of places in a trace.
type places struct{ sort.IntSlice }

// Push adds a place.
func (p *places) Push(x any) { p.IntSlice = append(p.IntSlice, x.(int)) }

// Pop removes the last place.
func (p *places) Pop() any {
	last := p.IntSlice[len(p.IntSlice)-1]
	p.IntSlice = p.IntSlice[:len(p.IntSlice)-1]
	return last
}
