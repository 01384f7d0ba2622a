package kde

import (
	"math"
	"math/rand/v2"
	"testing"
)

var nan = math.NaN()

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
		t.Errorf("%s is %.16g, want %.16g", what, got, want)
	}
}

// TestTruncatedGaussian compares single kernels with scipy 1.17.1:
//
//	truncnorm.logpdf(x, -m/s, (1-m)/s, loc=m, scale=s)
func TestTruncatedGaussian(t *testing.T) {
	for _, kernel := range []struct {
		centre, bandwidth float64
		want              [4]float64
	}{
		{.1, .3, [4]float64{0.6927708981799943, 0.734437564846661, -0.14056243515333922, -3.75167354626445}},
		{.6, .05, [4]float64{-69.92320625965066, -58.42320625965066, 0.07679374034931952, -29.923206259650684}},
	} {
		m := New(make([]Dimension, 1), Options{})
		m.Add([]float64{kernel.centre}, []float64{kernel.bandwidth}, 1)
		for i, x := range []float64{0, .05, .5, 1} {
			near(t, "log density", m.LogDensity([]float64{x}), kernel.want[i], 1e-12)
		}
	}
}

// TestMixture compares a weighted mixture with a uniform component with the sum of scipy's truncnorm.pdf.
func TestMixture(t *testing.T) {
	m := New(make([]Dimension, 1), Options{Uniform: 1})
	m.Add([]float64{.1}, []float64{.3}, 2)
	m.Add([]float64{.5}, []float64{.3}, 0)
	m.Add([]float64{.6}, []float64{.05}, 1)
	for i, want := range []float64{0.22284253673817567, 0.25631112494011987, -0.046683367826823856, -1.3404066512163173} {
		near(t, "log density", m.LogDensity([]float64{[]float64{0, .05, .5, 1}[i]}), want, 1e-12)
	}
	if m.Len() != 2 {
		t.Errorf("%d kernels, of which one has no weight", m.Len())
	}
}

// TestGrid compares the cells of a kernel with numpy.diff(norm.cdf(edges)) of scipy 1.17.1, normalised.
func TestGrid(t *testing.T) {
	m := New([]Dimension{{Cells: 5}}, Options{})
	m.Add([]float64{.25}, []float64{.2}, 1)
	want := []float64{1.295501915946038, 2.052204022229673, 1.2955019159460375, 0.32475950160701006, 0.032032644271241556}
	for i := range want {
		for _, inside := range []float64{0.01, 0.5, 0.99} {
			near(t, "density", math.Exp(m.LogDensity([]float64{(float64(i) + inside) / 5})), want[i], 1e-12)
		}
	}
}

func TestChoices(t *testing.T) {
	for _, tc := range []struct {
		choices                int
		bandwidth, same, other float64
	}{
		{3, .3, .7 * 3, .15 * 3}, {2, 0, 2, 0}, {4, .75, 1, 1}, {4, 2, 1, 1}, {2, -1, 2, 0}, {1, .3, 1, 1},
	} {
		m := New([]Dimension{{Choices: tc.choices}}, Options{})
		m.Add([]float64{0}, []float64{tc.bandwidth}, 5)
		near(t, "density of the centre", math.Exp(m.LogDensity([]float64{0.1 / float64(tc.choices)})), tc.same, 1e-14)
		if tc.choices > 1 {
			near(t, "density of another choice", math.Exp(m.LogDensity([]float64{0.9})), tc.other, 1e-14)
		}
	}
}

