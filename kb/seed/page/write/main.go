// Command write prints the page about the seed knowledge base; go generate puts it beside the seed.
package main

import (
	"fmt"
	"os"

	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/seed"
	"github.com/metaml/metaml/kb/seed/page"
)

func main() {
	set, err := pack.Decode(seed.Pack())
	if err == nil {
		err = page.Write(os.Stdout, set)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "page:", err)
		os.Exit(1)
	}
}
