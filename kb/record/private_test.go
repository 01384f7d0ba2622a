package record

import (
	"reflect"
	"testing"
)

// TestPublic leaves out a private task with all that only it uses, and nothing else.
func TestPublic(t *testing.T) {
	set := &Set{
		Tasks:     map[ID]*Task{"a": {}, "b": {}, "c": {}},
		Features:  []*Features{{Task: "a"}, {Task: "b"}},
		Labels:    []*Label{{Task: "a", Tags: []string{"medical"}}, {Task: "b", Name: "b"}, {Task: "b", Tags: []string{"x", Private}}},
		Spaces:    map[ID]*Space{"both": {}, "mine": {}, "unused": {}},
		Protocols: map[ID]*Protocol{"p": {}, "q": {}},
		Runs:      []*Run{{Task: "a", Space: "both", Protocol: "p"}, {Task: "b", Space: "both", Protocol: "q"}, {Task: "b", Space: "mine", Protocol: "p"}},
	}
	got := set.Public()
	want := &Set{
		Tasks: map[ID]*Task{"a": {}, "c": {}}, Features: set.Features[:1], Labels: set.Labels[:1],
		Spaces: map[ID]*Space{"both": {}, "unused": {}}, Protocols: map[ID]*Protocol{"p": {}}, Runs: set.Runs[:1],
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v\nwant\n%+v", got, want)
	}
	if len(set.Tasks) != 3 || len(set.Runs) != 3 || len(set.Spaces) != 3 {
		t.Error("the set itself was changed")
	}
	if set.Labels[2].Tags = nil; set.Public() != set {
		t.Error("a set without private tasks is another")
	}
}
