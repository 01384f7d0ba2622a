package main

import "github.com/urfave/cli/v2"

// kbCommand groups the commands on the knowledge base; each has a file kb_NAME.go.
func kbCommand(e *environment) *cli.Command {
	return e.group("kb", "look into, fill and check the knowledge base", `
The knowledge base holds tasks with their meta-features and the results of configurations on them. Without --kb it
is the seed that comes with metaml plus your own; with --kb FILE it is that file only.

example:
  $ metaml kb stats
  $ metaml kb nearest churn.csv --target churned
`, kbCommands(e))
}

// kbCommands lists the commands of the group kb.
func kbCommands(e *environment) []*cli.Command {
	return []*cli.Command{
		kbListCommand(e),
		kbShowCommand(e),
		kbSearchCommand(e),
		kbNearestCommand(e),
		kbImportCommand(e),
		kbExportCommand(e),
		kbGrowCommand(e),
		kbStatsCommand(e),
		kbVerifyCommand(e),
	}
}
