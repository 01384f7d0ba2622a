package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
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

// checksum is a CRC-32C.
func checksum(b []byte) int64 {
	return int64(crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)))
}

// check is the checksum that an event with that number, time and trial must have.
func (l *Ledger) check(sequence, millis int64, trial []byte) int64 {
	if l.version == 1 {
		return checksum(trial)
	}
	b := binary.LittleEndian.AppendUint64(nil, uint64(sequence))
	b = binary.LittleEndian.AppendUint64(b, uint64(millis))
	return checksum(append(b, trial...))
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
	var epoch, last int64
	const now = "SELECT epoch, (SELECT coalesce(max(sequence), 0) FROM event) FROM study"
	if err := tx.QueryRowContext(ctx, now).Scan(&epoch, &last); err != nil {
		return l.wrap(err)
	}
	if epoch != l.epoch {
		return l.wrap(optimizers.ErrStaleOwner)
	}
	millis := time.Now().UnixMilli()
	for _, e := range events {
		body, err := json.Marshal(e.Trial)
		if err != nil {
			return fmt.Errorf("trial %d: %w", e.Trial.ID, err)
		}
		last++
		const insert = `INSERT INTO event (sequence, time, trial, "check") VALUES (?, ?, ?, ?)`
		if _, err := tx.ExecContext(ctx, insert, last, millis, body, l.check(last, millis, body)); err != nil {
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
		e, err := l.scan(rows)
		if err != nil {
			return entries, l.wrap(fmt.Errorf("after event %d: %w", after, err))
		}
		entries = append(entries, e)
		after = e.Sequence
	}
	return entries, l.wrap(rows.Err())
}

func (l *Ledger) scan(rows *sql.Rows) (Entry, error) {
	var sequence, millis, check int64
	var body []byte
	if err := rows.Scan(&sequence, &millis, &body, &check); err != nil {
		return Entry{}, err
	}
	if l.check(sequence, millis, body) != check {
		return Entry{}, fmt.Errorf("event %d was changed: %w", sequence, ErrCorrupt)
	}
	var t study.Trial
	if err := json.Unmarshal(body, &t); err != nil {
		return Entry{}, fmt.Errorf("event %d: %w: %w", sequence, err, ErrCorrupt)
	}
	return Entry{optimizers.Event{Sequence: uint64(sequence), Trial: t}, time.UnixMilli(millis)}, nil
}
