package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t testing.TB, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t testing.TB, text []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(text, nil)
}

// longTable is a table of many rows that does not compress to nearly nothing.
func longTable(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("a,b,y\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,%d,%d.5\n", i*7919%10007, i*104729%1000003, i)
	}
	return b.Bytes()
}

// TestBadInput holds the message for every kind of bad input: what, where, what to do.
func TestBadInput(t *testing.T) {
	packed := gzipped(t, longTable(20_000))
	flipped := bytes.Clone(packed)
	flipped[len(flipped)/2] ^= 0x55
	zpacked := zstandard(t, longTable(20_000))
	zflipped := bytes.Clone(zpacked)
	zflipped[len(zflipped)/2] ^= 0x55
	tests := []struct {
		name  string
		input string
		opt   Options
		class error
		want  string // the whole message, without "standard input"; a * stands for anything
	}{
		{"empty", "", Options{}, ErrData, " is empty"},
		{"empty inside gzip", string(gzipped(t, nil)), Options{}, ErrData, " is empty"},
		{"empty lines", "\n\n  \n", Options{}, ErrData, " holds nothing but empty lines"},
		{"header only", "a,b,y\n", Options{}, ErrData, " has no rows of data below its header"},
		{"header only, no line end", "a,b,y", Options{}, ErrData, " has no rows of data below its header"},
		{"one column", "y\n1\n2\n", Options{}, ErrData,
			` has only one column, "y": there is nothing to predict it from` + "\n   if the fields are separated by an unusual character, name it by --delimiter"},
		{"duplicate names", "a,b,a,y\n1,2,3,4\n", Options{}, ErrData,
			` has two columns named "a", at positions 1 and 3` + "\n   rename one of them"},
		{"ragged, too many", "name,size,y\nx,1,2.5\nx,2,3.5\nSmith, John,3,4.5\n", Options{}, ErrData,
			`, row 4: 4 fields where the header has 3 (column 1 "name" has an unquoted comma?)` + "\n   skip such rows with --bad-rows skip"},
		{"ragged, too many, later column", "size,name,y\n1,x,2.5\n2,x,3.5\n3,Smith, John,4.5\n", Options{}, ErrData,
			`, row 4: 4 fields where the header has 3 (column 2 "name" has an unquoted comma?)` + "\n   *"},
		{"ragged, too few", "a,b,y\n1,2,2.5\n2,3\n3,4,4.5\n", Options{}, ErrData,
			", row 3: 2 fields where the header has 3\n   *"},
		{"ragged at the end", "a,b,y\n1,2,2.5\n2,3,3.5\n3,4", Options{}, ErrData,
			", row 4: 2 fields where the header has 3 (the last row: was the file cut off?)\n   *"},
		{"ragged after a field over lines", "a,b,y\n1,\"x\n\nz\",2.5\n2,3\n", Options{}, ErrData,
			", row 3 (line 5): 2 fields where the header has 3\n   *"},
		{"NUL byte", "a,b,y\n1,x,1.5\n2,x\x00z,2.5\n", Options{}, ErrData,
			`, row 3, column "b": a NUL byte: this is binary data or not UTF-8` + "\n   export the table as CSV in UTF-8"},
		{"NUL byte in the header", "a,b\x00,y\n1,x,1.5\n", Options{}, ErrData, ", row 1: a NUL byte*"},
		{"not UTF-8", "a,b,y\n1,x,1.5\n2,caf\xe9,2.5\n", Options{Encoding: UTF8}, ErrData,
			`, row 3, column "b": text that is not UTF-8` + "\n   name its encoding by --encoding latin-1, or convert it first (iconv -t utf-8 -f …)"},
		{"not UTF-8 after UTF-8", "a,b,y\n1,café,1.5\n2,caf\xe9,2.5\n", Options{}, ErrData, `, row 3, column "b": text that is not UTF-8*`},
		{"not text at all", "a,b,y\n1,x,1.5\n2,\x01\xe9,2.5\n", Options{}, ErrData, `, row 3, column "b": text that is not UTF-8*`},
		{"quote never closed", "a,b,y\n1,x,1.5\n2,\"x,2.5\n3,x,3.5\n", Options{}, ErrData,
			`, row 3: a quoted field that begins here is never closed` + "\n   close it, or write a quote inside quotes twice (\"\")"},
		{"text after a quote", "a,b,y\n1,x,1.5\n2,\"x\"z,2.5\n", Options{}, ErrData,
			`, row 3, column "b": 'z' follows a closing quote` + "\n   write a quote inside quotes twice (\"\")"},
		{"UTF-16", "\xff\xfea\x00,\x00", Options{}, ErrData, " is UTF-16 text, not CSV, TSV, ARFF or Parquet\n   save it as UTF-8*"},
		{"xlsx", "PK\x03\x04\x14\x00\x06\x00", Options{}, ErrData, " is a zip archive or an Excel workbook (.xlsx), not CSV*\n   export the sheet as CSV, or unpack the archive"},
		{"parquet, cut off", "PAR1\x15\x04", Options{}, ErrData, " begins like a Parquet file but is damaged or cut off\n   copy or download it again, or write it anew"},
		{"parquet inside gzip", string(gzipped(t, []byte("PAR1\x15\x04"))), Options{}, ErrData, " is a Parquet file inside gzip, not CSV*\n   unpack it: *"},
		{"parquet declared to be CSV", "PAR1\x15\x04", Options{Format: "csv"}, ErrOption, " is a Parquet file, not csv\n   leave --format out"},
		{"CSV declared to be parquet", "a,y\n1,2\n", Options{Format: "parquet"}, ErrOption, " is not a Parquet file\n   leave --format out"},
		{"sqlite", "SQLite format 3\x00\x10", Options{}, ErrData, " is an SQLite database, not CSV*"},
		{"gzip twice", string(gzipped(t, packed)), Options{}, ErrData, " is a gzip file inside gzip, not CSV*\n   unpack it once"},
		{"gzip cut off", string(packed[:len(packed)-2000]), Options{}, ErrData, " has gzip data that is cut off after row *,*\n   copy or download it again, or compress it anew"},
		{"gzip cut off at once", string(packed[:5]), Options{}, ErrData, " has gzip data that is cut off\n*"},
		{"gzip corrupt", string(flipped), Options{}, ErrData, " has corrupt gzip data (*) after row *\n*"},
		{"zstd cut off", string(zpacked[:len(zpacked)-2000]), Options{}, ErrData, " has zstd data that is cut off after row *\n*"},
		{"zstd corrupt", string(zflipped), Options{}, ErrData, " has corrupt zstd data (*"},
		{"target missing everywhere", "a,y\n1,\n2,NA\n", Options{}, ErrData, `, column "y": the target has no values` + "\n   choose another by --target"},
		{"target constant", "a,y\n1,no\n2,no\n", Options{}, ErrData, `, column "y": the target is always "no": there is nothing to learn` + "\n   *"},
		{"target constant number", "a,y\n1,2.5\n2,2.5\n", Options{}, ErrData, `, column "y": the target is always "2.5": there is nothing to learn` + "\n   *"},
		{"target infinite", "a,y\n1,2.5\n2,inf\n", Options{}, ErrData, `, row 3, column "y": the target is infinite` + "\n   *"},
		{"target of texts all different", "a,y\n1,p\n2,q\n3,r\n", Options{}, ErrData, `, column "y": every row has a target of its own: no classes to learn` + "\n   *"},
		{"target misspelt", "size,churned\n1,no\n2,yes\n", Options{Target: "chruned"}, ErrNotFound,
			` has no column "chruned"; did you mean "churned"?` + "\n   its columns are size, churned"},
		{"target nowhere near", "size,churned\n1,no\n2,yes\n", Options{Target: "price"}, ErrNotFound,
			` has no column "price"` + "\n   its columns are size, churned"},
		{"target number too high", "size,churned\n1,no\n2,yes\n", Options{Target: "#3"}, ErrNotFound, " has no column #3: there are 2"},
		{"target excluded", "a,b,y\n1,2,no\n2,3,yes\n", Options{Exclude: []string{"y"}}, ErrOption, ` cannot do without its target "y"`},
		{"columns misspelt", "size,churned\n1,no\n2,yes\n", Options{Columns: []string{"Sizes"}}, ErrNotFound,
			` has no column "Sizes"; did you mean "size"?` + "\n*"},
		{"kinds of no column", "size,churned\n1,no\n2,yes\n", Options{Kinds: map[string]Kind{"weight": Numeric}}, ErrNotFound, ` has no column "weight"*`},
		{"declared numeric", "a,y\n1,no\n12O,yes\n2,no\n", Options{Kinds: map[string]Kind{"a": Numeric}}, ErrData,
			`, row 3, column "a": "12O" is not a number` + "\n   if it means missing, name it by --missing"},
		{"declared twice", "a,y\n1,no\n2,yes\n2,no\n", Options{Kinds: map[string]Kind{"a": Numeric, "#1": Boolean}}, ErrOption,
			`, column "a": declared both boolean and numeric`},
		{"ragged, nothing but numbers", "a,b,y\n1,2,2.5\n2,3,3.5\n1,234,5,6.5\n", Options{}, ErrData,
			", row 4: 4 fields where the header has 3\n   *"},
		{"ragged, semicolon", "size;name;y\n1;x;2.5\n2;x;3.5\n3;Smith; John;4.5\n", Options{}, ErrData,
			`, row 4: 4 fields where the header has 3 (column 2 "name" has an unquoted semicolon?)*`},
		{"ragged, odd delimiter", "size!name!y\n1!x!2.5\n2!x!3.5\n3!Smith! John!4.5\n", Options{Delimiter: '!'}, ErrData,
			`, row 4: 4 fields where the header has 3 (column 2 "name" has an unquoted '!'?)*`},
		{"declared boolean", "a,y\n1,no\n2,yes\n3,no\n", Options{Kinds: map[string]Kind{"a": Boolean}}, ErrData,
			`, column "a": declared boolean, but it has 3 different values`},
		{"declared date", "a,y\n2020-01-01,no\nx,yes\n3,no\n", Options{Kinds: map[string]Kind{"a": Date}}, ErrData,
			`, column "a": declared date, but not all of it are dates of one form*`},
		{"regression of text", "a,y\n1,2.5\n2,no\n", Options{Task: Regression}, ErrData,
			`, row 3, column "y": "no" is not a number, as the target of a regression must be` + "\n   *--task classification"},
		{"no features", "a,y\n5,no\n5,yes\n", Options{}, ErrData,
			` has no usable column beside the target "y"; left out: "a" (constant: always 5)` + "\n   *"},
		{"too many columns", "a,b,c,d,e\n1,2,3,4,5\n", Options{MaxColumns: 4}, ErrData,
			" has 5 columns, more than the limit of 4\n   choose those to use by --columns A,B,…"},
		{"far too many columns", strings.Repeat("a,", 50) + "a\n", Options{MaxColumns: 4, Columns: []string{"#1"}}, ErrData,
			" has 51 columns, more than the limit of 40\n   keep fewer of them in the file"},
		{"ARFF without data", "@relation r\n@attribute a numeric\n", Options{}, ErrData, ", row 2: the file ends before @data\n   is it cut off?"},
		{"ARFF without rows", "@relation r\n@attribute a numeric\n@attribute y numeric\n@data\n", Options{}, ErrData, " has no rows of data below its header"},
		{"ARFF without attributes", "@relation r\n@data\n1\n", Options{}, ErrData, " declares no attribute before @data"},
		{"ARFF with a strange line", "@relation r\n@atribute a numeric\n", Options{}, ErrData, `, row 2: "@atribute a numeric" where @attribute or @data should stand`},
		{"ARFF with a strange type", "@relation r\n@attribute a float32\n", Options{}, ErrData, `, row 2: there is no attribute type "float32"` + "\n   *"},
		{"ARFF with half a declaration", "@relation r\n@attribute a\n", Options{}, ErrData, ", row 2: the declaration is incomplete\n   write @attribute NAME TYPE"},
		{"ARFF with an open list", "@relation r\n@attribute a {x, z\n", Options{}, ErrData, ", row 2: the list of values is not closed on this line\n   end it by }"},
		{"ARFF with an open quote", "@relation r\n@attribute 'a numeric\n", Options{}, ErrData, ", row 2: a quote is never closed on this line\n   *"},
		{"ARFF with a relational attribute", "@relation r\n@attribute a relational\n", Options{}, ErrData, ", row 2: relational attributes are not supported\n   *"},
		{"ARFF with a strange date", "@relation r\n@attribute a date 'yyyy-ww'\n", Options{}, ErrData, `, row 2: "ww" in the date format "yyyy-ww" is not supported` + "\n   *"},
		{"ARFF value not declared", arffHead + "\nred,1\nblu,2\n", Options{}, ErrData,
			`, row 6, column "c": "blu" is not among the declared values; did you mean "blue"?` + "\n   add it to the attribute's declaration"},
		{"ARFF text among numbers", arffHead + "\nred,1\nblue,x\n", Options{}, ErrData, `, row 6, column "y": "x" is not a number, as declared`},
		{"ARFF ragged", arffHead + "\nred,1\nblue\n", Options{}, ErrData, ", row 6: 1 field where the header has 2*"},
		{"ARFF open quote in a row", arffHead + "\n'red,1\n", Options{}, ErrData, `, row 5, column "c": a quote is never closed on this line` + "\n   *"},
		{"ARFF sparse, not closed", arffHead + "\n{0 red, 1 2\n", Options{}, ErrData, ", row 5: a row in braces does not end on its line with }"},
		{"ARFF sparse, out of order", arffHead + "\n{1 2, 0 red}\n", Options{}, ErrData, ", row 5: attribute 0 after 1 of 2 (they count from 0, in order)"},
		{"ARFF sparse, out of range", arffHead + "\n{2 2}\n", Options{}, ErrData, ", row 5: attribute 2 after -1 of 2*"},
		{"ARFF sparse, no number", arffHead + "\n{red}\n", Options{}, ErrData, `, row 5: "red" where the number of an attribute and its value should stand`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := readText(t, test.input, test.opt)
			if err == nil {
				t.Fatalf("no error: %+v", d)
			}
			if !errors.Is(err, test.class) {
				t.Errorf("%q is no %q", err, test.class)
			}
			if want := "standard input" + test.want; !matches(err.Error(), want) {
				t.Errorf("%s\nwant\n%s", err, want)
			}
			if lines := strings.Count(err.Error(), "\n"); lines > 3 {
				t.Errorf("%d lines", lines+1)
			}
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%T is no *Error", err)
			}
		})
	}
}

