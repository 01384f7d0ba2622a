package sqlite

import (
	"context"
	"fmt"
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
		last, err := s.Last(ctx)
		if err != nil { // the end of the table is damaged, too: try every number that the file has room for
			info, err := os.Stat(s.path)
			if err != nil {
				yield(store.Entry{}, s.wrap(err))
				return
			}
			last = info.Size() / leastRow
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
		report(last)
	}
}
