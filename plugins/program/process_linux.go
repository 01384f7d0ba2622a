package program

import (
	"os"
	"os/exec"
	"syscall"

	"github.com/metaml/metaml/plugins/resource"
)

// bindToThread has the kernel kill the program when the thread that starts it ends.
func bindToThread(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// terminate asks the program to end.
func terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }

// killRest kills what is left of the evaluator's process group and descendants, itself excepted: one program runs at a
// time, so that it is what that program started. A process that leads no group of its own leaves others alone.
func killRest() {
	self := os.Getpid()
	if syscall.Getpgrp() != self {
		return
	}
	pids, _ := resource.Tree(self)
	for _, pid := range pids {
		if pid != self {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// peak is a program's largest resident set in bytes.
func peak(state *os.ProcessState) float64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) * 1024
	}
	return 0
}
