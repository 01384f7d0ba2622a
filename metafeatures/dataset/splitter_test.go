package dataset

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
)

// splitAll cuts text into records the way a file is read.
func splitAll(text string, delimiter byte) ([][]string, error) {
	l := newLineReader(context.Background(), strings.NewReader(text))
	s := splitter{limit: 1000}
	var out [][]string
	for {
		line, err := l.next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			continue
		}
		fields, err := s.record(line, delimiter, l.extend)
		if err != nil {
			return nil, err
		}
		record := make([]string, len(fields))
		for i, f := range fields {
			record[i] = string(f)
		}
		out = append(out, record)
	}
}

// Whatever encoding/csv accepts is cut the same way, except that blanks around quotes are allowed here.
func TestSplitterAgreesWithEncodingCSV(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	pieces := []string{"a", "bc", ",", ",", "\"", "\"\"", "\n", "\r\n", "é", ";", "1.5", "\"x\"", "\",\"", "x y"}
	accepted := 0
	for range 20_000 {
		var b strings.Builder
		for range 1 + rng.IntN(12) {
			b.WriteString(pieces[rng.IntN(len(pieces))])
		}
		text := b.String()
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		want, err := r.ReadAll()
		if err != nil {
			continue
		}
		accepted++
		got, err := splitAll(text, ',')
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q\nis cut into %q, %v\nwant         %q", text, got, err, want)
		}
	}
	if accepted < 4_000 {
		t.Errorf("only %d texts compared", accepted)
	}
}

// What encoding/csv writes is read back, with any delimiter.
func TestSplitterReadsWhatEncodingCSVWrites(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 2_000 {
		delimiter := []byte{',', ';', '\t', '|'}[rng.IntN(4)]
		var want [][]string
		for range 1 + rng.IntN(5) {
			var record []string
			for range 2 + rng.IntN(4) {
				record = append(record, drawText(rng))
			}
			want = append(want, record)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.Comma, w.UseCRLF = rune(delimiter), rng.IntN(2) == 0
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		got, err := splitAll(b.String(), delimiter)
		if err != nil || fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
			t.Fatalf("%q\nis cut into %q, %v\nwant         %q", b.String(), got, err, want)
		}
	}
}

func TestSplitter(t *testing.T) {
	for _, test := range []struct {
		text      string
		delimiter byte
		want      string
	}{
		{"a,b", ',', `[["a" "b"]]`},
		{"a,b,", ',', `[["a" "b" ""]]`},
		{",", ',', `[["" ""]]`},
		{`"a","b"`, ',', `[["a" "b"]]`},
		{` "a" , "b" `, ',', `[["a" "b"]]`},
		{`"",""`, ',', `[["" ""]]`},
		{`""""`, ',', `[["\""]]`},
		{`a"b,c""d`, ',', `[["a\"b" "c\"\"d"]]`},
		{"\"a\r\nb\rc\",d", ',', `[["a\nb\nc" "d"]]`},
		{"a  b \t c", ' ', `[["a" "b" "c"]]`},
		{"  a b  ", ' ', `[["a" "b"]]`},
		{`"a b" c`, ' ', `[["a b" "c"]]`},
		{"\"a\"\t\"b\"", ' ', `[["a" "b"]]`},
		{"a\t\tb", '\t', `[["a" "" "b"]]`},
		{"\"a\"\t\"b\"", '\t', `[["a" "b"]]`},
		{"a b\tc", '\t', `[["a b" "c"]]`},
	} {
		got, err := splitAll(test.text, test.delimiter)
		if err != nil || fmt.Sprintf("%q", got) != test.want {
			t.Errorf("%q at %q: %q, %v; want %s", test.text, test.delimiter, got, err, test.want)
		}
	}
	for text, want := range map[string]error{`"a`: errOpenQuote, `a,"b`: errOpenQuote, "\"a\nb\nc": errOpenQuote, `"a""`: errOpenQuote} {
		if _, err := splitAll(text, ','); !errors.Is(err, want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	var fault *cellError
	if _, err := splitAll("a,\"b\"c,d", ','); !errors.As(err, &fault) || fault.column != 1 {
		t.Errorf("%v", err)
	}
}

// Fields beyond the limit are counted and cost no memory.
func TestSplitterLimit(t *testing.T) {
	s := splitter{limit: 3}
	fields, err := s.record([]byte(strings.Repeat("x,", 100_000)+`"y"`), ',', nil)
	if err != nil || len(fields) != 3 || s.count != 100_001 || cap(s.spans) > 10 {
		t.Errorf("%d fields of %d, room for %d, %v", len(fields), s.count, cap(s.spans), err)
	}
}
