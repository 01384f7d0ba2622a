package pack

import (
	"math"

	"github.com/metaml/metaml/kb/record"
)

// Columns of small integers, one entry per run except the last, which has one per point of a curve. Sorted or
// slowly changing columns hold differences.
const (
	columnTask   = iota // difference
	columnConfig        // difference
	columnProtocol
	columnSpace
	columnFidelity
	columnEvaluator
	columnStatus
	columnShape
	columnCosts
	columnPoints
	columnSeed // difference
	columnTime // difference
	columnSplit
	columnReason
	columnContributor
	columnMachine
	columnPointFidelity
	runColumns
)

// runWriter takes runs apart.
type runWriter struct {
	dictionaries
	columns [runColumns]columns
	shapeOf []int // by run
	taskOf  []int
	before  struct {
		task, config int
		seed, time   int64
	}
}

// write returns the pack of a prepared set.
func write(in *input, opt Options) ([]byte, error) {
	var raw [sections][]byte
	h := Head{Texts: len(in.texts), Features: len(in.features), Runs: len(in.runs), Digest: in.digest}

	var positions map[record.ID]int
	var ids []record.ID
	raw[sectionTexts], ids, positions = encodeTexts(in.texts)
	features, featureColumns := encodeFeatures(in.features, positions)
	raw[sectionFeatures], h.featureValues = features, featureColumns.values

	w := &runWriter{}
	w.texts.number("")
	for _, r := range in.runs {
		w.add(r.run)
	}
	raw[sectionDictionaries] = w.encode(positions)
	joined := &columns{}
	for _, c := range w.columns {
		joined.text(string(c.b))
	}
	raw[sectionRuns] = joined.b

	refs, err := decodeDictionaries(raw[sectionDictionaries], ids, math.MaxInt)
	if err != nil {
		return nil, err
	}
	slots := make([]*slotWriter, refs.slots)
	for i := range slots {
		slots[i] = &slotWriter{}
	}
	for i, r := range in.runs {
		s := &refs.shapes[w.shapeOf[i]]
		visit(slots, w.taskOf[i], s, costsOf(r.run), r.run)
		h.values += s.values
		h.measures += len(s.measures)
		h.points += len(r.run.Curve)
	}
	description, p := &columns{}, &planes{}
	for _, s := range append(slots, featureColumns.slots...) {
		s.encode(description, p)
	}
	raw[sectionSlots], raw[sectionExponents], raw[sectionExact] = description.b, p.exponents, p.exact
	raw[sectionLow], raw[sectionMiddle], raw[sectionHigh] = p.low, p.middle, p.high
	return assemble(h, raw, opt)
}

// encodeTexts writes the records kept as text; it returns their ids in order, and the position of each.
func encodeTexts(texts [][]byte) (b []byte, ids []record.ID, positions map[record.ID]int) {
	w := &columns{}
	ids, positions = make([]record.ID, len(texts)), make(map[record.ID]int, len(texts))
	for i, text := range texts {
		w.text(string(text))
		ids[i] = record.Sum(text)
		positions[ids[i]] = i
	}
	return w.b, ids, positions
}

// add writes a run's columns.
func (w *runWriter) add(r *record.Run) {
	task, config, shape := w.ids.number(r.Task), w.config(r.Config), w.shape(r.Measures)
	w.shapeOf, w.taskOf = append(w.shapeOf, shape), append(w.taskOf, task)
	w.columns[columnTask].int(int64(task - w.before.task))
	w.columns[columnConfig].int(int64(config - w.before.config))
	w.columns[columnSeed].int(int64(r.Seed) - w.before.seed)
	w.columns[columnTime].int(r.Time - w.before.time)
	w.before.task, w.before.config, w.before.seed, w.before.time = task, config, int64(r.Seed), r.Time
	for _, entry := range [...]struct{ column, value int }{
		{columnProtocol, w.ids.number(r.Protocol)},
		{columnSpace, w.ids.number(r.Space)},
		{columnFidelity, w.fidelity(r.Fidelity)},
		{columnEvaluator, w.evaluator(r.Evaluator)},
		{columnStatus, int(r.Status)},
		{columnShape, shape},
		{columnCosts, costsOf(r)},
		{columnPoints, len(r.Curve)},
		{columnSplit, w.texts.number(r.Split)},
		{columnReason, w.texts.number(r.Reason)},
		{columnContributor, w.texts.number(r.Contributor)},
		{columnMachine, w.texts.number(r.Machine)},
	} {
		w.columns[entry.column].uint(uint64(entry.value))
	}
	for _, p := range r.Curve {
		w.columns[columnPointFidelity].uint(uint64(w.fidelity(p.Fidelity)))
	}
}

func (w *runWriter) evaluator(e record.Evaluator) int {
	return w.evaluators.number(evaluator{w.texts.number(e.Name), w.texts.number(e.Version), w.texts.number(e.Lock)})
}