const arffHead = "@relation r\n@attribute c {red,blue}\n@attribute y numeric\n@data"

// matches compares a text with one in which a * stands for anything.
func matches(text, pattern string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(text, parts[0]) {
		return false
	}
	text = text[len(parts[0]):]
	for i, p := range parts[1:] {
		n := strings.Index(text, p)
		if n < 0 {
			return false
		}
		if i == len(parts)-2 {
			return p == "" || strings.HasSuffix(text, p)
		}
		text = text[n+len(p):]
	}
	return text == ""
}

func TestBadOptions(t *testing.T) {
	for _, opt := range []Options{
		{Delimiter: '"'}, {Delimiter: '5'}, {Delimiter: '\n'}, {Delimiter: 'é'}, {Task: "clustering"}, {Format: "xlsx"},
		{MaxCells: -1}, {MaxColumns: -1}, {Header: 9}, {BadRows: 9}, {Kinds: map[string]Kind{"a": Constant}},
		{Kinds: map[string]Kind{"a": Missing}}, {Decimal: ';'}, {Decimal: ',', Delimiter: ','},
	} {
		if _, err := readText(t, "a,y\n1,2.5\n2,3.5\n", opt); !errors.Is(err, ErrOption) {
			t.Errorf("%+v: %v", opt, err)
		}
	}
	if _, err := Read(context.Background(), "-", Options{}); !errors.Is(err, ErrOption) {
		t.Errorf("no standard input: %v", err)
	}
}

