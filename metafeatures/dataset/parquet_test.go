package dataset

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
)

func readFile(t *testing.T, path string, opt Options) *Dataset {
	t.Helper()
	d, err := Read(context.Background(), path, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestParquet compares a file that another program wrote with the same table as text; testdata/parquet/write.py makes
// both. Only the column of codes differs by design: texts that look like numbers stay texts.
func TestParquet(t *testing.T) {
	want := readFile(t, "testdata/parquet/mixed.csv", Options{Kinds: map[string]Kind{"code": Categorical}})
	got := readFile(t, "testdata/parquet/mixed.parquet", Options{})
	if got.Name != "mixed" || got.Task != want.Task || got.Rows != want.Rows || len(got.Features) != len(want.Features) {
		t.Fatalf("%s: %d features for %s, want %d for %s", got.Name, len(got.Features), got.Task, len(want.Features), want.Task)
	}
	for i, c := range append(got.Features, got.Target) {
		w := append(want.Features, want.Target)[i]
		if c.Name != w.Name || c.Kind != w.Kind || c.MissingCount != w.MissingCount {
			t.Errorf("%q, %s, %d missing; want %q, %s, %d", c.Name, c.Kind, c.MissingCount, w.Name, w.Kind, w.MissingCount)
		}
		if c.Name != "code" && !slices.Equal(c.Levels, w.Levels) {
			t.Errorf("%q: levels %q, want %q", c.Name, c.Levels, w.Levels)
		}
		for k, v := range c.Values {
			if v != w.Values[k] && !(math.IsNaN(v) && math.IsNaN(w.Values[k])) {
				t.Errorf("%q, row %d: %v, want %v", c.Name, k, v, w.Values[k])
			}
		}
	}
	if code := got.Features[8]; !slices.Equal(code.Levels, []string{"007", "42", "1e3"}) {
		t.Errorf("levels %q", code.Levels)
	}
	if note := `column "tags" left out: it holds lists or maps`; !slices.Contains(got.Notes, note) {
		t.Errorf("notes %q", got.Notes)
	}
	if len(got.Dropped) != 1 || got.Dropped[0].Name != "nothing" || got.Dropped[0].Kind != Missing {
		t.Errorf("left out %+v", got.Dropped)
	}
}

// TestParquetPipe checks that a pipe and a sample of the rows give the same as the file.
func TestParquetPipe(t *testing.T) {
	const path = "testdata/parquet/mixed.parquet"
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", t.TempDir())
	piped := readFile(t, "-", Options{Stdin: &stepReader{bytes.NewReader(content), 1000}, Name: "mixed"})
	if file := readFile(t, path, Options{}); file.Fingerprint != piped.Fingerprint {
		t.Error("a pipe's fingerprint differs")
	}
	if left, err := os.ReadDir(os.Getenv("TMPDIR")); err != nil || len(left) > 0 {
		t.Errorf("%d files stay behind, error %v", len(left), err)
	}
	sample := readFile(t, path, Options{MaxCells: 15 * 20})
	if sample.Rows != 20 || sample.TotalRows != 39 || sample.Fingerprint != piped.Fingerprint {
		t.Errorf("%d of %d rows", sample.Rows, sample.TotalRows)
	}
}

// parquetOf writes rows by the other implementation in reach.
func parquetOf[T any](t testing.TB, rows []T, schema ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, schema...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestParquetTypes checks the types that pyarrow does not write, missing marks, and values out of the ordinary.
func TestParquetTypes(t *testing.T) {
	type record struct {
		Old    deprecated.Int96 `parquet:"old"`
		Bytes  []byte           `parquet:"bytes"`
		ID     [16]byte         `parquet:"id,uuid"`
		Clock  int32            `parquet:"clock,time(millisecond)"`
		Odd    float64          `parquet:"odd"`
		Money  [9]byte          `parquet:"money,decimal(3:20)"`
		Status string           `parquet:"status,enum"`
		Y      float32          `parquet:"y"`
	}
	var rows []record
	for i := range 8 {
		r := record{Bytes: []byte([]string{"p", "q", ""}[i%3]), Clock: int32(1500 * i), Odd: float64(i), Status: []string{"on", "off", "gone"}[i%3], Y: float32(i) / 10}
		noon := time.Date(2020, 5, i+1, 12, 0, 0, 0, time.UTC)
		r.Old = deprecated.Int96{0, 0, uint32(noon.Unix()/86400 + 2440588)}
		nanoseconds := uint64(12 * time.Hour)
		r.Old[0], r.Old[1] = uint32(nanoseconds), uint32(nanoseconds>>32)
		for k := range r.Money[:7] {
			r.Money[k] = 0xff
		}
		r.Money[7], r.Money[8] = 0xff, byte(-i) // -i in two's complement, -i/1000 as a number
		if i == 0 {
			r.Money = [9]byte{}
		}
		r.ID[0] = byte(i % 2)
		rows = append(rows, r)
	}
	rows[1].Odd, rows[2].Odd, rows[3].Odd = math.NaN(), math.Inf(1), -9
	d := readFile(t, "-", Options{Stdin: bytes.NewReader(parquetOf(t, rows)), Missing: []string{"gone", "-9"}})
	column := map[string]Column{}
	for _, c := range d.Features {
		column[c.Name] = c
	}
	if c := column["old"]; c.Kind != Date || c.Values[3] != float64(time.Date(2020, 5, 4, 12, 0, 0, 0, time.UTC).Unix()) {
		t.Errorf("old: %s %v", c.Kind, c.Values)
	}
	if c := column["bytes"]; c.Kind != Categorical || c.MissingCount != 2 || !slices.Equal(c.Levels, []string{"p", "q"}) {
		t.Errorf("bytes: %+v", c)
	}
	if c := column["id"]; c.Kind != Categorical || c.Levels[1] != "01000000-0000-0000-0000-000000000000" {
		t.Errorf("id: %+v", c)
	}
	if c := column["clock"]; c.Kind != Numeric || c.Values[3] != 4.5 {
		t.Errorf("clock: %+v", c)
	}
	if c := column["odd"]; c.MissingCount != 3 || c.Values[4] != 4 {
		t.Errorf("odd: %+v", c)
	}
	if c := column["money"]; c.Values[0] != 0 || c.Values[7] != -0.007 {
		t.Errorf("money: %+v", c)
	}
	if c := column["status"]; c.MissingCount != 2 || !slices.Equal(c.Levels, []string{"on", "off"}) {
		t.Errorf("status: %+v", c)
	}
	if d.Target.Values[3] != 0.3 {
		t.Errorf("target %v", d.Target.Values)
	}
}

// TestParquetFaults checks the errors about content.
func TestParquetFaults(t *testing.T) {
	type record struct {
		A string
		Y int64
	}
	for want, rows := range map[string][]record{
		`row 2, column "A": text that is not UTF-8`: {{"x", 1}, {"\xe9", 2}},
		"has no rows of data":                       {},
	} {
		_, err := Read(context.Background(), "-", Options{Stdin: bytes.NewReader(parquetOf(t, rows))})
		if !errors.Is(err, ErrData) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	type nested struct {
		Lists []int64
		Half  [2]byte
	}
	_, err := Read(context.Background(), "-", Options{Stdin: bytes.NewReader(parquetOf(t, []nested{{}}))})
	if !errors.Is(err, ErrData) || !strings.Contains(err.Error(), "no column that can be read") {
		t.Errorf("error %v", err)
	}
}

// FuzzParquet holds Read to its promises on damaged files: an *Error of a known class or a dataset in order, no panic.
func FuzzParquet(f *testing.F) {
	content, err := os.ReadFile("testdata/parquet/mixed.parquet")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	type record struct {
		A, Y int64
	}
	f.Add(parquetOf(f, []record{{1, 2}, {3, 4}, {5, 7}}))
	f.Add([]byte("PAR1PAR1"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if !bytes.HasPrefix(file, []byte(parquetMagic)) || len(file) > 1<<16 {
			return
		}
		d, err := Read(context.Background(), "-", Options{Stdin: bytes.NewReader(file), MaxColumns: 1000})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || !errors.Is(err, ErrData) && !errors.Is(err, ErrNotFound) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		checkDataset(t, d)
	})
}

// TestParquetBomb has a file of kilobytes with a column of 80 MB.
func TestParquetBomb(t *testing.T) {
	type line struct {
		A int64 `parquet:"a,plain,zstd"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[line](&b)
	lines := make([]line, 100_000)
	for range 100 {
		if _, err := w.Write(lines); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 200<<10 {
		t.Fatalf("no bomb: %d bytes", b.Len())
	}
	_, err := Read(context.Background(), "-", Options{Stdin: &b})
	if !errors.Is(err, ErrData) || !matches(err.Error(), `standard input has a column, "a", that grows more than 250-fold when unpacked*`) {
		t.Errorf("%v", err)
	}
}
