package metafeatures

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDiscriminantRules checks the rules of two classes of variance 1 around 0 and 2: the boundary lies half-way for
// equal priors, and moves by log(3)/2 towards the rare class for priors of 3:1.
func TestDiscriminantRules(t *testing.T) {
	for _, c := range []struct {
		copies   int // of the first class
		boundary float64
	}{{1, 1}, {3, 1 + math.Log(3)/2}} {
		l := &landmarkSample{classification: true, classes: 2}
		add := func(class, centre float64) {
			for _, d := range []float64{-1, 1} {
				l.x, l.y = append(l.x, []float64{centre + d}), append(l.y, class)
			}
		}
		for range 1000 {
			for range c.copies {
				add(0, 0)
			}
			add(1, 2)
		}
		train := make([]int, len(l.y))
		for i := range train {
			train[i] = i
		}
		rules := l.discriminantRules(train)
		at := (rules[0].constant - rules[1].constant) / (rules[1].weights[0] - rules[0].weights[0])
		if math.Abs(at-c.boundary) > 1e-3 { // the variance has n - 2 in its divisor
			t.Errorf("%d:1: boundary at %v, want %v", c.copies, at, c.boundary)
		}
	}
}

// TestDiscriminantDegenerate checks that there is no rule where no variance within classes can be estimated.
func TestDiscriminantDegenerate(t *testing.T) {
	l := &landmarkSample{x: column(1, 2, 3), y: []float64{0, 1, 2}, classification: true, classes: 3}
	if rules := l.discriminantRules([]int{0, 1, 2}); rules != nil {
		t.Errorf("rules %v of a class per row", rules)
	}
	l.fold, l.folds = []int{0, 1, 0}, 2
	if got := l.discriminant(); !math.IsNaN(got[1]) {
		t.Errorf("prediction %v without a rule", got[1])
	}
}

// TestNaiveBayes compares with densities and priors multiplied out.
func TestNaiveBayes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	l := &landmarkSample{classification: true, classes: 3, folds: 2}
	for i := range 60 {
		k := i / 2 % 3
		if i > 40 {
			k = 0
		}
		l.x = append(l.x, []float64{rng.NormFloat64() + float64(k), rng.NormFloat64() * float64(k+1), 7})
		l.y = append(l.y, float64(k))
		l.fold = append(l.fold, i%2)
	}
	got := l.naiveBayes()
	for i, x := range l.x {
		best, most := math.NaN(), -1.0
		for k := range 3 {
			posterior, rows := 1.0, 0.0
			for j := range 2 { // the third column is constant and tells nothing
				var values []float64
				for r := range l.x {
					if l.fold[r] != l.fold[i] && int(l.y[r]) == k {
						values = append(values, l.x[r][j])
					}
				}
				m := momentsOf(values)
				v := m.m2 / m.n
				rows = m.n
				posterior *= math.Exp(-(x[j]-m.mean)*(x[j]-m.mean)/(2*v)) / math.Sqrt(v)
			}
			if posterior*rows > most {
				best, most = float64(k), posterior*rows
			}
		}
		if got[i] != best {
			t.Errorf("row %d: class %v, want %v", i, got[i], best)
		}
	}
}

// TestNaiveBayesWithoutVariance checks columns that are constant within a class or everywhere.
func TestNaiveBayesWithoutVariance(t *testing.T) {
	l := &landmarkSample{
		x: [][]float64{{0, 5}, {0, 5}, {1, 5}, {1, 5}}, y: []float64{0, 0, 1, 1}, fold: []int{0, 1, 0, 1}, folds: 2,
		classification: true, classes: 2,
	}
	if got := l.naiveBayes(); !slices.Equal(got, l.y) {
		t.Errorf("classes %v, want %v", got, l.y)
	}
}

// TestHomogeneity checks Box's statistic where it is known: 1 for classes of one covariance matrix, and undefined
// for singular ones.
func TestHomogeneity(t *testing.T) {
	shape := [][]float64{{-1, -1}, {-1, 1}, {1, -1}, {1, 1}, {0, 2}, {2, 0}}
	ratioOf := func(scale float64, classes []string) (float64, bool) {
		a, b := make([]float64, 12), make([]float64, 12)
		for i := range 12 {
			s := 1.0
			if i >= 6 {
				s = scale
			}
			a[i], b[i] = s*shape[i%6][0]+float64(i/6), s*shape[i%6][1]
		}
		v, ok := mustExtract(t, datasetOf(levelsColumn("y", classes), numberColumn("a", a), numberColumn("b", b)),
			Options{Groups: []string{Statistical}}).Map()["sd_ratio"]
		return v, ok
	}
	two := []string{"u", "u", "u", "u", "u", "u", "v", "v", "v", "v", "v", "v"}
	equal, _ := ratioOf(1, two)
	close(t, "equal covariances", equal, 1)
	other, _ := ratioOf(3, two)
	inverse, _ := ratioOf(1.0/3, two)
	if !(other > 1.1) || math.Abs(other-inverse) > 1e-9 {
		t.Errorf("one class three times as wide: %v, three times as narrow: %v", other, inverse)
	}
	if v, ok := ratioOf(0, two); ok {
		t.Errorf("a class without variance: %v", v)
	}
	few := slices.Clone(two)
	few[0], few[1] = "w", "w" // two rows for two columns
	if v, ok := ratioOf(1, few); ok {
		t.Errorf("a class with as few rows as columns: %v", v)
	}
}
