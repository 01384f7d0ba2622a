package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// latin1Table is a table whose second column has bytes of Latin-1 from some row on.
func latin1Table(from int) []byte {
	var b bytes.Buffer
	b.WriteString("a,town,y\n")
	for i := range from + 20 {
		town := []string{"Bath", "York"}[i%2]
		if i >= from {
			town = []string{"K\xf6ln", "\x80uro"}[i%2]
		}
		fmt.Fprintf(&b, "%d.5,%s,%d\n", i, town, i%2)
	}
	return b.Bytes()
}

// TestLatin1 checks that text whose first character beyond ASCII is not UTF-8 is read as Latin-1, wherever in a file it
// stands, and that the notes say so.
func TestLatin1(t *testing.T) {
	for name, text := range map[string][]byte{
		"at once":         latin1Table(0),
		"behind the head": latin1Table(20_000),
		"compressed":      gzipped(t, latin1Table(20_000)),
	} {
		path := filepath.Join(t.TempDir(), "towns.csv")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Read(context.Background(), path, Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		levels := d.Features[1].Levels
		if !slices.Contains(levels, "Köln") || !slices.Contains(levels, "€uro") {
			t.Errorf("%s: levels %q", name, levels)
		}
		if len(d.Notes) == 0 || d.Notes[0] != latin1Note {
			t.Errorf("%s: notes %q", name, d.Notes)
		}
		again, err := Read(context.Background(), path, Options{Encoding: Latin1})
		if err != nil || again.Fingerprint != d.Fingerprint || len(again.Notes) != len(d.Notes)-1 {
			t.Errorf("%s, as told: %v, notes %q", name, err, again.Notes)
		}
		if _, err := Read(context.Background(), path, Options{Encoding: UTF8}); !errors.Is(err, ErrData) {
			t.Errorf("%s, as UTF-8: %v", name, err)
		}
	}
}

// TestLatin1Pipe checks that of a pipe the beginning decides.
func TestLatin1Pipe(t *testing.T) {
	d, err := Read(context.Background(), "-", Options{Stdin: bytes.NewReader(latin1Table(100))})
	if err != nil || d.Notes[0] != latin1Note {
		t.Errorf("error %v", err)
	}
	_, err = Read(context.Background(), "-", Options{Stdin: bytes.NewReader(latin1Table(20_000))})
	if !errors.Is(err, ErrData) || !strings.Contains(err.Error(), "--encoding latin-1") {
		t.Errorf("error %v", err)
	}
	if _, err := (Options{Encoding: "latin1"}).check(); !errors.Is(err, ErrOption) {
		t.Errorf("error %v", err)
	}
}

// TestLooksLikeLatin1 checks which beginnings are taken for Latin-1.
func TestLooksLikeLatin1(t *testing.T) {
	for _, test := range []struct {
		text  string
		whole bool
		want  bool
	}{
		{"plain", true, false},
		{"caf\xe9", true, true},
		{"caf\xe9", false, false}, // may go on
		{"caf\xe9,1\n", false, true},
		{"café, caf\xe9", true, false},
		{"\xe9\xa9", false, false},
		{"\xe9\xa9", true, true},
		{"\x02\xe9,", true, false},
		{"tab\t\xe9 line\n", true, true},
	} {
		if got := looksLikeLatin1([]byte(test.text), test.whole); got != test.want {
			t.Errorf("%q (whole: %v): %v", test.text, test.whole, got)
		}
	}
}

// TestLatin1Reader checks every byte, in steps of any size. The characters of Windows-1252 are those of its table at
// unicode.org.
func TestLatin1Reader(t *testing.T) {
	var all []byte
	for b := range 256 {
		all = append(all, byte(b))
	}
	want := []rune(string(all[:128]))
	want = append(want, []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")...)
	for r := rune(0xa0); r <= 0xff; r++ {
		want = append(want, r)
	}
	for name, src := range map[string]io.Reader{
		"whole": bytes.NewReader(all), "byte by byte": iotest.OneByteReader(bytes.NewReader(all)), "end with data": iotest.DataErrReader(bytes.NewReader(all)),
	} {
		got, err := io.ReadAll(iotest.OneByteReader(&latin1Reader{src: src}))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s: %q, error %v", name, got, err)
		}
	}
}
