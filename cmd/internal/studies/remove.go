package studies

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/ledger/sqlite"
)

// removed begins the name of a folder whose study is being removed. No study's name begins so.
const removed = ".removed-"

// Remove removes a study with all that lies in its folder: at once it is no study any more, whatever happens after that.
// The error is sqlite.ErrLocked for a study that is being run, ErrNotFound where there is none. A study that is damaged
// or newer than this metaml is removed as well.
func Remove(ctx context.Context, dataDir, name string) error {
	if err := tuning.CheckName(name); err != nil {
		return err
	}
	folder := tuning.Folder(dataDir, name)
	l, err := sqlite.Open(ctx, tuning.LedgerPath(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return Missing(dataDir, name)
	}
	if errors.Is(err, sqlite.ErrLocked) || ctx.Err() != nil {
		return err
	}
	owned := err == nil
	if owned && runtime.GOOS == "windows" { // where folders with open files cannot be renamed
		_ = l.Close()
		owned = false
	}
	away := filepath.Join(filepath.Dir(folder), fmt.Sprintf("%s%s-%d", removed, name, os.Getpid()))
	err = os.Rename(folder, away)
	if owned {
		_ = l.Close() // what it would lose is removed
	}
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(away), sweep(filepath.Dir(folder)))
}

// sweep removes what removals left that were killed.
func sweep(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, removed+"*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}
