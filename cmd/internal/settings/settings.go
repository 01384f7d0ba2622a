// Package settings finds the values of flags that were not given on the command line: in METAML_* environment
// variables, in the project's metaml.yaml and in the user's config.yaml, in that order, each with its origin.
//
// A file's top-level keys are global flags; a key that is a command's full name holds that command's flags:
//
//	output: json
//	suggest:
//	  k: 3
//	kb import:
//	  kb: team.db
//
// The variables are METAML_OUTPUT, METAML_SUGGEST_K, and so on.
package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/metaml/metaml/optimizers/space/spelling"
)

// ErrInvalid is wrapped by errors about a configuration file that cannot be read as settings.
var ErrInvalid = errors.New("invalid configuration")

// Value is a setting's value and where it was found.
type Value struct {
	Texts  []string // as a flag would be given it; the items where List
	List   bool     // a file's list: each text is one item, whatever is in it
	Origin string   // "METAML_K" or "metaml.yaml:3"
}

// Schema says which keys exist: the names of flags by section; "" is the section of the global flags, every other
// one a command's full name.
type Schema map[string][]string

// key is a flag's name within a section.
type key struct{ section, name string }

// Source answers for one process's environment and files.
type Source struct {
	getenv func(string) string
	files  []map[key]Value // the strongest first
}

// Load reads those of the files that exist, the strongest first. A key that schema does not know is an error that
// wraps ErrInvalid and names its place and the nearest key that exists.
func Load(schema Schema, getenv func(string) string, files ...string) (*Source, error) {
	s := &Source{getenv: getenv}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("configuration: %w", err)
		}
		values, err := parse(schema, f, text)
		if err != nil {
			return nil, err
		}
		s.files = append(s.files, values)
	}
	return s, nil
}

// Variable returns the environment variable of a flag: METAML_, the section's words, the flag's name.
func Variable(section, name string) string {
	words := strings.TrimSpace(section + " " + name)
	return "METAML_" + strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(words))
}

// Lookup returns the value of a flag, and whether there is one. An empty variable counts as not set.
func (s *Source) Lookup(section, name string) (Value, bool) {
	variable := Variable(section, name)
	if v := s.getenv(variable); v != "" {
		return Value{Texts: []string{v}, Origin: variable}, true
	}
	for _, f := range s.files {
		if v, ok := f[key{section, name}]; ok {
			return v, true
		}
	}
	return Value{}, false
}

func parse(schema Schema, file string, text []byte) (map[key]Value, error) {
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), "\n")
		place := file
		if line, rest, ok := position(message); ok {
			place, message = fmt.Sprintf("%s:%d", file, line), rest
		}
		return nil, fmt.Errorf("%s: no YAML: %s: %w", place, message, ErrInvalid)
	}
	r := reader{schema: schema, file: file, values: map[key]Value{}}
	for _, doc := range tree.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue
		}
		if err := r.section("", doc.Body); err != nil {
			return nil, err
		}
	}
	return r.values, nil
}

// position takes the parser's message "[LINE:COLUMN] text" apart.
func position(message string) (line int, text string, ok bool) {
	place, text, ok := strings.Cut(message, "] ")
	if !ok {
		return 0, message, false
	}
	_, err := fmt.Sscanf(place, "[%d:", &line)
	return line, text, err == nil
}

// reader collects one file's values.
type reader struct {
	schema Schema
	file   string
	values map[key]Value
}

func (r *reader) place(n ast.Node) string {
	return fmt.Sprintf("%s:%d", r.file, n.GetToken().Position.Line)
}

// section reads a mapping of flags; at the top level, also the sections of commands.
func (r *reader) section(section string, n ast.Node) error {
	for _, pair := range pairs(n) {
		name := pair.Key.GetToken().Value
		_, isSection := r.schema[name]
		mapping := pair.Value.Type() == ast.MappingType || pair.Value.Type() == ast.MappingValueType
		var err error
		switch {
		case section == "" && isSection && name != "" && mapping:
			err = r.section(name, pair.Value)
		case slices.Contains(r.schema[section], name):
			err = r.value(key{section, name}, pair)
		default:
			err = r.unknown(section, name, pair)
		}
		if err != nil {
			return err
		}
	}
	if pairs(n) == nil {
		return fmt.Errorf("%s: expected keys with values (key: value): %w", r.place(n), ErrInvalid)
	}
	return nil
}

func (r *reader) unknown(section, name string, pair *ast.MappingValueNode) error {
	known := slices.Clone(r.schema[section])
	of := ""
	if _, isSection := r.schema[name]; section == "" && isSection && name != "" {
		return fmt.Errorf("%s: %q is a command, which needs its flags below it: %w", r.place(pair.Key), name, ErrInvalid)
	}
	if section == "" {
		for s := range r.schema {
			known = append(known, s)
		}
		slices.Sort(known)
	} else {
		of = " of " + section
	}
	return fmt.Errorf("%s: unknown key %q%s%s: %w", r.place(pair.Key), name, of, spelling.Hint(name, known), ErrInvalid)
}

func (r *reader) value(k key, pair *ast.MappingValueNode) error {
	v := Value{Origin: r.place(pair.Key)}
	nodes := []ast.Node{pair.Value}
	if list, ok := pair.Value.(*ast.SequenceNode); ok {
		nodes, v.List = list.Values, true
	}
	for _, n := range nodes {
		scalar, ok := n.(ast.ScalarNode)
		if !ok || n.Type() == ast.NullType {
			return fmt.Errorf("%s: %q needs a plain value: %w", r.place(pair.Key), k.name, ErrInvalid)
		}
		v.Texts = append(v.Texts, written(scalar))
	}
	r.values[k] = v
	return nil
}

// written is a scalar's text; that of a number is the one in the file, so that a column called 1.0 keeps its name.
func written(scalar ast.ScalarNode) string {
	switch scalar.Type() {
	case ast.IntegerType, ast.FloatType:
		return scalar.GetToken().Value
	}
	return fmt.Sprint(scalar.GetValue())
}

// pairs returns a mapping's entries, nil when n is no mapping.
func pairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}
