package coding

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// agenda is the dimensions that have to be looked at: where few of many are active, most never have to.
type agenda struct {
	always   []int     // places in the codec's order of those that hang on nothing
	asking   [][][]int // by dimension and level: the places of those that ask for it; of numbers, for any level
	open     []uint64  // a bit for each place
	changed  []int
	inactive []float64 // a row
}

// newAgenda needs the codec's dimensions and order.
func newAgenda(c *Codec) agenda {
	n := len(c.dimensions)
	a := agenda{asking: make([][][]int, n), open: make([]uint64, (n+63)/64), inactive: make([]float64, n)}
	for i := range a.inactive {
		a.inactive[i] = math.NaN()
	}
	for place, i := range c.order {
		if c.Active(i, a.inactive) {
			a.always = append(a.always, place)
		}
		when := c.dimensions[i].when
		for _, parent := range when.parents(nil) {
			a.ask(&c.dimensions[parent], parent, when.asked(parent, nil), place)
		}
	}
	return a
}

// ask notes that the dimension at a place asks for values of a parent.
func (a *agenda) ask(d *Dimension, parent int, asked []float64, place int) {
	levels := []float64{math.NaN()}
	if d.Nominal {
		levels = d.Levels
	}
	if a.asking[parent] == nil {
		a.asking[parent] = make([][]int, len(levels))
	}
	for k, level := range levels {
		if !d.Nominal || slices.Contains(asked, level) {
			a.asking[parent][k] = append(a.asking[parent][k], place)
		}
	}
}

// add opens the places of those that ask for a value of dimension i, which is active.
func (a *agenda) add(d *Dimension, i int, value float64) {
	asking := a.asking[i]
	if asking == nil {
		return
	}
	k := 0
	if d.Nominal {
		k = int(value)
	}
	for _, place := range asking[k] {
		a.open[place>>6] |= 1 << (place & 63)
	}
}

// next closes the first open place from a word on and returns it with its word; -1 if there is none.
func (a *agenda) next(word int) (place, at int) {
	for ; word < len(a.open); word++ {
		if open := a.open[word]; open != 0 {
			a.open[word] = open & (open - 1)
			return word<<6 | bits.TrailingZeros64(open), word
		}
	}
	return -1, word
}

// Sample draws a row as the space samples configurations, forbidden ones included.
func (c *Codec) Sample(row []float64, rng *rand.Rand) {
	c.Fill(row, func(int) float64 { return rng.Float64() })
}

// Fill writes the row at the given quantiles of the distributions that the space samples from. It asks for those of the
// hyperparameters that are active, parents before children, at a cost that hardly depends on how many are not.
func (c *Codec) Fill(row []float64, quantile func(i int) float64) {
	copy(row, c.agenda.inactive)
	for _, place := range c.agenda.always {
		c.agenda.open[place>>6] |= 1 << (place & 63)
	}
	for place, word := c.agenda.next(0); place >= 0; place, word = c.agenda.next(word) {
		i := c.order[place]
		if d := &c.dimensions[i]; d.when.holds(row) {
			row[i] = d.Quantile(quantile(i))
			c.agenda.add(d, i, row[i])
		}
	}
}

// Settle makes the row a configuration's again after some of its values changed: what became inactive is dropped, and
// what became active is drawn.
func (c *Codec) Settle(row []float64, rng *rand.Rand) {
	for _, i := range c.order {
		c.settle(i, row, rng)
	}
}

// settle settles a dimension whose parents are.
func (c *Codec) settle(i int, row []float64, rng *rand.Rand) {
	d := &c.dimensions[i]
	switch active := d.when.holds(row); {
	case !active:
		row[i] = math.NaN()
	case math.IsNaN(row[i]):
		row[i] = d.Quantile(rng.Float64())
	}
}

// Change gives hyperparameter i, which is active, another value and settles the row, at the cost of what asks for the old
// value and the new one. It returns the dimensions that changed, i first, which are valid until the next change.
func (c *Codec) Change(row []float64, i int, to float64, rng *rand.Rand) []int {
	a := &c.agenda
	a.changed = append(a.changed[:0], i)
	a.add(&c.dimensions[i], i, row[i])
	a.add(&c.dimensions[i], i, to)
	row[i] = to
	for place, word := a.next(0); place >= 0; place, word = a.next(word) {
		j := c.order[place]
		before := row[j]
		c.settle(j, row, rng)
		if math.IsNaN(before) == math.IsNaN(row[j]) {
			continue
		}
		a.changed = append(a.changed, j)
		if math.IsNaN(before) {
			before = row[j]
		}
		a.add(&c.dimensions[j], j, before)
	}
	return a.changed
}
