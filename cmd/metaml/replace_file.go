package main

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// replaceFile writes a file that the line names, so that it is there as a whole or not at all. A file that is there keeps
// its permissions, and a link to one remains; what is no file of its own, such as a pipe or /dev/stdout, is written to.
func replaceFile(path string, b []byte) error {
	mode := fs.FileMode(0o666) // less what the umask takes
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return failf(exitUsage, "%s is a folder; name a file in it", path)
	case !info.Mode().IsRegular():
		return writeInto(path, b)
	default:
		mode = info.Mode().Perm()
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return err
		}
	}
	beside := filepath.Join(filepath.Dir(path), ".export-"+rand.Text())
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrNotExist) {
		return failf(exitNotFound, "folder %s does not exist", filepath.Dir(path))
	}
	if err != nil {
		return err
	}
	defer os.Remove(beside) // gone already if all went well
	_, err = f.Write(b)
	if info != nil {
		err = errors.Join(err, f.Chmod(mode)) // which the umask does not bind
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(beside, path)
}

// writeInto writes to what is there.
func writeInto(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
