package plugins

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// lockVersion is the version of the lock file's form.
const lockVersion = 1

// ErrLock: a lock file cannot be understood. It is never ignored, because what it pins would then run unchecked.
var ErrLock = errors.New("unusable lock file")

// Pin is the checksum that the plugin of a kind and name must have, wherever its program lies. It is of the program's
// file alone: of a script, what the script imports may change under it.
type Pin struct {
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Lock is a set of pins, as a lock file holds them. The zero Lock pins nothing.
type Lock struct{ pins []Pin } // by kind and name

// lockFile is the JSON form.
type lockFile struct {
	SchemaVersion int   `json:"schema_version"`
	Plugins       []Pin `json:"plugins"`
}

// ReadLock reads a lock file. One that does not exist pins nothing; one that is broken is ErrLock.
func ReadLock(path string) (Lock, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Lock{}, nil
	}
	if err != nil {
		return Lock{}, err
	}
	l, err := parseLock(data)
	if err != nil {
		return Lock{}, fmt.Errorf("%s: %w: %w", path, ErrLock, err)
	}
	return l, nil
}

func parseLock(data []byte) (Lock, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var f lockFile
	if err := dec.Decode(&f); err != nil {
		return Lock{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Lock{}, errors.New("more than one JSON value")
	}
	if f.SchemaVersion != lockVersion {
		return Lock{}, fmt.Errorf("schema_version %d; this metaml reads %d", f.SchemaVersion, lockVersion)
	}
	var l Lock
	for i, p := range f.Plugins {
		sum, err := hex.DecodeString(p.SHA256)
		switch _, twice := l.find(p.Kind, p.Name); {
		case p.Kind != KindOptimizer && p.Kind != KindEvaluator:
			return Lock{}, fmt.Errorf("plugins[%d]: %q is no kind of plugin", i, p.Kind)
		case p.Name == "":
			return Lock{}, fmt.Errorf("plugins[%d]: no name", i)
		case err != nil || len(sum) != sha256.Size:
			return Lock{}, fmt.Errorf("plugins[%d]: %q is no SHA-256", i, p.SHA256)
		case twice:
			return Lock{}, fmt.Errorf("plugins[%d]: %s %s is there twice", i, p.Kind, p.Name)
		}
		l.Set(p.Kind, p.Name, sum)
	}
	return l, nil
}

// Write replaces a lock file as a whole, or makes it, in a folder that exists.
func (l Lock) Write(path string) error {
	data, err := json.MarshalIndent(lockFile{lockVersion, slices.Clone(l.pins)}, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".plugins-lock-")
	if err != nil {
		return err
	}
	_, err = f.Write(append(data, '\n'))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Pins returns what is pinned, by kind and name.
func (l Lock) Pins() []Pin { return slices.Clone(l.pins) }

// Checksum returns the SHA-256 that a plugin must have, nil if it is not pinned.
func (l Lock) Checksum(kind Kind, name string) []byte {
	i, ok := l.find(kind, name)
	if !ok {
		return nil
	}
	sum, _ := hex.DecodeString(l.pins[i].SHA256) // checked when it came in
	return sum
}

// Set pins a plugin to a SHA-256.
func (l *Lock) Set(kind Kind, name string, sum []byte) {
	pin := Pin{kind, name, hex.EncodeToString(sum)}
	i, ok := l.find(kind, name)
	if ok {
		l.pins[i] = pin
	} else {
		l.pins = slices.Insert(l.pins, i, pin)
	}
}

// Remove takes a pin away and reports whether there was one.
func (l *Lock) Remove(kind Kind, name string) bool {
	i, ok := l.find(kind, name)
	if ok {
		l.pins = slices.Delete(l.pins, i, i+1)
	}
	return ok
}

func (l Lock) find(kind Kind, name string) (int, bool) {
	return slices.BinarySearchFunc(l.pins, Pin{Kind: kind, Name: name}, func(a, b Pin) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
}

// Checksum returns the SHA-256 of the program's file, without running it.
func (p Program) Checksum() ([]byte, error) {
	f, err := os.Open(p.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil), nil
}
