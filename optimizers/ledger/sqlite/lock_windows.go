package sqlite

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lock takes the lock of a study, which the system gives back when the process ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	take := func() error {
		return windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{})
	}
	if err := patiently(take, windows.ERROR_LOCK_VIOLATION); err != nil {
		file.Close()
		if err == windows.ERROR_LOCK_VIOLATION {
			err = ErrLocked
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { file.Close() }, nil
}

// probe reports whether the lock file is locked, which it looks up by locking it for an instant, shared with others that
// look.
func probe(path string) (locked bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	err = windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if err == windows.ERROR_LOCK_VIOLATION {
		return true, nil
	}
	return false, err
}

// syncFolder does nothing: Windows writes names through.
func syncFolder(string) error { return nil }
