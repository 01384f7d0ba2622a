package forest

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// mixedRows returns rows of two numbers, a nominal feature of three choices and holes, with one output.
func mixedRows(n int, seed uint64) (x [][]float64, y []float64) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range n {
		row := []float64{rng.Float64(), rng.Float64(), float64(rng.IntN(3))}
		value := row[0]*row[0] + row[2]
		if rng.IntN(4) == 0 {
			row[1] = math.NaN()
		} else {
			value += row[1]
		}
		x, y = append(x, row), append(y, value)
	}
	return x, y
}

func first(y []float64) func(int) []float64 { return func(n int) []float64 { return y[:n] } }

func mustRoll(t testing.TB, opt RollingOptions) *Rolling {
	t.Helper()
	f, err := NewRolling(opt)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func mustFollow(t testing.TB, f *Rolling, x [][]float64, targets func(int) []float64) {
	t.Helper()
	if err := f.Follow(x, targets); err != nil {
		t.Fatal(err)
	}
}

// predictions asks at a grid of queries.
func predictions(f *Rolling) (mean, variance []float64) {
	var queries []float64
	for i := range 30 {
		q := []float64{float64(i) / 30, float64(i*7%30) / 30, float64(i % 3)}
		if i%5 == 0 {
			q[1] = math.NaN()
		}
		queries = append(queries, q...)
	}
	mean, variance = make([]float64, 30), make([]float64, 30)
	f.Predict(queries, mean, variance)
	return mean, variance
}

// TestRollingPathDoesNotMatter checks that following row by row, in leaps, or all at once gives the same forest, also
// where most trees are older than the last row and the targets change with every row.
func TestRollingPathDoesNotMatter(t *testing.T) {
	x, y := mixedRows(150, 1)
	ranks := func(n int) []float64 { // relative to all rows so far
		out := slices.Clone(y[:n])
		top := slices.Max(out)
		for i := range out {
			out[i] /= top
		}
		return out
	}
	for _, cut := range []CutRule{CutMidpoint, CutInGap, CutRandom} {
		opt := RollingOptions{Trees: 9, MaxFeatures: 0.7, Cut: cut, Nominal: []int{0, 0, 3}, Fresh: 8, Seed: 4}
		slow, leaps := mustRoll(t, opt), mustRoll(t, opt)
		for n := 1; n <= len(x); n++ {
			mustFollow(t, slow, x[:n], ranks)
			if n%37 == 1 {
				mustFollow(t, leaps, x[:n], ranks)
			}
			if n%10 != 0 && n%37 != 1 {
				continue
			}
			fast := mustRoll(t, opt)
			mustFollow(t, fast, x[:n], ranks)
			mean, variance := predictions(slow)
			wantMean, wantVariance := predictions(fast)
			if !slices.Equal(mean, wantMean) || !slices.Equal(variance, wantVariance) {
				t.Fatalf("cut %d, %d rows: row by row differs from at once", cut, n)
			}
			if mean, _ := predictions(leaps); n%37 == 1 && !slices.Equal(mean, wantMean) {
				t.Fatalf("cut %d, %d rows: in leaps differs from at once", cut, n)
			}
		}
	}
}

// TestRollingIsAForest compares a rolling forest all of whose trees are new with a Forest of the same options: leaf
// means and the total variance by definition.
func TestRollingIsAForest(t *testing.T) {
	x, y := mixedRows(60, 2)
	f := mustRoll(t, RollingOptions{Trees: 5, MinLeaf: 4, MaxFeatures: 1, Nominal: []int{0, 0, 3}})
	mustFollow(t, f, x, first(y))
	outputs := make([][]float64, len(y))
	for i := range y {
		outputs[i] = y[i : i+1]
	}
	want := mustFit(t, x, outputs, Options{Trees: 5, MinLeaf: 4, MaxFeatures: 1, NoBootstrap: true, Nominal: []int{0, 0, 3}})
	mean, variance := make([]float64, 1), make([]float64, 1)
	for _, q := range x {
		f.Predict(q, mean, variance)
		m, v := want.PredictVariance(q)
		sameValues(t, "mean", mean, m, 1e-12)
		sameValues(t, "variance", variance, v, 1e-12)
	}
}

// TestRollingVariance checks mean and variance against the law of total variance over trees that differ, written out
// from the leaves' rows.
func TestRollingVariance(t *testing.T) {
	x, y := mixedRows(80, 3)
	f := mustRoll(t, RollingOptions{Trees: 12, MinLeaf: 3, Cut: CutRandom, Nominal: []int{0, 0, 3}, Fresh: 16})
	mustFollow(t, f, x, first(y))
	query := []float64{0.4, math.NaN(), 1}
	var means, within []float64
	for i := range f.trees {
		leaf := leafIn(f.trees[i].nodes, query)
		var rows []float64
		for r := range x {
			if leafIn(f.trees[i].nodes, x[r]) == leaf {
				rows = append(rows, y[r])
			}
		}
		m, v := moments(rows)
		means, within = append(means, m), append(within, v)
	}
	wantMean, between := moments(means)
	inside, _ := moments(within)
	mean, variance := make([]float64, 1), make([]float64, 1)
	f.Predict(query, mean, variance)
	if !near(mean[0], wantMean, 1e-12) || !near(variance[0], inside+between, 1e-12) {
		t.Errorf("mean %v, variance %v; want %v, %v + %v", mean[0], variance[0], wantMean, inside, between)
	}
	if between == 0 || inside == 0 {
		t.Errorf("the case shows nothing: variance %v within, %v between", inside, between)
	}
}

func moments(values []float64) (mean, variance float64) {
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / float64(len(values))
	}
	return mean, variance
}

