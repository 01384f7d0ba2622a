package plugins

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Program is a plugin's program as it was found on this machine. Finding it says nothing about what it does: it was
// not executed.
type Program struct {
	Kind Kind
	Name string
	Path string // absolute
}

// Command returns the command that starts the program.
func (p Program) Command() Command { return Command{Path: p.Path} }

// Folders returns where programs are looked for, in order: beside the running binary, in the plugin folder (empty
// for none), and on PATH. Relative entries of PATH are left out: a program must not be found because of the folder
// that a user happens to be in.
func Folders(pluginFolder string) []string {
	var folders []string
	if binary, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(binary); err == nil {
			binary = real
		}
		folders = append(folders, filepath.Dir(binary))
	}
	if pluginFolder != "" {
		folders = append(folders, pluginFolder)
	}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		if filepath.IsAbs(folder) && !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// Find lists the plugins of a kind in the folders, sorted by name: executable files called metaml-KIND-NAME, NAME
// consisting of lower-case letters, digits, "_" and "-". Where several have the same name the first folder wins.
// Folders that do not exist or cannot be read hold nothing.
func Find(kind Kind, folders []string) []Program {
	var found []Program
	for _, folder := range folders {
		folder, err := filepath.Abs(folder) // a bare name would be looked up on PATH when it is started
		if err != nil {
			continue
		}
		entries, _ := os.ReadDir(folder) // what could be read before an error counts
		for _, entry := range entries {
			name, ok := pluginName(kind, entry.Name())
			path := filepath.Join(folder, entry.Name())
			known := func(p Program) bool { return p.Name == name }
			if ok && executable(path) && !slices.ContainsFunc(found, known) {
				found = append(found, Program{Kind: kind, Name: name, Path: path})
			}
		}
	}
	slices.SortFunc(found, func(a, b Program) int { return cmp.Compare(a.Name, b.Name) })
	return found
}

// Lookup returns the plugin of that kind and name, or an error that wraps ErrNotFound.
func Lookup(kind Kind, name string, folders []string) (Program, error) {
	for _, p := range Find(kind, folders) {
		if p.Name == name {
			return p, nil
		}
	}
	return Program{}, fmt.Errorf("%s %q: %w: a program metaml-%s-%s would be one, beside metaml, in the plugin folder or on PATH",
		kind, name, ErrNotFound, kind, name)
}

// pluginName takes a file's name apart.
func pluginName(kind Kind, file string) (name string, ok bool) {
	if runtime.GOOS == "windows" {
		file, ok = strings.CutSuffix(strings.ToLower(file), ".exe")
		if !ok {
			return "", false
		}
	}
	name, ok = strings.CutPrefix(file, "metaml-"+string(kind)+"-")
	strange := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-'
	}
	return name, ok && name != "" && !strings.ContainsFunc(name, strange)
}

// executable reports whether a path leads to a regular file that may be executed.
func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode().Perm()&0o111 != 0)
}
