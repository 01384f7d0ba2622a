// Package sqlite keeps records in one SQLite file: append-only, in write-ahead mode, synced to disk before Add
// returns, shared safely by many processes. Nothing is opened before it is needed, and reading never creates or
// changes a file, so that a knowledge base on a read-only disk can be read.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/metaml/metaml/kb/store"
)

// Options of a store.
type Options struct {
	// ReadOnly refuses Add with store.ErrReadOnly.
	ReadOnly bool
	// Busy is how long to wait for another process's lock before store.ErrLocked; 0 means 30 seconds.
	Busy time.Duration
}

// Store is a store in one file. It implements store.Store.
type Store struct {
	path string
	opt  Options

	mu      sync.Mutex
	closed  bool
	writer  *sql.DB
	reader  *reader
	queue   []*addition
	writing sync.WaitGroup
	busy    bool // a goroutine is emptying the queue
}

var _ store.Store = (*Store)(nil)

// Open returns the store in the file at path, which need not exist: it is created, with its folder, by the first
// Add. Whether an existing file is a knowledge base shows at the first use.
func Open(path string, opt Options) (*Store, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(full); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder: %w", path, store.ErrForeign)
	}
	if opt.Busy == 0 {
		opt.Busy = 30 * time.Second
	}
	return &Store{path: full, opt: opt}, nil
}

// Path returns the file's absolute path.
func (s *Store) Path() string { return s.path }

// Exists reports whether the file is there and not empty.
func (s *Store) Exists() bool {
	info, err := os.Stat(s.path)
	return err == nil && info.Size() > 0
}

// Close waits for Adds under way and closes the file. A closed store fails with os.ErrClosed.
func (s *Store) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.writing.Wait()

	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropReader() // before the writer, which as the last connection folds the log into the file
	if s.writer == nil {
		return nil
	}
	err := s.writer.Close()
	s.writer = nil
	return s.wrap(err)
}

// connect returns a pool of connections; parameters are SQLite's URI parameters.
func (s *Store) connect(parameters url.Values) (*sql.DB, error) {
	for _, pragma := range []string{
		fmt.Sprintf("busy_timeout(%d)", s.opt.Busy.Milliseconds()), "synchronous(FULL)", "trusted_schema(0)", "cell_size_check(1)",
	} {
		parameters.Add("_pragma", pragma)
	}
	path := filepath.ToSlash(s.path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a Windows drive
	}
	file := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: parameters.Encode()}
	connector, err := sqlite.NewConnector(file.String())
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Check implements store.Store with SQLite's integrity check and a look at the log, of which SQLite ignores what is
// damaged.
func (s *Store) Check(ctx context.Context) (findings []string, err error) {
	err = s.read(ctx, func(db *sql.DB) error {
		findings = nil
		rows, err := db.QueryContext(ctx, "PRAGMA integrity_check")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			if line != "ok" {
				findings = append(findings, line)
			}
		}
		return rows.Err()
	})
	finding, failed := checkLog(s.path)
	if finding != "" {
		findings = append(findings, finding)
	}
	return findings, errors.Join(err, s.wrap(failed))
}
