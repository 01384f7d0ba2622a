package pack

import (
	"fmt"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

// Decode reads a pack. Records in columns come first; runs share configurations, fidelities and memory: nothing
// reached from the set may be modified. Every record is valid as record.Validate has it. Errors wrap ErrForeign,
// ErrNewer, ErrTooLarge or ErrCorrupt.
func Decode(b []byte) (*record.Set, error) {
	h, raw, err := open(b)
	if err != nil {
		return nil, err
	}
	set := record.NewSet()
	ids, err := decodeTexts(raw[sectionTexts], h.Texts, set)
	if err != nil {
		return nil, fmt.Errorf("texts: %w", err)
	}
	refs, err := decodeDictionaries(raw[sectionDictionaries], ids, h.values)
	if err != nil {
		return nil, err
	}
	features := openFeatures(raw[sectionFeatures], h.featureValues)
	slots, err := openSlots(raw[sectionSlots], planes{
		raw[sectionExponents], raw[sectionLow], raw[sectionMiddle], raw[sectionHigh], raw[sectionExact],
	}, refs.slots+features.slots)
	if err != nil {
		return nil, fmt.Errorf("slots: %w", err)
	}
	columns, err := features.read(h.Features, ids, slots[refs.slots:])
	if err != nil {
		return nil, err
	}
	r := &runReader{references: refs, slots: slots[:refs.slots]}
	if err := r.openColumns(raw[sectionRuns]); err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	runs, err := r.read(h)
	if err != nil {
		return nil, fmt.Errorf("runs: %w", err)
	}
	for i, s := range slots {
		if !s.finished() {
			return nil, fmt.Errorf("slot %d does not fit the records: %w", i, ErrCorrupt)
		}
	}
	set.Runs, set.Features = append(runs, set.Runs...), append(columns, set.Features...)
	return set, nil
}

// decodeTexts puts the records kept as text into the set and returns their ids in order.
func decodeTexts(b []byte, n int, set *record.Set) ([]record.ID, error) {
	r := &cursor{b: b}
	ids := make([]record.ID, 0, min(n, len(b)))
	for range n {
		text := r.take(r.length())
		if r.err != nil {
			break
		}
		decoded, err := record.Decode(text)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w: %w", len(ids), err, ErrCorrupt)
		}
		ids = append(ids, record.Sum(text))
		set.Put(ids[len(ids)-1], decoded)
	}
	return ids, r.end()
}

// runReader puts runs together.
type runReader struct {
	*references
	slots   []*slotReader
	columns [runColumns]*cursor

	task, config int
	seed, time   int64

	// What is left of the memory that all runs share.
	values   []float64
	measures []record.Measure
	points   []record.CurvePoint
}

func (r *runReader) openColumns(b []byte) error {
	all := &cursor{b: b}
	for i := range r.columns {
		r.columns[i] = &cursor{b: all.take(all.length())}
	}
	return all.end()
}

// read decodes all runs.
func (r *runReader) read(h Head) ([]*record.Run, error) {
	if h.Runs > 0 && min(len(r.ids), len(r.configs), len(r.fidelities), len(r.evaluators), len(r.shapes)) == 0 {
		return nil, fmt.Errorf("nothing in a table that runs refer to: %w", ErrCorrupt)
	}
	r.values, r.measures, r.points = make([]float64, h.values), make([]record.Measure, h.measures), make([]record.CurvePoint, h.points)
	runs, list := make([]record.Run, h.Runs), make([]*record.Run, h.Runs)
	for i := range runs {
		if err := r.run(&runs[i]); err != nil {
			return nil, fmt.Errorf("run %d: %w", i, err)
		}
		list[i] = &runs[i]
	}
	for i, c := range r.columns {
		if err := c.end(); err != nil {
			return nil, fmt.Errorf("column %d: %w", i, err)
		}
	}
	if len(r.values)+len(r.measures)+len(r.points) > 0 {
		return nil, fmt.Errorf("the head counts more values than there are: %w", ErrCorrupt)
	}
	return list, nil
}

// run decodes the next run.
func (r *runReader) run(out *record.Run) error {
	c := &r.columns
	r.task += int(c[columnTask].int())
	r.config += int(c[columnConfig].int())
	r.seed += c[columnSeed].int()
	r.time += c[columnTime].int()
	s := &r.shapes[c[columnShape].index(len(r.shapes))]
	out.Status = study.Status(c[columnStatus].count(255))
	if err := r.checkRun(out.Status, s); err != nil {
		return err
	}
	out.Task, out.Config = r.ids[r.task], r.configs[r.config]
	out.Seed, out.Time = uint64(r.seed), r.time
	out.Protocol = r.ids[c[columnProtocol].index(len(r.ids))]
	out.Space = r.ids[c[columnSpace].index(len(r.ids))]
	out.Fidelity = r.fidelities[c[columnFidelity].index(len(r.fidelities))]
	out.Evaluator = r.evaluators[c[columnEvaluator].index(len(r.evaluators))]
	out.Reason = r.texts[c[columnReason].index(len(r.texts))]
	for column, field := range [...]*string{&out.Split, &out.Contributor, &out.Machine} {
		at := [...]int{columnSplit, columnContributor, columnMachine}[column]
		if *field = r.texts[c[at].index(len(r.texts))]; len(*field) > record.MaxName {
			c[at].fail("text of %d bytes", len(*field))
		}
	}
	costs := c[columnCosts].count(1<<(slotMemory+1) - 1)
	if !r.allocate(out, s, c[columnPoints].count(len(r.points))) {
		return fmt.Errorf("the head counts fewer values than there are: %w", ErrCorrupt)
	}
	visit(r.slots, r.task, s, costs, out)
	if k := &out.Cost; min(k.Wall, k.CPU, k.Fit, k.Predict, k.Memory) < 0 {
		return fmt.Errorf("negative cost: %w", ErrCorrupt)
	}
	return nil
}

// checkRun makes sure that what was read so far can be used as it is.
func (r *runReader) checkRun(status study.Status, s *shape) error {
	switch {
	case r.task < 0 || r.task >= len(r.ids), r.config < 0 || r.config >= len(r.configs):
		return fmt.Errorf("reference beyond its table: %w", ErrCorrupt)
	case r.seed < 0 || r.seed > 1<<53, r.time < 0 || r.time > 1<<53:
		return fmt.Errorf("seed or time out of range: %w", ErrCorrupt)
	case !status.Final(), (status == study.Complete) != (len(s.measures) > 0):
		return fmt.Errorf("status %s with %d measures: %w", status, len(s.measures), ErrCorrupt)
	}
	return nil
}

// allocate gives the run its part of the shared memory.
func (r *runReader) allocate(out *record.Run, s *shape, points int) bool {
	if len(r.values) < s.values || len(r.measures) < len(s.measures) || len(r.points) < points {
		return false
	}
	out.Measures = cut(&r.measures, len(s.measures))
	for i, m := range s.measures {
		out.Measures[i] = record.Measure{
			Metric: m.metric, Validation: cut(&r.values, len(m.validation)), Test: cut(&r.values, len(m.test)),
		}
	}
	out.Curve = cut(&r.points, points)
	column := r.columns[columnPointFidelity]
	for i := range out.Curve {
		out.Curve[i].Fidelity = r.fidelities[column.index(len(r.fidelities))]
	}
	return true
}

// cut takes the first n elements off a slice; nil for none.
func cut[T any](from *[]T, n int) []T {
	if n == 0 {
		return nil
	}
	part := (*from)[:n:n]
	*from = (*from)[n:]
	return part
}
