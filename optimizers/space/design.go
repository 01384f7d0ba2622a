package space

import (
	"fmt"
	"math/rand/v2"
)

// Spread is how Design spreads configurations over a space.
type Spread uint8

// The spreads. Uniform draws independently. Sobol follows a scrambled Sobol sequence, which is most even when n is
// a power of two; every prefix of a design is the design of fewer configurations. LatinHypercube puts exactly one of
// n coordinates in each of n equal slices of every hyperparameter (McKay, Beckman and Conover 1979).
const (
	Uniform Spread = iota
	Sobol
	LatinHypercube
)

var spreadNames = [...]string{"uniform", "sobol", "latin-hypercube"}

// String returns uniform, sobol or latin-hypercube.
func (d Spread) String() string {
	if int(d) < len(spreadNames) {
		return spreadNames[d]
	}
	return fmt.Sprintf("spread(%d)", uint8(d))
}

// ParseSpread reads a spread as String spells it.
func ParseSpread(name string) (Spread, error) {
	for i, n := range spreadNames {
		if n == name {
			return Spread(i), nil
		}
	}
	return 0, fmt.Errorf("space: unknown spread %q (one of %v)", name, spreadNames)
}

// Streams of Design's randomness. Each spread has its own, so that designs of the same seed are unrelated.
const (
	streamUniform = 0x64657369676e0000 + iota
	streamSobol
	streamHypercube
	streamBeyondSobol
)

// Design returns n configurations spread over the space, the same for the same space, spread, n and seed. Choices
// appear by their weights. Small discrete spaces give the same configuration more than once. Forbidden
// configurations are left out: Sobol goes on along its sequence, Uniform and LatinHypercube draw anew, after which a
// LatinHypercube is no longer exact. The error, which is ErrInvalid, says that hardly anything is allowed.
//
// Sobol has direction numbers for 1024 hyperparameters, constants not counted; those beyond, the last ones in the
// space's order, follow a Latin hypercube of the 64 points around each instead.
func (s Space) Design(spread Spread, n int, seed uint64) ([]Config, error) {
	if n <= 0 {
		return nil, nil
	}
	next, err := s.points(spread, n, seed)
	if err != nil {
		return nil, err
	}
	u := make([]float64, len(s.params))
	at := func(i int) float64 { return u[i] }
	configs := make([]Config, 0, n)
	for misses := 0; len(configs) < n; {
		next(u)
		c := s.quantiles(at)
		if s.allowed(c) {
			configs, misses = append(configs, c), 0
			continue
		}
		if misses++; misses >= maxDraws {
			return nil, s.errForbidden()
		}
	}
	return configs, nil
}

// points returns a function that writes the next point of the spread, one coordinate per hyperparameter.
func (s Space) points(spread Spread, n int, seed uint64) (func(u []float64), error) {
	switch spread {
	case Uniform:
		return independent(rand.New(rand.NewPCG(seed, streamUniform))), nil
	case Sobol:
		return s.sobolPoints(seed)
	case LatinHypercube:
		return hypercube(rand.New(rand.NewPCG(seed, streamHypercube)), len(s.params), n), nil
	}
	return nil, fmt.Errorf("space: %v does not exist", spread)
}

func independent(rng *rand.Rand) func(u []float64) {
	return func(u []float64) {
		for j := range u {
			u[j] = rng.Float64()
		}
	}
}

// hypercube yields the n points of a Latin hypercube in d dimensions, then independent ones.
func hypercube(rng *rand.Rand, d, n int) func(u []float64) {
	slices := make([][]int, d)
	for j := range slices {
		slices[j] = rng.Perm(n)
	}
	i, rest := 0, independent(rng)
	return func(u []float64) {
		if i == n {
			rest(u)
			return
		}
		for j := range slices {
			u[j] = (float64(slices[j][i]) + rng.Float64()) / float64(n)
		}
		i++
	}
}

// paddingBlock is how many points share a Latin hypercube in the dimensions that Sobol's table lacks. It does not
// depend on n, so that a prefix of a design stays the design of fewer configurations.
const paddingBlock = 64

// sobolPoints yields a scrambled Sobol sequence over the hyperparameters that vary, padded beyond the table.
func (s Space) sobolPoints(seed uint64) (func(u []float64), error) {
	var varying []int
	for i := range s.params {
		if h := &s.params[i]; h.Type != TypeConstant {
			varying = append(varying, i)
		}
	}
	tabled := min(len(varying), sobolDimensions)
	sequence, err := newSobol(tabled)
	if err != nil {
		return nil, err
	}
	sequence.scramble(rand.New(rand.NewPCG(seed, streamSobol)))
	point := make([]float64, len(varying))
	padding := padded(rand.New(rand.NewPCG(seed, streamBeyondSobol)), len(varying)-tabled)
	return func(u []float64) {
		sequence.next(point[:tabled])
		padding(point[tabled:])
		for j, i := range varying {
			u[i] = point[j]
		}
	}, nil
}

// padded yields one Latin hypercube of paddingBlock points after another.
func padded(rng *rand.Rand, d int) func(u []float64) {
	if d == 0 {
		return func([]float64) {}
	}
	var block func(u []float64)
	i := 0
	return func(u []float64) {
		if i%paddingBlock == 0 {
			block = hypercube(rng, d, paddingBlock)
		}
		block(u)
		i++
	}
}
