package study

import "testing"

// TestStreamsAreApart checks that seed, trial and purpose each make a stream of their own, and nothing else does.
func TestStreamsAreApart(t *testing.T) {
	seen := map[uint64]string{}
	note := func(x uint64, what string) {
		if other, twice := seen[x]; twice {
			t.Errorf("%s begins as %s", what, other)
		}
		seen[x] = what
	}
	for seed := range uint64(40) {
		p := Problem{Seed: seed}
		for id := range TrialID(40) {
			note(p.Stream(id).Uint64(), "a stream")
			if a, b := p.Stream(id).Uint64(), p.Stream(id).Uint64(); a != b {
				t.Errorf("trial %d of seed %d has two streams", id, seed)
			}
			s := p.TrialSeed(id)
			if s >= 1<<32 || s != p.TrialSeed(id) {
				t.Errorf("seed %d of trial %d", s, id)
			}
			if s == p.Stream(id).Uint64()>>32 {
				t.Errorf("trial %d of seed %d: the evaluation's seed is the proposal's first number", id, seed)
			}
		}
	}
}

// TestStreamIsFixed pins the streams: they may not change with a release, or logs would no longer replay.
func TestStreamIsFixed(t *testing.T) {
	p := Problem{Seed: 7}
	if got := [3]uint64{p.Stream(0).Uint64(), p.Stream(3).Uint64(), p.TrialSeed(3)}; got != [3]uint64{597156759996744206, 4914728856600005603, 1310774923} {
		t.Errorf("streams begin %v", got)
	}
}
