// Command metaml recommends machine-learning configurations for a dataset from what earlier runs on other data
// taught, tunes from there, and keeps what it learns. See the README for a tour.
package main

import (
	"context"
	"os"
)

func main() {
	ctx, stop := untilSignal(context.Background())
	code := run(ctx, processEnvironment(), os.Args[1:])
	stop()
	os.Exit(int(code))
}
