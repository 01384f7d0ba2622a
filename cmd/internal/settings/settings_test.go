package settings

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func testSchema() Schema {
	return Schema{
		"":          {"kb", "output", "quiet", "seed"},
		"suggest":   {"k", "exclude", "explain"},
		"kb import": {"name"},
	}
}

// file writes a configuration file and returns its path.
func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "metaml.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPrecedenceAndOrigin(t *testing.T) {
	strong := file(t, "output: json\nsuggest:\n  k: 3\n")
	weak := file(t, "output: csv\nseed: 7\nkb import:\n  name: n\n")
	vars := map[string]string{"METAML_SUGGEST_K": "5", "METAML_KB_IMPORT_NAME": "", "METAML_QUIET": "1"}
	s, err := Load(testSchema(), func(v string) string { return vars[v] }, strong, filepath.Join(t.TempDir(), "none.yaml"), weak)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ section, name, value, origin string }{
		{"suggest", "k", "5", "METAML_SUGGEST_K"},
		{"", "quiet", "1", "METAML_QUIET"},
		{"", "output", "json", strong + ":1"},
		{"", "seed", "7", weak + ":2"},
		{"kb import", "name", "n", weak + ":4"}, // an empty variable is not set
	} {
		v, ok := s.Lookup(c.section, c.name)
		if !ok || !slices.Equal(v.Texts, []string{c.value}) || v.Origin != c.origin {
			t.Errorf("%s %s: %+v %v, want %q from %q", c.section, c.name, v, ok, c.value, c.origin)
		}
	}
	if v, ok := s.Lookup("", "kb"); ok {
		t.Errorf("kb is not set anywhere, got %+v", v)
	}
}

func TestValues(t *testing.T) {
	path := file(t, `
# kinds of values
seed: 12
output: "json"
quiet: true
suggest:
  explain: false
  exclude: [id, "a,b", 3, 1.0, -2.50, 007]
`)
	s, err := Load(testSchema(), func(string) string { return "" }, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		section, name string
		want          []string
	}{
		{"", "seed", []string{"12"}}, {"", "output", []string{"json"}}, {"", "quiet", []string{"true"}},
		{"suggest", "explain", []string{"false"}}, {"suggest", "exclude", []string{"id", "a,b", "3", "1.0", "-2.50", "007"}},
	} {
		v, _ := s.Lookup(c.section, c.name)
		if !slices.Equal(v.Texts, c.want) || v.List != (c.name == "exclude") {
			t.Errorf("%s %s: %q (list %v), want %q", c.section, c.name, v.Texts, v.List, c.want)
		}
	}
}

func TestInvalidFiles(t *testing.T) {
	for text, want := range map[string]string{
		"seed: 1\notput: json":               `:2: unknown key "otput"; did you mean output?`,
		"sugest:\n  k: 3":                    `:1: unknown key "sugest"; did you mean suggest?`,
		"suggest:\n  kk: 3":                  `:2: unknown key "kk" of suggest; did you mean k?`,
		"suggest: 3":                         `:1: "suggest" is a command, which needs its flags below it`,
		"kb import: [a]":                     `:1: "kb import" is a command, which needs its flags below it`,
		"seed:":                              `"seed" needs a plain value`,
		"seed: {a: 1}":                       `"seed" needs a plain value`,
		"suggest:\n  exclude: [[1]]":         `"exclude" needs a plain value`,
		"- a\n- b":                           "expected keys with values",
		"just words":                         "expected keys with values",
		"seed: [1":                           "metaml.yaml:1: no YAML: ",
		"quiet: true\nseed: [1\n":            "metaml.yaml:2: no YAML: ",
		"seed: 1\nseed: 2":                   "metaml.yaml:2: ",
		"suggest:\n  k: 1\nsuggest:\n  k: 2": "metaml.yaml",
	} {
		_, err := Load(testSchema(), func(string) string { return "" }, file(t, text))
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	for _, text := range []string{"", "# nothing\n", "---\n", "{}"} {
		if _, err := Load(testSchema(), func(string) string { return "" }, file(t, text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFolderInPlaceOfFile(t *testing.T) {
	if _, err := Load(testSchema(), func(string) string { return "" }, t.TempDir()); err == nil {
		t.Error("a folder was read as settings")
	}
}

func TestVariable(t *testing.T) {
	for _, c := range []struct{ section, name, want string }{
		{"", "no-color", "METAML_NO_COLOR"}, {"suggest", "k", "METAML_SUGGEST_K"}, {"kb import", "row-cap", "METAML_KB_IMPORT_ROW_CAP"},
	} {
		if got := Variable(c.section, c.name); got != c.want {
			t.Errorf("Variable(%q, %q) = %q, want %q", c.section, c.name, got, c.want)
		}
	}
}

// FuzzParse: no text makes the reader panic, and every refusal says so by ErrInvalid.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"seed: 1", "suggest:\n  k: 3", "{", "? a\n: b", "&a [*a]", "seed: !!binary x", "<<: {seed: 1}", "seed: |\n  a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := parse(testSchema(), "metaml.yaml", text); err != nil && !errors.Is(err, ErrInvalid) {
			t.Fatal(err)
		}
	})
}
