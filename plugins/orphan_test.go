//go:build unix

package plugins

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childOf has an evaluator start a child that outlives the evaluation and holds its output open.
func childOf(t *testing.T, e *Evaluator) int {
	t.Helper()
	got, err := e.Evaluate(t.Context(), asking("child"), nil)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(got.Reason)
	if err != nil || !alive(pid) {
		t.Fatalf("child %q: %v", got.Reason, err)
	}
	return pid
}

func TestNoChildOutlivesItsEvaluator(t *testing.T) {
	ends := map[string]func(*Evaluator){
		"close": func(e *Evaluator) { _ = e.Close() },
		"exit":  func(e *Evaluator) { _, _ = e.Evaluate(t.Context(), asking("exit"), nil) },
		"kill":  func(e *Evaluator) { _ = syscall.Kill(e.PID(), syscall.SIGKILL) },
		"hang": func(e *Evaluator) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			_, _ = e.Evaluate(ctx, asking("report and hang"), nil)
		},
		"stopped process": func(e *Evaluator) {
			_ = syscall.Kill(e.PID(), syscall.SIGSTOP)
			_ = e.Close()
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startEvaluator(t, "evaluator")
			pid, child := e.PID(), childOf(t, e)
			end(e)
			eventually(t, "the evaluator's end", func() bool { return !alive(pid) })
			eventually(t, "its child's end", func() bool { return !alive(child) })
		})
	}
}

// playHost starts an evaluator that has a child, says their pids, and waits.
func playHost() {
	program, _ := os.Executable()
	e, err := StartEvaluator(context.Background(), "square", Command{Path: program, Env: []string{roleVariable + "=evaluator"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	got, err := e.Evaluate(context.Background(), asking("child"), nil)
	fmt.Println(e.PID(), got.Reason, err)
	select {}
}

func TestNothingOutlivesAKilledHost(t *testing.T) {
	command := playing(t, "host")
	host := exec.Command(command.Path)
	host.Env = append(os.Environ(), command.Env...)
	out, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	var evaluator, child int
	if _, scanErr := fmt.Sscan(line, &evaluator, &child); scanErr != nil {
		t.Fatalf("the host said %q: %v", line, errors.Join(err, scanErr))
	}
	if !alive(evaluator) || !alive(child) {
		t.Fatal("the evaluator or its child died early")
	}
	if err := host.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = host.Wait()
	eventually(t, "the evaluator's end", func() bool { return !alive(evaluator) })
	eventually(t, "its child's end", func() bool { return !alive(child) })
}

// descriptors counts this process's open files.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("counting open files needs /proc")
	}
	return len(entries)
}

func TestCrashesLeakNothing(t *testing.T) {
	e := startEvaluator(t, "evaluator")
	crash := func() {
		if _, err := e.Evaluate(t.Context(), asking("exit"), nil); !errors.Is(err, ErrLost) {
			t.Fatal(err)
		}
	}
	crash()
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	for range 30 {
		crash()
	}
	eventually(t, fmt.Sprintf("%d goroutines again, not %d", goroutines, runtime.NumGoroutine()), func() bool {
		return runtime.NumGoroutine() <= goroutines
	})
	eventually(t, "as few open files again", func() bool { return descriptors(t) <= files })
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCloseRemovesTheSocketFolder(t *testing.T) {
	t.Setenv("TMPDIR", "/tmp")
	before, err := filepath.Glob("/tmp/metaml-*")
	if err != nil {
		t.Fatal(err)
	}
	e := startEvaluator(t, "evaluator")
	folder := e.conn.folder
	if strings.Contains(strings.Join(before, " "), folder) {
		t.Errorf("%s was there before", folder)
	}
	if _, err := e.Evaluate(t.Context(), asking("exit"), nil); !errors.Is(err, ErrLost) {
		t.Fatal(err)
	}
	if _, err := e.Evaluate(t.Context(), asking(""), nil); err != nil {
		t.Fatal(err)
	}
	second := e.conn.folder
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{folder, second} {
		if _, err := os.Stat(gone); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left behind: %v", gone, err)
		}
	}
}
