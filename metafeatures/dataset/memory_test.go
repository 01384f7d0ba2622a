package dataset

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// peakMemory is the most that the heap held while f ran, beyond what it held before.
func peakMemory(t *testing.T, f func()) uint64 {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var peak atomic.Uint64
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak.Store(max(peak.Load(), m.HeapAlloc))
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return max(peak.Load(), before) - before
}

// stream writes a table row by row, without ever holding it.
type stream struct {
	row  func(b []byte, i int) []byte
	rows int
	at   int
	rest []byte
	buf  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if s.at == s.rows {
			return 0, io.EOF
		}
		s.buf = s.buf[:0]
		for s.at < s.rows && len(s.buf) < 64<<10 {
			s.buf = s.row(s.buf, s.at)
			s.at++
		}
		s.rest = s.buf
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// A stream far larger than MaxCells is read in bounded memory; the sample is uniform and the count exact.
func TestBoundedMemory(t *testing.T) {
	rows := 300_000 // 60 MB
	if os.Getenv("METAML_SOAK") != "" {
		rows = 20_000_000 // 4 GB
	}
	padding := strings.Repeat(" ", 100)
	rng := rand.New(rand.NewPCG(3, 4))
	in := io.MultiReader(strings.NewReader("serial,value,class,comment,when,y\n"), &stream{rows: rows, row: func(b []byte, i int) []byte {
		return fmt.Appendf(b, "%d,%.3f,c%d,%snote %x,2020-01-02 %02d:%02d:%02d.%06d,%d\n", i, rng.Float64(), i%10, padding, rng.Uint64(),
			i/3600%24, i/60%60, i%60, i%1000000, i%2)
	}})
	var d *Dataset
	var err error
	peak := peakMemory(t, func() {
		d, err = Read(context.Background(), "-", Options{Stdin: in, MaxCells: 600_000})
	})
	if err != nil {
		t.Fatal(err)
	}
	if peak > 128<<20 {
		t.Errorf("%d MiB for a sample of 600,000 cells", peak>>20)
	}
	if d.TotalRows != rows || d.Rows != 100_000 {
		t.Errorf("%d of %d rows", d.Rows, d.TotalRows)
	}
	if len(d.Notes) != 1 || !strings.HasPrefix(d.Notes[0], "a random sample of 100,000 of ") {
		t.Errorf("%q", d.Notes)
	}
	kinds := fmt.Sprint(d.Dropped)
	if len(d.Features) != 3 || d.Features[2].Kind != Date || !strings.Contains(kinds, "serial 5") && !strings.Contains(kinds, "serial identifier") ||
		!strings.Contains(kinds, "comment text") {
		t.Errorf("%v", kinds)
	}
	count := make([]float64, 10)
	for _, v := range d.Features[1].Values {
		count[int(d.Features[1].Levels[int(v)][1]-'0')]++
	}
	for class, n := range count { // 10,000 expected, standard deviation under 95
		if math.Abs(n-10_000) > 500 {
			t.Errorf("class %d has %v of 100,000 rows", class, n)
		}
	}
}

// 100,000 columns work in bounded memory, also when a few are chosen out of more than the limit.
func TestManyColumns(t *testing.T) {
	const columns = 100_000
	wide := func() io.Reader {
		var names strings.Builder
		for j := range columns {
			fmt.Fprintf(&names, "x%d,", j)
		}
		return io.MultiReader(strings.NewReader(names.String()+"y\n"), &stream{rows: 30, row: func(b []byte, i int) []byte {
			for j := range columns {
				b = append(b, byte('0'+(i*j)%10), ',')
			}
			return fmt.Appendf(b, "%d\n", i%2)
		}})
	}
	var d *Dataset
	var err error
	peak := peakMemory(t, func() {
		d, err = Read(context.Background(), "-", Options{Stdin: wide(), MaxColumns: columns + 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != 30 || len(d.Features)+len(d.Dropped) != columns || peak > 200<<20 {
		t.Errorf("%d rows, %d features, %d dropped, %d MiB", d.Rows, len(d.Features), len(d.Dropped), peak>>20)
	}
	if _, err := Read(context.Background(), "-", Options{Stdin: wide()}); err == nil || !strings.Contains(err.Error(), "100,001 columns") {
		t.Errorf("beyond the limit: %v", err)
	}
	d, err = Read(context.Background(), "-", Options{Stdin: wide(), Columns: []string{"x1", "#4", "x99999"}})
	if err != nil || len(d.Features) != 3 || d.Features[2].Name != "x99999" || d.Features[1].Values[2] != 6 {
		t.Errorf("%+v %v", d, err)
	}
}

// Many long and different texts do not fill the memory: their columns are given up.
func TestLongTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	long := strings.Repeat("word ", 2_000)
	in := io.MultiReader(strings.NewReader("a,b,x,y\n"), &stream{rows: 6_000, row: func(b []byte, i int) []byte {
		return fmt.Appendf(b, "%s%x,%s%x,%d.5,%d\n", long, rng.Uint64(), long, rng.Uint64(), i%7, i%2)
	}})
	var d *Dataset
	var err error
	if peak := peakMemory(t, func() { d, err = Read(context.Background(), "-", Options{Stdin: in}) }); peak > 150<<20 {
		t.Errorf("%d MiB for 120 MB of texts", peak>>20)
	}
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Features) != 1 || d.Features[0].Name != "x" || len(d.Dropped) != 2 {
		t.Errorf("%v %v", d.Features, d.Dropped)
	}
}

// A column of numbers in which a text turns up after more different numbers than can be levels is given up.
func TestLateText(t *testing.T) {
	rows := maxLevels + 5_000
	in := io.MultiReader(strings.NewReader("code,few,y\n"), &stream{rows: rows, row: func(b []byte, i int) []byte {
		if i == rows-2 {
			return append(b, "12O,x,1\n"...)
		}
		return fmt.Appendf(b, "%d.5,%d,%d\n", i, i%3, i%2)
	}})
	d, err := Read(context.Background(), "-", Options{Stdin: in})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Features) != 1 || d.Features[0].Kind != Categorical || strings.Join(d.Features[0].Levels, " ") != "0 1 2 x" {
		t.Errorf("%+v", d.Features)
	}
	want := `more different texts than can be categories; row 70,536 has "12O" among numbers (if that means missing, name it by --missing)`
	if len(d.Dropped) != 1 || d.Dropped[0].Reason != want {
		t.Errorf("%q", d.Dropped)
	}
}

// manyDates is a table of more different times than can be levels; the last of them is what last says.
func manyDates(last string) io.Reader {
	rows := maxLevels + 2_000
	return io.MultiReader(strings.NewReader("when,x,y\n"), &stream{rows: rows, row: func(b []byte, i int) []byte {
		if i == rows-1 {
			return append(b, last+",1,1\n"...)
		}
		return fmt.Appendf(b, "2020-01-%02d %02d:%02d:%02d,%d.5,%d\n", 1+i/86400, i/3600%24, i/60%60, i%60, i%3, i%2)
	}})
}

func TestManyDates(t *testing.T) {
	d, err := Read(context.Background(), "-", Options{Stdin: manyDates("1970-01-02")})
	if err != nil {
		t.Fatal(err)
	}
	const y2020 = 18262 * 86400
	when := d.Features[0]
	if when.Kind != Date || when.Values[0] != y2020 || when.Values[maxLevels] != y2020+maxLevels || when.Values[d.Rows-1] != 86400 {
		t.Errorf("%s %v", when.Kind, when.Values[:3])
	}
	if d, err = Read(context.Background(), "-", Options{Stdin: manyDates("")}); err != nil || d.Features[0].MissingCount != 1 {
		t.Errorf("%v %v", d, err)
	}
	if d, err = Read(context.Background(), "-", Options{Stdin: manyDates("soon")}); err != nil || len(d.Features) != 1 || d.Dropped[0].Kind != Text {
		t.Errorf("%v %v", d, err)
	}
	_, err = Read(context.Background(), "-", Options{Stdin: manyDates(""), Kinds: map[string]Kind{"when": Categorical}})
	if err == nil || !strings.Contains(err.Error(), `column "when": declared categorical, but it has too many different dates`) {
		t.Errorf("%v", err)
	}
	_, err = Read(context.Background(), "-", Options{Stdin: manyDates("soon"), Kinds: map[string]Kind{"when": Date}})
	if err == nil || !strings.Contains(err.Error(), "too many different values") {
		t.Errorf("%v", err)
	}
}

// Too many different numbers make no categories, as a feature and as a target.
func TestTooManyCategories(t *testing.T) {
	table := func() io.Reader {
		return io.MultiReader(strings.NewReader("a,y\n"), &stream{rows: maxLevels + 10, row: func(b []byte, i int) []byte {
			return fmt.Appendf(b, "%d.5,%d.25\n", i, i)
		}})
	}
	_, err := Read(context.Background(), "-", Options{Stdin: table(), Kinds: map[string]Kind{"a": Categorical}})
	if err == nil || !strings.Contains(err.Error(), `column "a": declared categorical, but it has too many different values`) {
		t.Errorf("%v", err)
	}
	_, err = Read(context.Background(), "-", Options{Stdin: table(), Task: Classification})
	if err == nil || !strings.Contains(err.Error(), `column "y": the target has too many different values to be classes`) {
		t.Errorf("%v", err)
	}
}

// A text in a row that is not kept still makes a column one of categories.
func TestTextOutsideTheSample(t *testing.T) {
	rows := 1000
	read := func(odd int) *Dataset {
		in := io.MultiReader(strings.NewReader("a,x,y\n"), &stream{rows: rows, row: func(b []byte, i int) []byte {
			if i == odd {
				return append(b, "text,1.5,1\n"...)
			}
			return fmt.Appendf(b, "%d,%d.5,%d\n", i%4, i, i%2)
		}})
		d, err := Read(context.Background(), "-", Options{Stdin: in, MaxCells: 60})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for odd := range rows {
		d := read(odd)
		if d.Features[0].Kind != Categorical {
			t.Fatalf("text in row %d: %s", odd, d.Features[0].Kind)
		}
		if d.Features[0].Levels[0] != "text" && d.Rows == 20 && odd > 100 {
			return // it was outside
		}
	}
	t.Error("always in the sample")
}

// A waiting pipe does not keep Read from ending with its context.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	in, out := io.Pipe()
	defer out.Close()
	done := make(chan error)
	go func() {
		_, err := Read(ctx, "-", Options{Stdin: in})
		done <- err
	}()
	fmt.Fprint(out, "a,y\n1,2\n")
	cancel()
	if err := <-done; err != context.Canceled {
		t.Errorf("%v", err)
	}
}

// endless gives blanks for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// A compressed file may grow much, but not beyond all measure; what was read of it is counted.
func TestUnpackerRefusesOnlyBombs(t *testing.T) {
	packed := &countingReader{r: strings.NewReader(strings.Repeat("x", 1000))}
	if n, err := io.CopyN(io.Discard, packed, 700); n != 700 || err != nil || packed.n < 700 {
		t.Fatalf("%d bytes, %v; counted %d", n, err, packed.n)
	}
	for _, c := range []struct {
		packed int64
		bomb   bool
	}{{bombFloor / bombRatio / 2, true}, {2 * bombFloor / bombRatio, false}} {
		u := &unpacker{source: &source{name: "x.gz"}, format: "gzip", r: endless{}, packed: &countingReader{n: c.packed}}
		if n, err := io.CopyN(io.Discard, u, bombFloor-1); n != bombFloor-1 || err != nil {
			t.Fatalf("below the floor: %d bytes, %v", n, err)
		}
		_, err := io.CopyN(io.Discard, u, bombFloor/2)
		if (err != nil) != c.bomb {
			t.Errorf("%d bytes that become %d: %v", c.packed, u.n, err)
		}
	}
}