// TestRollingTurns checks the schedule: all trees up to twice Fresh rows, then half as many each time the rows double,
// and no tree is ever forgotten.
func TestRollingTurns(t *testing.T) {
	f := mustRoll(t, RollingOptions{Trees: 16, Fresh: 10})
	grownAt := func(rows int) (count, oldest int) {
		for i := range f.trees {
			due := f.due(i, rows)
			if due == rows {
				count++
			}
			oldest = max(oldest, rows-due)
		}
		return count, oldest
	}
	for _, c := range []struct{ rows, count, oldest int }{{1, 16, 0}, {19, 16, 0}, {20, 8, 1}, {39, 8, 1}, {64, 4, 3}, {100, 2, 7}, {320, 1, 31}} {
		if count, oldest := grownAt(c.rows); count > c.count || count < c.count-1 || oldest > c.oldest {
			t.Errorf("at %d rows %d trees are grown, the oldest %d rows ago; want %d and at most %d", c.rows, count, oldest, c.count, c.oldest)
		}
	}
	last := make([]int, 16)
	for rows := 1; rows < 500; rows++ {
		for i := range f.trees {
			due := f.due(i, rows)
			if due != rows && due != last[i] {
				t.Fatalf("with %d rows tree %d is due on %d, but was last grown on %d", rows, i, due, last[i])
			}
			last[i] = due
		}
	}
}

// TestNeighbourhood checks the shares: one at a point itself, less away from it, hardly any at another choice that matters.
func TestNeighbourhood(t *testing.T) {
	x, y := mixedRows(100, 5)
	f := mustRoll(t, RollingOptions{Trees: 50, Cut: CutRandom, MaxFeatures: 1, Nominal: []int{0, 0, 3}})
	mustFollow(t, f, x, first(y))
	point := []float64{0.5, 0.5, 1}
	nearby := f.Neighbourhood([][]float64{point})
	share := make([]float64, 3)
	f.Share(nearby, slices.Concat(point, []float64{0.53, 0.5, 1}, []float64{0.5, 0.5, 2}), share)
	if math.Abs(share[0]-1) > 1e-12 || !(share[1] > 0 && share[1] < 1) || share[2] > share[1]/4 {
		t.Errorf("shares %v", share)
	}
}

