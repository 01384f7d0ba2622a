package acquisition

import (
	"math"
	"testing"
)

// reference holds z, log h(z), Phi/h and phi/h for h = phi(z) + z Phi(z), computed to 80 digits:
//
//	python3 -m venv v && v/bin/pip install mpmath==1.4.1 && v/bin/python - <<END
//	from mpmath import mp, mpf, erfc, sqrt, exp, pi, log, nstr
//	mp.dps = 80
//	for z in map(mpf, "3 .5 0 -.9 -1.5 -3 -4.9 -5.1 -9 -20 -100 -1000".split()):
//	    phi, Phi = exp(-z*z/2)/sqrt(2*pi), erfc(-z/sqrt(mpf(2)))/2
//	    h = phi + z*Phi
//	    print(nstr(z, 8), nstr(log(h), 17), nstr(Phi/h, 17), nstr(phi/h, 17))
//	END
func reference() [][4]float64 {
	return [][4]float64{
		{3.0, 1.0987396653277078, 0.33284096845179524, 0.0014770946446142933},
		{0.5, -0.35982768374506382, 0.99092271800410996, 0.50453864099794502},
		{0.0, -0.91893853320467274, 1.2533141373155003, 1.0},
		{-0.9, -2.2982829894596517, 1.8326998049212272, 2.6494298244291045},
		{-1.5, -3.5299359208057099, 2.2795806941564462, 4.4193710412346692},
		{-3.0, -7.8696860596030285, 3.5323375176251605, 11.597012552875482},
		{-4.9, -16.212816407897734, 5.2679101005632792, 26.812759492760068},
		{-5.1, -17.285185774704836, 5.4559059518768738, 28.825120354572056},
		{-9.0, -45.848941292669033, 9.2146276129268979, 83.931648516342081},
		{-20.0, -206.9178385094251, 20.099262811101282, 402.98525622202564},
		{-100.0, -5010.1295788002498, 100.01999400419587, 10002.999400419587},
		{-1000.0, -500014.73445209116, 1000.001999994, 1000002.999994},
	}
}

// close compares relatively.
func close(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*max(1, math.Abs(want))
}

func TestLogEI(t *testing.T) {
	const best, sd = 2.5, 0.3
	for _, r := range reference() {
		z, h, byMean, bySD := r[0], r[1], r[2], r[3]
		mean := best - z*sd
		value, gotMean, gotSD := LogEIGradient(mean, sd, best)
		if want := math.Log(sd) + h; !close(value, want, 1e-11) || LogEI(mean, sd, best) != value {
			t.Errorf("z %g: log EI %.17g, want %.17g", z, value, want)
		}
		if !close(gotMean, -byMean/sd, 1e-10) || !close(gotSD, bySD/sd, 1e-10) {
			t.Errorf("z %g: derivatives %.17g, %.17g; want %.17g, %.17g", z, gotMean, gotSD, -byMean/sd, bySD/sd)
		}
		if ei, want := EI(mean, sd, best), sd*math.Exp(h); !close(ei/want, 1, 1e-9) && want > 0 {
			t.Errorf("z %g: EI %g, want %g", z, ei, want)
		}
	}
}

// TestLogEIRises climbs from where EI is 0 in floating point: the nearer to the best loss, the better.
func TestLogEIRises(t *testing.T) {
	last := math.Inf(-1)
	for z := -1e9; z < -1e-3; z *= 0.97 {
		value := LogEI(-z, 1, 0)
		if !(value > last) || math.IsInf(value, 0) {
			t.Fatalf("log EI at z %g is %g after %g", z, value, last)
		}
		last = value
	}
}

func TestCertainty(t *testing.T) {
	for _, c := range []struct{ mean, ei, logEI, pi float64 }{
		{1, 2, math.Log(2), 1}, {3, 0, math.Inf(-1), 0}, {4, 0, math.Inf(-1), 0},
	} {
		if EI(c.mean, 0, 3) != c.ei || LogEI(c.mean, 0, 3) != c.logEI || PI(c.mean, 0, 3) != c.pi {
			t.Errorf("mean %g for sure: %g, %g, %g; want %+v", c.mean, EI(c.mean, 0, 3), LogEI(c.mean, 0, 3), PI(c.mean, 0, 3), c)
		}
	}
}

// TestPIAndLCB checks the quantile that a bound of 1.2815515655446004 deviations is.
func TestPIAndLCB(t *testing.T) {
	const tenth = 1.2815515655446004
	if got := PI(7, 2, LCB(7, 2, tenth)); math.Abs(got-0.1) > 1e-15 {
		t.Errorf("the loss falls below its lower decile with probability %.17g", got)
	}
}

func BenchmarkLogEIGradient(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		LogEIGradient(float64(i%40)-5, 1, 0)
	}
}
