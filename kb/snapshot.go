package kb

import (
	"context"

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
	return withoutRetracted(all)
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
