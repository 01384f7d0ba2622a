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
func childOf(t *testing.T, e *Evaluator, kind string) int {
	t.Helper()
	got, err := e.Evaluate(t.Context(), asking(kind), nil)
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
			pid, child := e.PID(), childOf(t, e, "child")
			end(e)
			eventually(t, "the evaluator's end", func() bool { return !alive(pid) })
			eventually(t, "its child's end", func() bool { return !alive(child) })
		})
	}
}

func TestADaemonThatHoldsTheOutputHoldsNothingUp(t *testing.T) {
	for name, end := range map[string]func(*Evaluator){
		"close": func(e *Evaluator) { _ = e.Close() },
		"exit": func(e *Evaluator) {
			if _, err := e.Evaluate(t.Context(), asking("exit"), nil); !errors.Is(err, ErrLost) {
				t.Error(err)
			}
			_ = e.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := startEvaluator(t, "evaluator")
			pid, daemon := e.PID(), childOf(t, e, "daemon")
			defer func() { _ = syscall.Kill(daemon, syscall.SIGKILL) }()
			end(e) // would never return
			if alive(pid) || !alive(daemon) {
				t.Errorf("evaluator alive: %v, daemon alive: %v; want the daemon alone", alive(pid), alive(daemon))
			}
		})
	}
}

// playHost starts an evaluator that has a child, says their pids and the socket's folder, and waits.
func playHost() {
	program, _ := os.Executable()
	e, err := StartEvaluator(context.Background(), "square", Command{Path: program, Env: []string{roleVariable + "=evaluator"}})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	got, err := e.Evaluate(context.Background(), asking("child"), nil)
	fmt.Println(e.PID(), got.Reason, e.conn.folder, err)
	select {}
}

// playCarelessHost starts a process that does not watch its parent, says its pid, and waits.
func playCarelessHost() {
	program, _ := os.Executable()
	p := newProcess(Command{Path: program, Env: []string{roleVariable + "=silent"}}.exec(nil), &tail{})
	if err := p.start(); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(p.pid())
	select {}
}

func TestNothingOutlivesAKilledHost(t *testing.T) {
	roles := []string{"host"}
	if runtime.GOOS == "linux" {
		roles = append(roles, "careless host") // only there does the kernel tell the plugin
	}
	for _, role := range roles {
		t.Run(role, func(t *testing.T) {
			command := playing(t, role)
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
			var pids []int
			for _, word := range strings.Fields(line) {
				if pid, err := strconv.Atoi(word); err == nil && alive(pid) {
					pids = append(pids, pid)
				}
			}
			if role == "host" && len(pids) != 2 || len(pids) == 0 {
				t.Fatalf("the host said %q: %v", line, err)
			}
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = host.Wait()
			for _, pid := range pids {
				eventually(t, "the plugin's end and its child's", func() bool { return !alive(pid) })
			}
			if role == "host" {
				if _, err := os.Stat(strings.Fields(line)[2]); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("the socket's folder is left behind: %v", err)
				}
			}
		})
	}
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
