package child

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"

	"github.com/metaml/metaml/plugins/resource"
)

// BindToThread has the kernel kill the command's process when the thread that starts it ends.
func BindToThread(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// Terminate asks a process to end.
func Terminate(p *os.Process) { _ = p.Signal(syscall.SIGTERM) }

// KillRest kills this process's group and descendants, itself and those named excepted: what a trial left behind, since
// an evaluator runs one at a time. A process that leads no group of its own leaves others alone.
func KillRest(except ...int) {
	self := os.Getpid()
	if syscall.Getpgrp() != self {
		return
	}
	pids, _ := resource.Tree(self)
	for _, pid := range pids {
		if pid != self && !slices.Contains(except, pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}

// Peak is the largest resident set in bytes that a process had.
func Peak(state *os.ProcessState) float64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return float64(usage.Maxrss) * 1024
	}
	return 0
}

// Victims returns how many processes the kernel has ended for lack of memory since it started; 0 if it does not say.
func Victims() int64 {
	text, _ := os.ReadFile("/proc/vmstat")
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		if n, ok := bytes.CutPrefix(lines.Bytes(), []byte("oom_kill ")); ok {
			count, _ := strconv.ParseInt(string(n), 10, 64)
			return count
		}
	}
	return 0
}
