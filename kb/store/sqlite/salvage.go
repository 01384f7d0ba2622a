package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"

	"github.com/metaml/metaml/kb/store"
)

// leastRow is less than a row can take in the file, ids and body included.
const leastRow = 100

// Salvage yields what can still be read of a damaged store after a number, row by row, where Since would end at the
// first damaged page. For each range of numbers that cannot be read it yields one error, and goes on.
func (s *Store) Salvage(ctx context.Context, after int64) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		last, err := s.lastOrRoom(ctx)
		if err != nil {
			yield(store.Entry{}, s.wrap(err))
			return
		}
		lost, cause := int64(0), error(nil) // the first number of the range being lost
		report := func(end int64) bool {
			if cause == nil {
				return true
			}
			err := fmt.Errorf("records %d to %d cannot be read: %w", lost, end, cause)
			cause = nil
			return yield(store.Entry{}, err)
		}
		for n := after + 1; n <= last; n++ {
			rows, err := s.entries(ctx, "WHERE sequence = ?", n)
			if ctx.Err() != nil {
				yield(store.Entry{}, ctx.Err())
				return
			}
			if err != nil {
				if cause == nil {
					lost, cause = n, err
				}
				continue
			}
			if len(rows) > 0 && (!report(n-1) || !yield(rows[0], nil)) {
				return
			}
		}
		if !report(last) {
			return
		}
		if rows, err := s.entries(ctx, "WHERE sequence > ? LIMIT 1", last); err == nil && len(rows) > 0 {
			yield(store.Entry{}, s.wrap(fmt.Errorf("a record has the number %d, beyond all that there is room for: %w", rows[0].Sequence, store.ErrCorrupt)))
		}
	}
}

// lastOrRoom returns the last number, or how many numbers the files have room for, where the end of the table is
// damaged, too, or claims a number beyond that: numbers have no gaps, and trying all up to 2^63 would never end.
func (s *Store) lastOrRoom(ctx context.Context) (int64, error) {
	info, err := os.Stat(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	room := info.Size()
	if log, err := os.Stat(s.path + "-wal"); err == nil {
		room += log.Size()
	}
	room /= leastRow
	last, err := s.Last(ctx)
	if err != nil || last > room {
		return room, nil
	}
	return last, nil
}
