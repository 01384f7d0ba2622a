package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary play metaml: scripts run it as `metaml …`, and it runs itself again as /proc/self/exe.
// It also plays what others wrote: evaluators, which metaml finds on PATH (see judge and faulty), and a program.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"metaml": main, "exe": main, "metaml-evaluator-judge": judge,
		"metaml-evaluator-faulty": faulty, "faulty-program": faultyProgram})
}

// TestScripts runs testdata/script/*.txtar. Beside testscript's own commands there are
//
//	status N metaml …   runs metaml and requires exit status N and, for N > 0, an error message as they must be:
//	                    "metaml: …", at most four lines, no usage text
//	knowledge FILE      makes up a small knowledge base, see knowledge_test.go
//	bytes, gzip, sqlite, truncate, patch: make and damage files, see script_files_test.go
//
// $REPO is the repository's root, $BIN the folder that holds metaml and nothing else; HOME and the XDG folders are new and empty in each script.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	seeded := seedHasRuns(t)
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("REPO", root)
			env.Setenv("BIN", filepath.SplitList(env.Getenv("PATH"))[0]) // testscript puts its commands first
			for _, v := range []string{"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"} {
				env.Setenv(v, "")
			}
			return os.Mkdir(home, 0o755)
		},
		Condition: func(name string) (bool, error) {
			if name == "seed" { // the knowledge base that comes with metaml knows something
				return seeded, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status":    scriptStatus,
			"knowledge": scriptKnowledge,
			"bytes":     scriptBytes,
			"gzip":      scriptGzip,
			"sqlite":    scriptSQLite,
			"truncate":  scriptTruncate,
			"patch":     scriptPatch,
		},
	})
}

// scriptStatus is the script command `status N PROGRAM ARGS…`.
func scriptStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N PROGRAM [ARGS]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		got = exitStatus(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
	if want != 0 {
		if problem := checkErrorText(ts.ReadFile("stderr")); problem != "" {
			ts.Fatalf("%s", problem)
		}
	}
}