func TestBadPath(t *testing.T) {
	dir := t.TempDir()
	if _, err := Read(context.Background(), dir, Options{}); !errors.Is(err, ErrData) || err.Error() != dir+" is a directory\n   name one data file in it" {
		t.Errorf("directory: %v", err)
	}
	path := filepath.Join(dir, "gone.csv")
	if _, err := Read(context.Background(), path, Options{}); !errors.Is(err, ErrNotFound) || err.Error() != path+" does not exist" {
		t.Errorf("no file: %v", err)
	}
	if err := os.WriteFile(path, []byte("a,y\n1,2\n"), 0o000); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(context.Background(), path, Options{}); os.Geteuid() != 0 && (err == nil || errors.Is(err, ErrData) || errors.Is(err, ErrNotFound)) {
		t.Errorf("unreadable file: %v", err)
	}
}

func TestPipeThatBreaksOff(t *testing.T) {
	text := string(longTable(100_000))
	for _, cause := range []error{io.ErrUnexpectedEOF, io.ErrClosedPipe} {
		in := io.MultiReader(strings.NewReader(text), iotest.ErrReader(cause))
		_, err := Read(context.Background(), "-", Options{Stdin: in})
		if !errors.Is(err, ErrData) || !errors.Is(err, cause) || !matches(err.Error(), "standard input, row 100,00*: the input breaks off here\n*") {
			t.Errorf("%v", err)
		}
	}
	failure := errors.New("input/output error")
	_, err := Read(context.Background(), "-", Options{Stdin: io.MultiReader(strings.NewReader(text), iotest.ErrReader(failure))})
	if errors.Is(err, ErrData) || !errors.Is(err, failure) || !matches(err.Error(), "standard input, row 100,00*: cannot be read on: input/output error") {
		t.Errorf("%v", err)
	}
}

