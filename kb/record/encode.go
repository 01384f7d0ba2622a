package record

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers/space/canonical"
)

// ErrInvalid is wrapped by every error about a record that no knowledge base may hold: values outside their
// domain, text that is not canonical JSON, kinds that do not exist.
var ErrInvalid = errors.New("invalid record")

// origin keeps the stored bytes of a decoded record that has fields this version does not know, so that the
// record goes on with them. It is empty for every other record.
type origin struct{ stored string }

func (o *origin) verbatim() string     { return o.stored }
func (o *origin) setVerbatim(b string) { o.stored = b }

// Encode validates r and returns its canonical bytes: one JSON object (RFC 8785) with the record's kind under
// "kind" and its fields under their names, empty ones left out. A record decoded from bytes with unknown fields
// encodes to these bytes. Errors wrap ErrInvalid, and canonical.ErrNumber for NaN, an infinity or an integer
// beyond 2^53.
func Encode(r Record) ([]byte, error) {
	return AppendEncoded(nil, r)
}

// AppendEncoded appends the canonical bytes of r to b, as Encode returns them, and returns the extended slice.
func AppendEncoded(b []byte, r Record) ([]byte, error) {
	if err := Validate(r); err != nil {
		return b, err
	}
	known, err := appendKnown(b, r)
	if err != nil {
		return b, fmt.Errorf("%s: %w", r.Kind(), err)
	}
	stored := r.verbatim()
	if stored == "" {
		return known, nil
	}
	before, err := parse([]byte(stored))
	if err != nil {
		return b, err
	}
	if then, err := appendKnown(nil, before); err != nil || !bytes.Equal(then, known[len(b):]) {
		return b, fmt.Errorf("%s has fields of a newer version and was changed; changing it would lose them: %w",
			r.Kind(), ErrInvalid)
	}
	return append(b, stored...), nil
}

// Identify returns the record's id, the SHA-256 of its canonical bytes.
func Identify(r Record) (ID, error) {
	b, err := Encode(r)
	if err != nil {
		return "", err
	}
	return ID(canonical.Sum(b)), nil
}

// Sum returns the id of a record given by its canonical bytes.
func Sum(encoded []byte) ID { return ID(canonical.Sum(encoded)) }

// Key returns the identity of the work that led to r: the hash of task, protocol, space, configuration, fidelity,
// seed and evaluator, without what came of it, who did it, where and when. Runs of equal key are repetitions.
func Key(r *Run) (ID, error) {
	if err := validateWork(r); err != nil {
		return "", fmt.Errorf("run: %w: %w", err, ErrInvalid)
	}
	w := writer{}
	w.open('{')
	w.key("config")
	w.config(r.Config)
	w.evaluator(r.Evaluator)
	w.fidelity(r.Fidelity)
	w.text("kind", "run.key")
	w.text("protocol", string(r.Protocol))
	w.optional("seed", float64(r.Seed))
	w.text("space", string(r.Space))
	w.text("task", string(r.Task))
	w.close('}')
	if w.err != nil {
		return "", fmt.Errorf("run: %w", w.err)
	}
	return Sum(w.b), nil
}

// appendKnown writes the fields this version knows.
func appendKnown(b []byte, r Record) ([]byte, error) {
	w := writer{b: b}
	w.open('{')
	switch r := r.(type) {
	case *Task:
		w.task(r)
	case *Features:
		w.features(r)
	case *Label:
		w.label(r)
	case *Protocol:
		w.protocol(r)
	case *Space:
		w.space(r)
	case *Run:
		w.run(r)
	case *Retraction:
		w.retraction(r)
	}
	w.close('}')
	return w.b, w.err
}

func (w *writer) task(r *Task) {
	w.optional("columns", float64(r.Columns))
	w.text("fingerprint", r.Fingerprint)
	w.text("kind", string(KindTask))
	w.optional("rows", float64(r.Rows))
	w.text("target", r.Target)
	w.text("type", r.Type)
}

func (w *writer) features(r *Features) {
	w.text("extractor", r.Extractor)
	w.text("kind", string(KindFeatures))
	w.text("task", string(r.Task))
	w.key("values")
	w.values(r.Values)
}

