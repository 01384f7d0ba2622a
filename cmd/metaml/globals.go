package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/cmd/internal/settings"
)

// The values of --output.
const (
	outputTable = "table"
	outputJSON  = "json"
	outputCSV   = "csv"
)

// projectConfig is the project's configuration file, in the working folder.
const projectConfig = "metaml.yaml"

// globalFlags returns the flags that every command understands, new ones at each call.
func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "kb", Usage: "use the knowledge base in `FILE` only, instead of the seed and your own"},
		&cli.StringFlag{Name: "output", Value: outputTable, Usage: "write results as table, json or csv (`FORMAT`)"},
		&cli.BoolFlag{Name: "json", Usage: "the same as --output json"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "write results and errors only"},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "write more about what is done"},
		&cli.BoolFlag{Name: "no-color", Usage: "no colour and no cursor movement; also NO_COLOR or TERM=dumb"},
		&cli.Uint64Flag{Name: "seed", Usage: "seed `N` of every random choice"},
		&cli.DurationFlag{Name: "timeout", Usage: "stop after `TIME` such as 90s or 10m, with exit status 124"},
		&cli.BoolFlag{Name: "no-input", Usage: "never ask anything: what would ask fails instead"},
		&cli.StringFlag{Name: "config", Usage: "read settings from `FILE` instead of metaml.yaml and your config.yaml"},
		&cli.BoolFlag{Name: "version", Usage: "show the version"},
	}
}

// commandLineOnly are global flags that make no sense in a file or variable.
var commandLineOnly = [...]string{"json", "version", "config"}

// setting is a flag's value with where it came from, for `config show`.
type setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

// schema says which keys a configuration file may have.
func schema(global []cli.Flag, commands []*cli.Command) settings.Schema {
	s := settings.Schema{"": flagNames(global, commandLineOnly[:]...)}
	walk(commands, nil, func(above []*cli.Command, c *cli.Command) {
		if len(c.Flags) > 0 && !c.Hidden {
			s[fullName(above, c)] = flagNames(c.Flags)
		}
	})
	return s
}

func fullName(above []*cli.Command, c *cli.Command) string {
	line := argv.Line{Path: append(above[:len(above):len(above)], c)}
	return line.Name()
}

func flagNames(flags []cli.Flag, without ...string) []string {
	var names []string
	for _, f := range flags {
		name := f.Names()[0]
		if !strings.Contains(" "+strings.Join(without, " ")+" ", " "+name+" ") {
			names = append(names, name)
		}
	}
	return names
}

// applySettings gives the line's flags that were not on it the values that variables and files hold, and keeps the
// origin of each for `config show`.
func (e *environment) applySettings(line *argv.Line, global []cli.Flag, commands []*cli.Command) error {
	files, err := e.configFiles(line)
	if err != nil {
		return err
	}
	source, err := settings.Load(schema(global, commands), e.getenv, files...)
	if err != nil {
		return err
	}
	if err := fill(line, source, 0, "", global, commandLineOnly[:]); err != nil {
		return err
	}
	for depth := 1; depth <= len(line.Path); depth++ {
		c := line.Path[depth-1]
		if err := fill(line, source, depth, fullName(line.Path[:depth-1], c), c.Flags, nil); err != nil {
			return err
		}
	}
	e.settings = allSettings(line, source, global, commands)
	return nil
}

// fill adds what source holds for the flags at a depth that are not on the line.
func fill(line *argv.Line, source *settings.Source, depth int, section string, flags []cli.Flag, without []string) error {
	for _, name := range flagNames(flags, without...) {
		if line.Has(depth, name) || (name == "output" && line.Has(depth, "json")) {
			continue
		}
		v, _ := source.Lookup(section, name)
		f := argv.Find(flags, name)
		if v.List && !takesList(f) {
			return usagef("%s: %s takes one value, not a list", v.Origin, name)
		}
		for _, text := range v.Texts {
			if _, ok := f.(*cli.GenericFlag); ok && v.List {
				text = (&listValue{items: []string{text}}).String()
			}
			line.Given = append(line.Given, argv.Given{Flag: f, Depth: depth, Value: text, Origin: v.Origin + ": " + name})
		}
	}
	return nil
}

