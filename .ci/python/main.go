// Command python makes the environment in which the Python package is checked and tested, unless it is there
// already, and prints the path of its interpreter.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/python"
)

func main() {
	env, err := pyenv.Ensure(context.Background(), pyenv.Options{
		Locks:    [][]byte{python.SklearnLock, python.DevelopmentLock},
		Progress: func(line string) { fmt.Fprintln(os.Stderr, line) },
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "metaml:", err)
		os.Exit(1)
	}
	fmt.Println(env.Python)
}
