package yamldoc

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestValues(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want map[string]any
	}{
		{"", nil},
		{"# nothing\n", nil},
		{"\ufeffa: 1\n", map[string]any{"a": uint64(1)}},
		{"a: {b: [x, 2.5, null, true]}\n", map[string]any{"a": map[string]any{"b": []any{"x", 2.5, nil, true}}}},
		{"a: 1\n---\na: 2\n", map[string]any{"a": uint64(1)}},
	} {
		var got map[string]any
		if err := Values([]byte(tc.in), &got); err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%q: %#v, %v; want %#v", tc.in, got, err, tc.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		line     int
		want     string
	}{
		{"too long", strings.Repeat("#", MaxBytes+1), 0, "longer than"},
		{"open brackets", "a: 1\nb: " + strings.Repeat("[", MaxNesting+1), 2, "brackets are open"},
		{"indentation", "a:\n" + strings.Repeat(" ", MaxNesting+1) + "b: 1\n", 2, "indented by more"},
		{"list in list", strings.Repeat("- ", MaxNesting) + "a", 1, "indented by more"},
		{"not closed", "a: 1\nb: [1, 2\n", 2, "malformed YAML"},
		{"twice", "a: 1\na: 2\n", 2, "malformed YAML"},
		{"no mapping", "- a\n", 1, "malformed YAML"},
		{"alias", "a: &x [1]\n\nb: *x\n", 3, "aliases are not read"},
		{"billion laughs", laughs(), 2, "aliases are not read"},
	} {
		var got map[string]any
		err := Values([]byte(tc.in), &got)
		var failure *Error
		if !errors.As(err, &failure) || failure.Line != tc.line || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want line %d and %q", tc.name, err, tc.line, tc.want)
		}
	}
}

// laughs is a document of a kilobyte that expands to a billion entries.
func laughs() string {
	text, before := "a: &a [x, x, x, x, x, x, x, x, x]\n", "a"
	for name := 'b'; name < 'j'; name++ {
		text += string(name) + ": &" + string(name) + " [" + strings.Repeat("*"+before+", ", 8) + "*" + before + "]\n"
		before = string(name)
	}
	return text
}

// TestHostile repeats what makes careless parsers recurse without bound, or run for hours over the document or over the
// message of its error.
func TestHostile(t *testing.T) {
	for _, pattern := range []string{"[", "{a: ", "{", "- ", "? ", "a: ", "&a ", "!a ", "*a ", "|", "\"", "'", "- - -\n", "a:\n", "\t", "%"} {
		var got map[string]any
		err := Values([]byte(strings.Repeat(pattern, 60_000/len(pattern))), &got)
		var failure *Error
		if !errors.As(err, &failure) {
			t.Errorf("%q again and again: %v", pattern, err)
		}
	}
}

// FuzzValues checks that any document is read or refused in one line.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{"a: {b: [x, 2.5, null, true]}", "a: &x 1\nb: *x", "a: 'b''c'", "? [a]\n: b", "<<: {a: 1}", "a: |\n  b\n  c\n", "!!int \"1\": 2"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got map[string]any
		err := Values(data, &got)
		var failure *Error
		if err != nil && !errors.As(err, &failure) {
			t.Fatalf("%v is no *Error", err)
		}
	})
}
