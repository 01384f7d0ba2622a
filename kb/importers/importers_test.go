package importers

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

func TestPlace(t *testing.T) {
	for want, p := range map[string]Place{
		"a.csv":                      {File: "a.csv"},
		"a.csv, line 7":              {File: "a.csv", Line: 7},
		"a.csv, line 7, column x, y": {File: "a.csv", Line: 7, Column: "x, y"},
		"a.csv, column x":            {File: "a.csv", Column: "x"},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestInvalidfQuotesLittle(t *testing.T) {
	err := Invalidf(Place{File: "a"}, "%q", strings.Repeat("é", 1<<20))
	if !errors.Is(err, ErrInvalid) || len(err.Error()) > 2*maxMessage {
		t.Errorf("%d bytes", len(err.Error()))
	}
	if err := Invalidf(Place{File: "a"}, "%w", context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestFingerprintsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][3]string{{"a", "b", "c"}, {"a", "bc", ""}, {"ab", "", "c"}, {"a", "b", "d"}, {`a","b`, "c", ""}} {
		f, err := Fingerprint(parts[0], parts[1], parts[2])
		if err != nil || seen[f] || len(f) != 64 {
			t.Errorf("%q: %s, %v", parts, f, err)
		}
		seen[f] = true
	}
}

func TestIdentifyNamesThePlace(t *testing.T) {
	if _, err := Identify(Place{File: "tasks.csv", Line: 3}, &record.Task{}); !errors.Is(err, ErrInvalid) || !strings.HasPrefix(err.Error(), "tasks.csv, line 3: ") {
		t.Errorf("got %v", err)
	}
}

func TestReadingStops(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a"), make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f, err := Open(ctx, dir, "a")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := io.ReadAll(f); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestReadingIsBounded(t *testing.T) {
	f := newFile(t.Context(), "a.csv", strings.NewReader("0123456789"))
	f.limited.left = 4
	if _, err := io.ReadAll(f); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
}

// endless reads the same byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// TestRecordsAreBounded reads one record without end, then many that are each small enough.
func TestRecordsAreBounded(t *testing.T) {
	f := newFile(t.Context(), "a.csv", endless('x'))
	n, err := io.Copy(io.Discard, f)
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "32 MiB") || n > maxPart+1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	f = newFile(t.Context(), "a.csv", io.LimitReader(endless('x'), 3*maxPart))
	buffer := make([]byte, 1<<20)
	for err = nil; err == nil; f.NextPart() {
		_, err = io.ReadFull(f, buffer)
	}
	if err != io.EOF {
		t.Errorf("small records: %v", err)
	}
}

func TestCheckValue(t *testing.T) {
	for v, ok := range map[float64]bool{0: true, -3: true, 1e100: true, 1.1e100: false, -1e308: false, 1e308: false} {
		if err := CheckValue(Place{File: "a"}, v); (err == nil) != ok || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%g: %v", v, err)
		}
	}
}

// TestCompressedFlood has some hundred kilobytes that are millions of equal rows.
func TestCompressedFlood(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	rows := []byte(strings.Repeat("1,a,0.5\n", 1<<17))
	for range 80 {
		if _, err := z.Write(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "runs.csv.gz"), b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(t.Context(), dir, "runs.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, buffer := 0, make([]byte, 1<<20)
	for err = nil; err == nil; f.NextPart() {
		var k int
		k, err = f.Read(buffer)
		n += k
	}
	if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), "250-fold") || n > bombFloor+2<<20 {
		t.Errorf("%d bytes of %d: %v", n, b.Len(), err)
	}
}
