package space

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/space/yamldoc"
)

// parseYAMLTree reads one YAML document. Anchors, aliases, merge keys and tags are refused: a space needs none,
// and they make a small file expand without bound.
func parseYAMLTree(data []byte) (tree, error) {
	file, err := yamldoc.Parse(data)
	var failure *yamldoc.Error
	if errors.As(err, &failure) && failure.Line > 0 {
		return tree{}, tree{line: failure.Line}.errorf("%w", failure.Reason)
	}
	if err != nil {
		return tree{}, invalidf("%w", err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case body != nil:
			return tree{}, tree{line: line(doc.Body)}.errorf("a second YAML document; a space file has one")
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return tree{}, invalidf("the document is empty")
	}
	return yamlTree(body, 0)
}

// line returns the line a node begins on.
func line(n ast.Node) int {
	if at := n.GetToken(); at != nil && at.Position != nil {
		return at.Position.Line
	}
	return 1
}

func yamlTree(n ast.Node, depth int) (tree, error) {
	t := tree{line: line(n)}
	if depth > maxDepth {
		return t, t.errorf("nested more than %d deep", maxDepth)
	}
	var err error
	switch n := n.(type) {
	case *ast.MappingNode:
		t.kind = treeMapping
		for _, pair := range n.Values {
			if err = t.addPair(pair, depth); err != nil {
				return t, err
			}
		}
		return t, t.checkKeys()
	case *ast.MappingValueNode:
		t.kind = treeMapping
		return t, t.addPair(n, depth)
	case *ast.SequenceNode:
		t.kind = treeList
		for _, value := range n.Values {
			item, err := yamlTree(value, depth+1)
			if err != nil {
				return t, err
			}
			t.items = append(t.items, item)
		}
		return t, nil
	default:
		t.scalar, err = yamlScalar(n)
	}
	if err != nil {
		err = t.errorf("%w", err)
	}
	return t, err
}

func (t *tree) addPair(pair *ast.MappingValueNode, depth int) error {
	key, ok := pair.Key.(ast.ScalarNode)
	if _, merge := pair.Key.(*ast.MergeKeyNode); merge || !ok {
		return tree{line: line(pair.Key)}.errorf("a key must be a plain word, not %s", pair.Key.Type())
	}
	item, err := yamlTree(pair.Value, depth+1)
	if err != nil {
		return err
	}
	item.line = line(pair.Key)
	t.keys = append(t.keys, key.GetToken().Value)
	t.items = append(t.items, item)
	return nil
}

// plainNumber matches numbers that the parser takes for strings but YAML 1.2 and JSON do not, such as 1e-4.
var plainNumber = regexp.MustCompile(`^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$`)

// leadingZero matches 010, which is 8 to some readers of YAML, 10 to others, and the text 089 to this parser.
var leadingZero = regexp.MustCompile(`^[-+]?0[0-9]+$`)

func yamlScalar(n ast.Node) (Value, error) {
	var v Value
	if at := n.GetToken(); at != nil && at.Type != token.DoubleQuoteType && at.Type != token.SingleQuoteType && leadingZero.MatchString(at.Value) {
		return v, fmt.Errorf("%s: write a number without the leading 0, a text in quotes", at.Value)
	}
	switch n := n.(type) {
	case *ast.NullNode:
		return v, nil
	case *ast.BoolNode:
		return Bool(n.Value), nil
	case *ast.StringNode:
		if n.Token.Type == token.StringType && plainNumber.MatchString(n.Value) {
			err := v.parseNumber(n.Value)
			return v, err
		}
		return String(n.Value), nil
	case *ast.LiteralNode:
		return String(n.Value.Value), nil
	case *ast.IntegerNode:
		return yamlInteger(n)
	case *ast.FloatNode:
		v = Float(n.Value)
	case *ast.InfinityNode, *ast.NanNode:
		return v, errors.New("infinities and NaN are no values")
	default:
		return v, fmt.Errorf("a space file cannot contain a YAML %s", n.Type())
	}
	return v, v.check()
}

func yamlInteger(n *ast.IntegerNode) (Value, error) {
	var magnitude uint64
	var v Value
	switch i := n.Value.(type) {
	case int64:
		magnitude, v = uint64(max(i, -i)), Int(i)
	case uint64:
		magnitude, v = i, Int(int64(i))
	default:
		return v, fmt.Errorf("%s is no number", n.GetToken().Value)
	}
	if magnitude > canonical.MaxInteger {
		return v, fmt.Errorf("integer %s is beyond 2^53", n.GetToken().Value)
	}
	return v, nil
}
