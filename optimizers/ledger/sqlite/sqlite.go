// Package sqlite keeps the log of a study in one SQLite file: events are only ever added, each is on disk before Append
// returns, and the file has one owner at a time. Whoever opens a study for writing holds a kernel lock, which ends with
// the process however that dies, and raises the study's epoch, so that an owner that lost its lock nevertheless (a
// restored backup, a network file system) is refused instead of writing on. Reading needs no ownership.
package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

var (
	// ErrLocked: another process runs the study.
	ErrLocked = errors.New("the study is being run by another process")
	// ErrExists: there is a study, or some other file, already.
	ErrExists = errors.New("the study exists already")
	// ErrForeign: the file is something else than a study.
	ErrForeign = errors.New("not a metaml study")
	// ErrNewer: the file was written by a newer metaml, which this one must not touch.
	ErrNewer = errors.New("study of a newer metaml")
	// ErrCorrupt: the file is damaged.
	ErrCorrupt = errors.New("study is corrupt")
	// ErrStorage: the disk is full, or reading or writing failed. What was appended before is safe.
	ErrStorage = errors.New("the disk is full or failing")
)

// Header is what a study is: it is written once, when the study is created.
type Header struct {
	Name    string        `json:"name"`
	Problem study.Problem `json:"problem"`
	// Optimizer and its Settings, which are canonical JSON or empty.
	Optimizer string          `json:"optimizer"`
	Settings  json.RawMessage `json:"settings,omitempty"`
	// Details are the creating program's own: data, protocol, evaluator, warm starts.
	Details json.RawMessage `json:"details,omitempty"`
	Created time.Time       `json:"created"`
}

// Ledger is a study's log. One made by Create or Open owns the study and can append; one made by View reads. It is safe
// for use by several goroutines.
type Ledger struct {
	path    string
	db      *sql.DB
	version int64 // of its schema
	header  Header
	epoch   int64  // 0: a view
	unlock  func() // nil: a view
}

var _ optimizers.Ledger = (*Ledger)(nil)

// Create makes a study in a new file and owns it. The file appears whole or not at all; ErrExists says that there is
// one already.
func Create(ctx context.Context, path string, h Header) (*Ledger, error) {
	unlock, err := lock(path)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, header: h, unlock: unlock}
	if err := l.create(ctx); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// create fills a file under another name and gives it its own when it is complete.
func (l *Ledger) create(ctx context.Context) error {
	if _, err := os.Lstat(l.path); err == nil {
		return fmt.Errorf("%s: %w", l.path, ErrExists)
	}
	unfinished := l.path + ".new"
	if err := removeUnfinished(unfinished); err != nil { // of a process that was killed
		return err
	}
	if err := write(ctx, unfinished, l.header); err != nil {
		return l.wrap(errors.Join(err, removeUnfinished(unfinished)))
	}
	if err := os.Rename(unfinished, l.path); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(l.path)); err != nil {
		return err
	}
	return l.own(ctx)
}

// removeUnfinished removes a study that was not completed.
func removeUnfinished(path string) error {
	for _, file := range []string{path, path + "-journal"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Open takes the ownership of a study. fs.ErrNotExist says that there is none, ErrLocked that it is being run.
func Open(ctx context.Context, path string) (*Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	unlock, err := lock(path)
	if err != nil {
		return nil, err
	}
	l := &Ledger{path: path, unlock: unlock}
	if err := l.own(ctx); err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// View opens a study for reading, whoever owns it, and changes nothing.
func View(ctx context.Context, path string) (*Ledger, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	l := &Ledger{path: path}
	err := l.connect(ctx, url.Values{"mode": {"ro"}})
	if readOnly(err) { // a folder in which nothing can be written beside the file: nobody else can either
		err = l.connectStill(ctx)
	}
	if err != nil {
		_ = l.Close()
		return nil, err
	}
	return l, nil
}

// connectStill opens a file that nobody can write to, without its log. Where the log holds something, which happens when
// an owner was killed, the file alone is not the study.
func (l *Ledger) connectStill(ctx context.Context) error {
	if log, err := os.Stat(l.path + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%s-wal holds its newest events and cannot be read in a folder that is read-only; copy both files to another one: %w",
			l.path, fs.ErrPermission)
	}
	return l.connect(ctx, url.Values{"mode": {"ro"}, "immutable": {"1"}})
}

// own opens the file for writing and raises the epoch.
func (l *Ledger) own(ctx context.Context) error {
	if err := l.connect(ctx, url.Values{"mode": {"rw"}, "_txlock": {"immediate"}}); err != nil {
		return err
	}
	if _, err := l.db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return l.wrap(err)
	}
	const raise = "UPDATE study SET epoch = epoch + 1 RETURNING epoch"
	return l.wrap(l.db.QueryRowContext(ctx, raise).Scan(&l.epoch))
}

// connect opens the file, checks that it is a study and reads its header.
func (l *Ledger) connect(ctx context.Context, parameters url.Values) error {
	var err error
	if l.db, err = open(l.path, parameters); err != nil {
		return err
	}
	if l.version, err = inspect(ctx, l.db); err == nil {
		l.header, err = readHeader(ctx, l.db, l.version)
	}
	if err != nil {
		_ = l.db.Close()
		l.db = nil
	}
	return l.wrap(err)
}

// open returns a pool with one connection.
func open(path string, parameters url.Values) (*sql.DB, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	for _, pragma := range []string{"busy_timeout(10000)", "synchronous(FULL)", "trusted_schema(0)", "cell_size_check(1)"} {
		parameters.Add("_pragma", pragma)
	}
	full = filepath.ToSlash(full)
	if !strings.HasPrefix(full, "/") {
		full = "/" + full // a Windows drive
	}
	file := url.URL{Scheme: "file", OmitHost: true, Path: full, RawQuery: parameters.Encode()}
	connector, err := sqlite.NewConnector(file.String())
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	return db, nil
}

// Header returns what the study is.
func (l *Ledger) Header() Header { return l.header }

// Path returns the file's path as it was given.
func (l *Ledger) Path() string { return l.path }

// Close gives the study back. A closed Ledger must not be used.
func (l *Ledger) Close() error {
	var err error
	if l.db != nil {
		err = l.wrap(l.db.Close())
	}
	if l.unlock != nil {
		l.unlock()
	}
	return err
}

// wrap names the file in an error and gives SQLite's result codes their sentinel.
func (l *Ledger) wrap(err error) error {
	if err == nil {
		return nil
	}
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		switch failure.Code() & 0xff {
		case codes.SQLITE_NOTADB:
			err = fmt.Errorf("%w: %w", err, ErrForeign)
		case codes.SQLITE_CORRUPT, codes.SQLITE_FORMAT, codes.SQLITE_ERROR:
			err = fmt.Errorf("%w: %w", err, ErrCorrupt)
		case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
			err = fmt.Errorf("%w: %w", err, ErrLocked)
		case codes.SQLITE_READONLY:
			err = fmt.Errorf("%w: %w", err, fs.ErrPermission)
		case codes.SQLITE_FULL, codes.SQLITE_IOERR: // where there is no room for its index, SQLite says I/O error
			err = fmt.Errorf("%w: %w", ErrStorage, err)
		}
	}
	return fmt.Errorf("%s: %w", l.path, err)
}

// readOnly reports whether SQLite could not open its files beside the database.
func readOnly(err error) bool {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return false
	}
	code := failure.Code() & 0xff
	return code == codes.SQLITE_CANTOPEN || code == codes.SQLITE_READONLY
}
