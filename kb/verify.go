package kb

import (
	"context"

	"github.com/metaml/metaml/kb/record"
)

// Problem is one thing that is wrong with a knowledge base.
type Problem struct {
	Source string    // the file, or "the seed"
	ID     record.ID // of the record concerned, "" if it concerns the file
	What   string
}

// Verify recomputes every id, key and checksum, and returns what is wrong, one by one, with the number of records
// it could look at.
func (k *KB) Verify(ctx context.Context) (problems []Problem, records int, err error) {
	for _, l := range k.layers {
		found, n, err := l.verify(ctx)
		if err != nil {
			return nil, records, err
		}
		problems = append(problems, found...)
		records += n
	}
	return problems, records, nil
}
