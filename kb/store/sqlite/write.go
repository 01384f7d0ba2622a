package sqlite

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// addition is one waiting call of Add.
type addition struct {
	entries []store.Entry
	added   int
	err     error
	done    chan struct{}
}

// Add implements store.Store. Calls that wait at the same time are committed together, so that many writers
// share the cost of reaching the disk. If ctx ends first, the entries may still be added.
func (s *Store) Add(ctx context.Context, entries ...store.Entry) (int, error) {
	if s.opt.ReadOnly {
		return 0, s.wrap(store.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	a := &addition{entries: entries, done: make(chan struct{})}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return 0, s.wrap(os.ErrClosed)
	}
	s.queue = append(s.queue, a)
	if !s.busy {
		s.busy = true
		s.writing.Go(s.drain)
	}
	s.mu.Unlock()

	select {
	case <-a.done:
		return a.added, a.err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// drain commits what waits until nothing does.
func (s *Store) drain() {
	for {
		s.mu.Lock()
		group := s.queue
		s.queue = nil
		if len(group) == 0 {
			s.busy = false
			s.mu.Unlock()
			return
		}
		s.mu.Unlock()

		s.commit(group)
		for _, a := range group {
			close(a.done)
		}
	}
}

// commit adds a group in one transaction. If that fails, each member is tried on its own, since one caller's
// entries must not spoil another's.
func (s *Store) commit(group []*addition) {
	err := s.transact(group)
	if err == nil || len(group) == 1 {
		for _, a := range group {
			a.err = err
		}
		return
	}
	for _, a := range group {
		a.err = s.transact([]*addition{a})
	}
}

// transact runs with a context of its own: a caller that gives up must not undo the work of the others.
func (s *Store) transact(group []*addition) (err error) {
	ctx := context.Background()
	defer func() { err = s.wrap(err) }()
	db, err := s.openWriter(ctx)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx,
		"INSERT INTO record (id, kind, protocol, key, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")
	if err != nil {
		return err
	}
	defer insert.Close()
	for _, a := range group {
		a.added = 0
		for _, e := range a.entries {
			n, err := insertEntry(ctx, insert, e)
			if err != nil {
				return err
			}
			a.added += n
		}
	}
	return tx.Commit()
}

func insertEntry(ctx context.Context, insert *sql.Stmt, e store.Entry) (int, error) {
	raw, err := rawID(e.ID)
	if err != nil {
		return 0, err
	}
	var protocol, key any // NULL unless a run
	if e.Key != "" {
		if protocol, err = rawID(e.Protocol); err != nil {
			return 0, err
		}
		if key, err = rawID(e.Key); err != nil {
			return 0, err
		}
	}
	result, err := insert.ExecContext(ctx, raw, string(e.Kind), protocol, key, e.Bytes)
	if err != nil {
		return 0, err
	}
	n, err := result.RowsAffected()
	return int(n), err
}

func rawID(id record.ID) ([]byte, error) {
	if !id.Valid() {
		return nil, fmt.Errorf("%.80q is no record id: %w", string(id), record.ErrInvalid)
	}
	return hex.DecodeString(string(id))
}

// openWriter opens the file for writing, creating it where needed.
func (s *Store) openWriter(ctx context.Context) (*sql.DB, error) {
	s.mu.Lock()
	db := s.writer
	s.mu.Unlock()
	if db != nil {
		return db, nil
	}
	if info, err := os.Stat(s.path); err == nil && info.Size() > 0 && info.Size() < smallest {
		return nil, fmt.Errorf("%d bytes are no SQLite database: %w", info.Size(), store.ErrForeign)
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, err
	}
	db, err := s.connect(url.Values{"mode": {"rwc"}, "_txlock": {"immediate"}})
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	if err := createPatiently(ctx, db, s.opt.Busy); err != nil {
		db.Close()
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writer = db
	return db, nil
}
