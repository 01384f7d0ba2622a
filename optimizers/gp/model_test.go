package gp

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/gaussian"
)

// TestReplayTakesThePathOfTheStudy compares an optimizer that was asked before every trial with one that is told all of
// them first, across fits of every kind.
func TestReplayTakesThePathOfTheStudy(t *testing.T) {
	s := Settings{Candidates: 32, Starts: 1}
	live, _ := play(t, "branin", 3, 62, s)
	p, err := problem.Find("branin")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{9, 10, 23, 40, 51, 57, 62} {
		replayed, err := New(p.Study(3), s)
		if err != nil {
			t.Fatal(err)
		}
		if err := replayed.Tell(context.Background(), live.history.Finished()[:n]...); err != nil {
			t.Fatal(err)
		}
		got, err := replayed.Ask(context.Background(), study.TrialID(n+1), 1)
		if err != nil {
			t.Fatal(err)
		}
		var want study.Suggestion
		if n < 62 {
			want = live.history.Finished()[n].Suggestion
		} else if asked, err := live.Ask(context.Background(), 63, 1); err == nil {
			want = asked[0]
		}
		if !reflect.DeepEqual(got[0], want) {
			t.Errorf("after %d trials: %+v, and live %+v", n, got[0], want)
		}
	}
}

// TestSchedule checks how often it is fitted, and that a replay has few fits to repeat.
func TestSchedule(t *testing.T) {
	m, last, fits, chain := &model{}, 0, 0, 0
	for n := 1; n <= 10000; n++ {
		at := m.scheduled(n)
		if at == last {
			continue
		}
		if at != n || float64(n) > max(fitGrowth*float64(last), float64(last))+1 {
			t.Fatalf("with %d points the last fit is at %d, the one before at %d", n, at, last)
		}
		last = at
		fits++
		if chain++; fresh(at) {
			chain = 1
		}
		if chain > 11 && n > 2*eagerFits || chain > 20 {
			t.Errorf("the fit at %d is the %d-th since a fresh one", at, chain)
		}
	}
	if fits < 90 || fits > 120 {
		t.Errorf("%d fits up to 10,000 points", fits)
	}
}

// TestPointsInManyDimensions checks that points times dimensions are bounded, and that few dimensions make no difference.
func TestPointsInManyDimensions(t *testing.T) {
	for _, tc := range []struct{ dimensions, points, fitted int }{
		{1, 1000, 400}, {100, 1000, 400}, {125, 800, 400}, {500, 200, 100}, {768, 130, 65}, {5000, 128, 64},
	} {
		m := &model{inputs: &inputs{dimensions: make([]gaussian.Dimension, tc.dimensions)}}
		m.points, m.loss = make([][]float64, 1200), make([]float64, 1200)
		if got := len(m.subset(1200)); got != tc.points {
			t.Errorf("%d points in %d dimensions, want %d", got, tc.dimensions, tc.points)
		}
		if got := len(m.fitting(1200)); got != tc.fitted {
			t.Errorf("%d points of a fit in %d dimensions, want %d", got, tc.dimensions, tc.fitted)
		}
		if got := len(m.fitting(60)); got != 60 {
			t.Errorf("%d of 60 points", got)
		}
	}
}

// TestFreshFitsInManyDimensions checks that a fresh fit has fewer starts there, and the same first ones.
func TestFreshFitsInManyDimensions(t *testing.T) {
	for dimensions, want := range map[int]int{1: 3, 100: 3, 125: 2, 768: 1} {
		in := &inputs{dimensions: make([]gaussian.Dimension, dimensions)}
		m, err := newModel(in, false)
		if err != nil {
			t.Fatal(err)
		}
		starts := m.starts(20)
		if len(starts) != want || starts[0].Noise != m.process.Default().Noise {
			t.Errorf("%d starts in %d dimensions, want %d, the default first", len(starts), dimensions, want)
		}
		if want > 1 && starts[1].Noise != noisy {
			t.Errorf("the second start in %d dimensions has noise %v", dimensions, starts[1].Noise)
		}
	}
}

// TestSubset checks that a choice among many points has the best one, its neighbours, and others from everywhere.
func TestSubset(t *testing.T) {
	m := &model{inputs: &inputs{columns: []int{0}, dimensions: make([]gaussian.Dimension, 1)}}
	const n, best = 4000, 1234
	for i := range n {
		m.points = append(m.points, []float64{math.Mod(0.618*float64(i), 1)})
		m.loss = append(m.loss, 1)
	}
	m.loss[best], m.loss[0] = 0, math.NaN()
	chosen := m.subset(n)
	if len(chosen) != mostPoints || !slices.IsSorted(chosen) || len(slices.Compact(slices.Clone(chosen))) != mostPoints {
		t.Fatalf("%d points, not %d different ones in order", len(chosen), mostPoints)
	}
	near, low, high := 0, 0, 0
	for _, i := range chosen {
		switch d := m.points[i][0] - m.points[best][0]; {
		case math.Abs(d) < 0.0624:
			near++
		case d < 0:
			low++
		default:
			high++
		}
	}
	if !slices.Contains(chosen, best) || near < 499 || low < 50 || high < 50 {
		t.Errorf("%d near, %d below, %d above", near, low, high)
	}
	if all := m.subset(7); !slices.Equal(all, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("of few points %v", all)
	}
}

