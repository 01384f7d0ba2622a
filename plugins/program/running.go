package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/metaml/metaml/plugins/internal/child"
)

// drainGrace is how long, after the program's end, its output is waited for, which a descendant may hold open.
const drainGrace = time.Second

// running is a program that runs.
type running struct {
	cmd    *exec.Cmd
	stderr child.LastBytes
	ended  chan error // how it ended, once its output is read
	over   atomic.Bool
	asked  sync.Once
}

// start starts the program and reads its output until it ends. On Linux the kernel kills the program when the thread
// that started it ends, so the goroutine keeps its thread.
func (r *running) start(out *output) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	r.cmd.Stdout, r.cmd.Stderr, r.cmd.WaitDelay = write, &r.stderr, drainGrace
	child.BindToThread(r.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := r.cmd.Start()
		_ = write.Close() // the program has its own end
		started <- err
		if err != nil {
			_ = read.Close()
			return
		}
		r.ended <- r.supervise(out, read)
	}()
	return <-started
}

// supervise reads the output until the program ends.
func (r *running) supervise(out *output, pipe *os.File) error {
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		out.read(pipe)
	}()
	err := r.cmd.Wait()
	r.over.Store(true)
	child.KillRest()
	select {
	case <-drained:
	case <-time.After(drainGrace):
	}
	_ = pipe.Close()
	<-drained
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // the program ended well; something that it started did not
	}
	return err
}

// wait waits for the end, and brings it about at the wall limit (0: none) and when ctx ends.
func (r *running) wait(ctx context.Context, wall time.Duration) (timedOut bool, failure error) {
	var limit <-chan time.Time
	if wall > 0 {
		timer := time.NewTimer(wall)
		defer timer.Stop()
		limit = timer.C
	}
	select {
	case failure = <-r.ended:
		return false, failure
	case <-ctx.Done():
	case <-limit:
		timedOut = true
	}
	r.ask()
	return timedOut, <-r.ended
}

// ask asks the program to end, and kills it with what it started when it has not done so in time.
func (r *running) ask() {
	r.asked.Do(func() {
		child.Terminate(r.cmd.Process)
		time.AfterFunc(stopGrace, func() {
			if !r.over.Load() {
				_ = r.cmd.Process.Kill()
				child.KillRest()
			}
		})
	})
}
