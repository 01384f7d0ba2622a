package pack

import "math"

// Slots that every run may use, before those of its measures.
const (
	slotWall = iota
	slotCPU
	slotFit
	slotPredict
	slotMemory
	slotCurve
	firstMeasureSlot
)

// slot is a column of values, being written or read. next takes the value to write, or returns the one read.
type slot interface {
	next(task int, prediction, v float64) float64
	// latest returns the value before in the same task, 0 for the first.
	latest(task int) float64
}

// memory of a slot: the value before, and the task it belongs to.
type memory struct {
	task int // 1 + its number, 0 before the first
	last float64
}

func (m *memory) latest(task int) float64 {
	if m.task != task+1 {
		return 0
	}
	return m.last
}

// slotWriter collects a slot's values, to be coded when all are known.
type slotWriter struct {
	memory
	values, predictions []float64
	blocks              []int // where the values of each task begin
}

func (s *slotWriter) next(task int, prediction, v float64) float64 {
	if s.task != task+1 {
		s.blocks = append(s.blocks, len(s.values))
	}
	s.task, s.last = task+1, v
	s.values = append(s.values, v)
	s.predictions = append(s.predictions, prediction)
	return v
}

// planes are the bytes of coded values, of one slot or of many.
type planes struct{ exponents, low, middle, high, exact []byte }

func (p *planes) put(exponent byte, difference int) {
	z := uint32(difference<<1) ^ uint32(difference>>31)
	p.exponents = append(p.exponents, exponent)
	p.low, p.middle, p.high = append(p.low, byte(z)), append(p.middle, byte(z>>8)), append(p.high, byte(z>>16))
}

// encode appends the slot's description to w and its values to p.
func (s *slotWriter) encode(w *columns, p *planes) {
	digits := 1
	for _, v := range s.values {
		if n := significant(v); n <= maxDigits {
			digits = max(digits, n)
		}
	}
	exact := len(p.exact)
	rows := make([]int, len(s.blocks))
	for b, start := range s.blocks {
		end := len(s.values)
		if b+1 < len(s.blocks) {
			end = s.blocks[b+1]
		}
		if digits == maxDigits && end-start >= 4 {
			rows[b] = rowsOf(s.values[start:end])
		}
		for i := start; i < end; i++ {
			s.encodeValue(p, i, digits, rows[b])
		}
	}
	w.uint(uint64(len(s.values)))
	w.uint(uint64(digits))
	w.uint(uint64(len(p.exact) - exact))
	w.uint(uint64(len(rows)))
	for _, n := range rows {
		w.uint(uint64(n))
	}
}

func (s *slotWriter) encodeValue(p *planes, i, digits, rows int) {
	v, prediction := s.values[i], s.predictions[i]
	if rows > 0 {
		p.put(codeShare, int(math.Round(v*float64(rows)))-predictShare(prediction, rows))
		return
	}
	m, e, ok := decimal(v, digits)
	if !ok {
		p.put(codeExact, 0)
		w := columns{p.exact}
		w.float(v)
		p.exact = w.b
		return
	}
	p.put(byte(exponentZero+e), m-predictDigits(prediction, e, limits[digits]))
}

// slotReader decodes a slot's values one by one.
type slotReader struct {
	memory
	planes
	i      int
	limit  int
	rows   []int // of the tasks to come
	n      int   // of this task
	broken bool
}

func (s *slotReader) next(task int, prediction, _ float64) float64 {
	if s.task != task+1 {
		s.task, s.n = task+1, 0
		if len(s.rows) == 0 {
			s.broken = true
		} else {
			s.n, s.rows = s.rows[0], s.rows[1:]
		}
	}
	if s.i >= len(s.exponents) {
		s.broken = true
		return 0
	}
	i := s.i
	s.i++
	z := uint32(s.low[i]) | uint32(s.middle[i])<<8 | uint32(s.high[i])<<16
	difference := int(int32(z>>1) ^ -int32(z&1))
	s.last = s.value(s.exponents[i], difference, prediction)
	return s.last
}

func (s *slotReader) value(code byte, difference int, prediction float64) float64 {
	switch code {
	case codeShare:
		k := predictShare(prediction, s.n) + difference
		if k < 0 || k > s.n || s.n == 0 {
			s.broken = true
			return 0
		}
		return share(k, s.n)
	case codeExact:
		r := cursor{b: s.exact}
		v := r.float()
		s.broken = s.broken || r.err != nil
		s.exact = s.exact[r.i:]
		return v
	}
	e := int(code) - exponentZero
	if e < -maxExponent || e > maxExponent {
		s.broken = true
		return 0
	}
	return undecimal(predictDigits(prediction, e, s.limit)+difference, e)
}

// finished reports whether every value was read and nothing was wrong.
func (s *slotReader) finished() bool {
	return !s.broken && s.i == len(s.exponents) && len(s.rows) == 0 && len(s.exact) == 0
}

// openSlots prepares the slots for reading.
func openSlots(description []byte, p planes, n int) ([]*slotReader, error) {
	r := &cursor{b: description}
	slots := make([]*slotReader, n)
	values := &cursor{b: p.exponents}
	exact := &cursor{b: p.exact}
	if len(p.low) != len(p.exponents) || len(p.middle) != len(p.exponents) || len(p.high) != len(p.exponents) {
		r.fail("planes differ in length")
	}
	for i := range slots {
		if r.err != nil {
			return nil, r.err
		}
		s := &slotReader{}
		at, count := values.i, r.count(len(p.exponents)-values.i)
		s.exponents = values.take(count)
		s.low, s.middle, s.high = p.low[at:at+count], p.middle[at:at+count], p.high[at:at+count]
		s.limit = limits[r.count(maxDigits)]
		s.exact = exact.take(r.count(len(p.exact) - exact.i))
		s.rows = decodeList(r, func() int { return r.count(maxRows) })
		slots[i] = s
	}
	for _, c := range []*cursor{r, values, exact} {
		if err := c.end(); err != nil {
			return nil, err
		}
	}
	return slots, nil
}
