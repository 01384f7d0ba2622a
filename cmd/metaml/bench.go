package main

import "github.com/urfave/cli/v2"

// benchCommand groups the measurements of metaml itself; each has a file bench_NAME.go.
func benchCommand(e *environment) *cli.Command {
	return e.group("bench", "measure how good metaml's recommendations and optimizers are", `
Every claim about metaml is one of these commands; each prints a table, or JSON with --json.

example:
  $ metaml bench recommend --strategy posterior,greedy --k 1,5
`, benchCommands(e))
}

// benchCommands lists the commands of the group bench.
func benchCommands(e *environment) []*cli.Command {
	return []*cli.Command{benchRecommendCommand(e), benchSuggestCommand(e), benchTuneCommand(e), benchOptimizersCommand(e), benchParallelCommand(e), benchClaimsCommand(e), benchCostCommand(e), benchMetafeaturesCommand(e)}
}
