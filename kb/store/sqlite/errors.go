package sqlite

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/metaml/metaml/kb/store"
)

// wrap names the file in an error and gives SQLite's result codes their sentinel.
func (s *Store) wrap(err error) error {
	if err == nil {
		return nil
	}
	var failure *sqlite.Error
	if errors.As(err, &failure) {
		if sentinel := sentinelOf(failure.Code()); sentinel != nil {
			err = fmt.Errorf("%w: %w", err, sentinel)
		}
	}
	return fmt.Errorf("%s: %w", s.path, err)
}

// sentinelOf maps a result code; the low byte is the primary code.
func sentinelOf(code int) error {
	switch code & 0xff {
	case codes.SQLITE_NOTADB:
		return store.ErrForeign
	case codes.SQLITE_CORRUPT, codes.SQLITE_FORMAT, codes.SQLITE_ERROR:
		// SQLITE_ERROR: our fixed statements fail to compile only where the schema is damaged.
		return store.ErrCorrupt
	case codes.SQLITE_BUSY, codes.SQLITE_LOCKED:
		return store.ErrLocked
	case codes.SQLITE_READONLY:
		return store.ErrReadOnly
	case codes.SQLITE_FULL, codes.SQLITE_IOERR: // where there is no room for its index, SQLite says I/O error
		return store.ErrStorage
	}
	return nil
}

// isBusy reports whether another connection was in the way.
func isBusy(err error) bool {
	var failure *sqlite.Error
	return errors.As(err, &failure) && sentinelOf(failure.Code()) == store.ErrLocked
}
