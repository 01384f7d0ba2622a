package pack

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// table numbers distinct entries in the order in which they come.
type table[K comparable] struct {
	index map[K]int
	list  []K
}

func (t *table[K]) number(k K) int {
	i, known := t.index[k]
	if !known {
		if t.index == nil {
			t.index = map[K]int{}
		}
		i = len(t.list)
		t.index[k] = i
		t.list = append(t.list, k)
	}
	return i
}

// evaluator is a record.Evaluator by the numbers of its texts.
type evaluator struct{ name, version, lock int }

// dictionaries collect what runs refer to. Configurations, fidelities and shapes are kept as their encoded bytes.
type dictionaries struct {
	texts                       table[string]
	ids                         table[record.ID]
	evaluators                  table[evaluator]
	configs, fidelities, shapes table[string]
}

// Kinds of values in a configuration.
const (
	valueNull = iota
	valueFalse
	valueTrue
	valueInt
	valueFloat
	valueText
)

func (d *dictionaries) config(c space.Config) int {
	var w columns
	w.uint(uint64(len(c)))
	for _, name := range c.Names() {
		w.uint(uint64(d.texts.number(name)))
		switch v := c[name]; v.Kind() {
		case space.KindNull:
			w.uint(valueNull)
		case space.KindBool:
			if v.Bool() {
				w.uint(valueTrue)
			} else {
				w.uint(valueFalse)
			}
		case space.KindString:
			w.uint(valueText)
			w.uint(uint64(d.texts.number(v.Text())))
		default:
			w.value(v.Float())
		}
	}
	return d.configs.number(string(w.b))
}

// value writes a number as an integer where it is one, since canonical JSON does not tell 1 from 1.0.
func (w *columns) value(f float64) {
	if f == math.Trunc(f) && math.Abs(f) <= 1<<53 {
		w.uint(valueInt)
		w.int(int64(f))
		return
	}
	w.uint(valueFloat)
	w.float(f)
}

func (d *dictionaries) fidelity(f study.Fidelity) int {
	var w columns
	w.uint(uint64(len(f)))
	for _, name := range slices.Sorted(maps.Keys(f)) {
		w.uint(uint64(d.texts.number(name)))
		w.value(f[name])
	}
	return d.fidelities.number(string(w.b))
}

// shape is what a run measured, without the values.
func (d *dictionaries) shape(measures []record.Measure) int {
	var w columns
	w.uint(uint64(len(measures)))
	for _, m := range measures {
		w.uint(uint64(d.texts.number(m.Metric)))
		w.uint(uint64(len(m.Validation)))
		w.uint(uint64(len(m.Test)))
	}
	return d.shapes.number(string(w.b))
}

// encode writes all tables. Ids of records that the pack holds as text are written as the text's position.
func (d *dictionaries) encode(positions map[record.ID]int) []byte {
	w := &columns{}
	w.uint(uint64(len(d.texts.list)))
	for _, s := range d.texts.list {
		w.text(s)
	}
	w.uint(uint64(len(d.ids.list)))
	for _, id := range d.ids.list {
		w.id(id, positions)
	}
	w.uint(uint64(len(d.evaluators.list)))
	for _, e := range d.evaluators.list {
		w.uint(uint64(e.name))
		w.uint(uint64(e.version))
		w.uint(uint64(e.lock))
	}
	for _, t := range []*table[string]{&d.configs, &d.fidelities, &d.shapes} {
		w.uint(uint64(len(t.list)))
		for _, s := range t.list {
			w.b = append(w.b, s...)
		}
	}
	return w.b
}

// references are decoded dictionaries, ready to be shared by runs.
type references struct {
	texts      []string
	ids        []record.ID
	evaluators []record.Evaluator
	configs    []space.Config
	fidelities []study.Fidelity
	shapes     []shape
	slots      int // how many columns of values there are
	folds      int // how many more values shapes may have: every shape is some run's
}

// shape is what a run measured: its measures without values, and the columns their values are in.
type shape struct {
	measures []measureShape
	values   int
}

// measureShape names the slots that hold a measure's values, one per fold.
type measureShape struct {
	metric           string
	validation, test []int
}

