package record

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// MaxBytes is the largest encoded record that Decode accepts: 4 MiB, some ten thousand meta-features.
const MaxBytes = 4 << 20

// Decode reads a record from its canonical bytes and validates it. Anything else is refused with an error that
// wraps ErrInvalid: white space, duplicate or unsorted keys, numbers or strings not in canonical form, trailing
// bytes, values outside their domain. Fields this version does not know are kept: Encode writes them again.
func Decode(b []byte) (Record, error) {
	r, err := parse(b)
	if err != nil {
		return nil, err
	}
	if err := Validate(r); err != nil {
		return nil, err
	}
	known, err := appendKnown(make([]byte, 0, len(b)), r)
	if err == nil && bytes.Equal(known, b) {
		return r, nil
	}
	// The text differs from what this version would write: it has unknown fields, or is not canonical.
	text, err := canonical.Transform(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", r.Kind(), err, ErrInvalid)
	}
	if !bytes.Equal(text, b) {
		return nil, fmt.Errorf("%s: text is not canonical JSON (RFC 8785): %w", r.Kind(), ErrInvalid)
	}
	r.setVerbatim(string(b))
	return r, nil
}

// parse reads the known fields of a record.
func parse(b []byte) (Record, error) {
	if len(b) > MaxBytes {
		return nil, fmt.Errorf("%d bytes, at most %d are allowed: %w", len(b), MaxBytes, ErrInvalid)
	}
	r := &reader{b: b}
	rec, err := newRecord(kindOf(b))
	if err != nil {
		return nil, err
	}
	r.object(func(key []byte) {
		if string(key) == "kind" {
			r.string()
		} else {
			r.field(rec, string(key))
		}
	})
	if r.err == nil && r.i != len(b) {
		r.fail(fmt.Errorf("%d trailing bytes", len(b)-r.i))
	}
	if r.err != nil {
		return nil, fmt.Errorf("%s: %w: %w", rec.Kind(), r.err, ErrInvalid)
	}
	return rec, nil
}

// kindOf reads the record's kind, "" if there is none.
func kindOf(b []byte) (kind Kind) {
	r := &reader{b: b}
	r.object(func(key []byte) {
		if string(key) == "kind" {
			kind = Kind(r.string())
		} else {
			r.pass()
		}
	})
	return kind
}

func newRecord(kind Kind) (Record, error) {
	switch kind {
	case KindTask:
		return new(Task), nil
	case KindFeatures:
		return new(Features), nil
	case KindLabel:
		return new(Label), nil
	case KindProtocol:
		return new(Protocol), nil
	case KindSpace:
		return new(Space), nil
	case KindRun:
		return new(Run), nil
	case KindRetraction:
		return new(Retraction), nil
	}
	return nil, fmt.Errorf("%q is no kind of record: %w", kind, ErrInvalid)
}

// field reads the value of one field.
func (r *reader) field(rec Record, key string) {
	switch rec := rec.(type) {
	case *Task:
		r.taskField(rec, key)
	case *Features:
		r.featuresField(rec, key)
	case *Label:
		r.labelField(rec, key)
	case *Protocol:
		r.protocolField(rec, key)
	case *Space:
		r.spaceField(rec, key)
	case *Run:
		r.runField(rec, key)
	case *Retraction:
		r.retractionField(rec, key)
	}
}

func (r *reader) taskField(rec *Task, key string) {
	switch key {
	case "columns":
		rec.Columns = int(r.size())
	case "fingerprint":
		rec.Fingerprint = r.string()
	case "rows":
		rec.Rows = int(r.size())
	case "target":
		rec.Target = r.string()
	case "type":
		rec.Type = r.string()
	default:
		r.skip()
	}
}

func (r *reader) featuresField(rec *Features, key string) {
	switch key {
	case "extractor":
		rec.Extractor = r.string()
	case "task":
		rec.Task = ID(r.string())
	case "values":
		rec.Values = r.values()
	default:
		r.skip()
	}
}

func (r *reader) labelField(rec *Label, key string) {
	switch key {
	case "description":
		rec.Description = r.string()
	case "group":
		rec.Group = r.string()
	case "licence":
		rec.Licence = r.string()
	case "name":
		rec.Name = r.string()
	case "source":
		rec.Source = r.string()
	case "tags":
		r.array(func() { rec.Tags = append(rec.Tags, r.string()) })
	case "task":
		rec.Task = ID(r.string())
	default:
		r.skip()
	}
}

