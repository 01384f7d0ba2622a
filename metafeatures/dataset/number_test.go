package dataset

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

func TestParseNumber(t *testing.T) {
	for text, want := range map[string]float64{
		"0": 0, "-0": 0, "7": 7, "-7.25": -7.25, "+.5": .5, "5.": 5, "1e3": 1000, "1E-2": .01, "9007199254740993": 9007199254740992,
		"1e400": math.Inf(1), "-1e400": math.Inf(-1), "inf": math.Inf(1), "-Infinity": math.Inf(-1), "+INF": math.Inf(1),
		"0.1": .1, "179769313486231570000": 179769313486231570000, "4.9e-324": 5e-324, "1e-400": 0,
		"00012": 12, "1234567890123456789012345": 1234567890123456789012345,
	} {
		v, ok := parseNumber([]byte(text))
		if !ok || v != want || math.Signbit(v) != math.Signbit(want) {
			t.Errorf("%q is %v %v, want %v", text, v, ok, want)
		}
	}
	for _, text := range []string{"", "-", "+", ".", "e5", "1e", "1e+", "0x10", "1_000", "1,5", "1.2.3", "--1", "1 2", "nan", "infi", "٣", "1f",
		strings.Repeat("1", 401)} {
		if v, ok := parseNumber([]byte(text)); ok {
			t.Errorf("%q is taken for %v", text, v)
		}
	}
}

// The fast path of plain lines agrees with strconv on every decimal number, to the last bit.
func TestPlainLinesAgreeWithStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 20_000 {
		digits := make([]byte, 1+rng.IntN(22))
		for i := range digits {
			digits[i] = byte('0' + rng.IntN(10))
		}
		s := string(digits)
		if rng.IntN(3) > 0 {
			n := rng.IntN(len(s) + 1)
			s = s[:n] + "." + s[n:]
		}
		if rng.IntN(3) == 0 {
			s = "-" + s
		}
		if rng.IntN(6) == 0 {
			s += "e" + strconv.Itoa(rng.IntN(40)-20)
		}
		want, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(s, err)
		}
		c := csvReader{lines: newLineReader(context.Background(), strings.NewReader("x,"+s+",z\n")), delimiter: ',', cells: newCells()}
		r := newRow(3)
		if err := c.next(r); err != nil || r.fields != 3 {
			t.Fatal(s, err)
		}
		if got := r.values[1]; got != want || math.Signbit(got) != (want < 0) {
			t.Errorf("%s is read as %v, want %v", s, got, want)
		}
	}
}

func TestFormatNumberReadsBack(t *testing.T) {
	for v, want := range map[float64]string{6: "6", -2.5: "-2.5", 1e6: "1000000", 1e15: "1e+15", 1e-5: "0.00001", 1e-6: "1e-06", 0: "0"} {
		if got := formatNumber(v); got != want {
			t.Errorf("%v is %q, want %q", v, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(9, 9))
	for range 10_000 {
		v := math.Float64frombits(rng.Uint64())
		if got, ok := parseNumber([]byte(formatNumber(v))); v == v && !(ok && got == v) {
			t.Errorf("%v is written %q and read as %v", v, formatNumber(v), got)
		}
	}
}

// Lines come out the same however the source hands out its bytes.
func TestLineReader(t *testing.T) {
	for _, text := range []string{"", "a", "a\n", "a\nb", "a\r\nb\r\n", "\n\n", "\na\n\n", "a\rb\r\n", strings.Repeat("long ", 200_000) + "\nb\n"} {
		want := strings.Split(strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\r\n", "\n"), "\n")
		if text == "" {
			want = nil
		}
		for i, l := range want {
			want[i] = strings.TrimSuffix(l, "\r")
		}
		for _, step := range []int{1, 3, 1 << 20} {
			if step < 3 && len(text) > 1000 {
				continue
			}
			l := newLineReader(context.Background(), &stepReader{strings.NewReader(text), step})
			var got []string
			for {
				line, err := l.next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(line))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || len(got) != len(want) || l.lines != int64(len(want)) {
				t.Errorf("%.20q in steps of %d: %.40q, want %.40q", text, step, got, want)
			}
		}
	}
}

type stepReader struct {
	r    io.Reader
	step int
}

func (s *stepReader) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), s.step)]) }

func TestLineReaderWithoutProgress(t *testing.T) {
	l := newLineReader(context.Background(), readerFunc(func([]byte) (int, error) { return 0, nil }))
	if _, err := l.next(); err == nil || !strings.Contains(err.Error(), "multiple Read calls return no data or error") {
		t.Errorf("%v", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A quoted field of many lines costs time in proportion to its length: the text handed to the splitter is looked at
// once.
func TestQuotedFieldOfManyLines(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("a,y\n\"")
	for i := range 200_000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	b.WriteString("\",1.5\nx,2.5\nz,3.5\n")
	d := mustRead(t, b.String(), Options{Target: "y"})
	if len(d.Features) != 1 || strings.Count(d.Features[0].Levels[0], "\n") != 200_000 || d.Features[0].Levels[1] != "x" {
		t.Errorf("%d features", len(d.Features))
	}
}

func TestDidYouMean(t *testing.T) {
	names := []string{"churned", "customer", "Price", "age", "y"}
	for name, want := range map[string]string{
		"chruned": `; did you mean "churned"?`, "churn": `; did you mean "churned"?`, "prise": `; did you mean "Price"?`,
		"x": `; did you mean "y"?`, "zzz": "", "": "",
	} {
		if got := didYouMean(name, names); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 18204: "18,204", -1234567: "-1,234,567", 1e12: "1,000,000,000,000"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is %s", n, got)
		}
	}
}

func TestKindNames(t *testing.T) {
	for k := Numeric; k <= Missing; k++ {
		if got, err := ParseKind(k.String()); err != nil || got != k {
			t.Errorf("%s: %v %v", k, got, err)
		}
	}
	if _, err := ParseKind("numerical"); err == nil || !strings.Contains(err.Error(), `did you mean "numeric"?`) {
		t.Errorf("%v", err)
	}
	if got := Kind(99).String(); got != "kind 99" {
		t.Error(got)
	}
}
