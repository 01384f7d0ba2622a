// Package store says what a durable home of records must do. Stores are append-only: records are added, never
// changed or removed, which makes them safe to merge, to follow and to read while others write.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/metaml/metaml/kb/record"
)

// Sentinels that stores wrap.
var (
	// ErrCorrupt: the store, or one of its records, is damaged.
	ErrCorrupt = errors.New("knowledge base is corrupt")
	// ErrForeign: the file is something else than a metaml knowledge base.
	ErrForeign = errors.New("not a metaml knowledge base")
	// ErrNewer: the file was written by a newer metaml, which this one must not touch.
	ErrNewer = errors.New("knowledge base of a newer metaml")
	// ErrLocked: another process kept the store busy for too long.
	ErrLocked = errors.New("knowledge base is locked")
	// ErrStorage: the disk is full, or reading or writing failed. What was added before is safe.
	ErrStorage = errors.New("the disk is full or failing")
	// ErrReadOnly: something was to be added to a store opened for reading only.
	ErrReadOnly = errors.New("knowledge base is read-only")
)

// Entry is a stored record.
type Entry struct {
	// Sequence is the entry's number in its store: given by the store, positive, and larger than that of any
	// entry that was visible before. Numbers may have gaps.
	Sequence int64
	// ID and Kind are the record's.
	ID   record.ID
	Kind record.Kind
	// Protocol and Key are a run's protocol and record.Key, empty for other kinds.
	Protocol, Key record.ID
	// Bytes are the record's canonical bytes.
	Bytes []byte
}

// NewEntry encodes a record for Add. Errors wrap record.ErrInvalid.
func NewEntry(r record.Record) (Entry, error) {
	b, err := record.Encode(r)
	if err != nil {
		return Entry{}, err
	}
	e := Entry{ID: record.Sum(b), Kind: r.Kind(), Bytes: b}
	if run, ok := r.(*record.Run); ok {
		e.Protocol = run.Protocol
		e.Key, err = record.Key(run)
	}
	return e, err
}

// Record decodes the entry and checks it against its id and kind. Errors wrap ErrCorrupt.
func (e Entry) Record() (record.Record, error) {
	if sum := record.Sum(e.Bytes); sum != e.ID {
		return nil, fmt.Errorf("record %s (number %d): its bytes have the hash %s: %w", e.ID, e.Sequence, sum, ErrCorrupt)
	}
	r, err := record.Decode(e.Bytes)
	if err != nil {
		return nil, fmt.Errorf("record %s (number %d): %w: %w", e.ID, e.Sequence, err, ErrCorrupt)
	}
	if r.Kind() != e.Kind {
		return nil, fmt.Errorf("record %s (number %d): filed as %q, is a %s: %w", e.ID, e.Sequence, e.Kind, r.Kind(), ErrCorrupt)
	}
	return r, nil
}

// Store keeps entries. All methods may be called by many goroutines, and many processes may have the same store
// open. The suite in package storetest holds every implementation to this.
type Store interface {
	// Add stores the entries that are not there yet, all or none, and returns how many were new once they will
	// survive a crash of process or machine. Sequence is ignored.
	Add(ctx context.Context, entries ...Entry) (added int, err error)
	// Since yields the entries whose sequence number is larger than after, in order. Following a store by the
	// last number seen misses nothing. It stops at the first error, which it yields.
	Since(ctx context.Context, after int64) iter.Seq2[Entry, error]
	// Last returns the largest sequence number, 0 for an empty store.
	Last(ctx context.Context) (int64, error)
	// Match returns the entries whose id starts with the hexadecimal prefix, in the order of ids, at most limit.
	Match(ctx context.Context, prefix string, limit int) ([]Entry, error)
	// RunKeys returns the keys of all runs under a protocol.
	RunKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error)
	// Check examines the store's own structure and returns what is wrong with it, one line per finding. Records
	// are not decoded: the caller does that with Since.
	Check(ctx context.Context) ([]string, error)
	// Close waits for Adds under way and releases the store.
	Close() error
}
