package main

import (
	"context"
	"fmt"
	"os"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

func kbExportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write your records to a file that others can use with --kb or import",
		ArgsUsage: "FILE",
		Description: `
Writes what was added to the knowledge base, without the seed, as one compact file, and says what is in it: tasks by
fingerprint, size and target name, their labels and meta-features, configurations and results. It holds no row of
any data. Records that are retracted stay out. With --dry-run nothing is written.

example:
  $ metaml kb export shared.kb --dry-run
  $ metaml kb export shared.kb
  $ metaml kb import kb shared.kb
`,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "with-seed", Usage: "also export the seed"},
			&cli.BoolFlag{Name: "force", Usage: "replace FILE if it exists"},
			&cli.BoolFlag{Name: "dry-run", Usage: "only say what would be exported"},
		},
		Action: e.kbExport,
	}
}

func (e *environment) kbExport(c *cli.Context) error {
	if err := positionals(c, "FILE"); err != nil {
		return err
	}
	path := c.Args().First()
	if _, err := os.Stat(path); err == nil && !c.Bool("force") && !c.Bool("dry-run") {
		return failf(exitConflict, "%s exists; --force replaces it", path)
	}
	if _, err := e.dataFolder(); err != nil && e.kb == "" {
		return err // there is nothing of one's own
	}
	k, err := e.openKB(c.Context)
	if err != nil {
		return err
	}
	defer k.Close()
	b, set, err := k.Export(c.Context, c.Bool("with-seed"))
	if err != nil {
		return err
	}
	private, err := privateTasks(c.Context, k)
	if err != nil {
		return err
	}
	if !c.Bool("dry-run") {
		if err := replaceFile(path, b); err != nil {
			return err
		}
	}
	return e.writeExported(path, len(b), set, private, c.Bool("dry-run"))
}

// privateTasks is the number of tasks that stay out of what is exported.
func privateTasks(ctx context.Context, k *kb.KB) (int, error) {
	set, err := k.Snapshot(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for r := range set.Hidden() {
		if _, ok := r.(*record.Task); ok {
			n++
		}
	}
	return n, nil
}

func (e *environment) writeExported(path string, size int, set *record.Set, private int, dry bool) error {
	s, err := kb.Count(set)
	if err != nil {
		return err
	}
	if e.output == outputJSON {
		return e.writeJSON(struct {
			SchemaVersion int    `json:"schema_version"`
			File          string `json:"file"`
			Bytes         int    `json:"bytes"`
			Tasks         int    `json:"tasks"`
			Labels        int    `json:"labels"`
			Features      int    `json:"features"`
			Runs          int    `json:"runs"`
			Configs       int    `json:"configs"`
			Spaces        int    `json:"spaces"`
			Retractions   int    `json:"retractions"`
			Private       int    `json:"private"` // tasks that stay out
			Written       bool   `json:"written"`
		}{1, path, size, s.Tasks, len(set.Labels), len(set.Features), s.Runs, s.Configs, s.Spaces, len(set.Retractions), private, !dry})
	}
	verb := "wrote"
	if dry {
		verb = "would write"
	}
	kept := ""
	if private > 0 {
		kept = "; " + term.Plural(private, "private task") + " not among them"
	}
	_, err = fmt.Fprintf(e.stdout, "%s %s to %s: %s with %s and %s of meta-features, %s of %s in %s%s\n", verb, term.Bytes(int64(size)), path,
		term.Plural(s.Tasks, "task"), term.Plural(len(set.Labels), "label"), term.Plural(len(set.Features), "set"),
		term.Plural(s.Runs, "run"), term.Plural(s.Configs, "configuration"), term.Plural(s.Spaces, "space"), kept)
	return err
}
