package pyenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// The oldest Python for which the locked versions have wheels, and the first one for which they have none.
const (
	oldestMinor = 11
	tooNewMinor = 15
	uvRequest   = "3.12" // what uv is asked to download where there is no suitable Python
)

// interpreter is a Python program and what it says about itself.
type interpreter struct {
	path     string // as Python itself sees it, symlinks and version managers resolved
	version  string // 3.12
	minor    int
	platform string // linux-x86_64, as in sysconfig
}

// probeScript prints the fields of interpreter, one per line. It has to run on Python 2 as well, if only to say so.
const probeScript = `import sys, sysconfig
print(sys.executable)
print("%d.%d" % sys.version_info[:2])
print(sys.version_info[1] if sys.version_info[0] == 3 else -1)
print(sysconfig.get_platform() + ("-freethreaded" if sysconfig.get_config_var("Py_GIL_DISABLED") else ""))`

// probe runs a program and returns what it says about itself, or an error that says why it cannot be used.
func probe(ctx context.Context, program string) (interpreter, error) {
	cmd := exec.CommandContext(ctx, program, "-c", probeScript)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.WaitDelay = &stderr, waitDelay
	out, err := cmd.Output()
	if err != nil {
		if detail := lastLine(stderr.String()); detail != "" {
			err = fmt.Errorf("%s (%w)", detail, err)
		}
		return interpreter{}, fmt.Errorf("it does not run: %w: %w", err, ErrNoPython)
	}
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(out)), "\r\n", "\n"), "\n")
	if len(lines) != 4 {
		return interpreter{}, fmt.Errorf("it is no Python: %w", ErrNoPython)
	}
	i := interpreter{path: lines[0], version: lines[1], platform: lines[3]}
	if _, err := fmt.Sscan(lines[2], &i.minor); err != nil {
		return interpreter{}, fmt.Errorf("it is no Python: %w", ErrNoPython)
	}
	if i.minor < oldestMinor {
		//lint:ignore ST1005 Python is a name
		return interpreter{}, fmt.Errorf("Python %s is too old, 3.%d or newer is needed: %w", i.version, oldestMinor, ErrNoPython)
	}
	return i, nil
}

// find returns the first suitable Python on PATH, else one that uv knows or downloads.
func find(ctx context.Context, progress func(string)) (interpreter, error) {
	i, refusals, err := findOnPath(ctx)
	if err == nil || ctx.Err() != nil {
		return i, err
	}
	i, err = findByUV(ctx, progress)
	if err == nil {
		return i, nil
	}
	if !errors.Is(err, exec.ErrNotFound) {
		refusals = append(refusals, "uv: "+err.Error())
	}
	return interpreter{}, missing(refusals)
}

// findOnPath returns the first suitable Python on PATH, or ErrNoPython with what is wrong with those that are there.
func findOnPath(ctx context.Context) (found interpreter, refusals []string, err error) {
	names := []string{"python3", "python"}
	for minor := oldestMinor; minor < tooNewMinor; minor++ {
		names = append(names, fmt.Sprintf("python3.%d", minor))
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		i, err := probe(ctx, path)
		switch {
		case ctx.Err() != nil:
			return interpreter{}, nil, ctx.Err()
		case err == nil && i.minor < tooNewMinor:
			return i, nil, nil
		case err == nil:
			//lint:ignore ST1005 Python is a name
			err = fmt.Errorf("Python %s is newer than the locked packages, 3.%d is the newest", i.version, tooNewMinor-1)
		}
		refusals = append(refusals, fmt.Sprintf("%s: %v", path, err))
	}
	return interpreter{}, refusals, ErrNoPython
}

// findByUV asks uv for an interpreter, which it downloads if it has none.
func findByUV(ctx context.Context, progress func(string)) (interpreter, error) {
	uv, err := exec.LookPath("uv")
	if err != nil {
		return interpreter{}, exec.ErrNotFound
	}
	progress("asking uv for Python " + uvRequest)
	if _, err := run(ctx, uv, "python", "install", "--quiet", uvRequest); err != nil {
		return interpreter{}, err
	}
	out, err := run(ctx, uv, "python", "find", "--quiet", uvRequest)
	if err != nil {
		return interpreter{}, err
	}
	return probe(ctx, strings.TrimSpace(out))
}

func missing(refusals []string) error {
	detail := "there is none on PATH"
	if len(refusals) > 0 {
		detail = strings.Join(refusals, "; ")
	}
	return fmt.Errorf("%w: %s; install Python 3.%d to 3.%d or uv, or set %s to an interpreter that has the packages",
		ErrNoPython, detail, oldestMinor, tooNewMinor-1, PythonVariable)
}

// lastLine returns the last line that is not empty.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
