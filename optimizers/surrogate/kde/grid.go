package kde

import "math"

// maxRows bounds the rows that a grid keeps from one filling of its mixture to the next.
const maxRows = 4096

// grid holds the densities of Gaussians on grids: for a number of cells, a centre and a bandwidth, one row with a
// value per cell. Kernels of equal centres and bandwidths, of which grids make many, share a row.
type grid struct {
	stride    int // length of a row: the most cells of any dimension
	truncated bool
	rows      map[rowKey]int
	table     []float64 // logarithms of the densities over the row's peak; row 0 is of zeros, for inactive dimensions
	peaks     []float64 // logarithm of the density at the peak, by row
	centres   []float64 // coordinate of the centre, by row
}

type rowKey struct {
	cells, centre int
	bandwidth     float64
}

func newGrid(dims []Dimension, truncated bool) grid {
	g := grid{truncated: truncated}
	for _, d := range dims {
		g.stride = max(g.stride, d.Cells)
	}
	g.clear()
	return g
}

// clear forgets all rows.
func (g *grid) clear() {
	g.rows = map[rowKey]int{}
	g.table = append(g.table[:0], make([]float64, g.stride)...)
	g.peaks, g.centres = append(g.peaks[:0], 0), append(g.centres[:0], 0)
}

// row returns the number of the row for a bandwidth, which it makes where there is none.
func (g *grid) row(cells, centre int, h float64) int {
	key := rowKey{cells, centre, h}
	if r, ok := g.rows[key]; ok {
		return r
	}
	r, k := len(g.peaks), float64(cells)
	x := (float64(centre) + 0.5) / k
	total := 1.0
	if g.truncated {
		total = 1 - beyond(x/h) - beyond((1-x)/h)
	}
	g.table = append(g.table, make([]float64, g.stride)...)
	row := g.table[r*g.stride:]
	peak := math.Inf(-1)
	for i := range cells {
		row[i] = math.Log(between((float64(i)/k-x)/h, (float64(i+1)/k-x)/h) * k / total)
		peak = max(peak, row[i])
	}
	for i := range cells {
		row[i] -= peak
	}
	g.rows[key] = r
	g.peaks, g.centres = append(g.peaks, peak), append(g.centres, x)
	return r
}

// between is the standard Gaussian's mass in [a, b], exact in the tails.
func between(a, b float64) float64 {
	if a > 0 {
		return beyond(a) - beyond(b)
	}
	return beyond(-b) - beyond(-a)
}
