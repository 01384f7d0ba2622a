package study

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

const journalLine = `{"fingerprint":"f","protocol":{"folds":3},"trial":{"id":4,"config":{"x":1},"seed":"9","status":"complete"},"stopped":true}` + "\n"

func TestReadJournal(t *testing.T) {
	whole, err := ReadJournal(strings.NewReader(journalLine + journalLine))
	if err != nil || len(whole) != 2 {
		t.Fatalf("%+v, %v", whole, err)
	}
	if f := whole[1]; f.Fingerprint != "f" || string(f.Protocol) != `{"folds":3}` || f.Trial.ID != 4 || f.Trial.Seed != 9 || !f.Stopped {
		t.Errorf("%+v", f)
	}
	for cut := range len(journalLine) {
		list, err := ReadJournal(strings.NewReader(journalLine + journalLine[:cut]))
		if err != nil || len(list) != 1 {
			t.Errorf("with %d bytes of a second line: %d lines, %v", cut, len(list), err)
		}
	}
	list, err := ReadJournal(strings.NewReader(journalLine + "half" + journalLine))
	if err == nil || !strings.Contains(err.Error(), "line 2: ") || len(list) != 1 {
		t.Errorf("a broken line: %d lines, %v", len(list), err)
	}
	failing := iotest.ErrReader(errors.ErrUnsupported)
	if _, err := ReadJournal(failing); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a failing disk: %v", err)
	}
}

// FuzzReadJournal: what a journal holds is a function of its complete lines, and what is read can be written again.
func FuzzReadJournal(f *testing.F) {
	for _, seed := range []string{journalLine, journalLine + journalLine[:50], "\n", "null\n", "{}\n[]\n", `{"trial":{"id":-1}}` + "\n", "\x00\x00\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ReadJournal(bytes.NewReader(data))
		whole := data[:bytes.LastIndexByte(data, '\n')+1]
		again, againErr := ReadJournal(bytes.NewReader(whole))
		if !reflect.DeepEqual(list, again) || (err == nil) != (againErr == nil) {
			t.Fatalf("an unfinished line changed %v, %v to %v, %v", again, againErr, list, err)
		}
		if err == nil && len(list) != bytes.Count(whole, []byte("\n")) {
			t.Fatalf("%d of the lines of %q", len(list), whole)
		}
		for _, done := range list {
			if _, err := json.Marshal(done); err != nil {
				t.Fatalf("%+v cannot be written: %v", done, err)
			}
		}
	})
}
