// Package pyenv makes and keeps the Python environments that evaluators run in: one per lock file, Python version and
// platform, made once from pinned and hashed wheels, and found again by the next process. A user who has an
// environment of their own names its interpreter in METAML_PYTHON, which is then used as it is.
package pyenv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// PythonVariable is the environment variable that names an interpreter to use as it is, with all that the evaluator
// needs installed for it.
const PythonVariable = "METAML_PYTHON"

var (
	// ErrNoPython is wrapped when there is no interpreter to work with, or none that is recent enough.
	ErrNoPython = errors.New("no suitable Python")
	// ErrInstall is wrapped when the environment could not be made: no network, no wheel for this platform, no space.
	ErrInstall = errors.New("cannot make the Python environment")
)

// Options says what environment is wanted and where it is kept.
type Options struct {
	// Dir keeps environments and unpacked sources; empty means $XDG_DATA_HOME/metaml/pyenv, by default
	// ~/.local/share/metaml/pyenv.
	Dir string
	// Locks are requirements files with hashes, in pip's format, installed together. They must list every package
	// that is needed: nothing else is installed.
	Locks [][]byte
	// Progress, when set, is called with one line for every step that takes time.
	Progress func(line string)
}

// Environment is a Python environment that is ready to run evaluators.
type Environment struct {
	// Python is the path of the interpreter.
	Python string
	// PythonPath is the folder that holds the package metaml.
	PythonPath string
	// Key names the environment: a hash of locks, Python version and platform. It is empty for METAML_PYTHON, of
	// which only its owner knows what is in it.
	Key string
	// Lock is the SHA-256 of the locks in hexadecimal, empty for METAML_PYTHON.
	Lock string
}

// Ensure returns the environment of the options, and makes it if it is not there. It is safe to call from several
// processes at once: one makes the environment, the others wait. An environment appears whole or not at all.
func Ensure(ctx context.Context, options Options) (Environment, error) {
	if options.Progress == nil {
		options.Progress = func(string) {}
	}
	if options.Dir == "" {
		dir, err := defaultDir()
		if err != nil {
			return Environment{}, err
		}
		options.Dir = dir
	}
	sources, err := unpack(filepath.Join(options.Dir, "sources"))
	if err != nil {
		return Environment{}, fmt.Errorf("unpacking the Python sources: %w", err)
	}
	if path := os.Getenv(PythonVariable); path != "" {
		chosen, err := probe(ctx, path)
		if err != nil {
			return Environment{}, fmt.Errorf("%s=%s: %w", PythonVariable, path, err)
		}
		return Environment{Python: chosen.path, PythonPath: sources}, nil
	}
	chosen, err := find(ctx, options.Progress)
	if err != nil {
		return Environment{}, err
	}
	e, folder := environmentOf(chosen, options)
	e.PythonPath = sources
	return e, ensureFolder(ctx, folder, chosen, options)
}

// environmentOf says which environment belongs to an interpreter, and its folder.
func environmentOf(chosen interpreter, options Options) (e Environment, folder string) {
	e.Lock = hash(options.Locks...)
	e.Key = hash([]byte(e.Lock), []byte(chosen.version), []byte(chosen.platform))[:16]
	folder = filepath.Join(options.Dir, e.Key)
	e.Python = interpreterIn(folder)
	return e, folder
}

// Prospect is what Ensure would find.
type Prospect struct {
	Python  string // the interpreter from which the environment is made, or that METAML_PYTHON names
	Version string // 3.12
	Ready   bool   // the environment is there
	Path    string // its interpreter, where Ready
}

// Look tells what Ensure would find on this machine, and changes nothing. It does not ask uv, which might download.
// Without a suitable interpreter the error wraps ErrNoPython and says what is wrong with those that are there.
func Look(ctx context.Context, options Options) (Prospect, error) {
	if path := os.Getenv(PythonVariable); path != "" {
		chosen, err := probe(ctx, path)
		if err != nil {
			return Prospect{}, fmt.Errorf("%s=%s: %w", PythonVariable, path, err)
		}
		return Prospect{Python: chosen.path, Version: chosen.version, Ready: true, Path: chosen.path}, nil
	}
	chosen, refusals, err := findOnPath(ctx)
	if err != nil {
		if len(refusals) == 0 {
			refusals = []string{"there is none on PATH"}
		}
		return Prospect{}, fmt.Errorf("%w: %s", err, strings.Join(refusals, "; "))
	}
	e, folder := environmentOf(chosen, options)
	p := Prospect{Python: chosen.path, Version: chosen.version}
	if usable(folder) {
		p.Ready, p.Path = true, e.Python
	}
	return p, nil
}

// Module returns the command that runs a module of the package metaml, such as metaml.evaluators.sklearn: program,
// arguments, and the variables to add to the environment.
func (e Environment) Module(name string, args ...string) (path string, argv, env []string) {
	env = []string{"PYTHONPATH=" + e.PythonPath, "PYTHONNOUSERSITE=1", "PYTHONHASHSEED=0"}
	if e.Lock != "" {
		env = append(env, "METAML_LOCK="+e.Lock)
	}
	return e.Python, append([]string{"-m", name}, args...), env
}

// hash returns the SHA-256 of the parts, each after its length, so that no two lists of parts look the same.
func hash(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// interpreterIn returns where a virtual environment keeps its interpreter.
func interpreterIn(folder string) string {
	if runtime.GOOS == "windows" {
		return filepath.Join(folder, "Scripts", "python.exe")
	}
	return filepath.Join(folder, "bin", "python")
}

func defaultDir() (string, error) {
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "metaml", "pyenv"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no folder for Python environments: set XDG_DATA_HOME: %w", err)
	}
	return filepath.Join(home, ".local", "share", "metaml", "pyenv"), nil
}