func (w *writer) label(r *Label) {
	w.text("description", r.Description)
	w.text("group", r.Group)
	w.text("kind", string(KindLabel))
	w.text("licence", r.Licence)
	w.text("name", r.Name)
	w.text("source", r.Source)
	if len(r.Tags) > 0 {
		w.key("tags")
		w.open('[')
		for _, t := range r.Tags {
			w.next()
			w.string(t)
		}
		w.close(']')
	}
	w.text("task", string(r.Task))
}

func (w *writer) protocol(r *Protocol) {
	w.optional("folds", float64(r.Folds))
	w.text("kind", string(KindProtocol))
	w.key("metrics")
	w.open('[')
	for _, m := range r.Metrics {
		w.next()
		w.open('{')
		if m.Maximize {
			w.key("maximize")
			w.b = append(w.b, "true"...)
		}
		w.text("name", m.Name)
		w.close('}')
	}
	w.close(']')
	w.optional("repeats", float64(r.Repeats))
	w.text("resampling", r.Resampling)
	w.optional("row_cap", float64(r.RowCap))
	w.optional("split_seed", float64(r.SplitSeed))
	w.optional("test_fraction", r.TestFraction)
}

func (w *writer) space(r *Space) {
	w.text("kind", string(KindSpace))
	w.key("space")
	text, err := canonical.Marshal(r.Space)
	if err != nil {
		w.fail(err)
	}
	w.b = append(w.b, text...)
}

func (w *writer) run(r *Run) {
	w.key("config")
	w.config(r.Config)
	w.text("contributor", r.Contributor)
	if r.Cost.Wall != 0 || r.Cost.CPU != 0 || r.Cost.Fit != 0 || r.Cost.Predict != 0 || r.Cost.Memory != 0 {
		w.key("cost")
		w.cost(r.Cost)
	}
	w.curve(r.Curve)
	w.evaluator(r.Evaluator)
	w.fidelity(r.Fidelity)
	w.text("kind", string(KindRun))
	w.text("machine", r.Machine)
	w.measures(r.Measures)
	w.text("protocol", string(r.Protocol))
	w.text("reason", r.Reason)
	w.optional("seed", float64(r.Seed))
	w.text("space", string(r.Space))
	w.text("split", r.Split)
	w.text("status", r.Status.String())
	w.text("task", string(r.Task))
	w.optional("time", float64(r.Time))
}

func (w *writer) curve(points []CurvePoint) {
	if len(points) == 0 {
		return
	}
	w.key("curve")
	w.open('[')
	for _, p := range points {
		w.next()
		w.open('{')
		w.fidelity(p.Fidelity)
		w.key("value")
		w.number(p.Value)
		w.close('}')
	}
	w.close(']')
}

func (w *writer) evaluator(e Evaluator) {
	w.key("evaluator")
	w.open('{')
	w.text("lock", e.Lock)
	w.text("name", e.Name)
	w.text("version", e.Version)
	w.close('}')
}

func (w *writer) fidelity(f map[string]float64) {
	if len(f) > 0 {
		w.key("fidelity")
		w.values(f)
	}
}

func (w *writer) measures(measures []Measure) {
	if len(measures) == 0 {
		return
	}
	w.key("measures")
	w.open('[')
	for _, m := range measures {
		w.next()
		w.open('{')
		w.text("metric", m.Metric)
		w.numbers("test", m.Test)
		w.numbers("validation", m.Validation)
		w.close('}')
	}
	w.close(']')
}

func (w *writer) retraction(r *Retraction) {
	w.text("contributor", r.Contributor)
	w.text("kind", string(KindRetraction))
	w.text("reason", r.Reason)
	w.text("target", string(r.Target))
	w.optional("time", float64(r.Time))
}

// HasUnknown reports whether r was decoded from bytes with fields this version does not know, or written in a way
// it would not choose: such a record must be kept as bytes.
func HasUnknown(r Record) bool { return r.verbatim() != "" }

// SortMeasures puts measures in the order in which a Run holds them.
func SortMeasures(measures []Measure) {
	slices.SortFunc(measures, func(a, b Measure) int { return compareUTF16(a.Metric, b.Metric) })
}
