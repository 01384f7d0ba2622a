package python_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/python"
)

// environment returns the Python environment of the tests, kept in the user's cache so that it is made once. Without
// Python or network the test is skipped, and fails where METAML_STRICT=1 says that everything must run.
func environment(t testing.TB) pyenv.Environment {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	e, err := pyenv.Ensure(ctx, pyenv.Options{
		Dir:      filepath.Join(cache, "metaml", "test-pyenv"),
		Locks:    [][]byte{python.SklearnLock, python.DevelopmentLock},
		Progress: func(line string) { t.Log(line) },
	})
	switch {
	case err == nil:
		return e
	case os.Getenv("METAML_STRICT") == "1":
		t.Fatal(err)
	default:
		t.Skip("no Python environment: ", err)
	}
	return e
}
