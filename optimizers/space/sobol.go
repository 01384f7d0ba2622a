package space

import (
	_ "embed"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"strconv"
	"strings"
)

// sobolDimensions is the number of dimensions the table has direction numbers for.
const sobolDimensions = 1024

// sobolBits is the number of binary digits of a coordinate, those of a float64 in [0, 1).
const sobolBits = 53

// joeKuo lists, for dimension 2 and on, a primitive polynomial over GF(2), whose bits are its coefficients, and the
// initial direction numbers m_1 … m_s of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better
// two-dimensional projections", SIAM J. Sci. Comput. 30 (2008), search criterion D6.
//
//go:embed joekuo.txt
var joeKuo string

// sobol is a Sobol sequence: point i is the exclusive or of the directions that the Gray code of i selects
// (Antonov and Saleev 1979).
type sobol struct {
	directions [][sobolBits]uint64 // per dimension, as integers of sobolBits digits
	point      []uint64            // the next point
	count      uint64              // its index
}

// newSobol returns the sequence of d <= sobolDimensions dimensions; its first point is the origin.
func newSobol(d int) (*sobol, error) {
	if d > sobolDimensions {
		return nil, fmt.Errorf("space: %d dimensions; direction numbers end at %d", d, sobolDimensions)
	}
	s := &sobol{directions: make([][sobolBits]uint64, d), point: make([]uint64, d)}
	table := joeKuo
	for j := range s.directions {
		if j == 0 {
			for k := range sobolBits {
				s.directions[0][k] = 1 << (sobolBits - 1 - k)
			}
			continue
		}
		line, rest, _ := strings.Cut(table, "\n")
		table = rest
		if err := readDirections(line, &s.directions[j]); err != nil {
			return nil, fmt.Errorf("space: direction numbers of dimension %d: %w", j+1, err)
		}
	}
	return s, nil
}

// readDirections computes a dimension's directions by the recurrence of its primitive polynomial
// x^s + a_1 x^(s-1) + … + 1: v_k = a_1 v_(k-1) ^ … ^ a_(s-1) v_(k-s+1) ^ v_(k-s) ^ (v_(k-s) >> s).
func readDirections(line string, v *[sobolBits]uint64) error {
	fields := strings.Fields(line)
	numbers := make([]uint64, len(fields))
	for i, f := range fields {
		n, err := strconv.ParseUint(f, 10, 32)
		if err != nil {
			return err
		}
		numbers[i] = n
	}
	if len(numbers) < 2 || bits.Len64(numbers[0]) != len(numbers) {
		return fmt.Errorf("%q is no polynomial with one initial number per degree", line)
	}
	polynomial, degree := numbers[0], len(numbers)-1
	for k := range sobolBits {
		if k < degree {
			v[k] = numbers[k+1] << (sobolBits - 1 - k)
			continue
		}
		v[k] = v[k-degree] ^ v[k-degree]>>degree
		for i := 1; i < degree; i++ {
			if polynomial>>(degree-i)&1 == 1 {
				v[k] ^= v[k-i]
			}
		}
	}
	return nil
}

// scramble randomizes the sequence from its current point on by a random linear scrambling of each dimension and a
// digital shift (Matoušek 1998): points stay as evenly spread, and each becomes uniform on the unit cube.
func (s *sobol) scramble(rng *rand.Rand) {
	for j := range s.directions {
		var rows [sobolBits]uint64 // of a lower triangular matrix; the leading digit is the highest bit
		for i := range rows {
			above := ^uint64(0) << (sobolBits - i) & (1<<sobolBits - 1)
			rows[i] = rng.Uint64()&above | 1<<(sobolBits-1-i)
		}
		for k, v := range s.directions[j] {
			var scrambled uint64
			for i, row := range rows {
				scrambled |= uint64(bits.OnesCount64(row&v)&1) << (sobolBits - 1 - i)
			}
			s.directions[j][k] = scrambled
		}
		s.point[j] = rng.Uint64() >> (64 - sobolBits)
	}
}

// next writes the next point, coordinates in [0, 1), into u.
func (s *sobol) next(u []float64) {
	for j, x := range s.point {
		u[j] = float64(x) / (1 << sobolBits)
	}
	// The Gray codes of i and i+1 differ in the digit at which i has its lowest zero.
	k := bits.TrailingZeros64(^s.count)
	for j := range s.point {
		s.point[j] ^= s.directions[j][k]
	}
	s.count++
}