// takesList reports whether a flag may have several values.
func takesList(f cli.Flag) bool {
	switch f := f.(type) {
	case *cli.StringSliceFlag:
		return true
	case *cli.GenericFlag:
		_, ok := f.Value.(*listValue)
		return ok
	}
	return false
}

// allSettings lists every global flag, and those flags of commands that a variable or file sets.
func allSettings(line *argv.Line, source *settings.Source, global []cli.Flag, commands []*cli.Command) []setting {
	var all []setting
	for _, name := range flagNames(global, commandLineOnly[:]...) {
		s := setting{Key: name, Value: defaultText(argv.Find(global, name)), Origin: "default"}
		if v, ok := source.Lookup("", name); ok {
			s.Value, s.Origin = settingText(v), v.Origin
		}
		for _, g := range line.Given {
			if g.Flag.Names()[0] == name && strings.HasPrefix(g.Origin, "-") {
				s.Value, s.Origin = g.Value, "flag "+g.Origin
			}
			if g.Flag.Names()[0] == "json" && name == "output" {
				s.Value, s.Origin = outputJSON, "flag --json"
			}
		}
		all = append(all, s)
	}
	walk(commands, nil, func(above []*cli.Command, c *cli.Command) {
		section := fullName(above, c)
		for _, name := range flagNames(c.Flags) {
			if v, ok := source.Lookup(section, name); ok {
				all = append(all, setting{Key: section + "." + name, Value: settingText(v), Origin: v.Origin})
			}
		}
	})
	return all
}

// settingText is a value as it would stand after its flag.
func settingText(v settings.Value) string {
	if !v.List {
		return strings.Join(v.Texts, ",")
	}
	return (&listValue{items: v.Texts}).String()
}

// configFiles returns the configuration files to read, the strongest first.
func (e *environment) configFiles(line *argv.Line) ([]string, error) {
	named := e.getenv(settings.Variable("", "config"))
	for _, g := range line.Given {
		if g.Depth == 0 && g.Flag.Names()[0] == "config" {
			named = g.Value
		}
	}
	if named != "" {
		if err := mustExist("configuration file", named); err != nil {
			return nil, err
		}
		f, err := os.Open(named) // one that was asked for by name and cannot be read is not passed over
		if err != nil {
			return nil, err
		}
		return []string{named}, f.Close()
	}
	files := []string{projectConfig}
	if dir, err := e.configFolder(); err == nil {
		files = append(files, filepath.Join(dir, "config.yaml"))
	}
	return files, nil
}

// readGlobals fills e.globals from the parsed line.
func (e *environment) readGlobals(c *cli.Context) error {
	e.globals = globals{
		kb:      c.String("kb"),
		output:  c.String("output"),
		quiet:   c.Bool("quiet"),
		verbose: c.Bool("verbose"),
		seed:    c.Uint64("seed"),
		timeout: c.Duration("timeout"),
	}
	if c.Bool("json") {
		if c.IsSet("output") && e.output != outputJSON {
			return usagef("--json and --output %s contradict each other", e.output)
		}
		e.output = outputJSON
	}
	e.plain = c.Bool("no-color") || e.getenv("NO_COLOR") != "" || e.getenv("TERM") == "dumb"
	if e.timeout < 0 {
		return usagef("--timeout %s is negative", e.timeout)
	}
	return oneOf("--output", e.output, outputTable, outputJSON, outputCSV)
}

// defaultText is a flag's default as help and `config show` print it, empty for the zero value.
func defaultText(f cli.Flag) string {
	switch d := f.(type) {
	case *cli.StringFlag:
		return d.Value
	case *cli.IntFlag:
		return nonZero(d.Value)
	case *cli.Uint64Flag:
		return nonZero(d.Value)
	case *cli.Float64Flag:
		return nonZero(d.Value)
	case *cli.DurationFlag:
		return nonZero(d.Value)
	}
	return ""
}

func nonZero[T comparable](v T) string {
	var zero T
	if v == zero {
		return ""
	}
	return fmt.Sprint(v)
}
