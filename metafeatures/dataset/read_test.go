package dataset

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the cases of testdata/read give as what they should give")

// caseOptions are the options of a case, in JSON.
type caseOptions struct {
	Target, Task, Delimiter, Decimal, Format string
	Kinds                                    map[string]string
	Header                                   Header
	Missing, Columns, Exclude                []string
	MaxCells, MaxColumns                     int
	BadRows                                  BadRows
}

func (c caseOptions) options(t *testing.T) Options {
	opt := Options{Name: "table", Target: c.Target, Task: TaskType(c.Task), Format: c.Format, Header: c.Header, Missing: c.Missing,
		Columns: c.Columns, Exclude: c.Exclude, MaxCells: c.MaxCells, MaxColumns: c.MaxColumns, BadRows: c.BadRows}
	for _, r := range c.Delimiter {
		opt.Delimiter = r
	}
	for _, r := range c.Decimal {
		opt.Decimal = r
	}
	for name, word := range c.Kinds {
		kind, err := ParseKind(word)
		if err != nil {
			t.Fatal(err)
		}
		if opt.Kinds == nil {
			opt.Kinds = map[string]Kind{}
		}
		opt.Kinds[name] = kind
	}
	return opt
}

// TestReadCases runs the files of testdata/read. Each holds cases, one after the other: a line "== TITLE", an optional
// line of options in JSON, the input, a line "--", and what comes out of it.
func TestReadCases(t *testing.T) {
	files, err := filepath.Glob("testdata/read/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		for _, c := range strings.Split("\n"+string(text), "\n== ")[1:] {
			title, body, _ := strings.Cut(c, "\n")
			input, want, _ := strings.Cut(body+"\n", "\n--\n")
			options := ""
			var parsed caseOptions
			if strings.HasPrefix(input, "{\"") {
				options, input, _ = strings.Cut(input, "\n")
				if err := json.Unmarshal([]byte(options), &parsed); err != nil {
					t.Fatalf("%s: %s: %v", file, title, err)
				}
				options += "\n"
			}
			got := outcome(readText(t, unescape(input), parsed.options(t)))
			if want = strings.TrimRight(want, "\n"); got != want && !*update {
				t.Errorf("%s: %s:\n%s\nwant\n%s", filepath.Base(file), title, got, want)
			}
			fmt.Fprintf(&out, "== %s\n%s%s\n--\n%s\n\n", title, options, input, got)
		}
		if *update {
			if err := os.WriteFile(file, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// unescape lets cases write characters that a text file shows badly.
func unescape(s string) string {
	return strings.NewReplacer(`<CR>`, "\r", `<TAB>`, "\t", `<NUL>`, "\x00", `<BOM>`, "\ufeff", `<E9>`, "\xe9", `<END>`, "").Replace(s)
}

// outcome shows a dataset, or the error in its place.
func outcome(d *Dataset, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %d of %d rows\n", d.Task, d.Rows, d.TotalRows)
	for _, c := range append(d.Features[:len(d.Features):len(d.Features)], d.Target) {
		fmt.Fprintf(&b, "%s: %s", c.Name, c.Kind)
		for _, v := range c.Values {
			switch {
			case math.IsNaN(v):
				b.WriteString(" ?")
			case c.Levels != nil:
				b.WriteString(" " + strconv.Quote(c.Levels[int(v)]))
			default:
				b.WriteString(" " + strconv.FormatFloat(v, 'g', -1, 64))
			}
		}
		if c.MissingCount > 0 {
			fmt.Fprintf(&b, " (%d missing)", c.MissingCount)
		}
		b.WriteString("\n")
	}
	for _, x := range d.Dropped {
		fmt.Fprintf(&b, "dropped: %s, %s: %s\n", x.Name, x.Kind, x.Reason)
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return strings.TrimRight(b.String(), "\n")
}

func TestNameOfDataset(t *testing.T) {
	for path, want := range map[string]string{
		"/data/churn.csv": "churn", "churn.CSV.gz": "churn", "a.b.tsv.zst": "a.b", "iris.arff": "iris", "-": "stdin",
		".csv": ".csv", "plain": "plain", "x.json": "x.json", "wine.data": "wine",
	} {
		if got := nameOf(path); got != want {
			t.Errorf("nameOf(%q) = %q, want %q", path, got, want)
		}
	}
	path := filepath.Join(t.TempDir(), "small.csv")
	if err := os.WriteFile(path, []byte(staged), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Read(context.Background(), path, Options{})
	if err != nil || d.Name != "small" {
		t.Errorf("%v %v", d, err)
	}
	if d, _ := Read(context.Background(), path, Options{Name: "other"}); d.Name != "other" {
		t.Errorf("named %q", d.Name)
	}
}
