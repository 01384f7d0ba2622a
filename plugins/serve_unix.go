//go:build unix

package plugins

import (
	"os"
	"os/signal"
	"syscall"
)

// onTerminate calls end at SIGTERM.
func onTerminate(end func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		end()
	}()
}

// endGroup ends this process with what it started, as far as that is in its process group.
func endGroup() {
	if pid := os.Getpid(); syscall.Getpgrp() == pid {
		killGroup(pid)
	}
	os.Exit(1)
}
