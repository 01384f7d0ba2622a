package kb

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
)

// mutations is how often each kind of file is damaged: a hundred times, ten thousand times with METAML_SOAK=1.
func mutations() int {
	if os.Getenv("METAML_SOAK") == "1" {
		return 10_000
	}
	return 100
}

// mutate returns a copy of a file whose first bytes are damaged, and what was done to it: a flipped bit, noise, a page
// that is another one, or, where all bytes may be damaged, a cut.
func mutate(rng *rand.Rand, good []byte, first int) (bad []byte, what string) {
	bad = slices.Clone(good)
	at := rng.IntN(first)
	switch rng.IntN(6) {
	case 0:
		if first == len(good) {
			return bad[:at], fmt.Sprintf("cut at %d", at)
		}
	case 1:
		end := min(first, at+1+rng.IntN(3000))
		for i := at; i < end; i++ {
			bad[i] = byte(rng.Uint32())
		}
		return bad, fmt.Sprintf("noise from %d to %d", at, end)
	case 2:
		from, to := rng.IntN(len(bad))/4096*4096, at/4096*4096
		copy(bad[to:min(first, to+4096)], good[from:])
		return bad, fmt.Sprintf("page at %d replaced by that at %d", to, from)
	}
	bit := byte(1) << rng.IntN(8)
	bad[at] ^= bit
	return bad, fmt.Sprintf("bit %#x at %d", bit, at)
}

// inspection is what a knowledge base has to say.
type inspection struct {
	digest   string // of the snapshot, "" where reading failed
	problems []Problem
}

func inspect(t *testing.T, path string) inspection {
	t.Helper()
	k, err := Open(t.Context(), Options{Path: path, ReadOnly: true, CacheDir: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		return inspection{problems: []Problem{{Source: path, What: err.Error()}}}
	}
	defer k.Close()
	var found inspection
	if set, err := k.Snapshot(t.Context()); err == nil {
		digest, err := pack.DigestOf(set)
		if err != nil {
			t.Fatalf("a snapshot with records that are none: %v", err)
		}
		found.digest = digest.String()
	}
	if found.problems, _, err = k.Verify(t.Context()); err != nil {
		found.problems = append(found.problems, Problem{Source: path, What: err.Error()})
	}
	return found
}

// checkMutations damages one file of a knowledge base again and again, but for some spare bytes at its end. Whatever is done to it, reading must not
// panic, and verifying must find what makes the records others than they were.
func checkMutations(t *testing.T, path, file string, spare int) {
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := inspect(t, path)
	if want.digest == "" || len(want.problems) > 0 {
		t.Fatalf("the file is damaged before it is: %+v", want)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	reported, harmless, silent := 0, 0, 0
	for i := range mutations() {
		bad, what := mutate(rng, good, len(good)-spare)
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		switch got := inspect(t, path); {
		case len(got.problems) > 0:
			reported++
		case got.digest != want.digest:
			silent++
			t.Errorf("mutation %d (%s): other records, and nothing to complain about", i, what)
		default:
			harmless++ // unused space
		}
	}
	t.Logf("%d mutations: %d reported, %d harmless, %d silent", mutations(), reported, harmless, silent)
	if reported < mutations()/4 {
		t.Errorf("only %d of %d damages were reported", reported, mutations())
	}
}

func TestMutationsOfStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	k := open(t, Options{Path: path})
	add(t, k, sample(t, 0, 10)...)
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	checkMutations(t, path, path, 0)
}

// TestMutationsOfLog damages the log that a killed writer leaves behind: the records are there only. A log that is cut
// is no different from that of a writer who died earlier, and so is one whose last frame is not the last one's any more.
func TestMutationsOfLog(t *testing.T) {
	dir := t.TempDir()
	k := open(t, Options{Path: filepath.Join(dir, "live.sqlite")})
	for i := range 6 {
		add(t, k, sample(t, 4*i, 4)...)
	}
	path := filepath.Join(dir, "kb.sqlite")
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(dir, "live.sqlite") + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	checkMutations(t, path, path+"-wal", 2*4200)
}

func TestMutationsOfPack(t *testing.T) {
	set := record.NewSet()
	for _, r := range sample(t, 0, 25) {
		set.Put(identify(t, r), r)
	}
	b, err := pack.Encode(set, pack.Options{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "shared.pack")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	checkMutations(t, path, path, 0)
}
