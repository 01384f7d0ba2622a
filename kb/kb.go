// Package kb is the knowledge base: everything metaml remembers about earlier tasks. It joins the seed that comes
// with the binary, the user's own store, or a single file, and reads them as one set of records; it adds, merges,
// checks, counts, searches, and finds the tasks nearest to a new one.
package kb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/seed"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/kb/store/sqlite"
)

// Options say which knowledge base to open. The zero value is the seed and the user's own, for reading and writing.
type Options struct {
	// Path is a single file to use: a store, created by the first Add, or a pack, which is read-only. Empty means
	// the seed together with the user's own store.
	Path string
	// NoSeed leaves the seed out where Path is empty.
	NoSeed bool
	// NoOwn leaves the user's own store out where Path is empty, as where there is no place for one. Nothing can be
	// added then.
	NoOwn bool
	// ReadOnly refuses Add, and a Path that does not exist.
	ReadOnly bool
	// DataDir holds the user's own store, kb/kb.sqlite; empty means $XDG_DATA_HOME/metaml, or metaml in the
	// platform's usual place.
	DataDir string
	// CacheDir holds what can be rebuilt; empty means metaml in the user's cache folder. Where it cannot be
	// written, nothing is cached.
	CacheDir string
}

// KB is an open knowledge base. Its methods may be called by many goroutines.
type KB struct {
	layers []layer
	own    *storeLayer // the layer that Add writes to, nil for a pack or the seed alone
	cache  string      // folder, "" for none
}

// Open returns the knowledge base. Files are opened when they are needed, and an own store that does not exist is
// an empty one. Errors wrap fs.ErrNotExist for a missing Path, and store.ErrForeign.
func Open(ctx context.Context, opt Options) (*KB, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	k := &KB{cache: cacheDir(opt.CacheDir)}
	path := opt.Path
	if path == "" {
		if !opt.NoSeed {
			k.layers = append(k.layers, newPackLayer("the seed", seed.Pack()))
		}
		if opt.NoOwn {
			return k, nil
		}
		dir, err := dataDir(opt.DataDir)
		if err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "kb", "kb.sqlite")
	} else if packed, err := k.openPath(opt); packed || err != nil {
		return k, err
	}
	s, err := sqlite.Open(path, sqlite.Options{ReadOnly: opt.ReadOnly})
	if err != nil {
		return nil, err
	}
	k.own = &storeLayer{store: s, path: s.Path(), cache: k.cache}
	k.layers = append(k.layers, k.own)
	return k, nil
}

// openPath adds the layer of a path that is a pack. It reports false for one that is not.
func (k *KB) openPath(opt Options) (packed bool, err error) {
	info, err := os.Stat(opt.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if opt.ReadOnly {
			return false, fmt.Errorf("knowledge base %s does not exist: %w", opt.Path, fs.ErrNotExist)
		}
		return false, nil
	case err != nil:
		return false, err
	case info.IsDir():
		return false, fmt.Errorf("%s is a folder: %w", opt.Path, store.ErrForeign)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s is no regular file: %w", opt.Path, store.ErrForeign)
	}
	if _, err := os.Stat(opt.Path + "-wal"); err == nil {
		// A database in use, maybe by this process: closing another handle on it would drop its locks.
		return false, nil
	}
	b, err := readPack(opt.Path)
	if b == nil || err != nil {
		return false, err
	}
	k.layers = append(k.layers, newPackLayer(opt.Path, b))
	return true, nil
}

// readPack returns the content of a pack, nil if the file is something else.
func readPack(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	start := make([]byte, 16)
	n, err := io.ReadFull(f, start)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !pack.Is(start[:n]) {
		return nil, nil
	}
	if info, err := f.Stat(); err != nil || info.Size() > pack.MaxMemory {
		return nil, errors.Join(err, fmt.Errorf("%s: %w: %w", path, pack.ErrTooLarge, store.ErrCorrupt))
	}
	rest, err := io.ReadAll(io.LimitReader(f, pack.MaxMemory))
	return append(start[:n], rest...), err
}

// Close releases the files. Adds under way are finished first.
func (k *KB) Close() error {
	if k.own == nil {
		return nil
	}
	return k.own.store.Close()
}

// Path returns the file that Add writes to, "" for a pack.
func (k *KB) Path() string {
	if k.own == nil {
		return ""
	}
	return k.own.path
}

// Add stores records and returns their ids, in order. When it returns without error, they will survive a crash of
// the machine; records that are there already are not stored again. Nothing is stored if a record is invalid
// (record.ErrInvalid) or the knowledge base is read-only (store.ErrReadOnly).
func (k *KB) Add(ctx context.Context, records ...record.Record) ([]record.ID, error) {
	ids, _, err := k.add(ctx, records)
	return ids, err
}

// AddNew is Add for who wants to know how many of the records were not there yet.
func (k *KB) AddNew(ctx context.Context, records []record.Record) (added int, err error) {
	_, added, err = k.add(ctx, records)
	return added, err
}

func (k *KB) add(ctx context.Context, records []record.Record) (ids []record.ID, added int, err error) {
	if k.own == nil {
		return nil, 0, fmt.Errorf("%s is a pack: %w", k.layers[0].name(), store.ErrReadOnly)
	}
	entries := make([]store.Entry, len(records))
	ids = make([]record.ID, len(records))
	for i, r := range records {
		e, err := store.NewEntry(r)
		if err != nil {
			return nil, 0, fmt.Errorf("record %d of %d: %w", i+1, len(records), err)
		}
		entries[i], ids[i] = e, e.ID
	}
	added, err = k.own.store.Add(ctx, entries...)
	if err != nil {
		return nil, 0, err
	}
	return ids, added, nil
}

// RunKeys returns the keys (record.Key) of all runs under a protocol, wherever they are stored.
func (k *KB) RunKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error) {
	all := map[record.ID]struct{}{}
	for _, l := range k.layers {
		keys, err := l.runKeys(ctx, protocol)
		if err != nil {
			return nil, err
		}
		for key := range keys {
			all[key] = struct{}{}
		}
	}
	return all, nil
}

// Version names the state of the knowledge base: the beginnings of its packs' digests, and the number of the last
// record of a store that has any. Equal versions on one machine mean equal content.
func (k *KB) Version(ctx context.Context) (string, error) {
	var parts []string
	for _, l := range k.layers {
		v, err := l.version(ctx)
		if err != nil {
			return "", err
		}
		if v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, "+"), nil
}

// dataDir resolves Options.DataDir.
func dataDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	for _, variable := range []string{"XDG_DATA_HOME", "LocalAppData"} {
		if dir := os.Getenv(variable); filepath.IsAbs(dir) {
			return filepath.Join(dir, "metaml"), nil
		}
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no place for the knowledge base: %w", err)
	}
	return filepath.Join(home, ".local", "share", "metaml"), nil
}

// cacheDir resolves Options.CacheDir, "" if there is none.
func cacheDir(dir string) string {
	if dir != "" {
		return filepath.Join(dir, "kb")
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "metaml", "kb")
}