// A line of 100 MB, with and without quotes, is refused before it fills the memory.
func TestLongLine(t *testing.T) {
	for _, test := range []struct{ head, repeat, want string }{
		{"a,y\n1,2.5\n", "x", "standard input, row 3: the row is longer than 32 MiB\n*"},
		{"a,y\n1,2.5\n\"", "x\n", "standard input, row 3: the row is longer than 32 MiB\n*"},
		{"", "1", "standard input, row 1: the row is longer than 32 MiB\n*"},
		{"", "1,", "standard input, row 1: the row is longer than 32 MiB\n*"},
	} {
		in := io.MultiReader(strings.NewReader(test.head), &repeated{test.repeat, 100 << 20})
		var err error
		if peak := peakMemory(t, func() { _, err = Read(context.Background(), "-", Options{Stdin: in}) }); peak > 180<<20 {
			t.Errorf("%q…: %d MiB", test.repeat, peak>>20)
		}
		if !errors.Is(err, ErrData) || !matches(err.Error(), test.want) {
			t.Errorf("%v", err)
		}
	}
}

func TestDecompressionBomb(t *testing.T) {
	row := strings.Repeat("0,", 500) + "0\n"
	for _, pack := range []func(io.Writer) io.WriteCloser{
		func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestCompression); return z },
		func(w io.Writer) io.WriteCloser { z, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)); return z },
	} {
		var b bytes.Buffer
		w := pack(&b)
		if _, err := io.Copy(w, io.LimitReader(&repeated{row, 1 << 30}, 80<<20)); err != nil {
			t.Fatal(err)
		}
		w.Close()
		_, err := Read(context.Background(), "-", Options{Stdin: &b, MaxCells: 100_000})
		if !errors.Is(err, ErrData) || !matches(err.Error(), "standard input grows more than 250-fold when unpacked*") {
			t.Errorf("%v", err)
		}
	}
}

// repeated is a stream of about n bytes that repeats a text.
type repeated struct {
	text string
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.n <= 0 {
		return 0, io.EOF
	}
	n := copy(p, r.text)
	for n > 0 && n+len(r.text) <= len(p) {
		n += copy(p[n:], r.text)
	}
	r.n -= n
	if n < len(r.text) { // go on within the text
		r.text = r.text[n:] + r.text[:n]
	}
	return n, nil
}
