package seed

import (
	"testing"

	"github.com/metaml/metaml/kb/pack"
)

// maxBytes bounds the seed: it is part of every binary.
const maxBytes = 3 << 20

func TestSeedIsSound(t *testing.T) {
	b := Pack()
	if err := pack.Verify(b); err != nil {
		t.Fatal(err)
	}
	if len(b) > maxBytes {
		t.Errorf("%d bytes, at most %d are allowed", len(b), maxBytes)
	}
}
