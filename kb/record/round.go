package record

import (
	"math"
	"strconv"

	"github.com/metaml/metaml/optimizers/study"
)

// Round6 returns f rounded to 6 significant decimal digits, half to even on the exact value, as metrics are
// recorded. NaN and infinities come back unchanged, and Encode refuses them; negative zero becomes zero.
func Round6(f float64) float64 { return round(f, 6) }

// RoundCost returns c with every part rounded to 3 significant digits, which is finer than costs repeat.
func RoundCost(c study.Cost) study.Cost {
	return study.Cost{
		Wall: round(c.Wall, 3), CPU: round(c.CPU, 3), Fit: round(c.Fit, 3),
		Predict: round(c.Predict, 3), Memory: round(c.Memory, 3),
	}
}

// round keeps the given number of significant digits. It goes through decimal text because that is what "digits"
// means: scaling by powers of ten would leave binary dust that shows up in the canonical text.
func round(f float64, digits int) float64 {
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return f + 0 // -0 + 0 is 0
	}
	var buf [32]byte
	rounded, err := strconv.ParseFloat(string(strconv.AppendFloat(buf[:0], f, 'e', digits-1, 64)), 64)
	if err != nil {
		return f // beyond the largest float64 after rounding up
	}
	return rounded
}
