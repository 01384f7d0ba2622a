package pyenv

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// pipWheel is pip itself, for interpreters that come without it (Debian's have no ensurepip). A wheel is a zip file
// that Python runs from. Its licence is MIT.
//
//go:embed pip-26.3-py3-none-any.whl
var pipWheel []byte

const (
	pipWheelName = "pip-26.3-py3-none-any.whl"
	lockPeriod   = 200 * time.Millisecond
	// waitDelay is how long to wait, once a command has been killed, for processes of its own that hold its output.
	waitDelay = time.Second
)

// ensureFolder makes the virtual environment in folder unless it is there and its interpreter still exists.
func ensureFolder(ctx context.Context, folder string, python interpreter, options Options) error {
	if usable(folder) {
		return nil
	}
	if err := os.MkdirAll(options.Dir, 0o755); err != nil {
		return fmt.Errorf("%w: %w", ErrInstall, err)
	}
	unlock, err := lock(ctx, folder+".lock", func() {
		options.Progress("waiting for another process that makes the Python environment")
	})
	if err != nil {
		return err
	}
	defer unlock()
	if usable(folder) {
		return nil
	}
	options.Progress(fmt.Sprintf("making a Python %s environment in %s", python.version, folder))
	making := folder + ".making"
	if err := errors.Join(os.RemoveAll(making), os.RemoveAll(folder)); err != nil {
		return fmt.Errorf("%w: %w", ErrInstall, err)
	}
	if err := install(ctx, making, python, options); err != nil {
		return errors.Join(err, os.RemoveAll(making))
	}
	if err := os.Rename(making, folder); err != nil {
		return fmt.Errorf("%w: %w", ErrInstall, err)
	}
	options.Progress("the Python environment is ready")
	return nil
}

// usable reports whether the environment is there and the Python it was made from has not been removed since.
func usable(folder string) bool {
	_, err := os.Stat(interpreterIn(folder))
	return err == nil
}

// install makes a virtual environment and installs the locked packages, by uv if it is on PATH, else by pip.
func install(ctx context.Context, folder string, python interpreter, options Options) error {
	uv, err := exec.LookPath("uv")
	if err != nil {
		uv = ""
	}
	if uv == "" {
		_, err = run(ctx, python.path, "-m", "venv", "--without-pip", folder)
	} else {
		_, err = run(ctx, uv, "venv", "--quiet", "--no-project", "--no-config", "--python", python.path, folder)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInstall, err)
	}
	arguments := []string{"--require-hashes", "--only-binary", ":all:", "--no-deps", "--quiet"}
	for i, content := range options.Locks {
		path := filepath.Join(folder, fmt.Sprintf("lock-%d.txt", i+1))
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("%w: %w", ErrInstall, err)
		}
		arguments = append(arguments, "-r", path)
	}
	options.Progress("installing packages, which are downloaded unless they are in the cache")
	if uv != "" {
		command := append([]string{uv, "pip", "install", "--no-config", "--python", interpreterIn(folder)}, arguments...)
		_, err = run(ctx, command...)
	} else {
		err = installByPip(ctx, folder, arguments)
	}
	return explain(err)
}

// installByPip runs pip from its wheel inside the virtual environment.
func installByPip(ctx context.Context, folder string, arguments []string) error {
	wheel := filepath.Join(folder, pipWheelName)
	if err := os.WriteFile(wheel, pipWheel, 0o644); err != nil {
		return err
	}
	defer os.Remove(wheel)
	command := append([]string{
		interpreterIn(folder), filepath.Join(wheel, "pip"), "install", "--disable-pip-version-check", "--no-input",
		"--progress-bar", "off", "--no-warn-script-location",
	}, arguments...)
	_, err := run(ctx, command...)
	return err
}

// explain adds to an installer's error what the user can do about it.
func explain(err error) error {
	if err == nil {
		return nil
	}
	advice := ""
	has := func(phrases ...string) bool {
		return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(err.Error(), p) })
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
	case has("Expected sha256", "Hash mismatch", "hash mismatch"):
		advice = "; a package differs from the locked one: check the package index that pip or uv is configured to use"
	case has("No space left"):
		advice = "; free some space, or set XDG_DATA_HOME to a folder with about 1 GB of it"
	case has("name resolution", "onnection", "timed out", "No matching distribution", "network", "dns error", "Max retries"):
		advice = "; if there is no network, or no wheel for this platform, install the packages by other means and set " +
			PythonVariable + " to the interpreter that has them"
	}
	return fmt.Errorf("%w: %w%s", ErrInstall, err, advice)
}

// run runs a command and returns its standard output. The error of a failure has the last lines of standard error.
func run(ctx context.Context, command ...string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = waitDelay
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(command[0]), err, tail(stderr.String()+stdout.String()))
	}
	return stdout.String(), nil
}

// tail returns the last lines of a program's complaint as one line.
func tail(text string) string {
	const most = 3
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines[max(0, len(lines)-most):], "; ")
}
