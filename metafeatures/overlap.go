package metafeatures

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// overlap computes how far the classes overlap in single columns (f1, f2, f3, f4) and along the best direction (f1v).
func (x *extraction) overlap(s *numericSample) ([]measure, error) {
	p := len(s.x[0])
	var vector, volume, single, collective []float64
	for _, pair := range x.pairsOfClasses(s) {
		n := len(pair.a) + len(pair.b)
		if err := x.spend(n*p*p + 10*p*p*p); err != nil {
			return nil, err
		}
		vector = append(vector, s.directionalOverlap(pair))
		volume = append(volume, s.overlapVolume(pair))
		_, least := s.leastOverlap(pair, s.allColumns())
		single = append(single, float64(least)/float64(n))
		collective = append(collective, float64(s.inseparable(pair))/float64(n))
	}
	return []measure{
		each("f1", s.discriminantRatios()), each("f1v", vector), each("f2", volume), each("f3", single), each("f4", collective),
	}, nil
}

func (s *numericSample) allColumns() []int {
	columns := make([]int, len(s.x[0]))
	for j := range columns {
		columns[j] = j
	}
	return columns
}

// discriminantRatios is the variance within the classes as a share of all, by column.
func (s *numericSample) discriminantRatios() []float64 {
	p, n := len(s.x[0]), float64(len(s.x))
	c := s.clusters()
	mean, between, within := make([]float64, p), make([]float64, p), make([]float64, p)
	for i, row := range s.x {
		for j, v := range row {
			mean[j] += v / n
			d := v - c.centroid[int(s.y[i])][j]
			within[j] += d * d
		}
	}
	ratios := make([]float64, p)
	for j := range ratios {
		for k, centroid := range c.centroid {
			d := centroid[j] - mean[j]
			between[j] += s.counts[k] * d * d
		}
		ratios[j] = 1 / (1 + between[j]/within[j])
	}
	return ratios
}

// directionalOverlap is 1/(1+d'W^d), where d is the difference of the classes' means and W^ the pseudoinverse of their
// pooled covariance: Fisher's criterion along the direction in which it is greatest.
func (s *numericSample) directionalOverlap(pair classPair) float64 {
	if len(pair.a) < 2 || len(pair.b) < 2 {
		return math.NaN()
	}
	a, meanA := s.covariance(pair.a)
	b, meanB := s.covariance(pair.b)
	if a == nil || b == nil {
		return math.NaN()
	}
	p, n := len(meanA), float64(len(pair.a)+len(pair.b))
	pooled := mat.NewSymDense(p, nil)
	for j := range p {
		for k := range j + 1 {
			pooled.SetSym(j, k, (float64(len(pair.a))*a.At(j, k)+float64(len(pair.b))*b.At(j, k))/n)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(pooled, true) {
		return math.NaN()
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	least := float64(p) * 0x1p-52 * slices.Max(values) // what counts as zero
	var criterion float64
	for k, v := range values {
		if !(v > least) {
			continue
		}
		var along float64
		for j := range p {
			along += vectors.At(j, k) * (meanA[j] - meanB[j])
		}
		criterion += along * along / v
	}
	if criterion == 0 {
		return math.NaN() // no direction is better than another
	}
	return 1 / (1 + criterion)
}

// span is the range of a column among some rows; empty if there are none.
func (s *numericSample) span(rows []int, column int) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, i := range rows {
		low, high = min(low, s.x[i][column]), max(high, s.x[i][column])
	}
	return low, high
}

// overlapVolume multiplies over columns the length that both classes' ranges share, as a share of that of both.
func (s *numericSample) overlapVolume(pair classPair) float64 {
	volume := 1.0
	for j := range s.x[0] {
		lowA, highA := s.span(pair.a, j)
		lowB, highB := s.span(pair.b, j)
		volume *= max(0, min(highA, highB)-max(lowA, lowB)) / (max(highA, highB) - min(lowA, lowB))
	}
	return volume
}

// overlapping returns the rows within the range that both classes share in a column.
func (s *numericSample) overlapping(pair classPair, column int) classPair {
	lowA, highA := s.span(pair.a, column)
	lowB, highB := s.span(pair.b, column)
	low, high := max(lowA, lowB), min(highA, highB)
	within := func(rows []int) (some []int) {
		for _, i := range rows {
			if v := s.x[i][column]; v >= low && v <= high {
				some = append(some, i)
			}
		}
		return some
	}
	return classPair{within(pair.a), within(pair.b)}
}

// leastOverlap returns the position among columns, the first of several, with the fewest rows in the shared range.
func (s *numericSample) leastOverlap(pair classPair, columns []int) (at, rows int) {
	rows = math.MaxInt
	for k, j := range columns {
		o := s.overlapping(pair, j)
		if n := len(o.a) + len(o.b); n < rows {
			at, rows = k, n
		}
	}
	return at, rows
}

// inseparable counts the rows left when one column after the other, the most telling first, has separated those that it
// can.
func (s *numericSample) inseparable(pair classPair) int {
	columns := s.allColumns()
	for len(columns) > 0 && len(pair.a)+len(pair.b) > 0 {
		at, _ := s.leastOverlap(pair, columns)
		pair = s.overlapping(pair, columns[at])
		columns = slices.Delete(columns, at, at+1)
	}
	return len(pair.a) + len(pair.b)
}
