package sqlite

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// TestDamageIsNeverSilent flips bits and cuts the file: reading reports it, or returns exactly what was written.
func TestDamageIsNeverSilent(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "s.study")
	l := create(t, path)
	runOn(t, l, 40)
	want, _ := json.Marshal(events(t, l))
	l.Close()
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	reported, harmless := 0, 0
	for i := range 200 {
		bad, at := append([]byte(nil), good...), rng.IntN(len(good))
		if i%5 == 0 {
			bad = bad[:at]
		} else {
			bad[at] ^= 1 << rng.IntN(8)
		}
		victim := filepath.Join(dir, "damaged.study")
		if err := os.WriteFile(victim, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, failed := readDamaged(ctx, victim)
		switch {
		case failed:
			reported++
		case string(got) != string(want):
			t.Errorf("damage %d at byte %d of %d gives other events without a word", i, at, len(good))
		default:
			harmless++
		}
	}
	if t.Logf("%d reported, %d harmless", reported, harmless); reported < 50 {
		t.Errorf("only %d of 200 damages were reported", reported)
	}
}

// readDamaged reads all events as JSON, and says whether anything was complained about.
func readDamaged(ctx context.Context, path string) (text []byte, failed bool) {
	l, err := View(ctx, path)
	if err != nil {
		return nil, true
	}
	defer l.Close()
	var all []any
	for e, err := range l.Events(ctx) {
		if err != nil {
			return nil, true
		}
		all = append(all, e)
	}
	text, _ = json.Marshal(all)
	return text, false
}
