// Package argv reads a command line for urfave/cli, which on its own takes every flag after the first positional
// argument for an argument. It finds the command, lets flags stand anywhere (until "--"), names unknown ones and
// wrong values, and gives the line back in the order that urfave/cli understands.
package argv

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/optimizers/space/spelling"
)

// ErrUsage is wrapped by every error about a command line that does not make sense.
var ErrUsage = errors.New("wrong usage")

// Given is one value for a flag and where it came from.
type Given struct {
	Flag   cli.Flag
	Depth  int    // 0 for a global flag, otherwise the position of its command in Line.Path, counted from 1
	Value  string // "true" for a switch given without a value
	Origin string // how the user wrote it, such as "--k" or "METAML_KB"; begins the message when it is wrong
}

// Line is a command line understood: the command and its parents, the values of flags in the order given, and the
// positional arguments.
type Line struct {
	Path  []*cli.Command
	Given []Given
	Words []string
	Help  bool // --help or -h was among the flags

	global   []cli.Flag
	commands []*cli.Command
}

// Parse reads args (without the program's name) for an application with these global flags and commands. Its errors
// wrap ErrUsage. "help COMMAND" is read as "COMMAND --help". The values of flags are not checked yet: see Check.
func Parse(global []cli.Flag, commands []*cli.Command, args []string) (*Line, error) {
	l := &Line{global: global, commands: commands}
	if len(args) > 0 && args[0] == "help" {
		l.Help, args = true, args[1:]
	}
	for len(args) > 0 {
		a := args[0]
		args = args[1:]
		switch {
		case l.verbatim():
			l.Words = append(l.Words, a)
		case a == "--":
			l.Words = append(l.Words, args...)
			return l, l.checkCommand()
		case a == "-" || !strings.HasPrefix(a, "-"):
			if err := l.word(a); err != nil {
				return nil, err
			}
		default:
			rest, err := l.flag(a, args)
			if err != nil {
				return nil, err
			}
			args = rest
		}
	}
	return l, l.checkCommand()
}

// Command returns the command the line names, nil for none.
func (l *Line) Command() *cli.Command {
	if len(l.Path) == 0 {
		return nil
	}
	return l.Path[len(l.Path)-1]
}

