package main

import (
	"encoding/csv"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/metafeatures/dataset"
)

// dataFlags are the flags of every command that reads a data file: which column is the target and how to read.
func dataFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Usage: "predict `COLUMN`, a name or #N (default the last column)"},
		&cli.StringFlag{Name: "task", Usage: "classification or regression (`TYPE`) (default by the target)"},
		&cli.GenericFlag{Name: "types", Value: &listValue{}, Usage: "kinds of columns (`COLUMN=KIND,…`): numeric, categorical, boolean, date, text or identifier (default by content)"},
		&cli.GenericFlag{Name: "columns", Value: &listValue{}, Usage: "use only the features `A,B,…` (names or #N; quote a name with a comma)"},
		&cli.GenericFlag{Name: "exclude", Value: &listValue{}, Usage: "leave out the columns `A,B,…`"},
		&cli.StringFlag{Name: "delimiter", Usage: "what stands between fields (`CHAR`): one character, tab or space (default by content)"},
		&cli.StringFlag{Name: "decimal", Usage: "what numbers have before their decimals (`SIGN`): point or comma (default by content)"},
		&cli.StringFlag{Name: "header", Value: "auto", Usage: "first row holds names: auto, yes or no (`WHETHER`)"},
		&cli.GenericFlag{Name: "missing", Value: &listValue{}, Usage: "further marks of missing values (`A,B,…`)"},
		&cli.StringFlag{Name: "bad-rows", Value: "fail", Usage: "on rows with too many or too few fields, fail or skip them (`WHAT`)"},
		&cli.IntFlag{Name: "max-columns", Value: dataset.DefaultMaxColumns, Usage: "refuse files with more than `N` columns"},
		&cli.IntFlag{Name: "max-cells", Value: dataset.DefaultMaxCells, Usage: "keep at most `N` cells in memory, a random sample of rows above it"},
		&cli.StringFlag{Name: "format", Usage: "read it as csv, tsv, arff or parquet (`FORMAT`) (default by content)"},
		&cli.StringFlag{Name: "encoding", Usage: "read text as utf-8 or latin-1 (`ENCODING`) (default by content)"},
	}
}

// readDataset reads the command's one positional argument, a data file or - for stdin, as its flags say.
func (e *environment) readDataset(c *cli.Context) (*dataset.Dataset, error) {
	if err := positionals(c, "FILE"); err != nil {
		return nil, err
	}
	opt, err := e.dataOptions(c)
	if err != nil {
		return nil, err
	}
	return dataset.Read(c.Context, c.Args().First(), opt)
}

// dataOptions are the options of dataset.Read that the command's flags ask for.
func (e *environment) dataOptions(c *cli.Context) (dataset.Options, error) {
	opt := dataset.Options{
		Target:  c.String("target"),
		Task:    dataset.TaskType(c.String("task")),
		Columns: listOf(c, "columns"),
		Exclude: listOf(c, "exclude"),
		Missing: listOf(c, "missing"),
		Seed:    e.seed,
		Format:  c.String("format"),

		Encoding: c.String("encoding"),

		MaxColumns: c.Int("max-columns"),
		MaxCells:   c.Int("max-cells"),
	}
	if opt.MaxColumns < 1 || opt.MaxCells < 1 {
		return opt, usagef("--max-columns and --max-cells must be at least 1")
	}
	if c.Args().First() == "-" {
		opt.Stdin = e.input(c.Context)
	}
	var err error
	if opt.Delimiter, err = delimiter(c.String("delimiter")); err != nil {
		return opt, err
	}
	if sign := c.String("decimal"); sign != "" {
		opt.Decimal = map[string]rune{"point": '.', "comma": ','}[sign]
		if err := oneOf("--decimal", sign, "point", "comma"); err != nil {
			return opt, err
		}
	}
	if opt.Kinds, err = kinds(listOf(c, "types")); err != nil {
		return opt, err
	}
	headers := map[string]dataset.Header{"auto": dataset.HeaderAuto, "yes": dataset.HeaderYes, "no": dataset.HeaderNo}
	opt.Header = headers[c.String("header")]
	if err := oneOf("--header", c.String("header"), "auto", "yes", "no"); err != nil {
		return opt, err
	}
	if c.String("bad-rows") == "skip" {
		opt.BadRows = dataset.SkipBadRows
	}
	return opt, oneOf("--bad-rows", c.String("bad-rows"), "fail", "skip")
}

// shownLeftOut is how many columns left out are named.
const shownLeftOut = 5

// leftOut names the columns that are no features, each with what it is; empty if there are none.
func leftOut(d *dataset.Dataset) string {
	var parts []string
	for _, c := range d.Dropped[:min(shownLeftOut, len(d.Dropped))] {
		parts = append(parts, fmt.Sprintf("%s (%s)", short(c.Name), c.Kind))
	}
	if more := len(d.Dropped) - shownLeftOut; more > 0 {
		parts = append(parts, term.Count(more)+" more")
	}
	return strings.Join(parts, ", ")
}

// delimiter reads the value of --delimiter; 0 leaves the choice to the reader.
func delimiter(value string) (rune, error) {
	switch value {
	case "":
		return 0, nil
	case "tab", `\t`:
		return '\t', nil
	case "space":
		return ' ', nil
	}
	r, size := utf8.DecodeRuneInString(value)
	if size != len(value) {
		return 0, usagef("--delimiter %q is not one character, tab or space", value)
	}
	return r, nil
}

// kinds reads the entries COLUMN=KIND of --types.
func kinds(entries []string) (map[string]dataset.Kind, error) {
	out := make(map[string]dataset.Kind, len(entries))
	for _, entry := range entries {
		at := strings.LastIndex(entry, "=")
		if at < 1 {
			return nil, usagef("--types %q is not COLUMN=KIND", entry)
		}
		kind, err := dataset.ParseKind(entry[at+1:])
		if err != nil {
			return nil, fmt.Errorf("--types: %w", err)
		}
		out[entry[:at]] = kind
	}
	return out, nil
}

// listValue is the value of a flag that may be given several times and holds a list each time, with commas between
// and CSV's quotes around what contains a comma.
type listValue struct{ items []string }

// Set appends the items of one list.
func (l *listValue) Set(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.TrimLeadingSpace = true
	record, err := r.Read()
	if err != nil {
		return fmt.Errorf("%q is no list with commas between", text)
	}
	l.items = append(l.items, record...)
	return nil
}

// String gives the list back as Set reads it.
func (l *listValue) String() string {
	if len(l.items) == 1 && l.items[0] == "" {
		return `""` // CSV's writer would leave nothing
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(l.items) // a Builder does not fail
	w.Flush()
	return strings.TrimSuffix(b.String(), "\n")
}

// listOf returns the items of a list flag.
func listOf(c *cli.Context, name string) []string {
	if l, ok := c.Generic(name).(*listValue); ok {
		return l.items
	}
	return nil
}
