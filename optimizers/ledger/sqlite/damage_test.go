package sqlite

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// damages is how often a study is damaged: some hundred times, ten thousand times with METAML_SOAK=1.
func damages() int {
	if os.Getenv("METAML_SOAK") == "1" {
		return 10_000
	}
	return 400
}

// TestDamageIsNeverSilent flips bits, writes noise and cuts the file: reading reports it, or returns exactly what was
// written, header and times included.
func TestDamageIsNeverSilent(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	path := filepath.Join(dir, "s.study")
	l := create(t, path)
	runOn(t, l, 40)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	want, failed := readDamaged(ctx, path)
	if failed {
		t.Fatal("damaged before it is")
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	reported, harmless := 0, 0
	victim := filepath.Join(dir, "damaged.study")
	for i := range damages() {
		bad, at := append([]byte(nil), good...), rng.IntN(len(good))
		switch i % 6 {
		case 0:
			bad = bad[:at]
		case 1:
			for k := at; k < min(len(bad), at+1+i%200); k++ {
				bad[k] = byte(rng.Uint32())
			}
		default:
			bad[at] ^= 1 << rng.IntN(8)
		}
		if err := os.WriteFile(victim, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		got, failed := readDamaged(ctx, victim)
		switch {
		case failed:
			reported++
		case string(got) != string(want):
			t.Errorf("damage %d at byte %d of %d changes what is read without a word", i, at, len(good))
		default:
			harmless++
		}
	}
	if t.Logf("%d reported, %d harmless", reported, harmless); reported < damages()/4 {
		t.Errorf("only %d of %d damages were reported", reported, damages())
	}
}

// readDamaged reads header, events and times as JSON, and says whether anything was complained about.
func readDamaged(ctx context.Context, path string) (text []byte, failed bool) {
	l, err := View(ctx, path)
	if err != nil {
		return nil, true
	}
	defer l.Close()
	all := []any{l.Header()}
	for e, err := range l.Entries(ctx) {
		if err != nil {
			return nil, true
		}
		all = append(all, e)
	}
	text, _ = json.Marshal(all)
	return text, false
}
