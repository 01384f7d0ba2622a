package transfer

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

func TestFoldsKeepGroupsTogetherAndAreEven(t *testing.T) {
	var tasks []Task
	for i := range 100 {
		group := fmt.Sprint("single", i)
		if i < 30 {
			group = fmt.Sprint("group", i%4)
		}
		tasks = append(tasks, Task{ID: record.ID(fmt.Sprint("t", i)), Group: group})
	}
	folds := Folds(tasks, 10)
	ofGroup, size := map[string]int{}, map[int]int{}
	for i, f := range folds {
		if g, seen := ofGroup[tasks[i].Group]; seen && g != f {
			t.Fatalf("group %s is in folds %d and %d", tasks[i].Group, g, f)
		}
		ofGroup[tasks[i].Group] = f
		size[f]++
	}
	if len(size) != 10 {
		t.Errorf("%d folds", len(size))
	}
	for f, n := range size {
		if n < 9 || n > 11 {
			t.Errorf("fold %d has %d tasks", f, n)
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	order := rng.Perm(len(tasks))
	for i, f := range Folds(pick(tasks, order), 10) {
		if f != folds[order[i]] {
			t.Fatal("the order of the tasks changes the folds")
		}
	}
}

func TestNoMoreFoldsThanGroups(t *testing.T) {
	tasks := []Task{{ID: "a", Group: "x"}, {ID: "b", Group: "x"}, {ID: "c", Group: "y"}}
	if got := Folds(tasks, 10); got[0] != got[1] || got[0] == got[2] || max(got[0], got[2]) != 1 {
		t.Errorf("folds %v", got)
	}
	if got := Folds(nil, 3); len(got) != 0 {
		t.Errorf("folds of nothing: %v", got)
	}
}
