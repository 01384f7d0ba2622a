package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/metaml/metaml/kb/store"
)

const (
	// applicationID marks the file as ours in SQLite's header: "mtml".
	applicationID = 0x6d746d6c
	// schemaVersion is the newest schema this package reads and writes.
	schemaVersion = 1
	// smallest is SQLite's smallest page. It takes shorter files for empty ones and would overwrite them.
	smallest = 512
)

// schema creates version 1. Ids and keys are stored as 32 raw bytes.
const schema = `
CREATE TABLE record (
	sequence INTEGER PRIMARY KEY,
	id       BLOB NOT NULL UNIQUE,
	kind     TEXT NOT NULL,
	protocol BLOB,
	key      BLOB,
	body     BLOB NOT NULL
) STRICT;
CREATE INDEX record_key ON record (protocol, key) WHERE key IS NOT NULL;
CREATE TRIGGER record_update BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records are never changed'); END;
CREATE TRIGGER record_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'records are never removed'); END;
`

// inspect reports whether the database has its schema. It refuses files that are not ours or newer than this
// package; a database without anything in it is one whose creation was cut short.
func inspect(ctx context.Context, q queryer) (ready bool, err error) {
	var application, version, tables int64
	const query = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version"
	if err := q.QueryRowContext(ctx, query).Scan(&application, &version, &tables); err != nil {
		return false, err
	}
	switch {
	case application == 0 && version == 0 && tables == 0:
		return false, nil
	case application != applicationID:
		return false, fmt.Errorf("a SQLite database of another application: %w", store.ErrForeign)
	case version > schemaVersion:
		return false, fmt.Errorf("schema version %d, this metaml knows up to %d: %w", version, schemaVersion, store.ErrNewer)
	case version < 1:
		return false, fmt.Errorf("schema version %d does not exist: %w", version, store.ErrCorrupt)
	}
	return true, nil
}

// queryer is what *sql.DB and *sql.Tx share.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// create makes the schema if it is missing. Many processes may try at once: the immediate transaction lets one
// of them do it and shows the others that it is done.
func create(ctx context.Context, db *sql.DB) error {
	// Checked before write-ahead mode is switched on, so that a foreign file is not touched.
	if ready, err := inspect(ctx, db); err != nil || ready {
		return err
	}
	if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if ready, err := inspect(ctx, tx); err != nil || ready {
		return err
	}
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, schema+mark); err != nil {
		return err
	}
	return tx.Commit()
}

// createPatiently repeats create while another process creates the same file: SQLite does not apply its busy
// timeout to the switch to write-ahead mode.
func createPatiently(ctx context.Context, db *sql.DB, patience time.Duration) error {
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		err := create(ctx, db)
		if !isBusy(err) || time.Now().After(end) {
			return err
		}
	}
}
