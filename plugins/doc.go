// Package plugins runs optimizers and evaluators as processes of their own, in any language, and is what the author
// of such a program in Go calls. It finds programs, starts them with a chosen environment, shakes hands over
// go-plugin, translates between domain types and gRPC, watches limits, ends what does not end, and starts again what
// died. It is the only package that knows go-plugin and gRPC.
//
// The host's side: StartOptimizer and StartEvaluator return handles that are an optimizers.Optimizer and an
// optimizers.Evaluator, so that the loop cannot tell a process from a value; Find lists the programs of third parties
// and SelfCommand starts the running program again for its own optimizers.
//
// The author's side is a main function that calls ServeOptimizer or ServeEvaluator; the example of ServeOptimizer is a
// whole program, examples/hillclimb one that learns. Authors in Python find the like in python/README.md. Such a program
// is called metaml-optimizer-NAME or metaml-evaluator-NAME and is found beside metaml, in the plugin folder
// ($XDG_DATA_HOME/metaml/plugins) and on PATH:
//
//	go mod init example.com/hillclimb && go get github.com/metaml/metaml
//	go build -o ~/.local/share/metaml/plugins/metaml-optimizer-hillclimb .
//	metaml plugins info hillclimb
//	metaml bench optimizers --method hillclimb,random --problem branin,cash --seeds 10
//	metaml tune train.csv --target y --optimizer hillclimb
//
// # What an optimizer keeps to
//
// What it proposes follows from the problem, its settings and the trials told so far, and trial i draws from
// Problem.Stream(i) only. Then it can be killed and started again at any moment: the new process is told the log and
// goes on as if nothing had been. history.History does the keeping, its Batch the proposals that repeat nothing.
// A Suggestion needs ID and Config; Origin is a word for the step that made it, which people see.
//
// Settings reach Open as the user wrote them, in canonical JSON; the schema in the Description is shown to people, and
// enforced by nobody but Open: decode strictly (json.Decoder.DisallowUnknownFields) and return an error that says what
// is wrong, which is shown as it is.
//
// An optimizer is right when it passes optimizertest.Conform through its process, which also gives it copies of
// everything it is told:
//
//	program, err := plugins.Lookup(plugins.KindOptimizer, "hillclimb", []string{folder})
//	…
//	open := func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer {
//		o, err := plugins.StartOptimizer(tb.Context(), program.Name, program.Command(), p, nil, prior)
//		if err != nil {
//			tb.Fatal(err)
//		}
//		tb.Cleanup(func() { _ = o.Close() })
//		return o
//	}
//	optimizertest.Conform(t, open, optimizertest.Options{})
//
// # What happens to the process
//
// A program of a third party is started as it is found, unless a Lock pins its name to a checksum: then only the program
// that has it. Describe starts a plugin for once, to see whether it is one and what it can.
//
// A plugin must not write to standard output before it serves: the first line there is the handshake. What it writes
// to standard error is kept, and its end becomes part of the error when the process dies. When the host is gone, or
// asks the process to terminate, the process and its group end.
package plugins
