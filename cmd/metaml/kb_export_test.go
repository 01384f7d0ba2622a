package main

import (
	"strings"
	"testing"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
)

// TestExportSaysWhatStaysOut: of 60 tasks one is private.
func TestExportSaysWhatStaysOut(t *testing.T) {
	path := madeKnowledge(t)
	k, err := kb.Open(t.Context(), kb.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	set, err := k.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	label := &record.Label{Task: set.Labels[0].Task, Name: "of mine alone", Tags: []string{record.Private}}
	if _, err := k.Add(t.Context(), label); err != nil {
		t.Fatal(err)
	}
	if err := k.Close(); err != nil {
		t.Fatal(err)
	}
	e, stdout, stderr := testEnvironment()
	if code := run(t.Context(), e, []string{"kb", "export", "x.kb", "--dry-run", "--kb", path}); code != exitOK {
		t.Fatalf("exit status %d: %s", code, stderr)
	}
	if text := stdout.String(); !strings.Contains(text, ": 59 tasks with ") || !strings.HasSuffix(text, "; 1 private task not among them\n") {
		t.Errorf("%s", text)
	}
}
