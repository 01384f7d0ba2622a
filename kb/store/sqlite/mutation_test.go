package sqlite

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/metaml/metaml/kb/store/storetest"
)

// TestDamageIsNeverSilent damages a file in many ways. Reading must not panic, and must either report something
// or return exactly what was stored.
func TestDamageIsNeverSilent(t *testing.T) {
	path := filled(t, 30)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(9, 10))
	reported, harmless := 0, 0
	for i := range 400 {
		bad, what := damage(rng, good)
		victim := filepath.Join(t.TempDir(), "kb.sqlite")
		if err := os.WriteFile(victim, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, victim, Options{ReadOnly: true})
		entries, findings, err := readAll(t.Context(), s)
		switch {
		case err != nil || len(findings) > 0:
			reported++
		case len(entries) != 60:
			t.Errorf("mutation %d (%s): %d of 60 entries and no complaint", i, what, len(entries))
		default:
			harmless++ // unused space
		}
		s.Close()
	}
	t.Logf("%d reported, %d harmless", reported, harmless)
	if reported == 0 {
		t.Error("no damage was reported")
	}
}

// damage returns a damaged copy of a file, and what was done to it.
func damage(rng *rand.Rand, good []byte) ([]byte, string) {
	bad := append([]byte(nil), good...)
	at := rng.IntN(len(bad))
	switch rng.IntN(5) {
	case 0:
		return bad[:at], fmt.Sprintf("cut at %d", at)
	case 1:
		end := min(len(bad), at+rng.IntN(5000))
		for i := at; i < end; i++ {
			bad[i] = byte(rng.Uint32())
		}
		return bad, fmt.Sprintf("noise from %d to %d", at, end)
	case 2:
		page := at / 4096 * 4096
		other := rng.IntN(len(bad)) / 4096 * 4096
		copy(bad[page:page+4096], good[other:other+4096])
		return bad, fmt.Sprintf("page at %d replaced by that at %d", page, other)
	case 3: // the head of a page, where the structure is
		at = at/4096*4096 + rng.IntN(64)
	}
	bit := byte(1) << rng.IntN(8)
	bad[at] ^= bit
	return bad, fmt.Sprintf("bit %#x at %d", bit, at)
}

// TestAddToDamagedFile must fail or work, and not panic.
func TestAddToDamagedFile(t *testing.T) {
	good, err := os.ReadFile(filled(t, 30))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		bad, what := damage(rng, good)
		victim := filepath.Join(t.TempDir(), "kb.sqlite")
		if err := os.WriteFile(victim, bad, 0o644); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, victim, Options{})
		if n, err := s.Add(t.Context(), storetest.Task(t, 1000)); err == nil && n != 1 {
			t.Errorf("%s: a new entry counts %d", what, n)
		}
		s.Close()
	}
}
