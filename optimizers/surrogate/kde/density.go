package kde

import "math"

// negligible is the logarithm of a share of the density below which a kernel is left out.
const negligible = -30

// LogDensity returns the natural logarithm of the density at a point, -Inf where it is nothing. Kernels that add less
// than 1e-13 of the density are left out. LogDensity panics when x has not one value per dimension.
func (m *Mixture) LogDensity(x []float64) float64 {
	s := m.start(x)
	if !(m.total() > 0) {
		return math.Inf(-1)
	}
	for k := range m.height {
		if e := m.kernel(k, s.top+negligible); e >= s.top+negligible && !math.IsInf(e, -1) {
			s.add(e)
		}
	}
	return s.value() - math.Log(m.total())
}

// start places the point in the dimensions and begins the sum of the components with the uniform one.
func (m *Mixture) start(x []float64) logSum {
	if len(x) != len(m.dims) {
		panic("kde: a point needs a value for every dimension")
	}
	m.locate(x)
	s := logSum{top: math.Inf(-1)}
	if m.opt.Uniform > 0 {
		s.add(math.Log(m.opt.Uniform))
	}
	return s
}

// logSum is a sum of exponentials, as a multiple of the greatest of them.
type logSum struct{ top, sum float64 }

// add adds exp(e).
func (s *logSum) add(e float64) {
	if e <= s.top {
		s.sum += math.Exp(e - s.top)
		return
	}
	s.sum = s.sum*math.Exp(s.top-e) + 1
	s.top = e
}

// value is the logarithm of the sum.
func (s *logSum) value() float64 {
	if math.IsInf(s.top, -1) {
		return s.top
	}
	return s.top + math.Log(s.sum)
}

// locate takes the point apart: numbers, choices and cells, inactive dimensions.
func (m *Mixture) locate(x []float64) {
	m.absent, m.runs = m.absent[:0], m.runs[:0]
	for j, d := range m.dims {
		if math.IsNaN(x[j]) {
			m.absent = append(m.absent, j)
			continue
		}
		of := d.sort()
		switch of {
		case choices:
			m.index[j] = slice(x[j], d.Choices)
		case cells:
			m.index[j] = slice(x[j], d.Cells)
		default:
			m.index[j] = x[j]
		}
		if last := len(m.runs) - 1; last >= 0 && m.runs[last].end == j && m.runs[last].sort == of {
			m.runs[last].end++
		} else {
			m.runs = append(m.runs, run{first: j, end: j + 1, sort: of})
		}
	}
}

// run is a run of neighbouring dimensions of one sort in which the point being judged is active.
type run struct {
	first, end int
	sort       sort
}

// kernel returns the logarithm of kernel k's weighted density at the point located, or something below floor, if it is
// below. The peak in all dimensions is an upper bound, from which every dimension takes away.
func (m *Mixture) kernel(k int, floor float64) float64 {
	e := m.height[k]
	f := m.factors[k*len(m.dims) : (k+1)*len(m.dims)]
	for _, j := range m.absent {
		e -= m.shapes[k*len(m.dims)+j].peak
	}
	index := m.index[:len(f)]
	for _, r := range m.runs {
		switch r.sort {
		case choices:
			for j := r.first; j < r.end; j++ {
				if f[j].centre == index[j] {
					continue
				}
				if e += f[j].scale; e < floor {
					return e
				}
			}
		case cells:
			for j := r.first; j < r.end; j++ {
				if e += m.grid.table[max(0, int(f[j].centre))*m.grid.stride+int(index[j])]; e < floor {
					return e
				}
			}
		default:
			for j := r.first; j < r.end; j++ {
				z := (index[j] - f[j].centre) * f[j].scale
				if e -= z * z / 2; e < floor {
					return e
				}
			}
		}
	}
	return e
}
