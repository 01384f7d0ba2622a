package tunebench

import (
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/warmstart"
)

// TestWithout hides a task of the same data, and a task of the same group; the others stay.
func TestWithout(t *testing.T) {
	tasks := sheetTasks(t, sheetSet(t, "new", 2, false, bowl))
	known := sheetSet(t, "old", 6, false, bowl)
	known.Tasks["old0"].Fingerprint = "data of new1"
	for _, l := range known.Labels {
		if l.Task == "old3" {
			l.Group = tasks[0].Group
		}
	}
	left, hidden := Without(known, tasks)
	if hidden != 2 || len(left.Tasks) != 4 || left.Tasks["old0"] != nil || left.Tasks["old3"] != nil || len(left.Runs) != 4*24 || len(left.Labels) != 4 || len(left.Features) != 4 {
		t.Errorf("%d hidden, %d tasks, %d runs, %d labels, %d features", hidden, len(left.Tasks), len(left.Runs), len(left.Labels), len(left.Features))
	}
	if len(known.Tasks) != 6 || len(known.Runs) != 6*24 {
		t.Error("the knowledge base itself has changed")
	}
	if same, hidden := Without(left, tasks); hidden != 0 || !reflect.DeepEqual(same, left) {
		t.Errorf("%d hidden of what is unrelated", hidden)
	}
}

// TestShuffled checks that one permutation deals configurations out for all tasks, none twice, results staying.
func TestShuffled(t *testing.T) {
	set := sheetSet(t, "old", 3, false, bowl)
	other, err := Shuffled(set, 7)
	if err != nil {
		t.Fatal(err)
	}
	moved, became := 0, map[string]string{}
	for i, r := range set.Runs {
		s := other.Runs[i]
		if s.Task != r.Task || s.Status != r.Status || !reflect.DeepEqual(s.Measures, r.Measures) {
			t.Fatalf("run %d: %+v became %+v", i, r, s)
		}
		from, to := key(t, r.Config), key(t, s.Config)
		if before, seen := became[from]; seen && before != to {
			t.Fatalf("%s is dealt out as %s and %s", from, before, to)
		}
		became[from] = to
		if from != to {
			moved++
		}
	}
	values := []string{}
	for _, to := range became {
		values = append(values, to)
	}
	slices.Sort(values)
	if len(became) != 24 || len(slices.Compact(values)) != 24 || moved < 3*18 {
		t.Errorf("%d configurations became %d, %d runs moved", len(became), len(slices.Compact(values)), moved)
	}
	again, err := Shuffled(set, 7)
	if err != nil || !reflect.DeepEqual(again, other) {
		t.Errorf("the same seed shuffles otherwise, %v", err)
	}
	if another, _ := Shuffled(set, 8); reflect.DeepEqual(another, other) {
		t.Error("another seed shuffles the same")
	}
}

func key(t *testing.T, c space.Config) string {
	t.Helper()
	text, err := c.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAdvisors checks what is advised: the best of the known tasks first, and something else by shuffled knowledge, by
// seed.
func TestAdvisors(t *testing.T) {
	task := sheetTasks(t, sheetSet(t, "new", 1, false, bowl))[0]
	a := NewAdvisors(sheetSet(t, "old", 6, false, bowl), warmstart.Options{K: 4, Seed: 1})
	warm, err := a.Advise(task, Warm, 1)
	if err != nil || len(warm.Picks) != 4 || !warm.Picks[0].Equal(tree("standard", 6)) {
		t.Fatalf("%v, %v", warm, err)
	}
	if n := len(warm.Prior.Tasks); n == 0 || n > 6 || len(warm.Prior.Tasks[0].Results) < 20 {
		t.Errorf("the prior has %d tasks: %+v", n, warm.Prior)
	}
	if again, err := a.Advise(task, Warm, 2); err != nil || !reflect.DeepEqual(again, warm) {
		t.Errorf("%v, %v", again, err)
	}
	first := map[string]bool{}
	for seed := range uint64(6) {
		misled, err := a.Advise(task, Unrelated, seed)
		if err != nil || len(misled.Picks) != 4 {
			t.Fatalf("%v, %v", misled, err)
		}
		first[key(t, misled.Picks[0])] = true
	}
	if len(first) < 3 {
		t.Errorf("six shuffles advise %v first", first)
	}
	task.Type = record.Regression
	if _, err := NewAdvisors(sheetSet(t, "old", 6, false, bowl), warmstart.Options{}).Advise(task, Warm, 1); err == nil {
		t.Error("advice for a type of task that is not known")
	}
}
