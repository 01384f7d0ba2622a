package function

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Interpreter returns the path of the user's Python: the one asked for, or that of the active virtual environment, or
// python3 or python on PATH. The error wraps exec.ErrNotFound if there is none.
func Interpreter(asked string) (string, error) {
	if asked != "" {
		path, err := exec.LookPath(asked)
		if err != nil {
			return "", fmt.Errorf("interpreter %s: %w", asked, err)
		}
		return filepath.Abs(path)
	}
	var names []string
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if folder := os.Getenv(variable); folder != "" {
			names = append(names, filepath.Join(folder, "bin", "python"))
		}
	}
	for _, name := range append(names, "python3", "python") {
		if path, err := exec.LookPath(name); err == nil {
			return filepath.Abs(path)
		}
	}
	return "", fmt.Errorf("no python3 on PATH: %w", exec.ErrNotFound)
}
