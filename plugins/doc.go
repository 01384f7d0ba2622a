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
// is called metaml-optimizer-NAME or metaml-evaluator-NAME and is found beside metaml, in the plugin folder and on PATH.
// An optimizer is right when it passes optimizertest.Conform through its process.
//
// A program of a third party is started as it is found, unless a Lock pins its name to a checksum: then only the program
// that has it. Describe starts a plugin for once, to see whether it is one and what it can.
//
// A plugin must not write to standard output before it serves: the first line there is the handshake. What it writes
// to standard error is kept, and its end becomes part of the error when the process dies. When the host is gone, or
// asks the process to terminate, the process and its group end.
package plugins
