package argv

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func globalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "output"},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}},
		&cli.DurationFlag{Name: "timeout"},
	}
}

func commands() []*cli.Command {
	return []*cli.Command{
		{
			Name: "suggest",
			Flags: []cli.Flag{
				&cli.StringFlag{Name: "target", Aliases: []string{"t"}, Required: true},
				&cli.IntFlag{Name: "k"},
				&cli.BoolFlag{Name: "explain"},
				&cli.StringSliceFlag{Name: "exclude"},
			},
		},
		{
			Name: "kb",
			Subcommands: []*cli.Command{
				{Name: "import", Flags: []cli.Flag{&cli.StringFlag{Name: "name"}}},
				{Name: "list", Aliases: []string{"ls"}},
			},
		},
		{Name: "raw", SkipFlagParsing: true},
		{Name: "secret", Hidden: true},
	}
}

// TestArgs holds the order that urfave/cli needs, whatever order the user chose.
func TestArgs(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", "metaml"},
		{"suggest x.csv --target y --k 3", "metaml suggest --target=y --k=3 -- x.csv"},
		{"suggest --target y --k 3 x.csv", "metaml suggest --target=y --k=3 -- x.csv"},
		{"--quiet suggest x.csv -t=y --output json", "metaml --quiet=true --output=json suggest --target=y -- x.csv"},
		{"suggest - --target -1", "metaml suggest --target=-1 -- -"},
		{"suggest --explain x.csv --target y", "metaml suggest --explain=true --target=y -- x.csv"},
		{"suggest --explain=false x.csv", "metaml suggest --explain=false -- x.csv"},
		{"suggest --target y -- --k 3", "metaml suggest --target=y -- --k 3"},
		{"suggest --k 010 --target 010", "metaml suggest --k=10 --target=010"}, // not octal
		{"suggest --exclude a x.csv --exclude b", "metaml suggest --exclude=a --exclude=b -- x.csv"},
		{"suggest --target a=b", "metaml suggest --target=a=b"},
		{"suggest --target= x", "metaml suggest --target= -- x"},
		{"suggest suggest help", "metaml suggest -- suggest help"},
		{"kb import dir -q --name n", "metaml --quiet=true kb import --name=n -- dir"},
		{"kb ls", "metaml kb list"},
		{"raw --anything -q -- x", "metaml raw --anything -q -- x"},
		{"secret x", "metaml secret -- x"},
	} {
		l, err := Parse(globalFlags(), commands(), strings.Fields(c.line))
		if err != nil {
			t.Errorf("%q: %v", c.line, err)
			continue
		}
		if got := strings.Join(l.Args("metaml"), " "); got != c.want {
			t.Errorf("%q: got %q, want %q", c.line, got, c.want)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	for line, want := range map[string]string{
		"sugest x":                       `unknown command "sugest"; did you mean suggest?`,
		"secrt":                          "unknown command \"secrt\"\nall commands", // hidden commands are no hint
		"kb imprt":                       `kb has no command "imprt"; did you mean import?`,
		"kb -- x":                        `kb has no command "x"`,
		"suggest --taget y":              "unknown flag --taget of suggest; did you mean --target?",
		"suggest -x":                     "unknown flag -x of suggest\nall flags", // any letter is near any other
		"suggest --hlep":                 "unknown flag --hlep of suggest; did you mean --help?",
		"--target y suggest x":           "unknown flag --target; a command's flags come after its name",
		"suggest x --target":             "--target needs a value",
		"suggest x --target y --k three": `--k: "three" is not a whole number`,
		"suggest x -t y --timeout 5":     `--timeout: "5" is not a time such as`,
		"suggest x -t y -q=perhaps":      `-q: "perhaps" is not true or false`,
		"suggest x":                      "suggest needs --target",
	} {
		l, err := Parse(globalFlags(), commands(), strings.Fields(line))
		if err == nil {
			err = l.Check()
		}
		if !errors.Is(err, ErrUsage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
}

func TestCheckValues(t *testing.T) {
	flags := []cli.Flag{
		&cli.BoolFlag{Name: "b"}, &cli.IntFlag{Name: "i"}, &cli.Uint64Flag{Name: "u"}, &cli.Float64Flag{Name: "f"},
		&cli.DurationFlag{Name: "d"}, &cli.StringFlag{Name: "s"},
	}
	for value, fine := range map[string]bool{
		"b=true": true, "b=1": true, "b=2": false,
		"i=-3": true, "i=1.5": false, "u=3": true, "u=-3": false, "f=1e-3": true, "f=x": false,
		"d=90s": true, "d=1h30m": true, "d=": false, "s=": true,
		"i=010": true, "i=0x10": false, "i=0b1": false, "i=1_000": false, "u=010": true, "u=0o7": false,
	} {
		l, err := Parse(flags, nil, []string{"--" + value})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Check(); (err == nil) != fine {
			t.Errorf("--%s: %v", value, err)
		}
	}
}

// TestVerbatimArguments: a command that reads its arguments itself gets them as they are.
func TestVerbatimArguments(t *testing.T) {
	cmds := commands()
	var got []string
	cmds[2].HideHelp = true
	cmds[2].Action = func(c *cli.Context) error { got = c.Args().Slice(); return nil }
	words := []string{"--k", "-q", "--", "x", ""}
	l, err := Parse(globalFlags(), cmds, append([]string{"-q", "raw"}, words...))
	if err != nil {
		t.Fatal(err)
	}
	app := &cli.App{Name: "metaml", Flags: globalFlags(), Commands: cmds, HideHelp: true}
	if err := app.Run(l.Args("metaml")); err != nil || !slices.Equal(got, words) {
		t.Errorf("got %q, want %q (%v)", got, words, err)
	}
}

func TestHelp(t *testing.T) {
	for line, want := range map[string]string{
		"--help": "", "-h": "", "help": "", "help suggest": "suggest", "suggest -h": "suggest",
		"suggest x --help --k 3": "suggest", "kb --help": "kb", "help kb import": "kb import",
	} {
		l, err := Parse(globalFlags(), commands(), strings.Fields(line))
		if err != nil || !l.Help || l.Name() != want {
			t.Errorf("%q: %v, help %v for %q", line, err, l != nil && l.Help, want)
		}
	}
	l, err := Parse(globalFlags(), commands(), []string{"suggest", "--", "--help"})
	if err != nil || l.Help || !slices.Equal(l.Words, []string{"--help"}) {
		t.Errorf("--help behind -- is an argument: %+v, %v", l, err)
	}
}

// TestReaches runs arranged lines through urfave/cli itself: values and arguments arrive where they belong.
func TestReaches(t *testing.T) {
	for _, line := range []string{"suggest help --k 3 --target y -q", "suggest help --k 03 --target y -q", "-q suggest --k=3 --target y help", "suggest -t y --k 3 -q=true -- help"} {
		cmds := commands()
		var k int
		var target, word string
		var quiet bool
		cmds[0].HideHelp = true
		cmds[0].Action = func(c *cli.Context) error {
			k, target, quiet, word = c.Int("k"), c.String("target"), c.Bool("quiet"), c.Args().First()
			return nil
		}
		global := globalFlags()
		l, err := Parse(global, cmds, strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		app := &cli.App{Name: "metaml", Flags: global, Commands: cmds, HideHelp: true}
		if err := app.Run(l.Args("metaml")); err != nil {
			t.Fatal(err)
		}
		if k != 3 || target != "y" || !quiet || word != "help" {
			t.Errorf("%q: k %d, target %q, quiet %v, word %q", line, k, target, quiet, word)
		}
	}
}

// FuzzParse: no line makes Parse panic, and an arranged line means the same when it is parsed again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"suggest x.csv --target y --k 3", "kb import -- --x", "help kb", "raw --a", "--output= -q", "suggest --target"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		l, err := Parse(globalFlags(), commands(), strings.Split(line, " "))
		if err != nil {
			if !errors.Is(err, ErrUsage) {
				t.Fatalf("%q: %v does not wrap ErrUsage", line, err)
			}
			return
		}
		if l.verbatim() {
			return
		}
		first := l.Args("metaml")
		again, err := Parse(globalFlags(), commands(), first[1:])
		if err != nil {
			t.Fatalf("%q: arranged as %q: %v", line, first, err)
		}
		if second := again.Args("metaml"); !slices.Equal(first, second) {
			t.Fatalf("%q: %q, then %q", line, first, second)
		}
	})
}

// TestWritten holds that the flags of a line, and they only, can be written again on another.
func TestWritten(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"suggest x.csv", ""},
		{"suggest -t=y x.csv --k 3", "--target y --k 3"},
		{"--quiet suggest --explain x.csv --target y", "--explain --target y"},
		{"suggest --explain=false --target=-1", "--explain=false --target=-1"},
		{"suggest --exclude a --exclude b --output json", "--exclude a --exclude b --output json"},
	} {
		line, err := Parse(globalFlags(), commands(), strings.Fields(c.line))
		if err != nil {
			t.Fatal(err)
		}
		line.Given = append(line.Given, Given{Flag: commands()[0].Flags[1], Depth: 1, Value: "9", Origin: "METAML_SUGGEST_K"})
		words := line.Written(func(flag string) bool { return flag != "quiet" })
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%q: written %q, want %q", c.line, got, c.want)
		}
		again, err := Parse(globalFlags(), commands(), append([]string{"suggest"}, words...))
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		if twice := again.Written(func(string) bool { return true }); !slices.Equal(twice, words) {
			t.Errorf("%q is %q when it is read and written again", words, twice)
		}
	}
}
