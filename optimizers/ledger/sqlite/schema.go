package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

const (
	// applicationID marks the file as ours in SQLite's header: "mtst".
	applicationID = 0x6d747374
	// schemaVersion is the newest schema this package reads and writes.
	schemaVersion = 2
)

// schema creates version 2. Checks are CRC-32C, for SQLite has no checksums of its own: that of the header, and for an
// event that of its number, time and trial. Version 1 had none for the header, and an event's was that of its trial
// alone; studies of that version keep it. An event's time is in milliseconds since 1970.
const schema = `
CREATE TABLE study (
	one     INTEGER PRIMARY KEY CHECK (one = 1),
	header  BLOB NOT NULL,
	"check" INTEGER NOT NULL,
	epoch   INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
	sequence INTEGER PRIMARY KEY,
	time     INTEGER NOT NULL,
	trial    BLOB NOT NULL,
	"check"  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER event_update BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;
`

// inspect returns the version of a study's schema. It refuses files that are not ours or newer than this package.
func inspect(ctx context.Context, db *sql.DB) (version int64, err error) {
	var application int64
	const query = "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
	if err := db.QueryRowContext(ctx, query).Scan(&application, &version); err != nil {
		return 0, err
	}
	switch {
	case application != applicationID:
		return 0, fmt.Errorf("a SQLite database of another application: %w", ErrForeign)
	case version > schemaVersion:
		return 0, fmt.Errorf("schema version %d, this metaml knows up to %d: %w", version, schemaVersion, ErrNewer)
	case version < 1:
		return 0, fmt.Errorf("schema version %d does not exist: %w", version, ErrCorrupt)
	}
	return version, nil
}

// readHeader reads what the study is and checks that it is what was written.
func readHeader(ctx context.Context, db *sql.DB, version int64) (h Header, err error) {
	var text []byte
	var check int64
	if version == 1 {
		err = db.QueryRowContext(ctx, "SELECT header FROM study").Scan(&text)
	} else {
		err = db.QueryRowContext(ctx, `SELECT header, "check" FROM study`).Scan(&text, &check)
	}
	if err != nil {
		return h, err
	}
	if version > 1 && checksum(text) != check {
		return h, fmt.Errorf("the header was changed: %w", ErrCorrupt)
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return h, fmt.Errorf("header: %w: %w", err, ErrCorrupt)
	}
	return h, nil
}

// write makes a study without events in a new file. What it leaves behind when it fails is the caller's to remove.
func write(ctx context.Context, path string, h Header) (err error) {
	text, err := json.Marshal(h)
	if err != nil {
		return fmt.Errorf("study %s: %w", h.Name, err)
	}
	db, err := open(path, url.Values{"mode": {"rwc"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	mark := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, schemaVersion)
	if _, err := tx.ExecContext(ctx, schema+mark); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO study VALUES (1, ?, ?, 0)", text, checksum(text)); err != nil {
		return err
	}
	return tx.Commit()
}
