package space

import (
	_ "embed"
	"slices"
)

//go:embed space.schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of space files and of spaces as canonical JSON. It says what a
// schema can: names in conditions, defaults within their range and the like are checked by Parse and ParseYAML.
func Schema() []byte { return slices.Clone(schema) }