// Name returns the command's full name, such as "kb import".
func (l *Line) Name() string {
	var names []string
	for _, c := range l.Path {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

// Has reports whether the flag of that primary name at that depth has a value.
func (l *Line) Has(depth int, name string) bool {
	return slices.ContainsFunc(l.Given, func(g Given) bool { return g.Depth == depth && g.Flag.Names()[0] == name })
}

// Args returns the line in urfave/cli's order: each command followed by its flags, then "--" and the positionals.
func (l *Line) Args(program string) []string {
	out := append([]string{program}, l.flagArgs(0)...)
	for i, c := range l.Path {
		out = append(out, c.Name)
		out = append(out, l.flagArgs(i+1)...)
	}
	if len(l.Words) > 0 && !l.verbatim() {
		out = append(out, "--")
	}
	return append(out, l.Words...)
}

// Written returns the flags that stand on the line itself and are wanted by their primary name, with their values, as
// words of another line.
func (l *Line) Written(wanted func(flag string) bool) []string {
	var out []string
	for _, g := range l.Given {
		name := g.Flag.Names()[0]
		if !strings.HasPrefix(g.Origin, "-") || !wanted(name) {
			continue
		}
		switch {
		case !TakesValue(g.Flag) && g.Value == "true":
			out = append(out, "--"+name)
		case !TakesValue(g.Flag) || strings.HasPrefix(g.Value, "-"):
			out = append(out, "--"+name+"="+g.Value)
		default:
			out = append(out, "--"+name, g.Value)
		}
	}
	return out
}

func (l *Line) flagArgs(depth int) []string {
	var out []string
	for _, g := range l.Given {
		if g.Depth == depth {
			out = append(out, "--"+g.Flag.Names()[0]+"="+decimal(g.Flag, g.Value))
		}
	}
	return out
}

// decimal returns the value of a whole number without leading zeros, which urfave/cli takes for the sign of an octal
// number; any other value as it is.
func decimal(f cli.Flag, value string) string {
	switch f.(type) {
	case *cli.IntFlag, *cli.Int64Flag:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
	case *cli.UintFlag, *cli.Uint64Flag:
		if n, err := strconv.ParseUint(value, 10, 64); err == nil {
			return strconv.FormatUint(n, 10)
		}
	}
	return value
}

// verbatim reports whether the command reads its arguments itself.
func (l *Line) verbatim() bool { return l.Command() != nil && l.Command().SkipFlagParsing }

// word takes a word that is no flag: the next part of the command's name, or a positional argument.
func (l *Line) word(w string) error {
	below := l.Below()
	if len(below) == 0 {
		l.Words = append(l.Words, w)
		return nil
	}
	var names []string
	for _, c := range below {
		if c.HasName(w) {
			l.Path = append(l.Path, c)
			return nil
		}
		if !c.Hidden {
			names = append(names, c.Names()...)
		}
	}
	if l.Command() == nil {
		return fmt.Errorf("unknown command %q%s\nall commands: metaml --help: %w", w, spelling.Hint(w, names), ErrUsage)
	}
	return fmt.Errorf("%s has no command %q%s\nits commands: metaml %s --help: %w",
		l.Name(), w, spelling.Hint(w, names), l.Name(), ErrUsage)
}

// Below returns the commands that may follow.
func (l *Line) Below() []*cli.Command {
	if c := l.Command(); c != nil {
		return c.Subcommands
	}
	return l.commands
}

func (l *Line) checkCommand() error {
	if len(l.Words) > 0 && len(l.Below()) > 0 {
		return l.word(l.Words[0])
	}
	return nil
}

// flag takes a flag and, where it needs one, its value from rest; it returns what is left of rest.
func (l *Line) flag(a string, rest []string) ([]string, error) {
	written, value, hasValue := strings.Cut(a, "=")
	name := strings.TrimLeft(written, "-")
	if name == "help" || name == "h" {
		l.Help = true
		return rest, nil
	}
	f, depth := l.lookup(name)
	if f == nil {
		return nil, l.unknownFlag(written, name)
	}
	if !hasValue {
		switch {
		case !TakesValue(f):
			value = "true"
		case len(rest) == 0:
			return nil, fmt.Errorf("%s needs a value: %w", written, ErrUsage)
		default:
			value, rest = rest[0], rest[1:]
		}
	}
	l.Given = append(l.Given, Given{Flag: f, Depth: depth, Value: value, Origin: written})
	return rest, nil
}

// lookup finds a flag of the innermost command that has one of that name.
func (l *Line) lookup(name string) (cli.Flag, int) {
	for depth := len(l.Path); depth > 0; depth-- {
		if f := Find(l.Path[depth-1].Flags, name); f != nil {
			return f, depth
		}
	}
	return Find(l.global, name), 0
}

func (l *Line) unknownFlag(written, name string) error {
	names := []string{"--help"}
	flags, of, help := l.global, "", "metaml --help"
	for _, c := range l.Path {
		flags = append(slices.Clone(flags), c.Flags...)
		of, help = " of "+l.Name(), "metaml "+l.Name()+" --help"
	}
	for _, f := range flags {
		for _, n := range f.Names() {
			names = append(names, Dashed(n))
		}
	}
	hint := ""
	if len(name) > 1 { // any letter is near any other
		hint = spelling.Hint(Dashed(name), names)
	}
	if hint == "" && len(l.Path) == 0 {
		hint = "; a command's flags come after its name"
	}
	return fmt.Errorf("unknown flag %s%s%s\nall flags: %s: %w", written, of, hint, help, ErrUsage)
}

// Find returns the flag that has the name among its names, nil for none.
func Find(flags []cli.Flag, name string) cli.Flag {
	for _, f := range flags {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

// TakesValue reports whether f is followed by a value; a switch is not.
func TakesValue(f cli.Flag) bool {
	d, ok := f.(cli.DocGenerationFlag)
	return !ok || d.TakesValue()
}

// Dashed writes a flag's name as users type it.
func Dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// Check returns an error wrapping ErrUsage for the first value that its flag cannot read, or for a required flag
// without a value.
func (l *Line) Check() error {
	for _, g := range l.Given {
		if err := checkValue(g.Flag, g.Value); err != nil {
			return fmt.Errorf("%s: %w: %w", g.Origin, err, ErrUsage)
		}
	}
	for depth := 1; depth <= len(l.Path); depth++ {
		for _, f := range l.Path[depth-1].Flags {
			required, ok := f.(cli.RequiredFlag)
			if name := f.Names()[0]; ok && required.IsRequired() && !l.Has(depth, name) {
				return fmt.Errorf("%s needs %s; see metaml %s --help: %w", l.Name(), Dashed(name), l.Name(), ErrUsage)
			}
		}
	}
	return nil
}

// checkValue tries a value on the parser that the flag's type will use. Whole numbers are decimal.
func checkValue(f cli.Flag, value string) error {
	var err error
	needs := ""
	switch f.(type) {
	case *cli.BoolFlag:
		_, err = strconv.ParseBool(value)
		needs = "true or false"
	case *cli.IntFlag, *cli.Int64Flag:
		_, err = strconv.ParseInt(value, 10, 64)
		needs = "a whole number"
	case *cli.UintFlag, *cli.Uint64Flag:
		_, err = strconv.ParseUint(value, 10, 64)
		needs = "a whole number from 0 on"
	case *cli.Float64Flag:
		_, err = strconv.ParseFloat(value, 64)
		needs = "a number"
	case *cli.DurationFlag:
		_, err = time.ParseDuration(value)
		needs = "a time such as 90s, 10m or 1h30m"
	}
	if err != nil {
		return fmt.Errorf("%q is not %s", value, needs)
	}
	return nil
}
