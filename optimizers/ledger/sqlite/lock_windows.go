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
	if err := windows.LockFileEx(windows.Handle(file.Fd()), flags, 0, 1, 0, &windows.Overlapped{}); err != nil {
		file.Close()
		if err == windows.ERROR_LOCK_VIOLATION {
			err = ErrLocked
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { file.Close() }, nil
}

// syncFolder does nothing: Windows writes names through.
func syncFolder(string) error { return nil }
