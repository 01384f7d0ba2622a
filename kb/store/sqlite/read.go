package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// batch is how many entries Since reads at a time. Short reads do not keep writers from folding their log.
const batch = 1000

// reader is an open connection for reading.
type reader struct {
	db *sql.DB
	// still is the file's state when nobody was writing to it, nil if somebody was. A still file is read without
	// locks, which needs no files beside it; whether it stayed still is checked after every query.
	still *state
	ready bool // the database has its schema
}

// state tells whether a file has changed.
type state struct {
	size     int64
	modified time.Time
}

// stateOf returns the state of the database file, and whether a writer's log lies beside it.
func (s *Store) stateOf() (now state, active bool, err error) {
	info, err := os.Stat(s.path)
	if err != nil {
		return state{}, false, err
	}
	log, err := os.Stat(s.path + "-wal")
	return state{info.Size(), info.ModTime()}, err == nil && log.Size() > 0, nil
}

// read runs query, again if the file was changed under it. It does nothing for a file that does not exist or has
// no schema yet: that is an empty store.
func (s *Store) read(ctx context.Context, query func(*sql.DB) error) error {
	for {
		r, err := s.openReader(ctx)
		if err != nil {
			return s.wrap(err)
		}
		if r == nil || !r.ready {
			return nil
		}
		err = query(r.db)
		if r.still != nil {
			if now, active, stat := s.stateOf(); stat != nil || active || now != *r.still {
				s.forget(r)
				continue
			}
		}
		return s.wrap(err)
	}
}

// openReader returns a connection, nil if there is no file.
func (s *Store) openReader(ctx context.Context) (*reader, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, os.ErrClosed
	}
	if s.reader != nil && s.reader.ready {
		return s.reader, nil
	}
	s.dropReader()
	now, active, err := s.stateOf()
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && now.size == 0 && !active:
		return nil, nil
	case err != nil:
		return nil, err
	case now.size > 0 && now.size < smallest:
		return nil, fmt.Errorf("%d bytes are no SQLite database: %w", now.size, store.ErrForeign)
	}
	r, parameters := &reader{}, url.Values{"mode": {"ro"}}
	if !active {
		r.still = &now
		parameters.Set("immutable", "1")
	}
	if r.db, err = s.connect(parameters); err != nil {
		return nil, err
	}
	if r.ready, err = inspect(ctx, r.db); err != nil {
		r.db.Close()
		return nil, err
	}
	s.reader = r
	return r, nil
}

func (s *Store) forget(r *reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reader == r {
		s.dropReader()
	}
}

// dropReader closes the connection for reading; s.mu is held. Queries under way on it end with an error that
// their own check of the file's state turns into a retry.
func (s *Store) dropReader() {
	if s.reader != nil {
		s.reader.db.Close()
		s.reader = nil
	}
}

// Since implements store.Store.
func (s *Store) Since(ctx context.Context, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for {
			entries, err := s.entries(ctx, "WHERE sequence > ? ORDER BY sequence LIMIT ?", after, batch)
			if err != nil {
				yield(store.Entry{}, err)
				return
			}
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
				after = e.Sequence
			}
			if len(entries) < batch {
				return
			}
		}
	}
}

// Match implements store.Store.
func (s *Store) Match(ctx context.Context, prefix string, limit int) ([]store.Entry, error) {
	if len(prefix) > 64 || strings.Trim(prefix, "0123456789abcdef") != "" {
		return nil, nil
	}
	low, _ := hex.DecodeString(prefix + strings.Repeat("0", 64-len(prefix)))
	high, _ := hex.DecodeString(prefix + strings.Repeat("f", 64-len(prefix)))
	return s.entries(ctx, "WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?", low, high, limit)
}

// entries returns the rows that a WHERE clause selects.
func (s *Store) entries(ctx context.Context, where string, args ...any) (entries []store.Entry, err error) {
	err = s.read(ctx, func(db *sql.DB) error {
		entries = nil
		rows, err := db.QueryContext(ctx, "SELECT sequence, id, kind, protocol, key, body FROM record "+where, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e store.Entry
			var id, protocol, key []byte
			if err := rows.Scan(&e.Sequence, &id, &e.Kind, &protocol, &key, &e.Bytes); err != nil {
				return fmt.Errorf("%w: %w", err, store.ErrCorrupt)
			}
			e.ID, e.Protocol, e.Key = record.ID(hex.EncodeToString(id)), hexID(protocol), hexID(key)
			entries = append(entries, e)
		}
		return rows.Err()
	})
	return entries, err
}

func hexID(raw []byte) record.ID { return record.ID(hex.EncodeToString(raw)) }

// Last implements store.Store.
func (s *Store) Last(ctx context.Context) (last int64, err error) {
	err = s.read(ctx, func(db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT coalesce(max(sequence), 0) FROM record").Scan(&last)
	})
	return last, err
}

// RunKeys implements store.Store.
func (s *Store) RunKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error) {
	raw, err := rawID(protocol)
	if err != nil {
		return nil, err
	}
	var keys map[record.ID]struct{}
	err = s.read(ctx, func(db *sql.DB) error {
		keys = map[record.ID]struct{}{}
		rows, err := db.QueryContext(ctx, "SELECT key FROM record WHERE protocol = ? AND key IS NOT NULL", raw)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key []byte
			if err := rows.Scan(&key); err != nil {
				return err
			}
			keys[hexID(key)] = struct{}{}
		}
		return rows.Err()
	})
	return keys, err
}
