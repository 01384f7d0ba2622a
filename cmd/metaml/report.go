package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/report"
	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/space/spelling"
)

func reportCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "show a study as a web page, in one file",
		ArgsUsage: "STUDY",
		Description: `
Writes an HTML file that needs neither a network nor other files: how the search went, the best configuration, which
hyperparameters matter, what the warm start brought, all trials, what failed and why, and how to run it again. STUDY
is a study's name, or the path of its folder or study.sqlite. A study that is being run is shown as it stands.

example:
  $ metaml report churn-7f3a09
  $ metaml report churn-7f3a09 --open
  $ metaml report churn-7f3a09 --out churn.html
`,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Usage: "write to `FILE` (default: report.html in the study's folder); - is stdout"},
			&cli.BoolFlag{Name: "open", Usage: "show it in the browser"},
		},
		Action: e.reportStudy,
	}
}

func (e *environment) reportStudy(c *cli.Context) error {
	if err := positionals(c, "STUDY"); err != nil {
		return err
	}
	out := c.String("out")
	if out == "-" && c.Bool("open") {
		return usagef("--open needs a file, and --out - is stdout: leave one of them out")
	}
	ledger, err := e.findLedger(c.Args().First())
	if err != nil {
		return err
	}
	in, err := report.Load(c.Context, ledger, e.now())
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := report.Write(&page, in); err != nil {
		return err
	}
	if out == "-" {
		_, err := e.stdout.Write(page.Bytes())
		return err
	}
	if out == "" {
		out = tuning.ReportPath(filepath.Dir(ledger))
	}
	if err := replaceFile(out, page.Bytes()); err != nil {
		return err
	}
	if err := e.writeReported(in.Header.Name, out, page.Len()); err != nil || !c.Bool("open") {
		return err
	}
	return openInBrowser(c.Context, out)
}

// findLedger is the log of a study that is given by name or path.
func (e *environment) findLedger(given string) (string, error) {
	data, err := e.dataFolder()
	if err != nil {
		return "", err
	}
	path := given
	if named := tuning.CheckName(given) == nil; named {
		path = tuning.Folder(data, given)
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		path = tuning.LedgerPath(path)
		_, err = os.Stat(path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		names, err := tuning.Names(data)
		if err != nil {
			return "", err
		}
		return "", failf(exitNotFound, "there is no study %s%s\nmetaml studies list shows those that there are", given, spelling.Hint(given, names))
	}
	return path, err
}

func (e *environment) writeReported(study, path string, size int) error {
	if e.output == outputJSON {
		return e.writeJSON(struct {
			SchemaVersion int    `json:"schema_version"`
			Study         string `json:"study"`
			File          string `json:"file"`
			Bytes         int    `json:"bytes"`
		}{1, study, path, size})
	}
	_, err := fmt.Fprintf(e.stdout, "wrote %s (%s)\n", path, term.Bytes(int64(size)))
	return err
}

// openInBrowser asks the desktop to show a file, which it does in a process of its own.
func openInBrowser(ctx context.Context, path string) error {
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	opener := []string{"xdg-open"}
	switch runtime.GOOS {
	case "darwin":
		opener = []string{"open"}
	case "windows":
		opener = []string{"rundll32", "url.dll,FileProtocolHandler"}
	}
	text, err := exec.CommandContext(ctx, opener[0], append(opener[1:], full)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("the report is written, but %s cannot show it (%w); open %s yourself\n%s", opener[0], err, full, strings.TrimSpace(string(text)))
	}
	return nil
}
