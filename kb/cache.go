package kb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
)

const (
	// cacheAfter is how many records a snapshot must save from being decoded one by one to be written to the cache.
	cacheAfter = 1000
	// cacheShare is the share of the snapshot's runs that these must be, too: writing takes as long as decoding some
	// hundredths of what is written, and must not come with every few studies of a large knowledge base.
	cacheShare = 1. / 50
)

// set implements layer: a snapshot from the cache, if there is one, and what was added to the store since.
func (l *storeLayer) set(ctx context.Context) (*record.Set, error) {
	set, after, lastID := l.cached(ctx)
	added := 0
	for e, err := range l.store.Since(ctx, after) {
		if err != nil {
			return nil, err
		}
		r, err := e.Record()
		if err != nil {
			return nil, fmt.Errorf("%s: %w; metaml kb verify lists what is wrong", l.path, err)
		}
		set.Put(e.ID, r)
		after, lastID = e.Sequence, e.ID
		added++
	}
	if worthCaching(added, len(set.Runs)) {
		l.writeCache(set, after, lastID)
	}
	return set, nil
}

// worthCaching tells whether a snapshot of that many runs, with so many records that are not yet in the cache, should be
// written to it.
func worthCaching(added, runs int) bool {
	return added >= cacheAfter && float64(added) >= cacheShare*float64(runs)
}

// A cached snapshot is named by the store's path, and by the number and id of its last record: the id shows that
// it is not the snapshot of another store that was there before.
func (l *storeLayer) cachePrefix() string {
	return "snapshot-" + string(record.Sum([]byte(l.path)))[:16] + "-"
}

// cached returns the newest snapshot that belongs to the store, or an empty set.
func (l *storeLayer) cached(ctx context.Context) (set *record.Set, after int64, last record.ID) {
	var best string
	for _, name := range l.cacheFiles() {
		number, id, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(name, l.cachePrefix()), ".pack"), "-")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && n > after {
			best, after, last = name, n, record.ID(id)
		}
	}
	if best != "" && l.holds(ctx, after, last) {
		path := filepath.Join(l.cache, best)
		if b, err := os.ReadFile(path); err == nil {
			if set, err := pack.Decode(b); err == nil {
				return set, after, last
			}
			os.Remove(path) // rebuilt, never repaired
		}
	}
	return record.NewSet(), 0, ""
}

func (l *storeLayer) cacheFiles() []string {
	if l.cache == "" {
		return nil
	}
	files, err := os.ReadDir(l.cache)
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		if strings.HasPrefix(f.Name(), l.cachePrefix()) && strings.HasSuffix(f.Name(), ".pack") {
			names = append(names, f.Name())
		}
	}
	return names
}

// holds reports whether the record with that number has an id that begins so.
func (l *storeLayer) holds(ctx context.Context, sequence int64, id record.ID) bool {
	for e, err := range l.store.Since(ctx, sequence-1) {
		return err == nil && e.Sequence == sequence && strings.HasPrefix(string(e.ID), string(id))
	}
	return false
}

// writeCache stores a snapshot and removes older ones. That it could not is no reason to fail.
func (l *storeLayer) writeCache(set *record.Set, last int64, id record.ID) {
	if l.cache == "" || os.MkdirAll(l.cache, 0o700) != nil {
		return
	}
	b, err := pack.Encode(set, pack.Options{Fast: true})
	if err != nil {
		return
	}
	name := fmt.Sprintf("%s%d-%s.pack", l.cachePrefix(), last, id[:16])
	if writeFile(filepath.Join(l.cache, name), b) != nil {
		return
	}
	for _, old := range l.cacheFiles() {
		if old != name {
			os.Remove(filepath.Join(l.cache, old))
		}
	}
}

// writeFile writes a file so that it is there as a whole or not at all.
func writeFile(path string, b []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if _, err = f.Write(b); err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
