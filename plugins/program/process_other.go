//go:build !linux

package program

import (
	"os"
	"os/exec"
)

// bindToThread does nothing: the host ends the evaluator's group.
func bindToThread(*exec.Cmd) {}

// terminate asks the program to end, or ends it where there is no asking.
func terminate(p *os.Process) {
	if p.Signal(os.Interrupt) != nil {
		_ = p.Kill()
	}
}

// killRest does nothing: what a program leaves behind ends with the evaluator.
func killRest() {}

// peak is not measured.
func peak(*os.ProcessState) float64 { return 0 }