// TestHpBandSter compares densities with those of statsmodels 0.15.0, as HpBandSter 0.7.4 has them
// (choices as numbers 0, 1, 2):
//
//	k = sm.nonparametric.KDEMultivariate(data=…, var_type="ccu", bw="normal_reference"); k.bw; k.pdf(point)
func TestHpBandSter(t *testing.T) {
	dims := []Dimension{{}, {}, {Choices: 3}}
	point := func(x, y, c float64) []float64 { return []float64{x, y, (c + 0.5) / 3} }
	at := [][]float64{point(.2, .7, 1), point(.5, .5, 0), point(.02, .97, 2), point(.88, .15, 2)}
	for _, model := range []struct {
		points          [][]float64
		bandwidth, want []float64
	}{
		{
			[][]float64{point(.10, .80, 0), point(.25, .55, 1), point(.30, .60, 2), point(.22, .71, 1), point(.18, .95, 1)},
			[]float64{0.0568768359734457, 0.12070101865432359, 0.5327003758038854},
			[]float64{3.3220335003988026, 0.0018834989586244428, 0.1938829882596464, 5.455312726485077e-26},
		},
		{
			[][]float64{point(.90, .10, 2), point(.75, .35, 1), point(.60, .05, 2), point(.55, .45, 1), point(.95, .20, 0), point(.40, .99, 1)},
			[]float64{0.15964613396779778, 0.25827407806368907, 0.5639162521885145},
			[]float64{0.08465305021602347, 0.276850865653438, 0.01073976328696618, 0.5981931117800112},
		},
	} {
		m := New(dims, Options{Untruncated: true})
		for _, p := range model.points {
			m.Add(p, model.bandwidth, 1)
		}
		for i, x := range at {
			if got := math.Exp(m.LogDensity(x)) / 3; math.Abs(got/model.want[i]-1) > 1e-11 {
				t.Errorf("density at %v is %v, want %v", x, got, model.want[i])
			}
		}
	}
}

// mixed is a mixture over every kind of dimension, with inactive parts.
func mixed(opt Options) *Mixture {
	m := New([]Dimension{{}, {Choices: 3}, {Cells: 4}, {}}, opt)
	m.Add([]float64{.1, .5, .6, nan}, []float64{.2, .4, .3, .1}, 1)
	m.Add([]float64{.9, nan, .1, .5}, []float64{.1, .4, .2, .6}, 3)
	m.Add([]float64{nan, .9, nan, 1}, []float64{.1, .2, .2, .05}, 2)
	return m
}

// TestDensityIntegratesToOne sums densities over a fine lattice of the cube.
func TestDensityIntegratesToOne(t *testing.T) {
	for _, opt := range []Options{{}, {Uniform: 2}} {
		m, sum, n := mixed(opt), 0.0, 0.0
		const fine = 60
		for i := range fine {
			for c := range 3 {
				for g := range 4 {
					for k := range fine {
						x := []float64{(float64(i) + .5) / fine, (float64(c) + .5) / 3, (float64(g) + .5) / 4, (float64(k) + .5) / fine}
						sum, n = sum+math.Exp(m.LogDensity(x)), n+1
					}
				}
			}
		}
		near(t, "the mean density", sum/n, 1, 1e-3)
	}
}

// TestSamplesFollowTheDensity compares, on a coarse partition of the cube, shares of draws with the integral.
func TestSamplesFollowTheDensity(t *testing.T) {
	m := mixed(Options{Uniform: 1})
	rng := rand.New(rand.NewPCG(3, 4))
	const draws, half = 60_000, 20
	counts := map[[4]int]float64{}
	x := make([]float64, 4)
	cell := func(x []float64) [4]int {
		return [4]int{int(min(x[0], .999) * 2), int(x[1] * 3), int(x[2] * 4), int(min(x[3], .999) * 2)}
	}
	for range draws {
		m.Sample(rng, 1, x)
		counts[cell(x)]++
	}
	integral := map[[4]int]float64{}
	for i := range 2 * half {
		for c := range 3 {
			for g := range 4 {
				for k := range 2 * half {
					x := []float64{(float64(i) + .5) / (2 * half), (float64(c) + .5) / 3, (float64(g) + .5) / 4, (float64(k) + .5) / (2 * half)}
					integral[cell(x)] += math.Exp(m.LogDensity(x)) / (4 * half * half * 12)
				}
			}
		}
	}
	for c, p := range integral {
		if got := counts[c] / draws; math.Abs(got-p) > 5*math.Sqrt(p/draws)+5e-4 {
			t.Errorf("cell %v has share %.4f, want %.4f", c, got, p)
		}
	}
}

// TestWiden checks the spread of draws from a widened kernel against the truncated Gaussian's variance.
func TestWiden(t *testing.T) {
	m := New(make([]Dimension, 1), Options{})
	m.Add([]float64{.5}, []float64{.02}, 1)
	rng, x, sum := rand.New(rand.NewPCG(1, 2)), make([]float64, 1), 0.0
	const draws = 20_000
	for range draws {
		m.Sample(rng, 3, x)
		sum += (x[0] - .5) * (x[0] - .5)
	}
	near(t, "standard deviation", math.Sqrt(sum/draws), .06, .01)
}

