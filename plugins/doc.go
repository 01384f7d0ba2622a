// Package plugins runs optimizers and evaluators as processes of their own, in any language, and is what the author
// of such a program in Go calls. It finds programs, starts them with a chosen environment, shakes hands over
// go-plugin, translates between domain types and gRPC, watches limits, ends what does not end, and starts again what
// died. It is the only package that knows go-plugin and gRPC.
package plugins
