package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/cmd/internal/settings"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/plugins"
	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

func TestCodeOf(t *testing.T) {
	alive := context.Background()
	ended := func(cause error) context.Context {
		ctx, cancel := context.WithCancelCause(alive)
		cancel(cause)
		return ctx
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want exitCode
	}{
		{"done", alive, nil, exitOK},
		{"any error", alive, errors.New("x"), exitFailure},
		{"usage", alive, fmt.Errorf("x: %w", argv.ErrUsage), exitUsage},
		{"configuration", alive, fmt.Errorf("x: %w", settings.ErrInvalid), exitUsage},
		{"data option", alive, fmt.Errorf("x: %w", dataset.ErrOption), exitUsage},
		{"no such column", alive, fmt.Errorf("x: %w", dataset.ErrNotFound), exitNotFound},
		{"no such file", alive, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, exitNotFound},
		{"broken data", alive, fmt.Errorf("x: %w", dataset.ErrData), exitInvalid},
		{"column of an option", alive, fmt.Errorf("x: %w", metafeatures.ErrOption), exitUsage},
		{"unknown strategy", alive, fmt.Errorf("x: %w", warmstart.ErrStrategy), exitUsage},
		{"nothing known", alive, fmt.Errorf("x: %w", transfer.ErrEmpty), exitNotFound},
		{"corrupt knowledge base", alive, fmt.Errorf("x: %w", store.ErrCorrupt), exitInvalid},
		{"foreign knowledge base", alive, fmt.Errorf("x: %w", store.ErrForeign), exitInvalid},
		{"locked knowledge base", alive, fmt.Errorf("x: %w", store.ErrLocked), exitConflict},
		{"read-only knowledge base", alive, fmt.Errorf("x: %w", store.ErrReadOnly), exitConflict},
		{"no Python", alive, fmt.Errorf("x: %w", pyenv.ErrNoPython), exitPlugin},
		{"a plugin's death", alive, &plugins.ProcessError{Plugin: "x", Err: plugins.ErrLost}, exitPlugin},
		{"exists", alive, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrExist}, exitConflict},
		{"a failure says its own", alive, fmt.Errorf("x: %w", failf(exitPartial, "y: %w", dataset.ErrData)), exitPartial},
		{"timeout", alive, fmt.Errorf("x: %w", context.DeadlineExceeded), exitTimeout},
		{"timeout's cause", alive, errTimeout, exitTimeout},
		{"SIGINT", ended(signalError{os.Interrupt}), context.Canceled, exitInterrupted},
		{"SIGTERM", ended(signalError{syscall.SIGTERM}), context.Canceled, exitTerminated},
		{"a signal explains whatever fails after it", ended(signalError{os.Interrupt}), dataset.ErrData, exitInterrupted},
		{"done in spite of a signal", ended(signalError{os.Interrupt}), nil, exitOK},
	} {
		if got := codeOf(c.ctx, c.err); got != c.want {
			t.Errorf("%s: exit status %d, want %d", c.name, got, c.want)
		}
	}
}

func TestErrorsTakeAtMostFourLines(t *testing.T) {
	for lines := 1; lines < 9; lines++ {
		e, stdout, stderr := testEnvironment()
		text := strings.TrimSuffix(strings.Repeat("one thing went wrong\n", lines), "\n")
		e.report(context.Background(), errors.New(text))
		if problem := checkErrorText(stderr.String()); problem != "" || stdout.Len() > 0 {
			t.Errorf("%d lines: %s", lines, problem)
		}
		if lines > maxErrorLines && !strings.Contains(stderr.String(), fmt.Sprintf("and %d more lines", lines-maxErrorLines+1)) {
			t.Errorf("%d lines: %q does not say how many were left out", lines, stderr)
		}
	}
}

func TestMessageLeavesOutTheSentinels(t *testing.T) {
	err := fmt.Errorf("--k: %w: %w", errors.New("three is no number"), argv.ErrUsage)
	if got, want := message(err), "--k: three is no number"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err = failf(exitNotFound, "knowledge base x does not exist: %w", fs.ErrNotExist)
	if got, want := message(err), "knowledge base x does not exist"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	_, open := os.Open("no such folder/space.yaml")
	if got, want := message(fmt.Errorf("reading: %w", open)), "reading: no such folder/space.yaml does not exist"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	err = fmt.Errorf("%w: no group %q", metafeatures.ErrOption, "x")
	if got, want := message(err), `no group "x"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestSignalsStopAReaderThatWaits starts metaml as a process that waits for its standard input, and stops it.
func TestSignalsStopAReaderThatWaits(t *testing.T) {
	for sig, want := range map[syscall.Signal]exitCode{syscall.SIGINT: exitInterrupted, syscall.SIGTERM: exitTerminated} {
		cmd := exec.Command(os.Args[0])
		cmd.Args = []string{"metaml", "metafeatures", "-"}
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Once the pipe's buffer is full and written twice over, metaml is reading.
		row := strings.Repeat("1,2,3\n", 20_000)
		if _, err := stdin.Write([]byte("a,b,c\n" + row)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		code := exitStatus(cmd.Wait())
		if exitCode(code) != want {
			t.Errorf("%v: exit status %d, want %d; stderr %q", sig, code, want, stderr.String())
		}
		if problem := checkErrorText(stderr.String()); problem != "" {
			t.Errorf("%v: %s", sig, problem)
		}
	}
}

func TestTimeoutStopsAReaderThatWaits(t *testing.T) {
	e, _, stderr := testEnvironment()
	waiting, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	e.stdin = waiting
	if code := run(context.Background(), e, []string{"metafeatures", "-", "--timeout", "50ms"}); code != exitTimeout {
		t.Errorf("exit status %d, want %d; stderr %q", code, exitTimeout, stderr)
	}
	if e.timeout != 50*time.Millisecond || !strings.Contains(stderr.String(), "stopped after 50ms") {
		t.Errorf("stderr %q", stderr)
	}
}