func (r *reader) protocolField(rec *Protocol, key string) {
	switch key {
	case "folds":
		rec.Folds = int(r.size())
	case "metrics":
		r.array(func() { rec.Metrics = append(rec.Metrics, r.metric()) })
	case "repeats":
		rec.Repeats = int(r.size())
	case "resampling":
		rec.Resampling = r.string()
	case "row_cap":
		rec.RowCap = int(r.size())
	case "split_seed":
		rec.SplitSeed = uint64(r.size())
	case "test_fraction":
		rec.TestFraction = r.number()
	default:
		r.skip()
	}
}

func (r *reader) metric() (m Metric) {
	r.object(func(key []byte) {
		switch string(key) {
		case "maximize":
			m.Maximize = r.bool()
		case "name":
			m.Name = r.string()
		default:
			r.skip()
		}
	})
	return m
}

func (r *reader) spaceField(rec *Space, key string) {
	if key != "space" {
		r.skip()
		return
	}
	if text := r.raw(); r.err == nil {
		if err := json.Unmarshal(text, &rec.Space); err != nil {
			r.fail(err)
		}
	}
}

func (r *reader) runField(rec *Run, key string) {
	switch key {
	case "config":
		rec.Config = r.config()
	case "contributor":
		rec.Contributor = r.string()
	case "cost":
		rec.Cost = r.cost()
	case "curve":
		r.array(func() { rec.Curve = append(rec.Curve, r.curvePoint()) })
	case "evaluator":
		rec.Evaluator = r.evaluator()
	case "fidelity":
		rec.Fidelity = r.values()
	case "machine":
		rec.Machine = r.string()
	case "measures":
		r.array(func() { rec.Measures = append(rec.Measures, r.measure()) })
	case "reason":
		rec.Reason = r.string()
	case "seed":
		rec.Seed = uint64(r.size())
	case "status":
		rec.Status = r.status()
	case "split":
		rec.Split = r.string()
	case "time":
		rec.Time = r.size()
	default:
		r.runReference(rec, key)
	}
}

// runReference reads the fields of a run that name other records.
func (r *reader) runReference(rec *Run, key string) {
	switch key {
	case "protocol":
		rec.Protocol = ID(r.string())
	case "space":
		rec.Space = ID(r.string())
	case "task":
		rec.Task = ID(r.string())
	default:
		r.skip()
	}
}

func (r *reader) status() study.Status {
	s, err := study.ParseStatus(r.string())
	if err != nil {
		r.fail(err)
	}
	return s
}

func (r *reader) cost() (c study.Cost) {
	r.object(func(key []byte) {
		switch string(key) {
		case "cpu":
			c.CPU = r.number()
		case "fit":
			c.Fit = r.number()
		case "memory":
			c.Memory = r.number()
		case "predict":
			c.Predict = r.number()
		case "wall":
			c.Wall = r.number()
		default:
			r.skip()
		}
	})
	return c
}

func (r *reader) curvePoint() (p CurvePoint) {
	r.object(func(key []byte) {
		switch string(key) {
		case "fidelity":
			p.Fidelity = r.values()
		case "value":
			p.Value = r.number()
		default:
			r.skip()
		}
	})
	return p
}

func (r *reader) evaluator() (e Evaluator) {
	r.object(func(key []byte) {
		switch string(key) {
		case "lock":
			e.Lock = r.string()
		case "name":
			e.Name = r.string()
		case "version":
			e.Version = r.string()
		default:
			r.skip()
		}
	})
	return e
}

func (r *reader) measure() (m Measure) {
	r.object(func(key []byte) {
		switch string(key) {
		case "metric":
			m.Metric = r.string()
		case "test":
			m.Test = r.numbers()
		case "validation":
			m.Validation = r.numbers()
		default:
			r.skip()
		}
	})
	return m
}

func (r *reader) retractionField(rec *Retraction, key string) {
	switch key {
	case "contributor":
		rec.Contributor = r.string()
	case "reason":
		rec.Reason = r.string()
	case "target":
		rec.Target = ID(r.string())
	case "time":
		rec.Time = r.size()
	default:
		r.skip()
	}
}
