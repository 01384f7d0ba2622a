package sqlite

import (
	"errors"
	"io/fs"
	"time"
)

// Running reports whether a process owns the study. It is what was so a moment ago, good for showing only: who wants
// the study takes it with Open. fs.ErrNotExist does not happen: a study that is not there is not run.
func Running(path string) (bool, error) {
	owned, err := probe(path + ".lock")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return owned, err
}

// patiently tries to take a lock again for some milliseconds while it fails as busy: an owner keeps it for longer than
// that, a look by Running for less.
func patiently(take func() error, busy error) error {
	err := take()
	for range 5 {
		if err != busy {
			break
		}
		time.Sleep(2 * time.Millisecond)
		err = take()
	}
	return err
}
