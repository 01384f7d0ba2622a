package metafeatures

import (
	"math"
)

// clustering computes how well the classes are clusters of the numeric view of a sample of rows, by Euclidean
// distances in the columns' own units. It is undefined for regression, which has no classes, and where there is a
// single class.
//
// By pymfe's definitions: ch (Calinski & Harabasz), int (mean distance between rows of two classes, averaged over
// pairs of classes), nre (entropy of the classes, natural logarithm), pb (correlation between distance and being
// of one class), sc (classes of fewer than 15 rows), sil (mean silhouette), vdb (Davies & Bouldin), vdu (Dunn, in
// which pymfe divides each distance between classes by the product of their sizes). nre and sc look at all rows.
//
// On a sample, vdu has fewer pairs to take the least and the greatest distance from, and is multiplied by the
// squared share of rows for the sizes' sake; what ch has beyond its expectation of 1 without clusters is divided by
// that share, as it grows with the rows; vdb is too low where classes overlap, as centroids of fewer rows lie
// farther apart. The others are means, with a relative error of about one over the root of the sample's rows.
func (x *extraction) clustering() ([]measure, error) {
	if !x.classification() {
		return nil, nil
	}
	s, err := x.pairSample()
	if err != nil || s.empty() {
		return nil, err
	}
	entropy, small := x.classSizes()
	measures := []measure{one("nre", entropy), one("sc", small)}
	if len(s.counts) < 2 {
		return measures, nil
	}
	p, err := x.classPairs(s)
	if err != nil {
		return nil, err
	}
	share := float64(len(s.x)) / float64(s.rows)
	c := s.clusters()
	return append(measures,
		one("ch", 1+(c.calinskiHarabasz()-1)/share),
		one("int", p.between()),
		one("pb", p.correlation()),
		one("sil", p.silhouette()),
		one("vdb", c.daviesBouldin()),
		one("vdu", p.leastBetween/p.greatestWithin*share*share),
	), nil
}

// classSizes returns the entropy of the classes of all rows and how many of them are small.
func (x *extraction) classSizes() (entropy, small float64) {
	const enough = 15
	counts := make([]float64, len(x.data.Target.Levels))
	for _, v := range x.data.Target.Values {
		counts[int(v)]++
	}
	for _, n := range counts {
		if n > 0 && n < enough {
			small++
		}
	}
	return entropyOf(counts, float64(x.data.Rows)) * math.Ln2, small
}

// classDistances sums up the distances of all pairs of rows.
type classDistances struct {
	sample         *numericSample
	toClass        [][]float64 // by row: sum of the distances to the rows of each class
	leastBetween   float64     // least distance of two classes' rows over the product of the classes' sizes
	greatestWithin float64
	pairs, within  float64 // pairs of rows, and those of one class
	sum, sumWithin float64
	squares        float64
}

func (x *extraction) classPairs(s *numericSample) (*classDistances, error) {
	d := &classDistances{sample: s, leastBetween: math.Inf(1), toClass: make([][]float64, len(s.x))}
	for i := range d.toClass {
		d.toClass[i] = make([]float64, len(s.counts))
	}
	for i, a := range s.x {
		if err := x.spend(i * len(a)); err != nil {
			return nil, err
		}
		for j, b := range s.x[:i] {
			d.add(i, j, math.Sqrt(squaredDistance(a, b)))
		}
	}
	return d, nil
}

func (d *classDistances) add(i, j int, distance float64) {
	a, b := int(d.sample.y[i]), int(d.sample.y[j])
	d.toClass[i][b] += distance
	d.toClass[j][a] += distance
	d.pairs++
	d.sum += distance
	d.squares += distance * distance
	if a == b {
		d.within++
		d.sumWithin += distance
		d.greatestWithin = max(d.greatestWithin, distance)
		return
	}
	d.leastBetween = min(d.leastBetween, distance/(d.sample.counts[a]*d.sample.counts[b]))
}

// between averages the distances of two classes' rows, then over the pairs of classes.
func (d *classDistances) between() float64 {
	counts := d.sample.counts
	var sum float64
	for i, row := range d.toClass {
		own := int(d.sample.y[i])
		for k, distances := range row {
			if k != own {
				sum += distances / (counts[own] * counts[k]) / 2 // every pair is seen from both ends
			}
		}
	}
	classes := float64(len(counts))
	return sum * 2 / (classes * (classes - 1))
}

// correlation is Pearson's between a pair's distance and whether its rows are of one class.
func (d *classDistances) correlation() float64 {
	p := d.within / d.pairs
	mean := d.sum / d.pairs
	covariance := d.sumWithin/d.pairs - p*mean
	return covariance / math.Sqrt(p*(1-p)*(d.squares/d.pairs-mean*mean))
}

// silhouette is Rousseeuw's (1987), averaged over rows; a class's only row counts 0.
func (d *classDistances) silhouette() float64 {
	counts := d.sample.counts
	var sum float64
	for i, row := range d.toClass {
		own := int(d.sample.y[i])
		nearest := math.Inf(1)
		for k, distances := range row {
			if k != own {
				nearest = min(nearest, distances/counts[k])
			}
		}
		within := row[own] / (counts[own] - 1)
		if counts[own] > 1 && max(within, nearest) > 0 {
			sum += (nearest - within) / max(within, nearest)
		}
	}
	return sum / float64(len(d.toClass))
}

// clusters are the classes' centroids.
type clusters struct {
	sample   *numericSample
	centroid [][]float64
}

func (s *numericSample) clusters() clusters {
	c := clusters{sample: s}
	for range s.counts {
		c.centroid = append(c.centroid, make([]float64, len(s.x[0])))
	}
	for i, row := range s.x {
		k := int(s.y[i])
		for j, v := range row {
			c.centroid[k][j] += v / s.counts[k]
		}
	}
	return c
}

// calinskiHarabasz is the variance between classes over that within; 1 where there is none within, as in
// scikit-learn.
func (c clusters) calinskiHarabasz() float64 {
	n, classes := float64(len(c.sample.x)), float64(len(c.centroid))
	mean := make([]float64, len(c.sample.x[0]))
	for k, centroid := range c.centroid {
		for j, v := range centroid {
			mean[j] += v * c.sample.counts[k] / n
		}
	}
	var between, within float64
	for k, centroid := range c.centroid {
		between += c.sample.counts[k] * squaredDistance(centroid, mean)
	}
	for i, row := range c.sample.x {
		within += squaredDistance(row, c.centroid[int(c.sample.y[i])])
	}
	if within == 0 {
		return 1
	}
	return between * (n - classes) / (within * (classes - 1))
}

// daviesBouldin averages over classes the worst ratio of two classes' spread to their centroids' distance; classes
// with the same centroid do not count.
func (c clusters) daviesBouldin() float64 {
	spread := make([]float64, len(c.centroid))
	for i, row := range c.sample.x {
		k := int(c.sample.y[i])
		spread[k] += math.Sqrt(squaredDistance(row, c.centroid[k])) / c.sample.counts[k]
	}
	var sum float64
	for a := range c.centroid {
		var worst float64
		for b := range c.centroid {
			if d := math.Sqrt(squaredDistance(c.centroid[a], c.centroid[b])); d > 0 {
				worst = max(worst, (spread[a]+spread[b])/d)
			}
		}
		sum += worst
	}
	return sum / float64(len(c.centroid))
}
