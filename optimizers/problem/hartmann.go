package problem

import "math"

// Hartmann's function in six dimensions (Dixon and Szegő 1978): four wells of depths alpha round centres, of widths
// by dimension. Its second-best basin ends .119 above the optimum.
var (
	hartmannDepths = [4]float64{1, 1.2, 3, 3.2}
	hartmannWidths = [4][6]float64{
		{10, 3, 17, 3.5, 1.7, 8},
		{0.05, 10, 17, 0.1, 8, 14},
		{3, 3.5, 1.7, 10, 17, 8},
		{17, 8, 0.05, 10, 0.1, 14},
	}
	hartmannCentres = [4][6]float64{
		{0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886},
		{0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991},
		{0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650},
		{0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381},
	}
)

func hartmann6() (Problem, error) {
	s, err := box(6, 0, 1)
	f := func(x []float64) float64 {
		sum := 0.0
		for i, depth := range hartmannDepths {
			exponent := 0.0
			for j := range x {
				d := x[j] - hartmannCentres[i][j]
				exponent += hartmannWidths[i][j] * d * d
			}
			sum -= depth * math.Exp(-exponent)
		}
		return sum
	}
	p, err := onBox(s, err, f, -3.322368011415515, []float64{
		0.20168951265373836, 0.15001069235837735, 0.47687397342330285, 0.27533243049404754, 0.31165161660122745, 0.6573005340656202,
	})
	p.Basin = 0.05
	return p, err
}
