package plugins

import (
	"fmt"
	"sync"
	"time"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/resource"
)

// memoryPeriod is how often an evaluator's memory is looked at. Looking costs a scan of all processes; an evaluator
// that watches itself looks more often.
const memoryPeriod = 500 * time.Millisecond

// verdict is how a trial ends that the host had to end.
type verdict struct {
	status study.Status
	reason string
}

// guard watches one evaluation from outside and ends its process when a limit is exceeded and the evaluator has not
// acted by itself.
type guard struct {
	process  *process
	limits   Limits
	baseline int64 // memory of the process tree before it evaluated anything

	deadline *time.Timer
	stop     chan struct{}
	stopped  sync.Once
	finished chan struct{}

	mu      sync.Mutex
	late    verdict  // what it means if the deadline passes
	reached *verdict // set once a limit was exceeded
}

// watch begins to watch a process that used as much memory as baseline says before it evaluated anything.
func watch(p *process, limits Limits, baseline int64) *guard {
	g := &guard{process: p, limits: limits, baseline: baseline, stop: make(chan struct{}), finished: make(chan struct{})}
	g.late = verdict{study.TimedOut, fmt.Sprintf("no answer within the wall limit of %v; the evaluator was killed", limits.Wall)}
	patience := limits.patience()
	g.deadline = time.NewTimer(patience)
	if patience == 0 {
		g.deadline.Stop()
	}
	go g.run()
	return g
}

// run waits for the deadline, looks at the memory, and ends with the evaluation.
func (g *guard) run() {
	defer close(g.finished)
	var tick <-chan time.Time
	if g.limits.Memory > 0 {
		ticker := time.NewTicker(memoryPeriod)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		select {
		case <-g.stop:
			return
		case <-g.process.done:
			return
		case <-g.deadline.C:
			g.mu.Lock()
			late := g.late
			g.mu.Unlock()
			g.condemn(late, killGrace)
			return
		case <-tick:
			if used := g.growth(); used > g.limits.Memory {
				reason := fmt.Sprintf("%d MiB used, the memory limit is %d MiB; the evaluator was killed",
					used>>20, g.limits.Memory>>20)
				g.condemn(verdict{study.OutOfMemory, reason}, 0) // it would go on growing while it is asked
				return
			}
		}
	}
}

// growth returns what the process tree uses beyond the baseline, in bytes; less, at little cost, while even an upper
// bound is within the limit.
func (g *guard) growth() int64 {
	resident, err := resource.TreeResident(g.process.pid())
	if err != nil || resident-g.baseline <= g.limits.Memory {
		return 0
	}
	used, err := resource.TreeMemory(g.process.pid())
	if err != nil {
		return 0
	}
	return used - g.baseline
}

// condemn records why, then ends the process; whoever waits for the stream sees its end after the record.
func (g *guard) condemn(v verdict, grace time.Duration) {
	g.mu.Lock()
	g.reached = &v
	g.mu.Unlock()
	g.process.kill(grace)
}

// expectEnd moves the deadline: the evaluation was asked to stop and has this long to do so. What it measured
// before counts.
func (g *guard) expectEnd(within time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.late = verdict{study.Pruned, fmt.Sprintf("asked to stop, it had not within %v; the evaluator was killed", within)}
	g.deadline.Reset(within)
}

// end stops watching and returns the verdict, nil if no limit was exceeded.
func (g *guard) end() *verdict {
	g.stopped.Do(func() { close(g.stop) })
	<-g.finished
	g.deadline.Stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reached
}
