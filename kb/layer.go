package kb

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"sync"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// layer is one source of records.
type layer interface {
	// name says which, for messages.
	name() string
	// set returns all records. It may be shared and must not be modified.
	set(ctx context.Context) (*record.Set, error)
	// entries yields all records with their bytes; those of a store are as stored, unchecked.
	entries(ctx context.Context) iter.Seq2[store.Entry, error]
	// match returns the records whose id begins with the prefix.
	match(ctx context.Context, prefix string, limit int) ([]store.Entry, error)
	runKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error)
	// version is "" for an empty layer.
	version(ctx context.Context) (string, error)
	// verify returns what is wrong, and how many records were looked at.
	verify(ctx context.Context) (problems []Problem, records int, err error)
}

// packLayer is a layer in a pack, decoded once.
type packLayer struct {
	label string
	bytes []byte
	once  func() (*record.Set, error)
}

func newPackLayer(label string, b []byte) *packLayer {
	l := &packLayer{label: label, bytes: b}
	l.once = sync.OnceValues(func() (*record.Set, error) {
		set, err := pack.Decode(b)
		return set, l.wrap(err)
	})
	return l
}

// wrap names the pack in an error and gives it the sentinel of stores, so that callers need to know only one.
func (l *packLayer) wrap(err error) error {
	if err == nil {
		return nil
	}
	for _, same := range [...][2]error{
		{pack.ErrForeign, store.ErrForeign}, {pack.ErrNewer, store.ErrNewer}, {pack.ErrCorrupt, store.ErrCorrupt}, {pack.ErrTooLarge, store.ErrCorrupt},
	} {
		if errors.Is(err, same[0]) {
			return fmt.Errorf("%s: %w: %w", l.label, err, same[1])
		}
	}
	return fmt.Errorf("%s: %w", l.label, err)
}

func (l *packLayer) name() string { return l.label }

func (l *packLayer) set(ctx context.Context) (*record.Set, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return l.once()
}

func (l *packLayer) entries(ctx context.Context) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		set, err := l.set(ctx)
		if err != nil {
			yield(store.Entry{}, err)
			return
		}
		for r := range set.All() {
			e, err := store.NewEntry(r)
			if err == nil {
				err = ctx.Err()
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (l *packLayer) match(ctx context.Context, prefix string, limit int) ([]store.Entry, error) {
	var found []store.Entry
	for e, err := range l.entries(ctx) {
		if err != nil {
			return nil, err
		}
		if len(e.ID) >= len(prefix) && string(e.ID[:len(prefix)]) == prefix && len(found) < limit {
			found = append(found, e)
		}
	}
	return found, nil
}

func (l *packLayer) runKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error) {
	set, err := l.set(ctx)
	if err != nil {
		return nil, err
	}
	keys := map[record.ID]struct{}{}
	for _, r := range set.Runs {
		if r.Protocol != protocol {
			continue
		}
		key, err := record.Key(r)
		if err != nil {
			return nil, l.wrap(err)
		}
		keys[key] = struct{}{}
	}
	return keys, nil
}

func (l *packLayer) version(context.Context) (string, error) {
	h, err := pack.ReadHead(l.bytes)
	if err != nil {
		return "", l.wrap(err)
	}
	return h.Digest.String()[:12], nil
}

func (l *packLayer) verify(context.Context) ([]Problem, int, error) {
	h, err := pack.ReadHead(l.bytes)
	if err == nil {
		err = pack.Verify(l.bytes)
	}
	if err != nil {
		return []Problem{{Source: l.label, What: l.wrap(err).Error()}}, 0, nil
	}
	return nil, h.Runs + h.Features + h.Texts, nil
}

// storeLayer is a layer in a store.
type storeLayer struct {
	store store.Store
	path  string
	cache string // folder for snapshots, "" for none
}

func (l *storeLayer) name() string { return l.path }

// salvager is a store that can be read past its damaged parts. Errors it yields do not end it.
type salvager interface {
	Salvage(ctx context.Context, after int64) iter.Seq2[store.Entry, error]
}

// entries goes on behind damaged parts where the store can.
func (l *storeLayer) entries(ctx context.Context) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		after := int64(0)
		var damage error
		for e, err := range l.store.Since(ctx, 0) {
			if damage = err; err != nil {
				break
			}
			if !yield(e, nil) {
				return
			}
			after = e.Sequence
		}
		s, ok := l.store.(salvager)
		if damage == nil || !ok || !errors.Is(damage, store.ErrCorrupt) {
			if damage != nil {
				yield(store.Entry{}, damage)
			}
			return
		}
		for e, err := range s.Salvage(ctx, after) {
			if !yield(e, err) {
				return
			}
		}
	}
}

func (l *storeLayer) match(ctx context.Context, prefix string, limit int) ([]store.Entry, error) {
	return l.store.Match(ctx, prefix, limit)
}

func (l *storeLayer) runKeys(ctx context.Context, protocol record.ID) (map[record.ID]struct{}, error) {
	return l.store.RunKeys(ctx, protocol)
}

func (l *storeLayer) version(ctx context.Context) (string, error) {
	last, err := l.store.Last(ctx)
	if err != nil || last == 0 {
		return "", err
	}
	return strconv.FormatInt(last, 10), nil
}

// verify has the store check its structure, and recomputes every record's id, kind and key.
func (l *storeLayer) verify(ctx context.Context) (problems []Problem, records int, err error) {
	findings, err := l.store.Check(ctx)
	if err != nil {
		findings = append(findings, err.Error())
	}
	for _, f := range findings {
		problems = append(problems, Problem{Source: l.path, What: f})
	}
	for e, err := range l.entries(ctx) {
		if ctx.Err() != nil {
			return nil, records, ctx.Err()
		}
		if err != nil {
			problems = append(problems, Problem{Source: l.path, What: err.Error()})
			continue
		}
		records++
		if err := verifyEntry(e); err != nil {
			problems = append(problems, Problem{Source: l.path, ID: e.ID, What: err.Error()})
		}
	}
	return problems, records, nil
}

func verifyEntry(e store.Entry) error {
	r, err := e.Record()
	if err != nil {
		return err
	}
	again, err := store.NewEntry(r)
	if err == nil && (again.Protocol != e.Protocol || again.Key != e.Key) {
		err = fmt.Errorf("record %s is filed under protocol %.12s and key %.12s, it has %.12s and %.12s: %w",
			e.ID, e.Protocol, e.Key, again.Protocol, again.Key, store.ErrCorrupt)
	}
	return err
}
