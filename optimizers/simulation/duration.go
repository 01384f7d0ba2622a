package simulation

import (
	"encoding/binary"
	"math"
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers/study"
)

// Duration returns a trial's run time. effort is the share of a full evaluation that is to be done; rng is the
// trial's own stream.
type Duration func(s study.Suggestion, effort float64, rng *rand.Rand) float64

// Constant takes exactly the effort.
func Constant() Duration {
	return func(_ study.Suggestion, effort float64, _ *rand.Rand) float64 { return effort }
}

// Exponential takes the effort times an exponential factor of mean 1.
func Exponential() Duration {
	return func(_ study.Suggestion, effort float64, rng *rand.Rand) float64 { return effort * rng.ExpFloat64() }
}

// LogNormal takes the effort times a lognormal factor of mean 1 whose logarithm has the standard deviation sigma.
func LogNormal(sigma float64) Duration {
	return func(_ study.Suggestion, effort float64, rng *rand.Rand) float64 {
		return effort * math.Exp(sigma*rng.NormFloat64()-sigma*sigma/2)
	}
}

// Pareto takes the effort times a factor of mean 1 that follows a Pareto law of index alpha > 1: most trials are
// faster than the mean, and a few stragglers take many times as long. At alpha <= 2 the variance is infinite.
func Pareto(alpha float64) Duration {
	return func(_ study.Suggestion, effort float64, rng *rand.Rand) float64 {
		return effort * (alpha - 1) / alpha * math.Pow(1-rng.Float64(), -1/alpha)
	}
}

// Recorded takes the share that effort is of the configuration's full run time, which was recorded elsewhere; it is to
// be given in units of the mean full run time.
func Recorded(full func(s study.Suggestion) float64) Duration {
	return func(s study.Suggestion, effort float64, _ *rand.Rand) float64 { return effort * full(s) }
}

// clockStream is the stream that a trial's run time is drawn from.
func clockStream(seed uint64, id study.TrialID) *rand.Rand {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(id))
	copy(key[16:], "run time")
	return rand.New(rand.NewChaCha8(key))
}
