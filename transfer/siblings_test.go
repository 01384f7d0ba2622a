package transfer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/kb/record"
)

// namedTasks is a matrix of tasks by name with features.
func namedTasks(names []string, features [][]float64) *Matrix {
	m := &Matrix{}
	for i, name := range names {
		t := Task{ID: record.ID(fmt.Sprintf("id%03d", i)), Name: name, Group: fmt.Sprintf("own%d", i)}
		if features != nil {
			t.Features = features[i]
		}
		m.Tasks = append(m.Tasks, t)
	}
	return m
}

func TestSiblingsByNameGroupAndFeatures(t *testing.T) {
	m := namedTasks([]string{"fri_c0_250_10", "fri_c3_1000_5", "adult", "adult-2", "kc1", "vote", "iris", "wine"}, nil)
	m.Tasks[5].Group, m.Tasks[6].Group = "g", "g"
	got := Siblings(m)
	want := []string{"id000", "id000", "id002", "id002", "id004", "id005", "id005", "id007"}
	if !slices.Equal(got, want) {
		t.Errorf("groups %v, want %v", got, want)
	}

	rng := rand.New(rand.NewPCG(1, 1))
	features := randomLosses(rng, 20, 12)
	features[7] = slices.Clone(features[3]) // a copy with a little noise
	for f := range features[7] {
		features[7][f] += 1e-6
	}
	features[9] = undefined(12) // nothing known, so nothing like it
	features[11] = undefined(12)
	var names []string
	for i := range 20 {
		names = append(names, fmt.Sprintf("source-%d", i)) // mere numbering
	}
	got = Siblings(namedTasks(names, features))
	for i := range got {
		for j := range i {
			if (got[i] == got[j]) != (i == 7 && j == 3) {
				t.Errorf("tasks %d and %d: groups %s and %s", i, j, got[i], got[j])
			}
		}
	}
}

func TestStem(t *testing.T) {
	for name, want := range map[string]string{
		"fri_c0_250_10": "fri", "Adult": "adult", "adult-2": "adult", "kc1": "", "cpu_act": "cpu act", "x": "", "": "",
		"autoUniv-au7-500": "autouniv au", "12 34": "", "kdd_ipums_la_97-small": "kdd ipums la 97 small",
	} {
		if got := stem(name); got != want {
			t.Errorf("stem(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestQuantilePlaces(t *testing.T) {
	nan := math.NaN()
	got := quantilePlaces([][]float64{{10, nan}, {20, 5}, {10, nan}, {40, 6}})
	want := [][]float64{{.5 / 3, nan}, {2. / 3, 0}, {.5 / 3, nan}, {1, 1}}
	for i := range got {
		for f := range got[i] {
			if got[i][f] != want[i][f] && !(math.IsNaN(got[i][f]) && math.IsNaN(want[i][f])) {
				t.Errorf("places %v, want %v", got, want)
			}
		}
	}
	a, b := slices.Repeat([]float64{1}, 12), slices.Repeat([]float64{3}, 12)
	a[0], b[1] = nan, nan
	if d := meanDifference(a, b); d != 2 {
		t.Errorf("difference %v", d)
	}
	a[2] = nan
	if d := meanDifference(a, b); !math.IsInf(d, 1) {
		t.Errorf("difference %v where little is common", d)
	}
}

// TestKinLimit: near-duplicates are those up to .04 in any case, and up to .08 where all others are more than twice as far.
func TestKinLimit(t *testing.T) {
	for _, c := range []struct {
		differences []float64
		kin         int
	}{
		{[]float64{.1, .02, .05}, 1},
		{[]float64{.055, .17, .19}, 1},     // the same data a month later
		{[]float64{.055, .10, .19}, 0},     // as near as different studies sometimes are
		{[]float64{.05, .06, .055, .2}, 3}, // three earlier months
		{[]float64{.02, .06, .07, .2}, 3},
		{[]float64{.09, .3}, 0},
		{[]float64{.06}, 0},        // nothing else to compare with
		{[]float64{0, .06, .1}, 1}, // itself, and one as near as different studies sometimes are
		{nil, 0},
	} {
		kin := 0
		for _, d := range c.differences {
			if d <= kinLimit(c.differences) {
				kin++
			}
		}
		if kin != c.kin {
			t.Errorf("%v: %d near-duplicates, want %d", c.differences, kin, c.kin)
		}
	}
}

// TestKin: a task's own meta-features, hardly changed, are its near-duplicate's; another's are not, nor are too few.
func TestKin(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 9))
	var features [][]float64
	for range 50 {
		x := make([]float64, 12)
		for f := range x {
			x[f] = rng.NormFloat64()
		}
		features = append(features, x)
	}
	m := mustNew(t, table(randomLosses(rng, 50, 3), features), Options{})
	row := slices.IndexFunc(m.Tasks, func(x Task) bool { return x.Features[0] == features[17][0] })
	x := slices.Clone(m.Tasks[row].Features)
	for f := range x {
		x[f] += .01
	}
	if tasks, differences := m.Kin(x, false); !reflect.DeepEqual(tasks, []int{row}) || len(differences) != 1 || differences[0] > .03 {
		t.Errorf("kin %v, differences %v, want task %d", tasks, differences, row)
	}
	later := slices.Clone(m.Tasks[row].Features)
	for f := range 5 {
		later[f] += .45
	}
	if tasks, _ := m.Kin(later, false); tasks != nil {
		t.Errorf("one that is isolated with task %d is taken for its near-duplicate", row)
	}
	if tasks, differences := m.Kin(later, true); !reflect.DeepEqual(tasks, []int{row}) || differences[0] <= kinDistance {
		t.Errorf("kin %v, differences %v, want the isolated task %d", tasks, differences, row)
	}
	other := slices.Clone(x)
	for f := range 4 {
		other[f] += 3
	}
	if tasks, _ := m.Kin(other, true); tasks != nil {
		t.Errorf("another task is taken for %v", tasks)
	}
	for f := range 3 {
		x[f] = math.NaN()
	}
	if tasks, _ := m.Kin(x, true); tasks != nil {
		t.Errorf("nine meta-features make it kin of %v", tasks)
	}
}
