//go:build unix

package plugins

import "syscall"

// askGroup asks the processes of a group to end. That the group is gone already is what was wanted.
func askGroup(pgid int) { _ = syscall.Kill(-pgid, syscall.SIGTERM) }

// killGroup kills the processes of a group.
func killGroup(pgid int) { _ = syscall.Kill(-pgid, syscall.SIGKILL) }
