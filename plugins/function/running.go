package function

import (
	"context"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/internal/child"
	"github.com/metaml/metaml/plugins/resource"
)

const (
	// stopGrace is how long a trial may take to end after it was asked to, and its process after the trial's end.
	stopGrace = 2 * time.Second
	// memoryPeriod is how often a trial's memory is looked at.
	memoryPeriod = 200 * time.Millisecond
)

// verdict is how a trial ends that had to be ended.
type verdict struct {
	status study.Status
	reason string
}

// running is a call that runs.
type running struct {
	worker  *worker
	limits  plugins.Limits
	report  func(study.Observation) error
	victims int64 // of the kernel, before
	began   time.Time

	pid      int   // of the trial's process, 0 until it is known
	baseline int64 // memory that the process had when it began
	killer   *time.Timer
	curve    []study.Observation
	end      *message // what the function came to
	exit     message  // how its process ended
	verdict  *verdict
	lost     bool // the worker is dead
}

// begin notes which process runs the trial.
func (r *running) begin(pid int) {
	r.pid = pid
	r.baseline, _ = resource.TreeResident(r.worker.pid())
	if r.verdict != nil {
		killTree(pid)
	}
}

// wait waits for the end, and brings it about at a limit and when ctx ends.
func (r *running) wait(ctx context.Context) error {
	var limit, tick <-chan time.Time
	if r.limits.Wall > 0 {
		timer := time.NewTimer(r.limits.Wall - time.Since(r.began))
		defer timer.Stop()
		limit = timer.C
	}
	if r.limits.Memory > 0 {
		ticker := time.NewTicker(memoryPeriod)
		defer ticker.Stop()
		tick = ticker.C
	}
	defer func() {
		if r.killer != nil {
			r.killer.Stop()
		}
	}()
	for {
		select {
		case m, alive := <-r.worker.answers:
			ended, err := r.hear(m, alive)
			if ended || err != nil {
				return err
			}
		case <-limit:
			r.condemn(study.TimedOut, fmt.Sprintf("the function took longer than its limit of %v", r.limits.Wall), stopGrace)
		case <-tick:
			r.weigh()
		case <-ctx.Done():
			killTree(r.pid)
			return context.Cause(ctx)
		}
	}
}

// hear takes one message; ended says that the trial's process is dead.
func (r *running) hear(m message, alive bool) (ended bool, err error) {
	switch {
	case !alive:
		r.exit, r.lost = r.whole(), r.worker.forks
		return true, nil
	case m.Event == "started":
		r.begin(m.PID)
	case m.Event == "observation":
		return false, r.observe(m)
	case m.Event == "end":
		r.end = &m
		r.expire(stopGrace) // what it has at exit must not take for ever
	case m.Event == "exit":
		r.exit = m
		r.worker.said.await()
		return true, nil
	}
	return false, nil
}

// whole is how a process ended that ran the trial itself.
func (r *running) whole() message {
	state := r.worker.cmd.ProcessState
	if state == nil {
		return message{}
	}
	m := message{CPU: (state.UserTime() + state.SystemTime()).Seconds(), Memory: child.Peak(state), Code: max(state.ExitCode(), 0)}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		m.Signal = int(status.Signal())
	}
	return m
}

// weigh ends a trial that takes more memory than it may: by an upper bound first, which costs little, then exactly.
func (r *running) weigh() {
	if r.pid == 0 || r.end != nil {
		return
	}
	resident, err := resource.TreeResident(r.pid)
	if err != nil || resident-r.baseline <= r.limits.Memory {
		return
	}
	if used, err := resource.TreeMemory(r.pid); err == nil && used > r.limits.Memory {
		r.condemn(study.OutOfMemory, fmt.Sprintf("the function took %d MiB, the memory limit is %d MiB",
			(resident-r.baseline)>>20, r.limits.Memory>>20), 0)
	}
}

// condemn ends the trial, which is asked first if it has grace.
func (r *running) condemn(status study.Status, reason string, grace time.Duration) {
	if r.verdict != nil || r.end != nil {
		return
	}
	r.verdict = &verdict{status, reason}
	if p, err := os.FindProcess(r.pid); grace > 0 && r.pid != 0 && err == nil {
		child.Terminate(p)
	}
	r.expire(grace)
}

// expire kills the trial after a while.
func (r *running) expire(grace time.Duration) {
	if pid := r.pid; pid != 0 {
		if grace == 0 {
			killTree(pid)
			return
		}
		r.killer = time.AfterFunc(grace, func() { killTree(pid) })
	}
}

// killTree kills a process and its descendants, as far as they can be found.
func killTree(pid int) {
	if pid == 0 {
		return
	}
	pids, err := resource.Tree(pid)
	if err != nil {
		pids = []int{pid}
	}
	for _, each := range slices.Backward(pids) {
		if p, err := os.FindProcess(each); err == nil {
			_ = p.Kill()
		}
	}
}
