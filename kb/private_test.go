package kb

import (
	"bytes"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

// TestRetractionsOfPrivateTasksStay: what a private task's run was withdrawn for is nobody's business either, though the
// run itself is not in the snapshot any more.
func TestRetractionsOfPrivateTasksStay(t *testing.T) {
	k := fileKB(t)
	secret, shared := run(t, 1, 1, "ann"), run(t, 2, 1, "ann")
	label := &record.Label{Task: identify(t, task(1)), Name: "canary label", Tags: []string{record.Private}}
	add(t, k, task(1), task(2), label, secret, run(t, 1, 2, "ann"), shared, run(t, 2, 2, "ann"),
		&record.Retraction{Target: identify(t, secret), Contributor: "ann", Reason: "canary: wrong column in churn.csv"},
		&record.Retraction{Target: identify(t, shared), Contributor: "ann", Reason: "wrong unit"},
		&record.Retraction{Target: id("d"), Contributor: "ann", Reason: "of a record that is elsewhere"})
	b, set, err := k.Export(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Tasks) != 1 || len(set.Labels) != 0 || len(set.Runs) != 1 || len(set.Retractions) != 2 {
		t.Errorf("%d tasks, %d labels, %d runs, %d retractions; want 1, 0, 1 and 2", len(set.Tasks), len(set.Labels), len(set.Runs), len(set.Retractions))
	}
	for r := range set.All() {
		if text, err := record.Encode(r); err != nil || bytes.Contains(text, []byte("canary")) {
			t.Errorf("%s is exported, %v", text, err)
		}
	}
	if bytes.Contains(b, []byte("canary")) {
		t.Error("the file holds what it should not")
	}
}

// TestHidden is the complement of what Public keeps.
func TestHidden(t *testing.T) {
	set := record.NewSet()
	for _, r := range sample(t, 0, 3) {
		set.Put(identify(t, r), r)
	}
	for range set.Hidden() {
		t.Fatal("hidden though no task is private")
	}
	of := identify(t, task(1))
	private := &record.Label{Task: of, Name: "x", Tags: []string{record.Private}}
	set.Put(identify(t, private), private)
	hidden := record.NewSet()
	for r := range set.Hidden() {
		hidden.Put(identify(t, r), r)
	}
	if len(hidden.Tasks) != 1 || hidden.Tasks[of] == nil || len(hidden.Runs) != 2 || len(hidden.Features) != 1 || len(hidden.Labels) != 2 {
		t.Errorf("hidden: %+v", hidden)
	}
	all, kept := len(ids(t, set)), len(ids(t, set.Public()))
	if kept+len(ids(t, hidden)) != all {
		t.Errorf("%d records, %d kept, %d hidden", all, kept, len(ids(t, hidden)))
	}
}
