package kb

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
)

// mergeBatch is how many records Merge adds at a time.
const mergeBatch = 20000

// Merged counts what Merge did.
type Merged struct {
	Added, Known int
	// Local counts retractions without contributor, which concern their own knowledge base only.
	Local    int
	Problems []Problem // records that were left out because they are damaged
}

// Merge adds to k every record of from that it does not have: a set union, so that the order of merges does not
// matter and repeating one changes nothing. Damaged records are left out and reported; the good ones are added.
func (k *KB) Merge(ctx context.Context, from *KB) (Merged, error) {
	var m Merged
	if k.own == nil {
		return m, fmt.Errorf("%s is a pack: %w", k.layers[0].name(), store.ErrReadOnly)
	}
	var batch []store.Entry
	flush := func() error {
		added, err := k.own.store.Add(ctx, batch...)
		m.Added += added
		m.Known += len(batch) - added
		batch = batch[:0]
		return err
	}
	for _, l := range from.layers {
		for e, err := range l.entries(ctx) {
			if ctx.Err() != nil {
				return m, ctx.Err()
			}
			var r record.Record
			if err == nil {
				r, err = e.Record()
			}
			switch retraction, ok := r.(*record.Retraction); {
			case err != nil && !errors.Is(err, store.ErrCorrupt):
				return m, err
			case err != nil:
				m.Problems = append(m.Problems, Problem{Source: l.name(), ID: e.ID, What: err.Error()})
				continue
			case ok && retraction.Contributor == "":
				m.Local++
				continue
			}
			if e, err = store.NewEntry(r); err != nil { // protocol and key as they should be
				return m, err
			}
			if batch = append(batch, e); len(batch) >= mergeBatch {
				if err := flush(); err != nil {
					return m, err
				}
			}
		}
	}
	return m, flush()
}

// Export returns the records as a pack to give to others, with the set that is in it. What is retracted stays out,
// as do retractions without contributor. The seed, which everybody has, is left out unless withSeed.
// Tasks that a label calls private stay out, with everything about them.
func (k *KB) Export(ctx context.Context, withSeed bool) ([]byte, *record.Set, error) {
	shared := k
	if k.own != nil && len(k.layers) > 1 && !withSeed {
		shared = &KB{layers: []layer{k.own}, own: k.own, cache: k.cache}
	}
	set, err := shared.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	private, err := shared.private(ctx)
	if err != nil {
		return nil, nil, err
	}
	out := *set.Public()
	out.Retractions = nil
	for _, r := range set.Retractions {
		if r.Contributor != "" && !private[r.Target] {
			out.Retractions = append(out.Retractions, r)
		}
	}
	b, err := pack.Encode(&out, pack.Options{})
	return b, &out, err
}

// private returns the ids of what concerns private tasks, retracted or not: nobody has it, so that nobody need know why
// it was withdrawn.
func (k *KB) private(ctx context.Context) (map[record.ID]bool, error) {
	ids := map[record.ID]bool{}
	for _, l := range k.layers {
		set, err := l.set(ctx)
		if err != nil {
			return nil, err
		}
		for r := range set.Hidden() {
			id, err := record.Identify(r)
			if err != nil {
				return nil, err
			}
			ids[id] = true
		}
	}
	return ids, nil
}

// Found is a record with its id.
type Found struct {
	ID     record.ID
	Record record.Record
}

// Find returns the records whose id begins with the prefix, at most limit, wherever they are.
func (k *KB) Find(ctx context.Context, prefix string, limit int) ([]Found, error) {
	var found []Found
	seen := map[record.ID]bool{}
	for _, l := range k.layers {
		entries, err := l.match(ctx, prefix, limit)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if seen[e.ID] || len(found) >= limit {
				continue
			}
			seen[e.ID] = true
			r, err := e.Record()
			if err != nil {
				return nil, err
			}
			found = append(found, Found{e.ID, r})
		}
	}
	return found, nil
}