// decodeDictionaries reads the tables. Their entries are checked here once, in place of each run that uses them. values
// is how many values all runs have.
func decodeDictionaries(b []byte, textIDs []record.ID, values int) (*references, error) {
	r := &cursor{b: b}
	d := &references{slots: firstMeasureSlot, folds: values}
	d.texts = decodeList(r, r.checkedText)
	d.ids = decodeList(r, func() record.ID { return r.id(textIDs) })
	text := func() string { return d.texts[r.index(len(d.texts))] }
	if len(d.texts) == 0 {
		r.fail("no texts") // there is always the empty one
		return nil, r.err
	}
	d.evaluators = decodeList(r, func() record.Evaluator {
		return record.Evaluator{Name: text(), Version: text(), Lock: text()}
	})
	d.configs = decodeList(r, func() space.Config { return decodeConfig(r, text) })
	d.fidelities = decodeList(r, func() study.Fidelity { return decodeFidelity(r, text) })
	numbers := map[slotName]int{}
	d.shapes = decodeList(r, func() shape { return d.decodeShape(r, text, numbers) })
	if err := r.end(); err != nil {
		return nil, fmt.Errorf("dictionaries: %w", err)
	}
	if err := d.validate(); err != nil {
		return nil, fmt.Errorf("dictionaries: %w: %w", err, ErrCorrupt)
	}
	return d, nil
}

// decodeList reads a count and as many entries, each of which takes at least one byte.
func decodeList[T any](r *cursor, entry func() T) []T {
	n := r.length()
	list := make([]T, 0, min(n, 1<<12))
	for range n {
		if r.err != nil {
			return nil
		}
		list = append(list, entry())
	}
	return list
}

func decodeConfig(r *cursor, text func() string) space.Config {
	n := r.length()
	c := make(space.Config, min(n, 1<<12))
	for range n {
		if r.err != nil {
			break
		}
		name := text()
		switch kind := r.count(valueText); kind {
		case valueNull:
			c[name] = space.Null()
		case valueFalse, valueTrue:
			c[name] = space.Bool(kind == valueTrue)
		case valueInt:
			c[name] = space.Int(r.int())
		case valueFloat:
			c[name] = space.Float(r.float())
		case valueText:
			c[name] = space.String(text())
		}
	}
	if len(c) != n {
		r.fail("a configuration names a hyperparameter twice")
	}
	return c
}

func decodeFidelity(r *cursor, text func() string) study.Fidelity {
	n := r.length()
	if n == 0 {
		return nil
	}
	f := make(study.Fidelity, min(n, 1<<12))
	for range n {
		if r.err != nil {
			break
		}
		name := text()
		if r.count(valueFloat) == valueInt {
			f[name] = float64(r.int())
		} else {
			f[name] = r.float()
		}
	}
	if len(f) != n {
		r.fail("a fidelity is given twice")
	}
	return f
}

// slotName identifies a column of values.
type slotName struct {
	metric string
	test   bool
	fold   int
}

// decodeShape numbers slots in the order in which shapes need them.
func (d *references) decodeShape(r *cursor, text func() string, numbers map[slotName]int) shape {
	var s shape
	for range r.length() {
		if r.err != nil {
			break
		}
		m := measureShape{metric: text()}
		for _, test := range []bool{false, true} {
			slots := make([]int, r.count(min(record.MaxEntries, d.folds)))
			d.folds -= len(slots)
			for fold := range slots {
				name := slotName{m.metric, test, fold}
				if _, known := numbers[name]; !known {
					numbers[name] = d.slots
					d.slots++
				}
				slots[fold] = numbers[name]
			}
			s.values += len(slots)
			if test {
				m.test = slots
			} else {
				m.validation = slots
			}
		}
		s.measures = append(s.measures, m)
	}
	return s
}

// validate has record.Validate look at every entry in an otherwise valid run.
func (d *references) validate() error {
	anyID := record.ID(strings.Repeat("0", 64))
	probe := record.Run{Task: anyID, Protocol: anyID, Space: anyID, Status: study.Crashed, Evaluator: record.Evaluator{Name: "x"}}
	check := func(change func(*record.Run)) error {
		run := probe
		change(&run)
		return record.Validate(&run)
	}
	for _, e := range d.evaluators {
		if err := check(func(r *record.Run) { r.Evaluator = e }); err != nil {
			return err
		}
	}
	for _, c := range d.configs {
		if err := check(func(r *record.Run) { r.Config = c }); err != nil {
			return err
		}
		if _, err := c.Canonical(); err != nil {
			return err
		}
	}
	for _, f := range d.fidelities {
		if err := check(func(r *record.Run) { r.Fidelity = f }); err != nil {
			return err
		}
	}
	for _, s := range d.shapes {
		if len(s.measures) == 0 {
			continue
		}
		if err := check(func(r *record.Run) { r.Status, r.Measures = study.Complete, s.probe() }); err != nil {
			return err
		}
	}
	return nil
}

// probe returns measures of this shape whose values are zero.
func (s *shape) probe() []record.Measure {
	var list []record.Measure
	for _, m := range s.measures {
		list = append(list, record.Measure{
			Metric: m.metric, Validation: make([]float64, len(m.validation)), Test: make([]float64, len(m.test)),
		})
	}
	return list
}
