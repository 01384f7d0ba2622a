// Package seed holds the knowledge base that comes with metaml: tasks, their meta-features, and the results of
// configurations that were really trained on them. README.md says how it was made.
package seed

import _ "embed"

//go:generate sh -c "go run ./page/write > README.md"

//go:embed seed.pack
var content []byte

// Pack returns the seed in the format of package kb/pack. It must not be modified.
func Pack() []byte { return content }