// TestFailuresAreBad tells that one half of the space fails: the other is searched.
func TestFailuresAreBad(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "x", High: 1}, {Name: "y", High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	o, err := New(study.Problem{Space: s, Seed: 1}, Settings{Candidates: 256, Starts: 2})
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for id := study.TrialID(1); id <= 30; id++ {
		asked, err := o.Ask(context.Background(), id, 1)
		if err != nil {
			t.Fatal(err)
		}
		x := asked[0].Config["x"].Float()
		trial := study.Trial{Suggestion: asked[0], Status: study.Complete, Losses: []float64{1 + x}}
		if x < 0.5 {
			trial.Status, trial.Losses = study.OutOfMemory, nil
			failed++
		}
		if err := o.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	if best := o.model.loss[o.model.leaders(1)[0]]; best > 1.51 || failed > 22 {
		t.Errorf("least loss %v, best possible 1.5; %d of 30 trials failed", best, failed)
	}
}

// TestPendingTrialsRepel checks that the next proposal keeps away from running ones, although no result came.
func TestPendingTrialsRepel(t *testing.T) {
	o, _ := play(t, "branin", 1, 12, Settings{Candidates: 512, Starts: 4})
	asked, err := o.Ask(context.Background(), 13, 6)
	if err != nil {
		t.Fatal(err)
	}
	for i := range asked {
		for j := range i {
			if d := o.model.distance(o.inputs.codec.Encode(asked[i].Config), o.inputs.codec.Encode(asked[j].Config)); d < 1e-4 {
				t.Errorf("trials %d and %d are at squared distance %v", asked[j].ID, asked[i].ID, d)
			}
		}
	}
	// told as pending they have the same effect as in one answer
	for _, s := range asked[:5] {
		if err := o.Tell(context.Background(), study.Trial{Suggestion: s}); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := o.Ask(context.Background(), 18, 1); err != nil || !reflect.DeepEqual(again[0], asked[5]) {
		t.Errorf("%+v in one answer, %+v with the others pending; %v", asked[5], again, err)
	}
}

// TestInputs checks what the process is told of a space: groups by condition, categories, no constants.
func TestInputs(t *testing.T) {
	learner := "learner"
	when := space.Equals(learner, space.String("svm"))
	s, err := space.New([]space.Hyperparameter{
		{Name: learner, Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("tree")}},
		{Name: "C", Low: 1e-3, High: 1e3, Log: true, When: when},
		{Name: "version", Type: space.TypeConstant, Choices: []space.Value{space.Int(2)}},
		{Name: "depth", Type: space.TypeInt, Low: 1, High: 5, When: space.Equals(learner, space.String("tree"))},
		{Name: "kernel", Type: space.TypeCategorical, Choices: []space.Value{space.Int(1), space.Int(2)}, When: space.Equals(learner, space.String("svm"))},
		{Name: "leaves", Type: space.TypeInt, Low: 1, High: 50},
	})
	if err != nil {
		t.Fatal(err)
	}
	codec, err := coding.New(s)
	if err != nil {
		t.Fatal(err)
	}
	in := newInputs(s, codec)
	want := []gaussian.Dimension{
		{Kind: gaussian.Categorical}, {Group: 1}, {Group: 2}, {Kind: gaussian.Categorical, Group: 1}, {},
	}
	if !slices.Equal(in.dimensions, want) || !slices.Equal(in.columns, []int{0, 1, 3, 4, 5}) || in.groups != 2 {
		t.Errorf("dimensions %v of columns %v in %d groups", in.dimensions, in.columns, in.groups)
	}
	if !slices.Equal(in.smooth, []bool{false, true, false, false, false, true}) {
		t.Errorf("climbed by gradient: %v", in.smooth)
	}
	row := codec.Encode(space.Config{learner: space.String("tree"), "version": space.Int(2), "depth": space.Int(3), "leaves": space.Int(1)})
	point := in.point(nil, row)
	if !math.IsNaN(point[1]) || !math.IsNaN(point[3]) || math.Abs(point[2]-0.5) > 1e-12 {
		t.Errorf("point %v of row %v", point, row)
	}
	back := make([]float64, len(row))
	newSearch(in, Settings{}).row(back, point)
	for i := range row {
		if row[i] != back[i] && !(math.IsNaN(row[i]) && math.IsNaN(back[i])) {
			t.Errorf("row %v came back as %v", row, back)
		}
	}
}
