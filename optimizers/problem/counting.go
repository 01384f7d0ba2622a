package problem

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Counting ones (Falkner, Klein and Hutter 2018) has half of its parameters each way.
const (
	countingBits     = 8
	countingNumbers  = 8
	countingFidelity = "b"
	countingFull     = 729
)

// countingOnes maximises the sum of eight bits and eight numbers of [0, 1], each number measured as the mean of b
// coins that fall heads with its probability: b is the fidelity, of 9 (then 27, 81, 243) to 729.
func countingOnes() (Problem, error) {
	return counting(func(x float64) float64 { return x }, 1)
}

// countingShifted is countingOnes with the best numbers at .7 instead of a corner of the space.
func countingShifted() (Problem, error) {
	return counting(func(x float64) float64 { return 1 - math.Abs(x-0.7)/0.7 }, 0.7)
}

// counting makes the problem whose coins fall heads with probability gain(x), greatest, at 1, where x is best.
func counting(gain func(x float64) float64, best float64) (Problem, error) {
	var params []space.Hyperparameter
	minimizer := space.Config{}
	for i := range countingBits {
		name := fmt.Sprintf("c%d", i)
		params = append(params, space.Hyperparameter{
			Name: name, Type: space.TypeCategorical, Choices: []space.Value{space.Int(0), space.Int(1)},
		})
		minimizer[name] = space.Int(1)
	}
	for i := range countingNumbers {
		params = append(params, space.Hyperparameter{Name: coordinate(i), Low: 0, High: 1})
		minimizer[coordinate(i)] = space.Float(best)
	}
	// total sums the bits, and what of turns each number into.
	total := func(c space.Config, of func(p float64) float64) float64 {
		sum := 0.0
		for i := range countingBits {
			sum += c[fmt.Sprintf("c%d", i)].Float()
		}
		for i := range countingNumbers {
			sum += of(gain(c[coordinate(i)].Float()))
		}
		return -sum / (countingBits + countingNumbers)
	}
	p := Problem{
		Fidelities: []study.Range{{Name: countingFidelity, Low: 9, High: countingFull, Log: true, Integer: true}},
		Optimum:    -1, Minimizers: []space.Config{minimizer},
		loss: func(c space.Config) float64 { return total(c, func(p float64) float64 { return p }) },
		measure: func(c space.Config, f study.Fidelity, seed uint64) float64 {
			coins := countingFull
			if b, ok := f[countingFidelity]; ok {
				coins = int(b)
			}
			rng := noise(c, uint64(coins), seed)
			return total(c, func(p float64) float64 { return heads(rng, coins, p) })
		},
	}
	var err error
	p.Space, err = space.New(params)
	return p, err
}

// heads returns the share of coins that fall heads.
func heads(rng *rand.Rand, coins int, probability float64) float64 {
	n := 0
	for range coins {
		if rng.Float64() < probability {
			n++
		}
	}
	return float64(n) / float64(coins)
}

// noise returns the random numbers of a measurement, which follow from seed, configuration and fidelity.
func noise(c space.Config, fidelity, seed uint64) *rand.Rand {
	var text []byte
	for _, name := range c.Names() {
		text = binary.LittleEndian.AppendUint64(append(text, name...), math.Float64bits(c[name].Float()))
	}
	text = binary.LittleEndian.AppendUint64(text, fidelity)
	text = binary.LittleEndian.AppendUint64(text, seed)
	return rand.New(rand.NewChaCha8(sha256.Sum256(text)))
}
