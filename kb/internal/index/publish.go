package index

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/blevesearch/bleve/v2"
)

// format is part of every published name: another mapping makes another index.
const format = "1"

// patience is how long opening waits for a lock. Without a limit bleve would wait for ever.
const patience = "1s"

// manifest is the file of a published index that lists the others with their SHA-256, and the state.
const manifestName = "manifest.json"

type manifest struct {
	State string            `json:"state"`
	Files map[string]string `json:"files"`
}

func folderOf(dir, state string) string {
	sum := sha256.Sum256([]byte(format + "\n" + state))
	return filepath.Join(dir, "search-"+hex.EncodeToString(sum[:8]))
}

// States returns the states of the indexes published in dir.
func States(dir string) []string {
	folders, err := filepath.Glob(filepath.Join(dir, "search-*"))
	if err != nil {
		return nil
	}
	var states []string
	for _, f := range folders {
		if m, err := readManifest(f); err == nil && folderOf(dir, m.State) == f {
			states = append(states, m.State)
		}
	}
	return states
}

func readManifest(folder string) (m manifest, err error) {
	b, err := os.ReadFile(filepath.Join(folder, manifestName))
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	return m, err
}

// Open opens the index published for a state, nil if there is none that is whole. A damaged one is removed.
func Open(dir, state string) *Index {
	folder := folderOf(dir, state)
	if _, err := os.Stat(folder); err != nil {
		return nil
	}
	if err := check(folder, state); err != nil {
		os.RemoveAll(folder)
		return nil
	}
	b, err := bleve.OpenUsing(folder, map[string]any{"read_only": true, "bolt_timeout": patience})
	if err != nil {
		return nil
	}
	return &Index{b}
}

// check compares the files with the manifest, since bleve may panic on damaged ones.
func check(folder, state string) error {
	m, err := readManifest(folder)
	if err != nil {
		return err
	}
	now, err := sums(folder)
	if err != nil {
		return err
	}
	if m.State != state || !maps.Equal(now, m.Files) {
		return fmt.Errorf("%s is not what was published", folder)
	}
	return nil
}

// sums returns the SHA-256 of every file but the manifest.
func sums(folder string) (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == manifestName {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		if _, err := io.Copy(h, f); err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		files[filepath.ToSlash(name)] = hex.EncodeToString(h.Sum(nil))
		return err
	})
	return files, err
}

// Publish makes the index of a state and opens it. With base, the state of a published index, only documents that
// were added or changed since need to be given; base "" means that all are. Indexes of other states are removed.
func Publish(dir, state, base string, documents []Document) (*Index, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(dir, ".search-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	if err := build(work, folderOf(dir, base), base, documents); err != nil {
		return nil, err
	}
	if err := writeManifest(work, state); err != nil {
		return nil, err
	}
	folder := folderOf(dir, state)
	if err := os.Rename(work, folder); err != nil {
		// Another process may have published the same state in the meantime.
		if x := Open(dir, state); x != nil {
			return x, nil
		}
		return nil, err
	}
	removeOthers(dir, folder)
	if x := Open(dir, state); x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("%s cannot be opened", folder)
}

// build fills an empty folder with an index.
func build(folder, baseFolder, base string, documents []Document) (err error) {
	var b bleve.Index
	config := map[string]any{"bolt_timeout": patience}
	if base == "" {
		b, err = bleve.NewUsing(folder, newMapping(), bleve.Config.DefaultIndexType, bleve.Config.DefaultKVStore, config)
	} else {
		if err := check(baseFolder, base); err != nil {
			return err
		}
		if err := os.CopyFS(folder, os.DirFS(baseFolder)); err != nil {
			return err
		}
		if err := os.Remove(filepath.Join(folder, manifestName)); err != nil {
			return err
		}
		b, err = bleve.OpenUsing(folder, config)
	}
	if err != nil {
		return err
	}
	x := &Index{b}
	err = x.put(documents)
	if closed := x.Close(); err == nil {
		err = closed
	}
	return err
}

func writeManifest(folder, state string) error {
	files, err := sums(folder)
	if err != nil {
		return err
	}
	b, err := json.Marshal(manifest{state, files})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, manifestName), b, 0o600)
}

// removeOthers removes older indexes. Processes that read them keep what they have open where the system lets them.
func removeOthers(dir, keep string) {
	folders, err := filepath.Glob(filepath.Join(dir, "search-*"))
	if err != nil {
		return
	}
	for _, f := range folders {
		if f != keep && strings.HasPrefix(filepath.Base(f), "search-") {
			os.RemoveAll(f)
		}
	}
}
