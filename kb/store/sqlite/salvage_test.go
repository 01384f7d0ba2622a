package sqlite

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/metaml/metaml/kb/store"
)

// salvage counts the sound entries and the errors.
func salvage(t testing.TB, path string, after int64) (sound, failures int) {
	t.Helper()
	s := mustOpen(t, path, Options{ReadOnly: true})
	defer s.Close()
	for e, err := range s.Salvage(t.Context(), after) {
		if err == nil {
			_, err = e.Record()
		}
		if err == nil {
			sound++
			continue
		}
		failures++
		if !errors.Is(err, store.ErrCorrupt) && !errors.Is(err, store.ErrForeign) {
			t.Errorf("error without a sentinel: %v", err)
		}
	}
	return sound, failures
}

func TestSalvageOfSoundStore(t *testing.T) {
	path := filled(t, 20)
	if sound, failures := salvage(t, path, 0); sound != 40 || failures != 0 {
		t.Errorf("%d sound, %d failures", sound, failures)
	}
	if sound, _ := salvage(t, path, 30); sound != 10 {
		t.Errorf("%d sound after 30, want 10", sound)
	}
	if sound, failures := salvage(t, filepath.Join(t.TempDir(), "none"), 0); sound+failures != 0 {
		t.Errorf("%d sound, %d failures where nothing is", sound, failures)
	}
}

// TestSalvageAroundDamagedPages overwrites one page at a time: Since ends there, Salvage goes on.
func TestSalvageAroundDamagedPages(t *testing.T) {
	path := filled(t, 200)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	const page = 4096
	most, more := 0, 0
	for at := 2 * page; at+page <= len(good); at += 4 * page {
		bad := append([]byte(nil), good...)
		for i := range page {
			bad[at+i] = byte(rng.Uint32())
		}
		victim := filepath.Join(t.TempDir(), "kb.sqlite")
		if err := os.WriteFile(victim, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s := mustOpen(t, victim, Options{ReadOnly: true})
		before := 0
		for e, err := range s.Since(t.Context(), 0) {
			if err == nil {
				_, err = e.Record()
			}
			if err != nil {
				break
			}
			before++
		}
		s.Close()
		sound, failures := salvage(t, victim, 0)
		if sound < before {
			t.Errorf("page at %d: %d salvaged, Since gave %d", at, sound, before)
		}
		if before < 400 && failures == 0 {
			t.Errorf("page at %d: losses are not reported", at)
		}
		if before < 400 {
			most, more = max(most, sound), more+sound-before
		}
	}
	if most < 380 || more < 200 {
		t.Errorf("at most %d of 400 salvaged, %d more than without, over all pages", most, more)
	}
}

// TestSalvageOfHugeNumber has a damaged page and, at the end, a record whose number became 2^60: trying all numbers up to
// that would never end.
func TestSalvageOfHugeNumber(t *testing.T) {
	path := filled(t, 200)
	s := mustOpen(t, path, Options{})
	db, err := s.openWriter(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"DROP TRIGGER record_update", "UPDATE record SET sequence = 1 << 60 WHERE sequence = 400"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if sound, failures := salvage(t, path, 0); sound != 399 || failures != 1 {
		t.Errorf("%d sound, %d failures; want 399 and 1", sound, failures)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for at := 5 * 4096; at < 6*4096; at++ {
		b[at] ^= 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if sound, failures := salvage(t, path, 0); sound < 300 || failures < 2 {
		t.Errorf("with a damaged page: %d sound, %d failures", sound, failures)
	}
}

func TestSalvageEndsWithContext(t *testing.T) {
	s := mustOpen(t, filled(t, 5), Options{ReadOnly: true})
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Salvage(ctx, 0) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}
