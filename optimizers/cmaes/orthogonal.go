package cmaes

import (
	"math"
	"slices"
)

// directions are the standard normal vectors of the last points of a generation, at right angles to each other: at most
// as many as there are dimensions, after which a new set begins. That spreads a generation over all directions, where
// independent draws leave gaps (Wang, Emmerich and Bäck 2019, "Mirrored orthogonal sampling for covariance matrix
// adaptation evolution strategies", without the mirror images). Every vector alone is standard normal as before.
type directions struct {
	vectors [][]float64
}

// and returns the directions with one more. The receiver stays as it is.
func (d directions) and(z []float64) directions {
	if len(d.vectors) == len(z) {
		return directions{vectors: [][]float64{z}}
	}
	return directions{vectors: append(slices.Clip(d.vectors), z)}
}

// turn makes a standard normal vector orthogonal to the directions and keeps its length.
func (d directions) turn(z []float64) {
	if len(d.vectors) == 0 || len(d.vectors) == len(z) {
		return
	}
	before := dot(z, z)
	for _, w := range d.vectors {
		share := dot(z, w) / dot(w, w)
		for i := range z {
			z[i] -= share * w[i]
		}
	}
	stretch := math.Sqrt(before / dot(z, z))
	for i := range z {
		z[i] *= stretch
	}
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
