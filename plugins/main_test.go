//go:build unix

package plugins

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// roleVariable makes the test binary play a plugin (or a host) instead of running tests.
const roleVariable = "METAML_TEST_ROLE"

func TestMain(m *testing.M) {
	role := os.Getenv(roleVariable)
	if role == "" {
		os.Exit(m.Run())
	}
	play, ok := roles()[role]
	if !ok {
		fmt.Fprintf(os.Stderr, "no role %q\n", role)
		os.Exit(99)
	}
	play()
}

// roles are the programs that the test binary can play.
func roles() map[string]func() {
	return map[string]func(){
		"evaluator":        playEvaluator,
		"noisy evaluator":  playNoisyEvaluator,
		"broken evaluator": playBrokenEvaluator,
		"optimizer":        playOptimizer,
		"broken optimizer": playBrokenOptimizer,
		"random":           playRandom,
		"exit 3":           func() { fmt.Fprintln(os.Stderr, "ImportError: no module named sklearn"); os.Exit(3) },
		"babble":           func() { fmt.Println("hello, I am no plugin"); select {} },
		"mayfly":           playMayfly,
		"short of disk":    playShortOfDisk,
		"host":             playHost,
		"careless host":    playCarelessHost,
		"endless line": func() {
			for {
				fmt.Print(strings.Repeat("z", 1<<16))
			}
		},
		"no socket": func() { fmt.Println("1|1|unix|/nowhere|grpc"); select {} },
		"say":       func() { fmt.Println(os.Getenv("METAML_TEST_LINE")); select {} },
		"silent":    func() { select {} },
		"net/rpc":   func() { fmt.Println("1|1|unix|/nowhere|netrpc"); select {} },
		"future":    func() { fmt.Println("1|7|unix|/nowhere|grpc"); select {} },
	}
}

// playing is the command that starts the test binary in a role.
func playing(t testing.TB, role string, env ...string) Command {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, roleVariable+"="+role)
	if testing.CoverMode() != "" {
		env = append(env, "GOCOVERDIR="+t.TempDir()) // else it warns on standard error
	}
	return Command{Path: program, Env: env, StartTimeout: time.Minute} // CI machines are slow
}
