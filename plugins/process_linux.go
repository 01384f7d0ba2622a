package plugins

import "syscall"

// processAttributes puts a plugin in a process group of its own, so that it can be ended with everything it started
// and a terminal's Ctrl-C reaches the host only. When the host dies the kernel asks the plugin to end: a request
// and not a kill, so that the plugin can take its own children along.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
