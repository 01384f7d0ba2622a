package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// What is read ahead is what is read in turn: rows of every kind, beyond several batches.
func TestAheadReadsTheSame(t *testing.T) {
	inTurn := func(text []byte, opt Options) (*Dataset, error) {
		opt, err := opt.check()
		if err != nil {
			return nil, err
		}
		src, err := openSource(context.Background(), "-", bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		defer src.Close()
		r := &reader{path: "-", file: src.name, opt: opt, lines: newLineReader(context.Background(), src.text)}
		if err := errors.Join(r.begin(), r.checkNames(), r.choose()); err != nil {
			return nil, err
		}
		if at, err := r.inTurn(); err != io.EOF {
			return nil, r.located(err, at.number)
		}
		return r.finish()
	}
	rng := rand.New(rand.NewPCG(5, 6))
	var long bytes.Buffer // texts of several batches' bytes
	long.WriteString("a,b,y\n")
	for i := range 900 {
		fmt.Fprintf(&long, "%s %d,\"%d, \"\"x\"\"\",%d\n", strings.Repeat("word ", rng.IntN(1000)), i, i%7, i%2)
	}
	for name, text := range map[string][]byte{
		"numbers": numericText(3000, 7), "mixed": mixedText(5000), "long": long.Bytes(), "one row": []byte("a,y\n1,2\n"),
	} {
		for _, cells := range []int{0, 1200} {
			opt := Options{MaxCells: cells}
			want, wantErr := inTurn(text, opt)
			opt.Stdin = bytes.NewReader(text)
			got, err := Read(context.Background(), "-", opt)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%s: %v, want %v", name, err, wantErr)
			}
			if !sameDataset(got, want) {
				t.Errorf("%s, at most %d cells: another dataset", name, cells)
			}
		}
	}
}

// sameDataset compares through the staged form, in which missing values equal each other.
func sameDataset(a, b *Dataset) bool {
	if a == nil || b == nil {
		return a == b
	}
	var x, y bytes.Buffer
	errX, errY := a.writeColumns(&x, Split{}), b.writeColumns(&y, Split{})
	return errX == nil && errY == nil && bytes.Equal(x.Bytes(), y.Bytes()) &&
		reflect.DeepEqual(a.describe(Split{}), b.describe(Split{})) && reflect.DeepEqual(a.Dropped, b.Dropped) &&
		reflect.DeepEqual(a.Notes, b.Notes)
}

// A fault is told of the row that has it, wherever in a batch that is, and of what was kept before it.
func TestAheadFaults(t *testing.T) {
	const rows = 5000 // a batch has 1365 of three cells
	for _, bad := range []int{0, 1, 1363, 1364, 1365, 1366, 2730, 4999} {
		var b strings.Builder
		b.WriteString("a,b,y\n")
		for i := range rows {
			if i == bad {
				b.WriteString("1,one, two,0\n")
			} else {
				fmt.Fprintf(&b, "%d,word %d,%d\n", i%100, i%3, i%2)
			}
		}
		_, err := Read(context.Background(), "-", Options{Stdin: strings.NewReader(b.String())})
		var e *Error
		if !errors.As(err, &e) || e.Row != int64(bad)+2 || !strings.Contains(e.Message, "4 fields where the header has 3") {
			t.Errorf("row %d: %v", bad+2, err)
		}
		if bad > 1 && !strings.Contains(fmt.Sprint(err), `column 2 "b" has an unquoted comma?`) {
			t.Errorf("row %d: %v", bad+2, err)
		}
		d, err := Read(context.Background(), "-", Options{Stdin: strings.NewReader(b.String()), BadRows: SkipBadRows})
		if err != nil || d.Rows != rows-1 || !strings.Contains(fmt.Sprint(d.Notes), fmt.Sprintf("the first of them row %s", grouped(bad+2))) {
			t.Errorf("row %d left out: %v", bad+2, err)
		}
	}
}

// After an error of add nothing is read any more, however far ahead it was; after one of next it is not called again.
func TestAheadEnds(t *testing.T) {
	stop := errors.New("stop")
	for _, after := range []int{1, 7000, 30_000} {
		reads, adds := 0, 0
		next := func(r *row) error {
			reads++
			r.number = int64(reads)
			return nil
		}
		at, err := ahead(1, next, func(*row) error {
			if adds++; adds == after {
				return stop
			}
			return nil
		})
		if seen := reads; err != stop || at.number != int64(after) || seen > after+(batchesAhead+1)*batchCells {
			t.Errorf("%d: %v at row %d, %d read", after, err, at.number, seen)
		}
		reads, adds = 0, 0
		at, err = ahead(1, func(r *row) error {
			if next(r); reads > after {
				return stop
			}
			return nil
		}, func(*row) error { adds++; return nil })
		if err != stop || reads != after+1 || adds != after || at.number != int64(after)+1 {
			t.Errorf("%d: %v at row %d after %d reads and %d adds", after, err, at.number, reads, adds)
		}
	}
}
