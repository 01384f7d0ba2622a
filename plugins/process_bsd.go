//go:build unix && !linux

package plugins

import "syscall"

// processAttributes puts a plugin in a process group of its own, so that it can be ended with everything it started
// and a terminal's Ctrl-C reaches the host only. Without a kernel that tells the plugin of the host's death, the
// plugin watches its parent's pid.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
