package space

import (
	_ "embed"
	"math"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

//go:embed testdata/sobol.txt
var scipySobol string

// TestSobolAgreesWithSciPy compares point by point with the sequence of scipy.stats.qmc, without scrambling.
func TestSobolAgreesWithSciPy(t *testing.T) {
	s, err := newSobol(sobolDimensions)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(scipySobol), "\n")
	dims := strings.Fields(lines[1])
	u := make([]float64, sobolDimensions)
	points := 0
	for i, line := range lines[2:] {
		s.next(u)
		points++
		for k, field := range strings.Fields(line) {
			d, _ := strconv.Atoi(dims[k])
			want, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			if u[d-1] != want/64 {
				t.Fatalf("point %d, dimension %d: %v, want %v", i, d, u[d-1], want/64)
			}
		}
	}
	if points != 64 || len(dims) != 25 {
		t.Errorf("%d points in %d dimensions compared", points, len(dims))
	}
}

// TestJoeKuoTable checks what makes each line of the table a Sobol dimension: a primitive polynomial, no two alike,
// and odd initial numbers m_k < 2^k.
func TestJoeKuoTable(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(joeKuo), "\n")
	if len(lines) != sobolDimensions-1 {
		t.Fatalf("%d lines for %d dimensions", len(lines), sobolDimensions)
	}
	last := uint64(0)
	for i, line := range lines {
		fields := strings.Fields(line)
		p, _ := strconv.ParseUint(fields[0], 10, 64)
		if p <= last || !primitive(p) {
			t.Errorf("line %d: polynomial %b is not primitive or out of order", i+1, p)
		}
		last = p
		for k, f := range fields[1:] {
			if m, err := strconv.ParseUint(f, 10, 64); err != nil || m%2 == 0 || m >= 1<<(k+1) {
				t.Errorf("line %d: m_%d = %s", i+1, k+1, f)
			}
		}
	}
}

// primitive reports whether x generates all nonzero residues modulo the polynomial p over GF(2).
func primitive(p uint64) bool {
	degree := bits.Len64(p) - 1
	period, x := 0, uint64(1)
	for {
		if x <<= 1; x>>degree&1 == 1 {
			x ^= p
		}
		period++
		if x == 1 || period > 1<<degree {
			return period == 1<<degree-1
		}
	}
}

func TestSobolRefusesBadTables(t *testing.T) {
	var v [sobolBits]uint64
	for _, line := range []string{"", "3", "x 1", "7 1", "3 1 1"} {
		if err := readDirections(line, &v); err == nil {
			t.Errorf("line %q is read", line)
		}
	}
	if _, err := newSobol(sobolDimensions + 1); err == nil {
		t.Error("a dimension without direction numbers")
	}
}

// TestScrambledSobolIsANet checks that scrambling keeps what makes the points even: among the first 2^m, each
// dimension has one in every slice of width 2^-m, and the first two dimensions, a (0, m, 2)-net, have one in every
// box of 2^-a by 2^-(m-a).
func TestScrambledSobolIsANet(t *testing.T) {
	const m, d = 7, 40
	for seed := range uint64(5) {
		s, err := newSobol(d)
		if err != nil {
			t.Fatal(err)
		}
		s.scramble(rand.New(rand.NewPCG(seed, 0)))
		points := make([][]float64, 1<<m)
		for i := range points {
			points[i] = make([]float64, d)
			s.next(points[i])
		}
		for j := range d {
			if n := boxes(points, func(u []float64) int { return int(u[j] * (1 << m)) }); n != 1<<m {
				t.Fatalf("dimension %d: %d slices of %d have a point", j+1, n, 1<<m)
			}
		}
		for a := range m + 1 {
			n := boxes(points, func(u []float64) int { return int(u[0]*math.Exp2(float64(a)))<<m | int(u[1]*math.Exp2(float64(m-a))) })
			if n != 1<<m {
				t.Fatalf("%d boxes of %d have a point where a = %d", n, 1<<m, a)
			}
		}
	}
}

func boxes(points [][]float64, box func([]float64) int) int {
	seen := map[int]bool{}
	for _, u := range points {
		seen[box(u)] = true
	}
	return len(seen)
}

// TestScramblingIsUniform checks that a single point is uniform over seeds, by the mean and variance of 4,000.
func TestScramblingIsUniform(t *testing.T) {
	const n = 4000
	var sum, squares [3]float64
	for seed := range uint64(n) {
		s, _ := newSobol(3)
		s.scramble(rand.New(rand.NewPCG(seed, 1)))
		u := make([]float64, 3)
		s.next(u)
		s.next(u)
		for j, x := range u {
			sum[j] += x
			squares[j] += (x - 0.5) * (x - 0.5)
		}
	}
	for j := range sum {
		mean, variance := sum[j]/n, squares[j]/n
		if math.Abs(mean-0.5) > 0.02 || math.Abs(variance-1.0/12) > 0.005 {
			t.Errorf("dimension %d: mean %v, variance %v", j+1, mean, variance)
		}
	}
}

// TestSobolIntegrates checks the point of it all: a smooth integral in six dimensions is at least ten times as
// accurate as by independent points.
func TestSobolIntegrates(t *testing.T) {
	f := func(u []float64) float64 {
		product := 1.0
		for _, x := range u {
			product *= 1 + 0.5*(x-0.5)
		}
		return product - 1 // integral 0
	}
	const n, d, repeats = 1024, 6, 20
	rms := func(point func(seed uint64) func([]float64)) float64 {
		total, u := 0.0, make([]float64, d)
		for seed := range uint64(repeats) {
			next, sum := point(seed), 0.0
			for range n {
				next(u)
				sum += f(u)
			}
			total += sum / n * sum / n
		}
		return math.Sqrt(total / repeats)
	}
	sobol := rms(func(seed uint64) func([]float64) {
		s, _ := newSobol(d)
		s.scramble(rand.New(rand.NewPCG(seed, 2)))
		return s.next
	})
	uniform := rms(func(seed uint64) func([]float64) { return independent(rand.New(rand.NewPCG(seed, 3))) })
	if !(sobol < uniform/10) {
		t.Errorf("root mean square error %v by Sobol, %v by independent points", sobol, uniform)
	}
}
