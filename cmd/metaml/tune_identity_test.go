package main

import (
	"strings"
	"testing"

	"github.com/metaml/metaml/cmd/internal/tuning"
)

func TestStudyDiffers(t *testing.T) {
	asked := facts{"--seed": uint64(1), "data set": "ab12", "--settings": nil}
	hashes, err := asked.hashes()
	if err != nil {
		t.Fatal(err)
	}
	p := &studyPlan{name: "s", facts: hashes}
	for _, tc := range []struct {
		begun map[string]string
		want  string
	}{
		{map[string]string{"--seed": "0", "data set": hashes["data set"], "--settings": hashes["--settings"]}, "another --seed; name"},
		{map[string]string{"--seed": "0", "data set": "0"}, "another --seed and another data set; name"},
		{nil, "another data set, program, space, optimizer or seed; name"}, // of a version that kept no facts
		{map[string]string{"--rows": "0"}, "another data set, program, space, optimizer or seed; name"},
	} {
		err := p.differs(tuning.Details{Facts: tc.begun})
		if err == nil || !strings.Contains(err.Error(), "study s was begun with "+tc.want) {
			t.Errorf("%v: %v, want %q", tc.begun, err, tc.want)
		}
	}
	if _, err := (facts{"x": func() {}}).hashes(); err == nil {
		t.Error("a fact that is no JSON has a hash")
	}
}
