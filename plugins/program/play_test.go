package program

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// play is the program that is evaluated.
func play(role string, args []string) int {
	switch role {
	case "print":
		for _, line := range args {
			fmt.Println(line)
		}
	case "write":
		return failed(os.WriteFile(args[0], []byte(args[1]), 0o600))
	case "flood":
		n, _ := strconv.Atoi(args[0])
		fmt.Println(strings.Repeat("x", n))
		fmt.Println(args[1])
	case "fail":
		fmt.Fprintln(os.Stderr, "Traceback\n"+args[1])
		code, _ := strconv.Atoi(args[0])
		return code
	case "kill":
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		time.Sleep(time.Minute)
	case "sleep":
		if len(args) > 0 {
			_ = os.WriteFile(filepath.Join(args[0], "pid"), []byte(strconv.Itoa(os.Getpid())), 0o600)
		}
		time.Sleep(time.Minute)
	case "deaf":
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		time.Sleep(time.Minute)
	case "leave": // a child that holds the output open
		child := exec.Command(os.Args[0], "play", "sleep")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return failed(err)
		}
		fmt.Println(args[0])
	case "curve":
		return curve(args)
	case "echo":
		return echo(args)
	}
	return 0
}

// curve prints points until it is done or asked to end.
func curve(args []string) int {
	n, _ := strconv.Atoi(args[0])
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, os.Interrupt)
	for step := 1; step <= n; step++ {
		fmt.Printf("{\"step\": %d, \"steps\": %d, \"loss\": %v}\n", step, n, 1/float64(step))
		select {
		case <-asked:
			return failed(os.WriteFile(filepath.Join(args[1], "saved"), nil, 0o600))
		case <-time.After(100 * time.Millisecond):
		}
	}
	return 0
}

// echo writes down what it got.
func echo(args []string) int {
	env := map[string]string{}
	for _, v := range os.Environ() {
		name, value, _ := strings.Cut(v, "=")
		env[name] = value
	}
	dir, _ := os.Getwd()
	text, err := json.Marshal(map[string]any{"Args": args, "Dir": dir, "Env": env})
	if err != nil {
		return failed(err)
	}
	fmt.Println(1)
	return failed(os.WriteFile(filepath.Join(os.Getenv(VariableCheckpoint), "echo.json"), text, 0o600))
}

func failed(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// expectDead waits until there is no process of that number.
func expectDead(t *testing.T, pid string) {
	t.Helper()
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(n)
	for range 200 {
		if err != nil || p.Signal(syscall.Signal(0)) != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("process %d is alive", n)
}
