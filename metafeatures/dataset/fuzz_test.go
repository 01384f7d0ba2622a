package dataset

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"
)

// checkRead reads arbitrary bytes and holds Read to its promises: an *Error of a known class, or a dataset in order
// whose fingerprint does not depend on how the bytes arrive or are compressed.
func checkRead(t *testing.T, text []byte, opt Options) {
	opt.MaxColumns = 1000
	read := func(text []byte, step int) (*Dataset, error) {
		o := opt
		o.Stdin = &stepReader{bytes.NewReader(text), step}
		return Read(context.Background(), "-", o)
	}
	d, err := read(text, 1<<20)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrData) && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrOption) {
			t.Fatalf("%T %v", err, err)
		}
		if strings.Count(err.Error(), "\n") > 1 {
			t.Fatalf("an error of several lines: %q", err)
		}
		return
	}
	checkDataset(t, d)
	if again, err := read(text, 7); err != nil || again.Fingerprint != d.Fingerprint {
		t.Fatalf("in small steps: %v", err)
	}
	if again, err := read(gzipped(t, text), 1<<20); err != nil || again.Fingerprint != d.Fingerprint {
		t.Fatalf("compressed: %v", err)
	}
}

// checkDataset checks what every dataset promises.
func checkDataset(t *testing.T, d *Dataset) {
	t.Helper()
	if d.Rows < 1 || d.Rows > d.TotalRows || len(d.Features) == 0 || len(d.Fingerprint) != 64 {
		t.Fatalf("%d of %d rows, %d features", d.Rows, d.TotalRows, len(d.Features))
	}
	for _, c := range append(d.Features[:len(d.Features):len(d.Features)], d.Target) {
		missing := 0
		for _, v := range c.Values {
			switch {
			case math.IsNaN(v):
				missing++
			case math.IsInf(v, 0):
				t.Fatalf("%q is infinite", c.Name)
			case c.Levels != nil && (v != math.Trunc(v) || v < 0 || int(v) >= len(c.Levels)):
				t.Fatalf("%q: code %v of %d", c.Name, v, len(c.Levels))
			}
		}
		if len(c.Values) != d.Rows || missing != c.MissingCount || c.Kind > Date {
			t.Fatalf("%q, %s: %d values, %d missing, counted %d", c.Name, c.Kind, len(c.Values), missing, c.MissingCount)
		}
		if (c.Kind == Categorical || c.Kind == Boolean) != (c.Levels != nil) {
			t.Fatalf("%q, %s: levels %q", c.Name, c.Kind, c.Levels)
		}
	}
	if d.Target.MissingCount > 0 || (d.Task == Classification) != (d.Target.Kind == Categorical) {
		t.Fatalf("target %s with %d missing for %s", d.Target.Kind, d.Target.MissingCount, d.Task)
	}
}

func FuzzCSV(f *testing.F) {
	for _, s := range []string{staged, "a;b\n1,5;2\n", "\"a\",\"b\"\n\"x\"\"\ny\",1.5\n-,2.5\n", "1 2\n3 4\n", "a,b\r1,2\r", "\xef\xbb\xbfa,y\ninf,1\n1e999,2\n"} {
		f.Add([]byte(s), uint8(0), false)
	}
	f.Fuzz(func(t *testing.T, text []byte, sample uint8, skip bool) {
		opt := Options{Format: "csv", MaxCells: 10 * int(sample)}
		if skip {
			opt.BadRows = SkipBadRows
		}
		checkRead(t, text, opt)
	})
}

func FuzzARFF(f *testing.F) {
	for _, s := range []string{
		arffHead + "\nred,1\nblue,2.5\n", arffHead + "\n{0 blue, 1 2}\n{1 3.5}\n{}\n",
		"@relation 'r'\n@attribute 'd' date 'yyyy-MM-dd'\n@attribute s string\n@attribute y real\n@data\n2020-01-02,'a\\'b',1.5\n?,?,2.5\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		checkRead(t, text, Options{Format: "arff"})
	})
}

// FuzzDelimiter checks that detection always ends with a dialect that the reader can use.
func FuzzDelimiter(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a;b\n1,2;3\n", "a b\n1  2\n", "\"a\"\t\"b\nc\"\n", "a|b|\n1|2|\n", "x\r1\r2"} {
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, head []byte, whole bool) {
		d := detect(head, whole, "x.csv", Options{MaxColumns: 50})
		if !bytes.ContainsAny([]byte{d.delimiter}, ",;\t| ") {
			t.Fatalf("%q", d.delimiter)
		}
		if d.width < 0 || d.comma && d.delimiter == ',' {
			t.Fatalf("%+v", d)
		}
		checkRead(t, head, Options{})
	})
}
