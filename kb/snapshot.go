package kb

import (
	"bytes"
	"context"
	"slices"

	"github.com/metaml/metaml/kb/record"
)

// Snapshot returns all records as one set, each once, without those that a retraction withdraws. Nothing reached
// from it may be modified. Errors wrap store.ErrCorrupt and its like.
func (k *KB) Snapshot(ctx context.Context) (*record.Set, error) {
	var all *record.Set
	for _, l := range k.layers {
		set, err := l.set(ctx)
		if err != nil {
			return nil, err
		}
		if all == nil || isEmpty(all) {
			all = set
		} else if !isEmpty(set) {
			if all, err = union(all, set); err != nil {
				return nil, err
			}
		}
	}
	if all == nil {
		all = record.NewSet()
	}
	all, err := settled(all)
	if err != nil {
		return nil, err
	}
	return withoutRetracted(all)
}

// settled returns the set with labels and meta-features in the order of their bytes where a task has several, as packs
// have them: which of them counts must not depend on who merged what first, or on what was cached.
func settled(s *record.Set) (*record.Set, error) {
	type described struct {
		task      record.ID
		extractor string
	}
	out := *s
	var err error
	if out.Labels, err = orderedIfSeveral(s.Labels, func(l *record.Label) record.ID { return l.Task }); err != nil {
		return nil, err
	}
	out.Features, err = orderedIfSeveral(s.Features, func(f *record.Features) described { return described{f.Task, f.Extractor} })
	return &out, err
}

// orderedIfSeveral returns the records ordered by their canonical bytes if any of them describe the same, else the list.
func orderedIfSeveral[R record.Record, K comparable](list []R, of func(R) K) ([]R, error) {
	seen := make(map[K]bool, len(list))
	for _, r := range list {
		seen[of(r)] = true
	}
	if len(seen) == len(list) {
		return list, nil
	}
	type encoded struct {
		record R
		bytes  []byte
	}
	all := make([]encoded, len(list))
	for i, r := range list {
		b, err := record.Encode(r)
		if err != nil {
			return nil, err
		}
		all[i] = encoded{r, b}
	}
	slices.SortFunc(all, func(a, b encoded) int { return bytes.Compare(a.bytes, b.bytes) })
	ordered := make([]R, len(list))
	for i, e := range all {
		ordered[i] = e.record
	}
	return ordered, nil
}

func isEmpty(s *record.Set) bool {
	return len(s.Tasks)+len(s.Features)+len(s.Labels)+len(s.Protocols)+len(s.Spaces)+len(s.Runs)+len(s.Retractions) == 0
}

// union returns the records of both sets, each once.
func union(a, b *record.Set) (*record.Set, error) {
	u := record.NewSet()
	for _, s := range []*record.Set{a, b} {
		for id, t := range s.Tasks {
			u.Tasks[id] = t
		}
		for id, p := range s.Protocols {
			u.Protocols[id] = p
		}
		for id, sp := range s.Spaces {
			u.Spaces[id] = sp
		}
	}
	var err error
	if u.Features, err = join(a.Features, b.Features, func(f *record.Features) any { return f.Task }); err != nil {
		return nil, err
	}
	if u.Labels, err = join(a.Labels, b.Labels, func(l *record.Label) any { return [2]string{string(l.Task), l.Name} }); err != nil {
		return nil, err
	}
	if u.Runs, err = join(a.Runs, b.Runs, likelySame); err != nil {
		return nil, err
	}
	u.Retractions, err = join(a.Retractions, b.Retractions, func(r *record.Retraction) any { return r.Target })
	return u, err
}

// likelySame is equal for equal runs, and rarely for others.
func likelySame(r *record.Run) any {
	return struct {
		task       record.ID
		time       int64
		seed       uint64
		wall, peak float64
	}{r.Task, r.Time, r.Seed, r.Cost.Wall, r.Cost.Memory}
}

// join returns the records of a, and those of b that are not in a. Encoding every record to compare ids would take
// longer than reading them: only records for which probe, which is equal for equal records, agrees are encoded.
func join[R record.Record](a, b []R, probe func(R) any) ([]R, error) {
	wanted := make(map[any]map[record.ID]bool, len(b))
	for _, r := range b {
		wanted[probe(r)] = nil
	}
	for _, r := range a {
		p := probe(r)
		known, candidate := wanted[p]
		if !candidate {
			continue
		}
		id, err := record.Identify(r)
		if err != nil {
			return nil, err
		}
		if known == nil {
			known = map[record.ID]bool{}
			wanted[p] = known
		}
		known[id] = true
	}
	all := append(make([]R, 0, len(a)+len(b)), a...)
	for _, r := range b {
		if known := wanted[probe(r)]; known != nil {
			id, err := record.Identify(r)
			if err != nil {
				return nil, err
			}
			if known[id] {
				continue
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// withoutRetracted returns the set without what its retractions withdraw. A retraction counts if it is its
// target's contributor's. One without contributor is the user's own choice of what not to see, so it counts for
// anything; it never leaves the machine.
func withoutRetracted(s *record.Set) (*record.Set, error) {
	if len(s.Retractions) == 0 {
		return s, nil
	}
	local, by := map[record.ID]bool{}, map[string]map[record.ID]bool{}
	for _, r := range s.Retractions {
		if r.Contributor == "" {
			local[r.Target] = true
			continue
		}
		if by[r.Contributor] == nil {
			by[r.Contributor] = map[record.ID]bool{}
		}
		by[r.Contributor][r.Target] = true
	}
	kept := record.NewSet()
	kept.Retractions = s.Retractions
	for r := range s.All() {
		var targets map[record.ID]bool
		switch r := r.(type) {
		case *record.Retraction:
			continue
		case *record.Run:
			if targets = by[r.Contributor]; len(local)+len(targets) == 0 {
				kept.Runs = append(kept.Runs, r) // without its id, which takes longer than all else
				continue
			}
		}
		id, err := record.Identify(r)
		if err != nil {
			return nil, err
		}
		if !local[id] && !targets[id] {
			kept.Put(id, r)
		}
	}
	return kept, nil
}
