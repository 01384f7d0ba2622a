package gaussian

import (
	"math"
	"testing"
)

func fill(n int, v float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = v
	}
	return out
}

// rosenbrock is Rosenbrock's function, whose minimum of 0 is at ones.
func rosenbrock(x, gradient []float64) float64 {
	clear(gradient)
	sum := 0.0
	for i := range len(x) - 1 {
		a, b := x[i+1]-x[i]*x[i], 1-x[i]
		sum += 100*a*a + b*b
		gradient[i] += -400*a*x[i] - 2*b
		gradient[i+1] += 200 * a
	}
	return sum
}

// TestMinimize checks minima inside the box, at its edges, and from a point at an edge.
func TestMinimize(t *testing.T) {
	bowl := func(centre float64) Objective {
		return func(x, gradient []float64) float64 {
			sum := 0.0
			for i := range x {
				d, weight := x[i]-centre, float64(i+1)
				sum += weight * d * d
				gradient[i] = 2 * weight * d
			}
			return sum
		}
	}
	for _, c := range []struct {
		name       string
		f          Objective
		start      []float64
		low, high  float64
		want       float64 // of every coordinate
		value      float64
		iterations int
	}{
		{"bowl", bowl(0.3), []float64{0, 1, 0.5}, 0, 1, 0.3, 0, 50},
		{"beyond the edge", bowl(2), []float64{0.2, 0.4, 0}, 0, 1, 1, 6, 50},
		{"from the corner", bowl(-1), []float64{1, 1, 1}, 0, 1, 0, 6, 50},
		{"valley", rosenbrock, []float64{-1.2, 1, -1.2, 1, 0}, -5, 10, 1, 0, 300},
		{"no room", bowl(0.3), []float64{0.7}, 0.7, 0.7, 0.7, 0.16, 50},
	} {
		x := append([]float64(nil), c.start...)
		opt := Descent{Iterations: c.iterations, Tolerance: 1e-15}
		value, evaluations := Minimize(c.f, x, fill(len(x), c.low), fill(len(x), c.high), opt)
		if math.Abs(value-c.value) > 1e-9 || evaluations > 2*c.iterations {
			t.Errorf("%s: value %v after %d evaluations, want %v", c.name, value, evaluations, c.value)
		}
		for i, v := range x {
			if math.Abs(v-c.want) > 1e-4 {
				t.Errorf("%s: coordinate %d is %v, want %v", c.name, i, v, c.want)
			}
		}
	}
}

// TestMinimizeStaysInTheBox checks every evaluated point, with a function that has no value in a part of the box.
func TestMinimizeStaysInTheBox(t *testing.T) {
	f := func(x, gradient []float64) float64 {
		if x[0] < 0 || x[0] > 1 || x[1] < 0 || x[1] > 1 {
			t.Fatalf("evaluated at %v", x)
		}
		gradient[0], gradient[1] = -1/x[0]+4, 1
		if x[0] < 0.1 {
			return math.NaN()
		}
		return -math.Log(x[0]) + 4*x[0] + x[1]
	}
	x := []float64{0.9, 0.5}
	value, _ := Minimize(f, x, fill(2, 0), fill(2, 1), Descent{})
	if want := math.Log(4) + 1; math.Abs(value-want) > 1e-6 || x[1] != 0 {
		t.Errorf("value %v at %v, want %v", value, x, want)
	}
}
