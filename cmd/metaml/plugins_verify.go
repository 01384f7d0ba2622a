package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/plugins"
)

// What verify finds out about a program.
const (
	pluginPinned  = "pinned"  // it is what the lock file says
	pluginChanged = "changed" // it is not
	pluginNew     = "new"     // the lock file does not know it
	pluginMissing = "missing" // the lock file knows it, but it is not there
)

func pluginsVerifyCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "compare programs of third parties with the lock file, or pin them",
		ArgsUsage: "[NAME…]",
		Description: `
Computes the SHA-256 of every program of a third party, or of those named, and compares it with the lock file,
$XDG_DATA_HOME/metaml/plugins.lock. With --pin the lock file takes over what is there now; with --unpin it forgets.
Nothing is executed. Exit status 7 says that a program is another one than was pinned.

A pinned plugin is only ever started with its checksum; one that is not pinned is started as it is. The checksum is that
of the program's file: keep programs in folders that only you can write, and know that a script imports more than itself.

example:
  $ metaml plugins verify hillclimb --pin
  $ metaml plugins verify
`,
		Flags: []cli.Flag{
			kindFlag(),
			&cli.BoolFlag{Name: "pin", Usage: "pin what is there now, new or changed"},
			&cli.BoolFlag{Name: "unpin", Usage: "forget the pins of the plugins named"},
		},
		Action: e.pluginsVerify,
	}
}

// verified is a program of a third party beside its pin.
type verified struct {
	Kind   plugins.Kind `json:"kind"`
	Name   string       `json:"name"`
	Status string       `json:"status"`
	SHA256 string       `json:"sha256,omitempty"`
	Pinned string       `json:"pinned_sha256,omitempty"`
	Path   string       `json:"path,omitempty"`

	sum []byte
}

func (e *environment) pluginsVerify(c *cli.Context) error {
	wanted, err := pluginKinds(c)
	if err != nil {
		return err
	}
	names := c.Args().Slice()
	pin, unpin := c.Bool("pin"), c.Bool("unpin")
	switch {
	case pin && unpin:
		return usagef("--pin and --unpin exclude each other")
	case unpin && len(names) == 0:
		return usagef("--unpin needs the names of plugins")
	}
	lock, err := e.pluginLock()
	if err != nil {
		return err
	}
	programs, err := e.verifyPrograms(wanted, names, lock)
	if err != nil {
		return err
	}
	if pin || unpin {
		if err := e.changePins(programs, &lock, pin); err != nil {
			return err
		}
	}
	if err := e.writeVerified(programs); err != nil {
		return err
	}
	return changedPrograms(programs)
}

// changedPrograms is an error that names the programs that are not what was pinned, nil if all are.
func changedPrograms(programs []verified) error {
	for _, p := range programs {
		if p.Status == pluginChanged {
			return fmt.Errorf("%s %s: %s: %w", p.Kind, p.Name, p.Path, plugins.ErrChecksum)
		}
	}
	return nil
}

// verifyPrograms compares the programs of those names, or all, with the lock file.
func (e *environment) verifyPrograms(kinds []plugins.Kind, names []string, lock plugins.Lock) ([]verified, error) {
	folders, err := e.pluginFolders()
	if err != nil {
		return nil, err
	}
	var all []verified
	for _, kind := range kinds {
		found := plugins.Find(kind, folders)
		for _, p := range found {
			if len(names) > 0 && !slices.Contains(names, p.Name) {
				continue
			}
			v, err := verifyProgram(p, lock)
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", kind, p.Name, err)
			}
			all = append(all, v)
		}
		for _, pin := range lock.Pins() {
			there := slices.ContainsFunc(found, func(p plugins.Program) bool { return p.Name == pin.Name })
			if pin.Kind == kind && !there && (len(names) == 0 || slices.Contains(names, pin.Name)) {
				all = append(all, verified{Kind: kind, Name: pin.Name, Status: pluginMissing, Pinned: pin.SHA256})
			}
		}
	}
	for _, name := range names {
		if !slices.ContainsFunc(all, func(v verified) bool { return v.Name == name }) {
			return nil, failf(exitNotFound, "%s is no program of a third party; metaml plugins list tells what there is", name)
		}
	}
	return all, nil
}

func verifyProgram(p plugins.Program, lock plugins.Lock) (verified, error) {
	sum, err := p.Checksum()
	if err != nil {
		return verified{}, err
	}
	v := verified{Kind: p.Kind, Name: p.Name, Path: p.Path, sum: sum, SHA256: fmt.Sprintf("%x", sum),
		Pinned: fmt.Sprintf("%x", lock.Checksum(p.Kind, p.Name))}
	switch v.Pinned {
	case "":
		v.Status = pluginNew
	case v.SHA256:
		v.Status = pluginPinned
	default:
		v.Status = pluginChanged
	}
	return v, nil
}

// changePins pins the programs that are there, or forgets them all, and writes the lock file.
func (e *environment) changePins(programs []verified, lock *plugins.Lock, pin bool) error {
	for i := range programs {
		switch v := &programs[i]; {
		case pin && v.sum != nil:
			lock.Set(v.Kind, v.Name, v.sum)
			v.Status, v.Pinned = pluginPinned, v.SHA256
		case !pin && lock.Remove(v.Kind, v.Name) && v.sum != nil:
			v.Status, v.Pinned = pluginNew, ""
		}
	}
	path, err := e.pluginLockPath()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return lock.Write(path)
}

func (e *environment) writeVerified(programs []verified) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int        `json:"schema_version"`
			Plugins       []verified `json:"plugins"`
		}{1, append([]verified{}, programs...)})
	case outputCSV:
		var rows [][]string
		for _, p := range programs {
			rows = append(rows, []string{string(p.Kind), p.Name, p.Status, p.SHA256, p.Pinned, p.Path})
		}
		return e.writeCSV([]string{"kind", "name", "status", "sha256", "pinned_sha256", "path"}, rows)
	}
	if len(programs) == 0 {
		_, err := fmt.Fprintln(e.stdout, "no programs of third parties")
		return err
	}
	t := term.NewTable(term.Column{Title: "kind"}, term.Column{Title: "name"}, term.Column{Title: "status"},
		term.Column{Title: "sha256"}, term.Column{Title: "path"})
	for _, p := range programs {
		t.Row(string(p.Kind), p.Name, p.Status, orDash(p.SHA256[:min(len(p.SHA256), 12)]), orDash(p.Path))
	}
	return t.Write(e.stdout, e.width(e.stdout))
}
