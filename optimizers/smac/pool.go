package smac

import "slices"

// pool is candidates and what the model says of them, in memory that is used again.
type pool struct {
	width                 int       // of a row
	rows                  []float64 // one after the other
	mean, variance, share []float64
	score                 []float64
}

func (p *pool) clear() { p.rows, p.score = p.rows[:0], p.score[:0] }

func (p *pool) len() int { return len(p.rows) / p.width }

// grow adds a row and returns it, to be written.
func (p *pool) grow() []float64 {
	n := len(p.rows)
	p.rows = slices.Grow(p.rows, p.width)[:n+p.width]
	return p.rows[n:]
}

// drop takes the last row back.
func (p *pool) drop() { p.rows = p.rows[:len(p.rows)-p.width] }

// row returns row i.
func (p *pool) row(i int) []float64 { return p.rows[i*p.width : (i+1)*p.width] }

// ready makes room for what the model says.
func (p *pool) ready() {
	for n := p.len(); len(p.score) < n; {
		p.score = append(p.score, 0)
	}
	for len(p.mean) < len(p.score) {
		p.mean, p.variance, p.share = append(p.mean, 0), append(p.variance, 0), append(p.share, 0)
	}
}
