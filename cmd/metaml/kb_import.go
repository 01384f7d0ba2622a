package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/importers/aslib"
	"github.com/metaml/metaml/kb/importers/matrix"
	"github.com/metaml/metaml/kb/record"
)

// importer reads a foreign source.
type importer func(ctx context.Context, path string, opt importers.Options) ([]record.Record, importers.Report, error)

// foreignKinds are the kinds of foreign sources; "kb" is handled apart.
func foreignKinds() map[string]importer {
	return map[string]importer{"matrix": matrix.Import, "aslib": aslib.Import}
}

const kindKB = "kb"

func importKinds() []string { return append(slices.Sorted(maps.Keys(foreignKinds())), kindKB) }

func kbImportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "add results from elsewhere to the knowledge base",
		ArgsUsage: "KIND PATH",
		Description: `
KIND says what PATH is:
  matrix  a folder with tasks.csv, configs.csv, runs.csv and meta.json, plain or .gz: a table of tasks x configurations
  aslib   a scenario folder of the algorithm selection library: description.txt, algorithm_runs.arff, feature_values.arff
  kb      another knowledge base: a file of yours, or what somebody exported
All of a foreign source is added or nothing; what is there already is not added again. With --kb FILE, FILE is created
if need be. Damaged records of another knowledge base are named and left out; the exit status is then 8.

example:
  $ metaml kb import matrix oboe/ --kb oboe.sqlite
  $ metaml kb import kb shared.kb
`,
		Flags:  []cli.Flag{&cli.StringFlag{Name: "contributor", Usage: "`WORD` written into every imported run (kinds matrix, aslib)"}},
		Action: e.kbImport,
	}
}

func (e *environment) kbImport(c *cli.Context) error {
	if err := positionals(c, "KIND", "PATH"); err != nil {
		return err
	}
	kind, path := c.Args().Get(0), c.Args().Get(1)
	if err := oneOf("kind of source", kind, importKinds()...); err != nil {
		return err
	}
	if err := mustExist("source", path); err != nil {
		return err
	}
	if kind == kindKB {
		return e.mergeKB(c.Context, path)
	}
	records, report, err := foreignKinds()[kind](c.Context, path, importers.Options{Contributor: c.String("contributor")})
	if err != nil {
		return err
	}
	k, err := e.openKBForWriting(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	added, err := k.AddNew(c.Context, records)
	if err != nil {
		return err
	}
	return e.writeImported(imported{
		Kind: kind, Source: report.Source, Tasks: report.Tasks, Configs: report.Configs, Runs: report.Runs,
		Added: added, Known: len(records) - added, Notes: report.Notes,
	})
}

// openKBForWriting opens the knowledge base that --kb names, or else the user's own.
func (e *environment) openKBForWriting(ctx context.Context) (*kb.KB, error) {
	opt := kb.Options{Path: e.kb}
	var err error
	if opt.DataDir, err = e.dataFolder(); err != nil && e.kb == "" {
		return nil, err
	}
	opt.CacheDir, _ = e.cacheFolder()
	return kb.Open(ctx, opt)
}

func (e *environment) mergeKB(ctx context.Context, path string) error {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() == 0 { // as a store it would be a new one
		return failf(exitInvalid, "%s is empty: not a metaml knowledge base", path)
	}
	from, err := kb.Open(ctx, kb.Options{Path: path, ReadOnly: true})
	if err != nil {
		return err
	}
	defer from.Close()
	k, err := e.openKBForWriting(ctx)
	if err != nil {
		return err
	}
	defer k.Close()
	merged, err := k.Merge(ctx, from)
	if err != nil {
		return err
	}
	for _, p := range merged.Problems {
		e.say("left out: %s", term.Clean(p.What))
	}
	if len(merged.Problems) > 0 && merged.Added+merged.Known == 0 {
		return failf(exitInvalid, "nothing in %s could be read: %s", path, merged.Problems[0].What)
	}
	out := imported{Kind: kindKB, Source: path, Added: merged.Added, Known: merged.Known, LeftOut: len(merged.Problems)}
	if merged.Local > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("%s without contributor stayed where they are: they concern that knowledge base only", term.Plural(merged.Local, "retraction")))
	}
	if err := e.writeImported(out); err != nil {
		return err
	}
	if len(merged.Problems) > 0 {
		return failf(exitPartial, "%s left out, damaged", term.Plural(len(merged.Problems), "record"))
	}
	return nil
}

// imported is what an import did. Tasks, configurations and runs are those of a foreign source; added, known and
// left out count records.
type imported struct {
	Kind, Source         string
	Tasks, Configs, Runs int
	Added, Known         int
	LeftOut              int
	Notes                []string
}

func (e *environment) writeImported(i imported) error {
	if e.output == outputJSON {
		return e.writeJSON(struct {
			SchemaVersion int      `json:"schema_version"`
			Kind          string   `json:"kind"`
			Source        string   `json:"source"`
			Tasks         int      `json:"tasks"`
			Configs       int      `json:"configs"`
			Runs          int      `json:"runs"`
			Added         int      `json:"added"`
			Known         int      `json:"known"`
			LeftOut       int      `json:"left_out"`
			Notes         []string `json:"notes"`
		}{1, i.Kind, i.Source, i.Tasks, i.Configs, i.Runs, i.Added, i.Known, i.LeftOut, append([]string{}, i.Notes...)})
	}
	e.sayNotes(i.Notes)
	var parts []string
	if i.Kind != kindKB {
		parts = append(parts, fmt.Sprintf("%s, %s, %s", term.Plural(i.Tasks, "task"), term.Plural(i.Configs, "configuration"), term.Plural(i.Runs, "run")))
	}
	parts = append(parts, fmt.Sprintf("%s added, %s there already", term.Plural(i.Added, "record"), term.Count(i.Known)))
	_, err := fmt.Fprintf(e.stdout, "%s: %s\n", term.Clean(i.Source), strings.Join(parts, "; "))
	return err
}
