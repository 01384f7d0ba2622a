package pyenv

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/metaml/metaml/plugins/python"
)

// unpack writes the Python package metaml below dir, into a folder named by its content, and returns that folder. A
// folder that is there is complete, because it got its name when it was.
func unpack(dir string) (string, error) {
	files, err := sourceFiles()
	if err != nil {
		return "", err
	}
	var parts [][]byte
	for _, file := range files {
		parts = append(parts, []byte(file.path), file.content)
	}
	folder := filepath.Join(dir, hash(parts...)[:16])
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	making, err := os.MkdirTemp(dir, ".making-")
	if err != nil {
		return "", err
	}
	if err := writeFiles(making, files); err != nil {
		return "", errors.Join(err, os.RemoveAll(making))
	}
	if err := os.Rename(making, folder); err != nil {
		removed := os.RemoveAll(making)
		if _, there := os.Stat(folder); there == nil {
			return folder, removed // another process was faster
		}
		return "", errors.Join(err, removed)
	}
	return folder, nil
}

// sourceFile is a file of the package with its path from the folder that goes on PYTHONPATH.
type sourceFile struct {
	path    string
	content []byte
}

// sourceFiles returns the files of the package in the order of their paths.
func sourceFiles() ([]sourceFile, error) {
	var files []sourceFile
	err := fs.WalkDir(python.Sources, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := python.Sources.ReadFile(path)
		files = append(files, sourceFile{path, content})
		return err
	})
	return files, err
}

func writeFiles(folder string, files []sourceFile) error {
	for _, file := range files {
		path := filepath.Join(folder, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.content, 0o644); err != nil {
			return err
		}
	}
	return os.Chmod(folder, 0o755)
}
