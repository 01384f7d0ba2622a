package optimizers

import (
	"context"
	"iter"
	"slices"
	"sync"
)

// Memory is a Ledger that lives as long as its process, for one-off runs and tests. The zero Memory is an empty log,
// ready for use by several goroutines. It has one owner for ever.
type Memory struct {
	mu     sync.Mutex
	events []Event
}

// Append adds the events and numbers them.
func (m *Memory) Append(ctx context.Context, events ...Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range events {
		e.Sequence = uint64(len(m.events) + 1)
		m.events = append(m.events, e)
	}
	return nil
}

// Events yields the events there are when it is called.
func (m *Memory) Events(ctx context.Context) iter.Seq2[Event, error] {
	m.mu.Lock()
	events := slices.Clone(m.events)
	m.mu.Unlock()
	return func(yield func(Event, error) bool) {
		for _, e := range events {
			if err := ctx.Err(); err != nil {
				yield(Event{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
		}
	}
}
