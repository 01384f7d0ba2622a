//go:build !linux

package child

import (
	"os"
	"os/exec"
)

// BindToThread does nothing: the host ends the evaluator's group.
func BindToThread(*exec.Cmd) {}

// Terminate asks a process to end, or ends it where there is no asking.
func Terminate(p *os.Process) {
	if p.Signal(os.Interrupt) != nil {
		_ = p.Kill()
	}
}

// KillRest does nothing: what a trial leaves behind ends with the evaluator.
func KillRest(...int) {}

// Peak is not measured.
func Peak(*os.ProcessState) float64 { return 0 }

// Victims is not known.
func Victims() int64 { return 0 }
