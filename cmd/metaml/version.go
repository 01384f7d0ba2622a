package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func versionCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "show the version of this program",
		Description: `
example:
  $ metaml version
`,
		Action: func(c *cli.Context) error {
			if err := positionals(c); err != nil {
				return err
			}
			return e.writeVersion()
		},
	}
}

// buildVersion returns the module's version and the commit it was built from, as far as the build recorded them.
func buildVersion() (version, revision string) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown", ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			revision = s.Value
		}
	}
	return info.Main.Version, revision
}

func (e *environment) writeVersion() error {
	version, revision := buildVersion()
	if e.output == outputJSON {
		return e.writeJSON(struct {
			SchemaVersion int    `json:"schema_version"`
			Version       string `json:"version"`
			Revision      string `json:"revision,omitempty"`
			Go            string `json:"go"`
			Platform      string `json:"platform"`
		}{1, version, revision, runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
	}
	_, err := fmt.Fprintf(e.stdout, "metaml %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
