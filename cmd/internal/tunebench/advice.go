package tunebench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
	"github.com/metaml/metaml/warmstart/handover"
)

// Without returns the records of a knowledge base without the tasks of the benchmark, and how many tasks that took
// away: those of the same data, and all that share a group with one of the benchmark's.
func Without(set *record.Set, tasks []*Task) (*record.Set, int) {
	prints, groups := map[string]bool{}, map[string]bool{}
	for _, t := range tasks {
		prints[t.Fingerprint], groups[t.Group] = true, true
	}
	named := labelledGroups(set)
	out := record.NewSet()
	out.Protocols, out.Spaces, out.Retractions = set.Protocols, set.Spaces, set.Retractions
	for id, t := range set.Tasks {
		if !prints[t.Fingerprint] && !groups[named[id]] {
			out.Tasks[id] = t
		}
	}
	kept := func(id record.ID) bool { return out.Tasks[id] != nil }
	for _, f := range set.Features {
		if kept(f.Task) {
			out.Features = append(out.Features, f)
		}
	}
	for _, l := range set.Labels {
		if kept(l.Task) {
			out.Labels = append(out.Labels, l)
		}
	}
	for _, r := range set.Runs {
		if kept(r.Task) {
			out.Runs = append(out.Runs, r)
		}
	}
	return out, len(set.Tasks) - len(out.Tasks)
}

// Shuffled returns a knowledge base that knows the same tasks, configurations and results but not which belong
// together: the configurations are permuted at random among all runs of a space, by one permutation for all tasks. It
// recommends with the same confidence what is good for nothing.
func Shuffled(set *record.Set, seed uint64) (*record.Set, error) {
	out := *set
	out.Runs = make([]*record.Run, len(set.Runs))
	hashes := make([]string, len(set.Runs))
	known := map[record.ID]map[string]space.Config{}
	for i, r := range set.Runs {
		hash, err := r.Config.Hash()
		if err != nil {
			return nil, err
		}
		if known[r.Space] == nil {
			known[r.Space] = map[string]space.Config{}
		}
		hashes[i], known[r.Space][hash] = hash, r.Config
	}
	dealt := map[record.ID]map[string]space.Config{}
	for id, configs := range known {
		dealt[id] = permuted(configs, seed)
	}
	for i, r := range set.Runs {
		other := *r
		other.Config = dealt[r.Space][hashes[i]]
		out.Runs[i] = &other
	}
	return &out, nil
}

// shuffleStream is the random stream of Shuffled.
const shuffleStream = 0x5f1e

// permuted deals the configurations out anew.
func permuted(configs map[string]space.Config, seed uint64) map[string]space.Config {
	var hashes []string
	for hash := range configs {
		hashes = append(hashes, hash)
	}
	slices.Sort(hashes)
	out := map[string]space.Config{}
	for i, j := range rand.New(rand.NewPCG(seed, shuffleStream)).Perm(len(hashes)) {
		out[hashes[i]] = configs[hashes[j]]
	}
	return out
}

// Advice is what a run starts from.
type Advice struct {
	// Picks are configurations, best first.
	Picks []space.Config
	// Prior is for optimizers that take one; empty where the knowledge base says nothing.
	Prior study.Prior
}

// Advisors advise warm and unrelated runs.
type Advisors struct {
	set *record.Set
	opt warmstart.Options

	mu     sync.Mutex
	warm   *Advisor
	misled map[uint64]*Advisor // by the seed of the shuffle
}

// NewAdvisors returns the advisors that answer from the records of a knowledge base with the options.
func NewAdvisors(set *record.Set, opt warmstart.Options) *Advisors {
	return &Advisors{set: set, opt: opt, warm: NewAdvisor(set, opt), misled: map[uint64]*Advisor{}}
}

// Advise is Options.Advise. Warm runs of a task are advised alike; each seed of unrelated runs has its own shuffle, so
// that no single one decides.
func (a *Advisors) Advise(t *Task, start Start, seed uint64) (Advice, error) {
	if start == Warm {
		return a.warm.Advise(t)
	}
	advisor, err := a.unrelated(seed)
	if err != nil {
		return Advice{}, err
	}
	return advisor.Advise(t)
}

// unrelated is the advisor of the unrelated runs with a seed.
func (a *Advisors) unrelated(seed uint64) (*Advisor, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if advisor := a.misled[seed]; advisor != nil {
		return advisor, nil
	}
	set, err := Shuffled(a.set, seed)
	if err != nil {
		return nil, err
	}
	a.misled[seed] = NewAdvisor(set, a.opt)
	return a.misled[seed], nil
}

// Advisor recommends from the records of a knowledge base, for several goroutines at once.
type Advisor struct {
	set *record.Set
	opt warmstart.Options

	mu       sync.Mutex
	matrices map[string]*transfer.Matrix
	given    map[record.ID]Advice
}

// NewAdvisor returns the advisor that answers with the options, whose Metric is the task's.
func NewAdvisor(set *record.Set, opt warmstart.Options) *Advisor {
	return &Advisor{set: set, opt: opt, matrices: map[string]*transfer.Matrix{}, given: map[record.ID]Advice{}}
}

// Advise recommends configurations for a task as metaml suggest would, and says what metaml tune would tell an optimizer
// that takes a prior. It thinks about each task once.
func (a *Advisor) Advise(t *Task) (Advice, error) {
	a.mu.Lock()
	advice, ok := a.given[t.ID]
	a.mu.Unlock()
	if ok {
		return advice, nil
	}
	advice, err := a.advise(t)
	if err != nil {
		return Advice{}, fmt.Errorf("advice for %s: %w", t.Name, err)
	}
	a.mu.Lock()
	a.given[t.ID] = advice
	a.mu.Unlock()
	return advice, nil
}

// advise recommends for a task.
func (a *Advisor) advise(t *Task) (Advice, error) {
	m, err := a.matrix(t)
	if err != nil {
		return Advice{}, err
	}
	opt := a.opt
	opt.Metric = t.Metric.Name
	var searched *space.Space
	if r := a.set.Spaces[m.Space]; r != nil {
		searched = &r.Space
	}
	advice, err := warmstart.Advise(m, searched, warmstart.Task{Name: t.Name, Type: t.Type, Extractor: t.Extractor, Features: t.Features}, opt)
	if err != nil {
		return Advice{}, err
	}
	var out Advice
	for _, r := range advice.Recommendations {
		if c, err := t.Space.Normalize(r.Config); err == nil { // else of another edition of the space
			out.Picks = append(out.Picks, c)
		}
	}
	out.Prior, err = handover.Prior(m, advice.Weights, t.Space)
	return out, err
}

// matrix is that of a task's type, made once.
func (a *Advisor) matrix(t *Task) (*transfer.Matrix, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if m := a.matrices[t.Type]; m != nil {
		return m, nil
	}
	m, err := transfer.New(a.set, transfer.Options{Type: t.Type, Metric: t.Metric.Name})
	a.matrices[t.Type] = m
	return m, err
}
