package dataset

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// Header says whether the first row of a CSV or TSV file holds the column names.
type Header uint8

// The ways to treat the first row. HeaderAuto looks: a name stands above numbers, or never recurs below.
const (
	HeaderAuto Header = iota
	HeaderYes
	HeaderNo
)

// BadRows says what to do with rows that have too many or too few fields.
type BadRows uint8

// The ways to treat bad rows.
const (
	FailBadRows BadRows = iota // the first one is an error
	SkipBadRows                // they are left out, counted, and named in the notes
)

// The defaults of Options.
const (
	DefaultMaxCells   = 10_000_000
	DefaultMaxColumns = 100_000
)

// Options are the choices of Read. The zero value finds everything out by itself.
type Options struct {
	Name       string          // of the dataset; default: the file's name without folder and extensions
	Target     string          // a column's name, "#N" counted from 1, or "" for the last column
	Task       TaskType        // default: inferred from the target
	Kinds      map[string]Kind // overrides the inferred kind of columns by name (or "#N")
	Delimiter  rune            // ',', ';', '\t', '|' or another ASCII character; ' ' means any run of blanks; 0: found out
	Decimal    rune            // '.' or ','; 0: found out
	Header     Header
	Missing    []string // marks of missing values beside the usual ones; a number matches by value
	MaxCells   int      // rows x columns kept in memory (8 bytes each); above it rows are sampled. Default DefaultMaxCells
	MaxColumns int      // more columns in use are refused, as are 10 times as many in the file. Default DefaultMaxColumns
	Columns    []string // features to use, by name or "#N"; default all
	Exclude    []string // columns to leave out, by name or "#N"
	Seed       uint64   // of the sample
	BadRows    BadRows
	Encoding   string    // of text: UTF8 or Latin1; default: found out
	Stdin      io.Reader // read when the path is "-"
	Format     string    // "csv", "tsv", "arff" or "parquet"; default: by content, then by extension
}

// fieldLimit is the most columns that a file may have.
func (o *Options) fieldLimit() int { return 10 * o.MaxColumns }

// check returns the options with defaults filled in, or what is wrong with them.
func (o Options) check() (Options, error) {
	if o.MaxCells == 0 {
		o.MaxCells = DefaultMaxCells
	}
	if o.MaxColumns == 0 {
		o.MaxColumns = DefaultMaxColumns
	}
	if o.MaxCells < 0 || o.MaxColumns < 0 {
		return o, fmt.Errorf("%w: MaxCells and MaxColumns cannot be negative", ErrOption)
	}
	if !slices.Contains([]TaskType{"", Classification, Regression}, o.Task) {
		return o, fmt.Errorf("%w: task %q is neither classification nor regression", ErrOption, o.Task)
	}
	if !slices.Contains([]string{"", "csv", "tsv", "arff", "parquet"}, o.Format) {
		return o, fmt.Errorf("%w: format %q is none of csv, tsv, arff and parquet", ErrOption, o.Format)
	}
	if !slices.Contains([]string{"", UTF8, Latin1}, o.Encoding) {
		return o, fmt.Errorf("%w: encoding %q is neither %s nor %s", ErrOption, o.Encoding, UTF8, Latin1)
	}
	if o.Header > HeaderNo || o.BadRows > SkipBadRows {
		return o, fmt.Errorf("%w: unknown choice for Header or BadRows", ErrOption)
	}
	if o.Decimal != 0 && o.Decimal != '.' && o.Decimal != ',' || o.Decimal == ',' && o.Delimiter == ',' {
		return o, fmt.Errorf("%w: the decimal sign can be a point, or a comma where that is not the delimiter", ErrOption)
	}
	if o.Delimiter != 0 && (o.Delimiter >= 0x80 || o.Delimiter < ' ' && o.Delimiter != '\t' ||
		strings.ContainsRune("\"'+-.0123456789eE", o.Delimiter)) {
		return o, fmt.Errorf("%w: %q cannot be a delimiter", ErrOption, o.Delimiter)
	}
	for _, name := range slices.Sorted(maps.Keys(o.Kinds)) {
		if k := o.Kinds[name]; k > Identifier {
			return o, fmt.Errorf("%w: column %q cannot be declared %s", ErrOption, name, k)
		}
	}
	return o, nil
}

// nameOf is the dataset's name for a path: no folder, no extension of a known format.
func nameOf(path string) string {
	if path == "-" {
		return "stdin"
	}
	name := filepath.Base(path)
	for _, known := range []string{".gz", ".zst", ".zstd", ".csv", ".tsv", ".tab", ".txt", ".data", ".arff", ".parquet", ".pq"} {
		if cut, ok := strings.CutSuffix(strings.ToLower(name), known); ok && cut != "" {
			name = name[:len(cut)]
		}
	}
	return name
}
