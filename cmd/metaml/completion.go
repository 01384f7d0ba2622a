package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/argv"
	"github.com/metaml/metaml/optimizers/space/spelling"
)

// completeCommand is the hidden command that the shells' scripts ask for candidates.
const completeCommand = "__complete"

// completionScripts are the shells' scripts: each gives the words typed so far to completeCommand, the unfinished
// one last, and takes a candidate per line; without candidates the shell offers files.
var completionScripts = map[string]string{
	"bash": `_metaml() {
	local IFS=$'\n'
	COMPREPLY=($(metaml ` + completeCommand + ` "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _metaml metaml
`,
	"zsh": `#compdef metaml
_metaml() {
	local -a candidates
	candidates=(${(f)"$(metaml ` + completeCommand + ` "${(@)words[2,CURRENT]}" 2>/dev/null)"})
	if (( ${#candidates} )); then compadd -- $candidates; else _files; fi
}
compdef _metaml metaml
`,
	"fish": `complete -c metaml -a '(metaml ` + completeCommand + ` (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
}

func completionCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a script that completes commands and flags in your shell",
		ArgsUsage: "bash|zsh|fish",
		Description: `
Load it in the shell's start file:

  bash  source <(metaml completion bash)
  zsh   source <(metaml completion zsh)
  fish  metaml completion fish | source

example:
  $ metaml completion bash > metaml-completion.bash
`,
		Action: func(c *cli.Context) error {
			if err := positionals(c, "SHELL"); err != nil {
				return err
			}
			shell := c.Args().First()
			script, ok := completionScripts[shell]
			if !ok {
				shells := []string{"bash", "fish", "zsh"}
				return usagef("no completion for %q; there is one for %s%s", shell, strings.Join(shells, ", "), spelling.Hint(shell, shells))
			}
			_, err := io.WriteString(e.stdout, script)
			return err
		},
	}
}

func candidatesCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:            completeCommand,
		Hidden:          true,
		SkipFlagParsing: true,
		Action: func(c *cli.Context) error {
			for _, candidate := range candidates(globalFlags(), e.commands(), c.Args().Slice()) {
				if _, err := fmt.Fprintln(e.stdout, candidate); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// candidates returns what may stand in place of the last word, which is unfinished: commands or flags. There are
// none where a flag's value or a file is expected.
func candidates(global []cli.Flag, commands []*cli.Command, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	unfinished := words[len(words)-1]
	line, err := argv.Parse(global, commands, words[:len(words)-1])
	if err != nil || slices.Contains(words[:len(words)-1], "--") {
		return nil
	}
	var all []string
	if strings.HasPrefix(unfinished, "-") {
		flags := slices.Clone(global)
		for _, c := range line.Path {
			flags = append(flags, c.Flags...)
		}
		for _, f := range flags {
			all = append(all, argv.Dashed(f.Names()[0]))
		}
		all = append(all, "--help")
	} else {
		for _, c := range line.Below() {
			if !c.Hidden {
				all = append(all, c.Name)
			}
		}
	}
	return slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, unfinished) })
}
