package plugins

import (
	"os"
	"syscall"
)

// processAttributes puts a plugin in a process group of its own, so that a console's Ctrl-C reaches the host only.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// askGroup does nothing: Windows has no request to end that a process without a console could receive.
func askGroup(int) {}

// killGroup kills the process; its children watch for its end.
func killGroup(pid int) {
	if p, err := os.FindProcess(pid); err == nil {
		_ = p.Kill()
		_ = p.Release()
	}
}