// TestRollingAllocates checks that predictions allocate nothing, whatever the number of queries.
func TestRollingAllocates(t *testing.T) {
	x, y := mixedRows(50, 6)
	f := mustRoll(t, RollingOptions{Trees: 5, Nominal: []int{0, 0, 3}})
	mustFollow(t, f, x, first(y))
	queries := slices.Concat(x...)
	mean, variance := make([]float64, len(x)), make([]float64, len(x))
	near := f.Neighbourhood(x[:3])
	if n := testing.AllocsPerRun(10, func() { f.Predict(queries, mean, variance); f.Share(near, queries, mean) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestTableAdd checks that a table to which rows are added one by one is the table of all.
func TestTableAdd(t *testing.T) {
	x, _ := mixedRows(60, 7)
	for i := range x { // many equal values
		x[i][0] = math.Round(x[i][0] * 5)
	}
	x[0][1] = 0.5
	got, err := NewTable(x[:1])
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range x[1:] {
		got.add(row)
	}
	want, err := NewTable(x)
	if err != nil {
		t.Fatal(err)
	}
	for j := range want.columns {
		a, b := got.columns[j], want.columns[j]
		if !slices.Equal(a.rank, b.rank) || !slices.Equal(a.row, b.row) || !slices.Equal(a.value, b.value) || a.absent != b.absent {
			t.Errorf("column %d differs", j)
		}
	}
}

// TestRollingRefuses lists what cannot be followed; what was followed before stays.
func TestRollingRefuses(t *testing.T) {
	for name, opt := range map[string]RollingOptions{
		"negative": {Fresh: -1}, "trees": {Trees: -1}, "share": {MaxFeatures: 2},
	} {
		if _, err := NewRolling(opt); !errors.Is(err, ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	x, y := mixedRows(40, 8)
	f := mustRoll(t, RollingOptions{Trees: 3, Nominal: []int{0, 0, 3}})
	mustFollow(t, f, x[:20], first(y))
	mean, _ := predictions(f)
	y = append(y, 1)
	for name, rows := range map[string][][]float64{
		"none":              nil,
		"fewer":             x[:19],
		"too wide":          append(slices.Clone(x[:20]), []float64{1, 2, 0, 4}),
		"infinite":          append(slices.Clone(x[:20]), []float64{math.Inf(1), 2, 0}),
		"an unknown choice": append(slices.Clone(x[:20]), []float64{1, 2, 3}),
		"many, one unknown": append(slices.Clone(x[:40]), []float64{1, 2, 3}),
	} {
		if err := f.Follow(rows, first(y)); !errors.Is(err, ErrInput) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if after, _ := predictions(f); f.Rows() != 20 || !slices.Equal(after, mean) {
		t.Errorf("after errors the forest has %d rows", f.Rows())
	}
}

// BenchmarkRolling adds one row to many and judges a thousand queries.
func BenchmarkRolling(b *testing.B) {
	for _, rows := range []int{100, 1000, 10000} {
		b.Run(map[int]string{100: "100", 1000: "1000", 10000: "10000"}[rows], func(b *testing.B) {
			x, y := matrices(rows+b.N+5000, 6, 1, 1)
			outputs := make([]float64, len(y))
			for i := range y {
				outputs[i] = y[i][0]
			}
			f := mustRoll(b, RollingOptions{Trees: 40, MaxFeatures: 5.0 / 6, Cut: CutRandom})
			mustFollow(b, f, x[:rows], first(outputs))
			queries := slices.Concat(x[:1000]...)
			mean, variance := make([]float64, 1000), make([]float64, 1000)
			for n := rows; b.Loop(); {
				n++
				mustFollow(b, f, x[:n], first(outputs))
				f.Predict(queries, mean, variance)
			}
		})
	}
}
