package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"iter"
	"time"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// Entry is an event and when it was written.
type Entry struct {
	optimizers.Event
	Time time.Time
}

// checksum is the CRC-32C of an event's bytes.
func checksum(b []byte) int64 {
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// Append adds events, all or none, and returns once they are on disk. The error is optimizers.ErrStaleOwner when another
// process has taken the study over.
func (l *Ledger) Append(ctx context.Context, events ...optimizers.Event) error {
	if l.epoch == 0 {
		return fmt.Errorf("%s was opened for reading: %w", l.path, fs.ErrPermission)
	}
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return l.wrap(err)
	}
	defer tx.Rollback()
	var epoch int64
	if err := tx.QueryRowContext(ctx, "SELECT epoch FROM study").Scan(&epoch); err != nil {
		return l.wrap(err)
	}
	if epoch != l.epoch {
		return l.wrap(optimizers.ErrStaleOwner)
	}
	now := time.Now().UnixMilli()
	for _, e := range events {
		body, err := json.Marshal(e.Trial)
		if err != nil {
			return fmt.Errorf("trial %d: %w", e.Trial.ID, err)
		}
		const insert = `INSERT INTO event (time, trial, "check") VALUES (?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, now, body, checksum(body)); err != nil {
			return l.wrap(err)
		}
	}
	return l.wrap(tx.Commit())
}

// Events yields the events in order.
func (l *Ledger) Events(ctx context.Context) iter.Seq2[optimizers.Event, error] {
	return func(yield func(optimizers.Event, error) bool) {
		for e, err := range l.Entries(ctx) {
			if !yield(e.Event, err) {
				return
			}
		}
	}
}

// page is how many events are read at a time, so that reading does not keep the owner waiting.
const page = 500

// Entries yields the events in order, with their times. It ends at the first that cannot be read, with ErrCorrupt.
func (l *Ledger) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for after := uint64(0); ; {
			entries, err := l.read(ctx, after)
			for _, e := range entries {
				if e.Sequence != after+1 {
					err = l.wrap(fmt.Errorf("event %d is missing: %w", after+1, ErrCorrupt))
					break
				}
				after = e.Sequence
				if !yield(e, nil) {
					return
				}
			}
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if len(entries) < page {
				return
			}
		}
	}
}

// read returns the next page after a sequence number, and what was read before an error.
func (l *Ledger) read(ctx context.Context, after uint64) (entries []Entry, err error) {
	const query = `SELECT sequence, time, trial, "check" FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?`
	rows, err := l.db.QueryContext(ctx, query, int64(after), page)
	if err != nil {
		return nil, l.wrap(err)
	}
	defer func() { err = errors.Join(err, l.wrap(rows.Close())) }()
	for rows.Next() {
		e, err := scan(rows)
		if err != nil {
			return entries, l.wrap(fmt.Errorf("after event %d: %w", after, err))
		}
		entries = append(entries, e)
		after = e.Sequence
	}
	return entries, l.wrap(rows.Err())
}

func scan(rows *sql.Rows) (Entry, error) {
	var sequence, millis, check int64
	var body []byte
	if err := rows.Scan(&sequence, &millis, &body, &check); err != nil {
		return Entry{}, err
	}
	if checksum(body) != check {
		return Entry{}, fmt.Errorf("event %d was changed: %w", sequence, ErrCorrupt)
	}
	var t study.Trial
	if err := json.Unmarshal(body, &t); err != nil {
		return Entry{}, fmt.Errorf("event %d: %w: %w", sequence, err, ErrCorrupt)
	}
	return Entry{optimizers.Event{Sequence: uint64(sequence), Trial: t}, time.UnixMilli(millis)}, nil
}
