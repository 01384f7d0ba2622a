package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/plugins"
)

// pluginsCommand groups the commands on optimizers and evaluators; each has a file plugins_NAME.go.
func pluginsCommand(e *environment) *cli.Command {
	return e.group("plugins", "list, look into and pin optimizers and evaluators", `
Optimizers and evaluators run as processes of their own. Some come with metaml; others are programs of third parties,
called metaml-optimizer-NAME or metaml-evaluator-NAME and found beside metaml, in $XDG_DATA_HOME/metaml/plugins and on
PATH. A built-in one cannot be replaced by a program of its name.

example:
  $ metaml plugins list
  $ metaml plugins info tpe
`, []*cli.Command{pluginsListCommand(e), pluginsInfoCommand(e), pluginsVerifyCommand(e)})
}

// kindFlag chooses among the kinds of plugins.
func kindFlag() cli.Flag {
	return &cli.StringFlag{Name: "kind", Usage: "only plugins of one `KIND`: optimizer or evaluator"}
}

// pluginKinds are those that the flag leaves, all without it.
func pluginKinds(c *cli.Context) ([]plugins.Kind, error) {
	all := []plugins.Kind{plugins.KindOptimizer, plugins.KindEvaluator}
	one := c.String("kind")
	if one == "" {
		return all, nil
	}
	return []plugins.Kind{plugins.Kind(one)}, oneOf("--kind", one, string(all[0]), string(all[1]))
}

// installed is a plugin that can be used, or would be if nothing built in had its name.
type installed struct {
	kind     plugins.Kind
	name     string
	path     string // empty: built in
	shadowed bool   // something built in has its name
	pin      string // the SHA-256 that it must have, empty for none
}

// installedPlugins lists the plugins of those kinds, the built-in ones of each kind first. It executes none.
func (e *environment) installedPlugins(kinds []plugins.Kind) ([]installed, error) {
	folders, err := e.pluginFolders()
	if err != nil {
		return nil, err
	}
	lock, err := e.pluginLock()
	if err != nil {
		return nil, err
	}
	var all []installed
	for _, kind := range kinds {
		builtin := builtinPlugins(kind)
		for _, name := range builtin {
			all = append(all, installed{kind: kind, name: name})
		}
		for _, p := range plugins.Find(kind, folders) {
			all = append(all, installed{kind: kind, name: p.Name, path: p.Path, shadowed: slices.Contains(builtin, p.Name),
				pin: fmt.Sprintf("%x", lock.Checksum(kind, p.Name))})
		}
	}
	return all, nil
}

// builtinPlugins names the plugins of a kind that come with metaml.
func builtinPlugins(kind plugins.Kind) []string {
	if kind == plugins.KindOptimizer {
		return bundledNames()
	}
	return append(slices.Sorted(maps.Keys(pythonEvaluators())), programEvaluator, functionEvaluator)
}

// pluginFolders are where programs of third parties are looked for.
func (e *environment) pluginFolders() ([]string, error) {
	data, err := e.dataFolder()
	if err != nil {
		return nil, err
	}
	return plugins.Folders(filepath.Join(data, "plugins")), nil
}

// pluginLockPath is the lock file, which pins what the user trusts.
func (e *environment) pluginLockPath() (string, error) {
	data, err := e.dataFolder()
	return filepath.Join(data, "plugins.lock"), err
}

func (e *environment) pluginLock() (plugins.Lock, error) {
	path, err := e.pluginLockPath()
	if err != nil {
		return plugins.Lock{}, err
	}
	return plugins.ReadLock(path)
}

// thirdPartyCommand says how to start a program metaml-KIND-NAME, which must be the one that the lock file pins, if it
// does.
func (e *environment) thirdPartyCommand(kind plugins.Kind, name string) (plugins.Command, error) {
	folders, err := e.pluginFolders()
	if err != nil {
		return plugins.Command{}, err
	}
	found := plugins.Find(kind, folders)
	i := slices.IndexFunc(found, func(p plugins.Program) bool { return p.Name == name })
	if i < 0 {
		known := builtinPlugins(kind)
		for _, p := range found {
			known = append(known, p.Name)
		}
		return plugins.Command{}, unknownPlugin(kind, name, known)
	}
	lock, err := e.pluginLock()
	command := found[i].Command()
	command.Checksum = lock.Checksum(kind, name)
	return command, err
}

func unknownPlugin(kind plugins.Kind, name string, known []string) error {
	return failf(exitNotFound, "there is no %s %q%s\na program metaml-%s-%s would be one, beside metaml, in its plugin folder or on PATH",
		kind, name, spelling.Hint(name, known), kind, name)
}
