package coding

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
)

// zoo has every type of hyperparameter, conditions three deep joined by and and or, a number as a parent, and a
// forbidden clause.
func zoo(t testing.TB) space.Space {
	t.Helper()
	learner, text := "learner", space.String
	s, err := space.New([]space.Hyperparameter{
		{Name: "amount", Low: 0, High: 1, When: space.Equals("prune", space.Bool(true))}, // before its parent
		{Name: learner, Type: space.TypeCategorical, Choices: []space.Value{text("svm"), text("forest"), text("none")}, Weights: []float64{4, 2, 1}},
		{Name: "C", Low: 0.01, High: 100, Log: true, When: space.Equals(learner, text("svm"))},
		{Name: "steps", Type: space.TypeInt, Low: 1, High: 1000, Log: true, When: space.Equals(learner, text("svm"))},
		{Name: "depth", Type: space.TypeInt, Low: 1, High: 4, When: space.Equals(learner, text("forest"))},
		{Name: "prune", Type: space.TypeBool, When: space.In("depth", space.Int(3), space.Int(4))},
		{Name: "scale", Type: space.TypeBool, When: space.Or(
			*space.Equals(learner, text("svm")), *space.And(*space.Equals(learner, text("forest")), *space.Equals("depth", space.Int(1))),
		)},
		{Name: "share", Low: 0.1, High: 1, Step: 0.1},
		{Name: "seed", Type: space.TypeInt, Low: 0, High: 1e6},
		{Name: "mixed", Type: space.TypeCategorical, Choices: []space.Value{text("sqrt"), space.Float(0.5), space.Null(), space.Int(3)}},
		{Name: "size", Type: space.TypeOrdinal, Choices: []space.Value{text("s"), text("m"), text("l")}},
		{Name: "version", Type: space.TypeConstant, Choices: []space.Value{space.Int(2)}},
	}, *space.And(*space.Equals("size", text("l")), *space.Equals("scale", space.Bool(true))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustCode(t testing.TB, s space.Space) *Codec {
	t.Helper()
	c, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// same reports whether two rows are equal to rounding, which logarithms do, inactive values included.
func same(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-12 || (math.IsNaN(x) && math.IsNaN(y)) })
}

// TestRowsAreConfigurations checks on random rows that what they decode to is valid just where they are allowed, and
// that it encodes as the row again.
func TestRowsAreConfigurations(t *testing.T) {
	weka, err := problem.Weka768()
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]space.Space{"zoo": zoo(t), "weka768": weka} {
		c, draws := mustCode(t, s), 400
		if name == "weka768" {
			draws = 10
		}
		rng, row, forbidden := rand.New(rand.NewPCG(1, 2)), make([]float64, s.Len()), 0
		for range draws {
			c.Sample(row, rng)
			config := c.Decode(row)
			if err := s.Validate(config); (err == nil) != c.Allowed(row) {
				t.Fatalf("%s: row %v is allowed: %v, but %v: %v", name, row, c.Allowed(row), config, err)
			} else if err != nil {
				forbidden++
			}
			back := c.Encode(config)
			if i := s.Index("seed"); i >= 0 { // too many values for a table
				back[i] = row[i]
			}
			if !same(back, row) {
				t.Fatalf("%s: a row of %v came back as one of %v", name, config, c.Decode(back))
			}
		}
		if name == "zoo" && (forbidden == 0 || forbidden > draws/2) {
			t.Errorf("%d of %d draws are forbidden", forbidden, draws)
		}
	}
}

// TestSampleIsTheSpaces compares the shares of all values with those that the space samples.
func TestSampleIsTheSpaces(t *testing.T) {
	s := zoo(t)
	c, rng, row := mustCode(t, s), rand.New(rand.NewPCG(3, 4)), make([]float64, s.Len())
	const draws = 6000
	count := func(next func() []float64) []map[float64]float64 {
		counts := make([]map[float64]float64, s.Len())
		for i := range counts {
			counts[i] = map[float64]float64{}
		}
		for range draws {
			for i, v := range next() {
				switch {
				case math.IsNaN(v):
					v = -1
				case c.Dimensions()[i].Levels == nil || len(c.Dimensions()[i].Levels) > 20:
					v = math.Floor(v * 5)
				}
				counts[i][v] += 1.0 / draws
			}
		}
		return counts
	}
	got := count(func() []float64 {
		for c.Sample(row, rng); !c.Allowed(row); c.Sample(row, rng) {
		}
		return row
	})
	want := count(func() []float64 {
		config, err := s.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		return c.Encode(config)
	})
	for i := range got {
		for v, share := range want[i] {
			if math.Abs(got[i][v]-share) > 0.035 {
				t.Errorf("%s has value %v with share %v, want %v", s.Names()[i], v, got[i][v], share)
			}
		}
	}
}

// TestSettle checks that after a change what is active has a value, what is not has none, and the rest is untouched.
func TestSettle(t *testing.T) {
	s := zoo(t)
	c, rng, row := mustCode(t, s), rand.New(rand.NewPCG(5, 6)), make([]float64, s.Len())
	learner := s.Index("learner")
	for range 200 {
		c.Sample(row, rng)
		before := slices.Clone(row)
		row[learner] = float64(rng.IntN(3))
		changed := row[learner] != before[learner]
		c.Settle(row, rng)
		for i := range row {
			if active := c.Active(i, row); active == math.IsNaN(row[i]) {
				t.Fatalf("%s is active: %v, but has value %v", s.Names()[i], active, row[i])
			}
			if kept := row[i] == before[i] || math.IsNaN(before[i]) || math.IsNaN(row[i]); !kept && i != learner {
				t.Fatalf("%s was %v and is %v", s.Names()[i], before[i], row[i])
			}
		}
		if !changed && !same(row, before) {
			t.Fatalf("without a change\n%v became\n%v", before, row)
		}
	}
}

// TestChange changes every hyperparameter in turn, and compares with settling the whole row by the same draws.
func TestChange(t *testing.T) {
	weka, err := problem.Weka768()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []space.Space{zoo(t), weka} {
		c, rng, row := mustCode(t, s), rand.New(rand.NewPCG(5, 6)), make([]float64, s.Len())
		for draw := range uint64(100) {
			c.Sample(row, rng)
			for i, name := range s.Names() {
				if math.IsNaN(row[i]) {
					continue
				}
				to := c.Dimensions()[i].Quantile(rng.Float64())
				whole, part := slices.Clone(row), slices.Clone(row)
				whole[i] = to
				c.Settle(whole, rand.New(rand.NewPCG(draw, 1)))
				changed := c.Change(part, i, to, rand.New(rand.NewPCG(draw, 1)))
				if !same(part, whole) {
					t.Fatalf("after a change of %s\n%v, and settled as a whole\n%v", name, part, whole)
				}
				if changed[0] != i {
					t.Fatalf("what changed begins with %d, not with %d", changed[0], i)
				}
				for j := range row {
					if different := !same(part[j:j+1], row[j:j+1]); j != i && different != slices.Contains(changed, j) {
						t.Fatalf("a change of %s is said to change %v; that dimension %d changed is %v", name, changed, j, different)
					}
				}
			}
		}
	}
}

// TestFill compares with looking at every dimension: the same values, asked for in the same order.
func TestFill(t *testing.T) {
	weka, err := problem.Weka768()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []space.Space{zoo(t), weka} {
		c, rng, row := mustCode(t, s), rand.New(rand.NewPCG(5, 6)), make([]float64, s.Len())
		for range 200 {
			quantiles := make([]float64, s.Len())
			want := make([]float64, s.Len())
			var order, asked []int
			for i := range quantiles {
				quantiles[i], row[i], want[i] = rng.Float64(), rng.Float64(), math.NaN()
			}
			for _, i := range c.Order() {
				if c.Active(i, want) {
					want[i] = c.Dimensions()[i].Quantile(quantiles[i])
					order = append(order, i)
				}
			}
			c.Fill(row, func(i int) float64 { asked = append(asked, i); return quantiles[i] })
			if !same(row, want) {
				t.Fatalf("filled\n%v, want\n%v", row, want)
			}
			if !slices.Equal(asked, order) {
				t.Fatalf("asked for %v, want %v", asked, order)
			}
		}
	}
}

// TestDimensions checks tables of values, their probabilities, and the nearest level.
func TestDimensions(t *testing.T) {
	s := zoo(t)
	c := mustCode(t, s)
	at := func(name string) *Dimension { return &c.Dimensions()[s.Index(name)] }
	if d := at("learner"); !d.Nominal || !slices.Equal(d.Levels, []float64{0, 1, 2}) || math.Abs(d.Upper[0]-4.0/7) > 1e-12 || d.Upper[2] != 1 {
		t.Errorf("learner %+v", d)
	}
	if d := at("C"); d.Levels != nil || d.Nearest(0.3) != 0.3 || d.Quantile(0.3) != 0.3 {
		t.Errorf("C %+v", d)
	}
	if d := at("share"); len(d.Levels) != 10 || d.Nearest(0.12) != d.Levels[1] || d.Nearest(-3) != d.Levels[0] || d.Nearest(7) != d.Levels[9] {
		t.Errorf("share %+v", d)
	}
	if d := at("steps"); len(d.Levels) != 1000 || d.Quantile(0.03) != d.Levels[0] || d.Quantile(0.999999) != d.Levels[999] {
		t.Errorf("steps %v", d.Levels[:3])
	}
	if d := at("seed"); d.Levels != nil {
		t.Errorf("a million values have a table")
	}
	if got := c.Nominal(); got[s.Index("mixed")] != 4 || got[s.Index("size")] != 0 || got[s.Index("version")] != 1 {
		t.Errorf("nominal %v", got)
	}
	position := map[int]int{}
	for k, i := range c.Order() {
		position[i] = k
	}
	if position[s.Index("amount")] < position[s.Index("prune")] || len(position) != s.Len() {
		t.Errorf("order %v", c.Order())
	}
	asked := c.Asked(s.Index("depth"))
	if slices.Sort(asked); len(asked) != 3 || asked[0] != at("depth").Levels[0] || asked[2] != at("depth").Levels[3] {
		t.Errorf("depth is asked for %v of %v", asked, at("depth").Levels)
	}
}

// TestRowsAllocateNothing checks the cost of candidates.
func TestRowsAllocateNothing(t *testing.T) {
	c := mustCode(t, zoo(t))
	rng, row, learner := rand.New(rand.NewPCG(7, 8)), make([]float64, len(c.Dimensions())), 1
	if n := testing.AllocsPerRun(50, func() {
		c.Sample(row, rng)
		c.Settle(row, rng)
		c.Allowed(row)
		c.Change(row, learner, 1-min(row[learner], 1), rng)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
