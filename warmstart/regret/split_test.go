package regret

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// table is a matrix of losses and features; tasks are named a, b, c, …
func table(t testing.TB, losses, features [][]float64) *transfer.Matrix {
	t.Helper()
	set := record.NewSet()
	set.Protocols["p"] = &record.Protocol{Metrics: []record.Metric{{Name: "error"}}}
	for i, row := range losses {
		id := record.ID(fmt.Sprintf("task%03d", i))
		set.Tasks[id] = &record.Task{Fingerprint: string(id), Rows: 200 * (i + 1)}
		set.Labels = append(set.Labels, &record.Label{Task: id, Name: taskName(i)})
		if features != nil {
			values := make(map[string]float64)
			for f, v := range features[i] {
				values[fmt.Sprint("f", f)] = v
			}
			set.Features = append(set.Features, &record.Features{Task: id, Extractor: "x", Values: values})
		}
		for c, loss := range row {
			if math.IsNaN(loss) {
				continue // never run
			}
			set.Runs = append(set.Runs, &record.Run{
				Task: id, Protocol: "p", Space: "s", Config: space.Config{"number": space.Int(int64(c))}, Status: study.Complete,
				Measures: []record.Measure{{Metric: "error", Validation: []float64{loss}}},
			})
		}
	}
	m, err := transfer.New(set, transfer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// taskName is a, b, … z, a1, …: too short to share a stem.
func taskName(i int) string {
	name := string(rune('a' + i%26))
	if i >= 26 {
		name += fmt.Sprint(i / 26)
	}
	return name
}

func random(rng *rand.Rand, rows, columns int) [][]float64 {
	out := make([][]float64, rows)
	for i := range out {
		for range columns {
			out[i] = append(out[i], rng.Float64())
		}
	}
	return out
}

func fourTasks(t testing.TB) *transfer.Matrix {
	return table(t, [][]float64{{1, 2, 3}, {2, 1, 3}, {3, 2, 1}, {1, 3, 2}}, nil)
}

// TestFoldsFile: what the file says, in any order of columns and rows; -1 is always known, absent takes no part.
func TestFoldsFile(t *testing.T) {
	m := fourTasks(t)
	s, err := ReadFolds(strings.NewReader("\ufefffold,name,group,more\n7,b,x,\n-1,a,y,\n7,d,x,\n0,nobody,z,\n"), m)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Fold, []int{Always, 7, Absent, 7}) {
		t.Errorf("folds %v", s.Fold)
	}
	if s.Group[1] != s.Group[3] || s.Group[0] == s.Group[1] || s.Group[2] == s.Group[0] {
		t.Errorf("groups %v", s.Group)
	}
	if !slices.Equal(s.folds(), []int{7}) {
		t.Errorf("folds tested: %v", s.folds())
	}
	test, hidden := s.parts(7)
	if !slices.Equal(test, []int{1, 3}) || !slices.Equal(hidden, []int{1, 2, 3}) {
		t.Errorf("test %v, hide %v", test, hidden)
	}
}

func TestBrokenFoldsFiles(t *testing.T) {
	m := fourTasks(t)
	for _, c := range []struct{ name, text, say string }{
		{"empty", "", "header"},
		{"no column", "name,fold\na,1\n", `no column "group" (there are name, fold)`},
		{"fold", "name,group,fold\na,1,0\nb,1,x\n", `line 3, task "b": fold "x"`},
		{"below -1", "name,group,fold\na,1,-2\n", `fold "-2"`},
		{"twice", "name,group,fold\na,1,0\na,1,1\n", `line 3: task "a" comes twice`},
		{"ragged", "name,group,fold\na,1\n", "line 2"},
		{"nothing tested", "name,group,fold\na,1,-1\n", "no task"},
		{"only strangers", "name,group,fold\nq,1,0\n", "no task"},
		{"nothing left", "name,group,fold\na,1,0\nb,1,0\n", "one fold"},
	} {
		if _, err := ReadFolds(strings.NewReader(c.text), m); !errors.Is(err, ErrFolds) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: %v, should say %q", c.name, err, c.say)
		}
	}
}

func FuzzReadFolds(f *testing.F) {
	m := fourTasks(f)
	f.Add("name,group,fold\na,1,0\nb,2,1\n")
	f.Add("fold,name,group\n-1,a,\"x\ny\"\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ReadFolds(strings.NewReader(text), m)
		if err != nil {
			if !errors.Is(err, ErrFolds) {
				t.Fatalf("%v is no ErrFolds", err)
			}
			return
		}
		if len(s.Fold) != 4 || len(s.Group) != 4 || len(s.folds()) == 0 {
			t.Fatalf("accepted %q as %+v", text, s)
		}
		for _, fold := range s.folds() {
			if test, hidden := s.parts(fold); len(test) == 0 || len(hidden) >= 4 {
				t.Fatalf("fold %d of %q: test %v, hide %v", fold, text, test, hidden)
			}
		}
	})
}

func TestGroupedAndLeaveOneOut(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	features := random(rng, 30, 10)
	for i := 20; i < 30; i++ {
		features[i] = slices.Clone(features[i-20]) // each of the first ten has a twin
	}
	m := table(t, random(rng, 30, 4), features)
	grouped := Grouped(m)
	if len(grouped.folds()) != groupedFolds {
		t.Errorf("%d folds", len(grouped.folds()))
	}
	for i := range 10 {
		if grouped.Fold[i] != grouped.Fold[i+20] {
			t.Errorf("task %d is tested with its twin known", i)
		}
	}
	loo := LeaveOneOut(m)
	if len(loo.folds()) != 30 || !slices.Equal(loo.Group, grouped.Group) {
		t.Errorf("loo: %d folds, groups %v", len(loo.folds()), loo.Group)
	}
	if test, hidden := loo.parts(4); !slices.Equal(test, []int{4}) || !slices.Equal(hidden, []int{4}) {
		t.Errorf("loo: test %v, hide %v", test, hidden)
	}
}

// TestShuffledKeepsTheFeatures of all tasks, but not whose they are; results stay where they were.
func TestShuffledKeepsTheFeatures(t *testing.T) {
	var losses, features [][]float64
	for i := range 20 {
		losses, features = append(losses, []float64{float64(i), 1, 2}), append(features, []float64{float64(i)})
	}
	m := table(t, losses, features)
	s := Shuffled(m, 1)
	moved := 0
	var seen []float64
	for i := range s.Tasks {
		if s.Tasks[i].ID != m.Tasks[i].ID || s.Loss[i][0] != m.Loss[i][0] {
			t.Fatalf("task %d changed", i)
		}
		if s.Tasks[i].Features[0] != m.Tasks[i].Features[0] {
			moved++
		}
		seen = append(seen, s.Tasks[i].Features[0])
	}
	slices.Sort(seen)
	for i, v := range seen {
		if v != float64(i) {
			t.Fatalf("the features are now %v", seen)
		}
	}
	if moved < 10 || m.Tasks[3].Features[0] != 3 {
		t.Errorf("%d of 20 moved; the original has %v", moved, m.Tasks[3].Features)
	}
}
