package main

import (
	"maps"
	"slices"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

func TestDelimiter(t *testing.T) {
	for value, want := range map[string]rune{"": 0, ",": ',', ";": ';', "tab": '\t', `\t`: '\t', "space": ' ', "|": '|', "§": '§'} {
		if got, err := delimiter(value); got != want || err != nil {
			t.Errorf("delimiter(%q) = %q, %v, want %q", value, got, err, want)
		}
	}
	if _, err := delimiter("::"); err == nil {
		t.Error("two characters were accepted")
	}
}

func TestKinds(t *testing.T) {
	got, err := kinds([]string{"age=numeric", "a=b=text"})
	if want := map[string]dataset.Kind{"age": dataset.Numeric, "a=b": dataset.Text}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, entry := range []string{"age", "=numeric", "age=", "age=number"} {
		if _, err := kinds([]string{entry}); codeOf(t.Context(), err) != exitUsage {
			t.Errorf("%q: %v is no usage error", entry, err)
		}
	}
}

func TestLeftOut(t *testing.T) {
	d := &dataset.Dataset{}
	if got := leftOut(d); got != "" {
		t.Errorf("nothing left out: %q", got)
	}
	for i := range 7 {
		d.Dropped = append(d.Dropped, dataset.Dropped{Name: string(rune('a' + i)), Kind: dataset.Text})
	}
	if got, want := leftOut(d), "a (text), b (text), c (text), d (text), e (text), 2 more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListValue(t *testing.T) {
	var l listValue
	for _, text := range []string{"a,b", `"c,d", e`, "f"} {
		if err := l.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a", "b", "c,d", "e", "f"}; !slices.Equal(l.items, want) {
		t.Errorf("got %q, want %q", l.items, want)
	}
	for _, items := range [][]string{nil, {"a"}, {""}, {"", "x"}, {"c,d", `say "hi"`, " e", "#2", "two\nlines\n"}} {
		var again listValue
		if text := (&listValue{items: items}).String(); text != "" {
			if err := again.Set(text); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(again.items, items) {
			t.Errorf("%q is %q when it is written and read", items, again.items)
		}
	}
	for _, text := range []string{`"a`, ""} {
		if err := l.Set(text); err == nil {
			t.Errorf("%q was accepted as a list", text)
		}
	}
}
