package problem

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

// TestWeka768Shape checks what the space is named for: 768 hyperparameters, chains of conditions four deep, every
// type.
func TestWeka768Shape(t *testing.T) {
	s := weka(t)
	if s.Len() != 768 {
		t.Errorf("%d hyperparameters", s.Len())
	}
	depth, deepest, types := map[string]int{}, 0, map[space.Type]int{}
	for _, h := range s.Parameters() { // parents come first in this space
		for _, parent := range h.When.Parents() {
			depth[h.Name] = max(depth[h.Name], depth[parent]+1)
		}
		deepest = max(deepest, depth[h.Name])
		types[h.Type]++
	}
	if deepest != 4 {
		t.Errorf("conditions are %d deep", deepest)
	}
	for typ := space.TypeFloat; typ <= space.TypeBool; typ++ {
		if types[typ] < 50 {
			t.Errorf("%d hyperparameters of type %v", types[typ], typ)
		}
	}
}

// TestWeka768Configurations checks samples, designs and neighbours on the space: valid, and without loss in the unit
// cube.
func TestWeka768Configurations(t *testing.T) {
	s := weka(t)
	rng := rand.New(rand.NewPCG(1, 1))
	configs, err := s.Design(space.Sobol, 64, 1)
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		c, err := s.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		configs = append(configs, c)
	}
	for n := range s.Neighbours(configs[0], rng) {
		configs = append(configs, n)
	}
	methods := map[string]int{}
	for _, c := range configs {
		methods[c["method"].Text()]++
		if err := s.Validate(c); err != nil {
			t.Fatal(err)
		}
		if back := s.Decode(s.Encode(c)); !back.Equal(c) {
			t.Fatalf("%v came back as %v", c, back)
		}
	}
	if len(methods) != 3 {
		t.Errorf("methods %v", methods)
	}
}

// TestWeka768Allocations holds the cost of a sample to its configuration and of an encoding to its point: neither may
// allocate for the hundreds of hyperparameters that are inactive.
func TestWeka768Allocations(t *testing.T) {
	s := weka(t)
	rng := rand.New(rand.NewPCG(1, 1))
	c, err := s.Sample(rng)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { c, err = s.Sample(rng) }); n > 60 {
		t.Errorf("a sample makes %v allocations", n)
	}
	var u []float64
	if n := testing.AllocsPerRun(100, func() { u = s.Encode(c) }); n > 1 {
		t.Errorf("an encoding makes %v allocations", n)
	}
	active := 0
	for _, x := range u {
		if !math.IsNaN(x) {
			active++
		}
	}
	if active != len(c) {
		t.Errorf("%d coordinates for %d values", active, len(c))
	}
}

func weka(t testing.TB) space.Space {
	t.Helper()
	s, err := Weka768()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkWeka768Sample(b *testing.B) {
	s := weka(b)
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Sample(rng); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWeka768Encode(b *testing.B) {
	s := weka(b)
	c := s.Default()
	b.ReportAllocs()
	for b.Loop() {
		s.Encode(c)
	}
}

func BenchmarkWeka768Decode(b *testing.B) {
	s := weka(b)
	u := s.Encode(s.Default())
	b.ReportAllocs()
	for b.Loop() {
		s.Decode(u)
	}
}

func BenchmarkWeka768Sobol(b *testing.B) {
	s := weka(b)
	for b.Loop() {
		if _, err := s.Design(space.Sobol, 64, 1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWeka768New(b *testing.B) {
	for b.Loop() {
		weka(b)
	}
}

func BenchmarkWeka768MarshalJSON(b *testing.B) {
	s := weka(b)
	for b.Loop() {
		if _, err := s.MarshalJSON(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestWeka768Problem checks that the problem has losses that differ, and no optimum.
func TestWeka768Problem(t *testing.T) {
	p := find(t, "weka768")
	rng := rand.New(rand.NewPCG(4, 4))
	seen := map[float64]bool{}
	for range 50 {
		c, err := p.Space.Sample(rng)
		if err != nil {
			t.Fatal(err)
		}
		loss := p.Loss(c)
		if !(loss > 0 && loss < 1) || !math.IsNaN(p.Regret(c)) {
			t.Fatalf("loss %v, regret %v", loss, p.Regret(c))
		}
		seen[loss] = true
	}
	if spread, err := p.Spread(); len(seen) != 50 || spread != 0 || err != nil {
		t.Errorf("%d different losses, spread %v, %v", len(seen), spread, err)
	}
}
