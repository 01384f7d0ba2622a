//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTuneInterrupted presses Ctrl-C during an evaluation: metaml stops, says how to go on, and goes on.
func TestTuneInterrupted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		fault   string
		signals []syscall.Signal
		code    exitCode
		data    bool
	}{
		{"evaluator", "slow", []syscall.Signal{syscall.SIGINT}, exitInterrupted, true},
		{"program", "slow", []syscall.Signal{syscall.SIGINT}, exitInterrupted, false},
		{"program that does not listen", "deaf", []syscall.Signal{syscall.SIGINT}, exitInterrupted, false},
		{"terminated", "hang", []syscall.Signal{syscall.SIGTERM}, exitTerminated, false},
		{"twice at once, as by timeout(1)", "deaf", []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, exitTerminated, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newTuneLab(t, "")
			args := []string{"--space", "space.yaml", "--", "faulty-program", "{trial}", "{x}"}
			if c.data {
				args = l.onData("faulty", "--workers", "2")
			}
			run := func(trials int) outcome {
				return l.run(t, append([]string{"--trials", fmt.Sprint(trials)}, args...)...)
			}
			if o := run(2); o.code != 0 {
				t.Fatal(o.stderr)
			}
			l.fault = c.fault
			took := l.interrupt(t, c.signals, c.code, append([]string{"--trials", "5"}, args...))
			if t.Logf("stopped within %v", took); took > time.Second && os.Getenv("METAML_SOAK") == "1" { // of a machine that has nothing else to do
				t.Errorf("it took %v to stop, want a second at most", took)
			}
			l.expectNothingLeft(t)
			l.fault = ""
			o := run(5)
			if o.code != 0 || o.done == nil || o.done.Trials != 5 || len(o.trials) != 3 {
				t.Fatalf("status %d, %d trials:\n%s", o.code, len(o.trials), o.stderr)
			}
			for line, n := range l.count(t) {
				if strings.HasPrefix(line, "end ") && n != 1 {
					t.Errorf("%d times %q", n, line)
				}
			}
		})
	}
}

// interrupt runs the command until trial 3 has begun, sends the signals and checks how the command ends.
func (l *tuneLab) interrupt(t *testing.T, signals []syscall.Signal, code exitCode, args []string) time.Duration {
	t.Helper()
	cmd := l.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for l.count(t)[fmt.Sprintf("begin %d", faultyTrial)] == 0 {
		select {
		case err := <-ended:
			t.Fatalf("it ended early: %v\n%s", err, stderr.String())
		case <-time.After(5 * time.Millisecond):
		}
	}
	begun := time.Now()
	for i, s := range signals {
		if i > 0 {
			time.Sleep(2 * time.Millisecond) // or the kernel makes one of them
		}
		if err := cmd.Process.Signal(s); err != nil && (i == 0 || !errors.Is(err, os.ErrProcessDone)) {
			t.Fatal(err)
		}
	}
	err := <-ended
	took := time.Since(begun)
	o := outcome{code: exitStatus(err), stderr: stderr.String()}
	o.checkError(t)
	if o.code != int(code) || !strings.Contains(o.stderr, "stopped after 2 trials; every result is kept. The same command goes on.") {
		t.Errorf("status %d, want %d:\n%s", o.code, code, o.stderr)
	}
	return took
}