// TestInactive checks that inactive coordinates of the point or of the kernel leave the others' density alone.
func TestInactive(t *testing.T) {
	m := New(make([]Dimension, 2), Options{})
	m.Add([]float64{.3, .6}, []float64{.1, .2}, 1)
	one := New(make([]Dimension, 1), Options{})
	one.Add([]float64{.3}, []float64{.1}, 1)
	near(t, "density without the second", m.LogDensity([]float64{.4, nan}), one.LogDensity([]float64{.4}), 1e-14)
	m.Reset()
	m.Add([]float64{.3, nan}, []float64{.1, .2}, 1)
	near(t, "density of a kernel without the second", m.LogDensity([]float64{.4, .9}), one.LogDensity([]float64{.4}), 1e-14)
	near(t, "density without any", m.LogDensity([]float64{nan, nan}), 0, 0)
}

// TestExtremes checks that nothing comes out as NaN or outside the cube, whatever is put in.
func TestExtremes(t *testing.T) {
	dims := []Dimension{{}, {Choices: 2}, {Cells: 3}}
	for _, h := range []float64{0, 1e-300, 1e-9, 1, 1e9, math.Inf(1)} {
		m := New(dims, Options{})
		m.Add([]float64{1.5, -3, 7}, []float64{h, h, h}, 1e-300)
		m.Add([]float64{0, 0, 0}, []float64{h, h, h}, 1e300)
		rng, x := rand.New(rand.NewPCG(1, 1)), make([]float64, 3)
		for range 50 {
			m.Sample(rng, 3, x)
			for _, u := range x {
				if !(u >= 0 && u <= 1) {
					t.Fatalf("bandwidth %v draws %v", h, x)
				}
			}
			if d := m.LogDensity(x); math.IsNaN(d) || math.IsInf(d, 1) {
				t.Fatalf("bandwidth %v has log density %v at %v", h, d, x)
			} else if h > 1000 && math.Abs(d) > 1e-5 {
				t.Fatalf("bandwidth %v has log density %v at %v, and is not uniform", h, d, x)
			}
		}
	}
	empty, x := New(dims, Options{}), make([]float64, 3)
	empty.Sample(rand.New(rand.NewPCG(1, 1)), 1, x)
	if d := empty.LogDensity(x); !math.IsInf(d, -1) {
		t.Errorf("an empty mixture has log density %v", d)
	}
}

// TestResetKeepsMemory checks that filling and asking again allocates nothing.
func TestResetKeepsMemory(t *testing.T) {
	m := mixed(Options{Uniform: 1})
	rng, x := rand.New(rand.NewPCG(1, 1)), make([]float64, 4)
	centre, h := []float64{.2, .5, .6, nan}, []float64{.1, .1, .3, .1}
	again := func() {
		m.Reset()
		for range 50 {
			m.Add(centre, h, 1)
		}
		m.Sample(rng, 1, x)
		m.LogDensity(x)
	}
	again()
	if n := testing.AllocsPerRun(20, again); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestGridForgets checks that rows of bandwidths that are not used again do not pile up.
func TestGridForgets(t *testing.T) {
	m := New([]Dimension{{Cells: 3}}, Options{})
	for i := range 3 * maxRows {
		m.Reset()
		m.Add([]float64{.5}, []float64{.1 + float64(i)*1e-6}, 1)
	}
	if n := len(m.grid.rows); n > maxRows+1 {
		t.Errorf("%d rows are kept", n)
	}
	near(t, "density", math.Exp(m.LogDensity([]float64{.5})), 3*math.Erf(1/(6*m.shapes[0].width*math.Sqrt2))/math.Erf(1/(2*m.shapes[0].width*math.Sqrt2)), 1e-12)
}

func BenchmarkLogDensity(b *testing.B) {
	rng := rand.New(rand.NewPCG(5, 6))
	m := New(make([]Dimension, 6), Options{Uniform: 1})
	h := []float64{.1, .1, .1, .1, .1, .1}
	x := make([]float64, 6)
	for range 1000 {
		for j := range x {
			x[j] = rng.Float64()
		}
		m.Add(x, h, 1)
	}
	for b.Loop() {
		m.LogDensity(x)
	}
}
