package record

import (
	"errors"
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// Limits on what a record may hold, in bytes for text and in entries for lists and maps.
const (
	MaxName    = 1024      // names, words, versions
	MaxText    = 64 << 10  // descriptions and reasons
	MaxEntries = 100 << 10 // values of one record
)

// Validate reports what makes r no record a knowledge base may hold, as an error that wraps ErrInvalid. It does
// not look at other records: that a run's task exists is for the reader of a set to see.
func Validate(r Record) error {
	var err error
	switch r := r.(type) {
	case *Task:
		err = validateTask(r)
	case *Features:
		err = validateFeatures(r)
	case *Label:
		err = validateLabel(r)
	case *Protocol:
		err = validateProtocol(r)
	case *Space:
		if r.Space.Len() == 0 {
			err = errors.New("space has no hyperparameters")
		}
	case *Run:
		err = validateRun(r)
	case *Retraction:
		err = first(validID("target", r.Target), text("contributor", r.Contributor, MaxName),
			text("reason", r.Reason, MaxText), count("time", r.Time))
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %w", r.Kind(), err, ErrInvalid)
	}
	return nil
}

func validateTask(r *Task) error {
	if r.Type != "" && r.Type != Classification && r.Type != Regression {
		return fmt.Errorf("type %q is neither %s nor %s", r.Type, Classification, Regression)
	}
	return first(name("fingerprint", r.Fingerprint), text("target", r.Target, MaxText),
		count("rows", int64(r.Rows)), count("columns", int64(r.Columns)))
}

func validateFeatures(r *Features) error {
	if len(r.Values) > MaxEntries {
		return fmt.Errorf("%d values, at most %d are allowed", len(r.Values), MaxEntries)
	}
	for key, v := range r.Values {
		if err := first(name("values", key), finite("value of "+key, v)); err != nil {
			return err
		}
	}
	return first(validID("task", r.Task), name("extractor", r.Extractor))
}

func validateLabel(r *Label) error {
	if len(r.Tags) > MaxEntries {
		return fmt.Errorf("%d tags, at most %d are allowed", len(r.Tags), MaxEntries)
	}
	for _, t := range r.Tags {
		if err := name("tags", t); err != nil {
			return err
		}
	}
	return first(validID("task", r.Task), name("name", r.Name), text("group", r.Group, MaxName),
		text("description", r.Description, MaxText), text("source", r.Source, MaxText), text("licence", r.Licence, MaxText))
}

func validateProtocol(r *Protocol) error {
	if len(r.Metrics) == 0 {
		return errors.New("metrics are missing")
	}
	seen := map[string]bool{}
	for _, m := range r.Metrics {
		if err := name("metric", m.Name); err != nil {
			return err
		}
		if seen[m.Name] {
			return fmt.Errorf("metric %q is listed twice", m.Name)
		}
		seen[m.Name] = true
	}
	if !(r.TestFraction >= 0 && r.TestFraction < 1) {
		return fmt.Errorf("test_fraction %v is not in [0, 1)", r.TestFraction)
	}
	return first(name("resampling", r.Resampling), count("folds", int64(r.Folds)), count("repeats", int64(r.Repeats)),
		seed("split_seed", r.SplitSeed), count("row_cap", int64(r.RowCap)))
}

func validateRun(r *Run) error {
	if !r.Status.Final() {
		return fmt.Errorf("status %s is not final", r.Status)
	}
	if complete := r.Status == study.Complete; complete != (len(r.Measures) > 0) {
		return fmt.Errorf("status %s with %d measures: complete runs have measures, others have none",
			r.Status, len(r.Measures))
	}
	for i, m := range r.Measures {
		if i > 0 && compareUTF16(r.Measures[i-1].Metric, m.Metric) >= 0 {
			return fmt.Errorf("measures are not sorted by metric without repetition: %q before %q",
				r.Measures[i-1].Metric, m.Metric)
		}
		if err := validateMeasure(m); err != nil {
			return err
		}
	}
	for _, p := range r.Curve {
		if err := first(finite("curve", p.Value), validateFidelity(p.Fidelity)); err != nil {
			return err
		}
	}
	if err := validateWork(r); err != nil {
		return err
	}
	if err := validateCost(r.Cost); err != nil {
		return err
	}
	return first(text("split", r.Split, MaxName), text("reason", r.Reason, MaxText),
		text("contributor", r.Contributor, MaxName), text("machine", r.Machine, MaxName), count("time", r.Time))
}

// validateWork checks what identifies a run before it is known how it ended.
func validateWork(r *Run) error {
	if len(r.Config) > MaxEntries {
		return fmt.Errorf("config has %d values, at most %d are allowed", len(r.Config), MaxEntries)
	}
	for key, v := range r.Config {
		if v.Kind() == space.KindString {
			if err := text("config "+key, v.Text(), MaxText); err != nil {
				return err
			}
		}
		if err := name("config", key); err != nil {
			return err
		}
	}
	if err := first(validID("task", r.Task), validID("protocol", r.Protocol), validID("space", r.Space)); err != nil {
		return err
	}
	return first(validateFidelity(r.Fidelity), seed("seed", r.Seed), name("evaluator name", r.Evaluator.Name),
		text("evaluator version", r.Evaluator.Version, MaxName), text("evaluator lock", r.Evaluator.Lock, MaxName))
}

func validateMeasure(m Measure) error {
	if len(m.Validation) == 0 && len(m.Test) == 0 {
		return fmt.Errorf("measure %q has no value", m.Metric)
	}
	if len(m.Validation) > MaxEntries || len(m.Test) > MaxEntries {
		return fmt.Errorf("measure %q has more than %d values", m.Metric, MaxEntries)
	}
	for _, values := range [][]float64{m.Validation, m.Test} {
		for _, v := range values {
			if err := finite(m.Metric, v); err != nil {
				return err
			}
		}
	}
	return name("metric", m.Metric)
}

func validateFidelity(f study.Fidelity) error {
	for key, v := range f {
		if !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("fidelity %q is %v, not a positive number", key, v)
		}
		if err := name("fidelity", key); err != nil {
			return err
		}
	}
	return nil
}

func validateCost(c study.Cost) error {
	for _, v := range [...]float64{c.Wall, c.CPU, c.Fit, c.Predict, c.Memory} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return fmt.Errorf("cost %v is not a number of at least zero", v)
		}
	}
	return nil
}

// first returns the first error that is not nil.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func validID(field string, id ID) error {
	if !id.Valid() {
		return fmt.Errorf("%s %.80q is no record id (64 hexadecimal digits)", field, string(id))
	}
	return nil
}

// Valid reports whether id has the form of an id: 64 lower-case hexadecimal digits.
func (id ID) Valid() bool {
	if len(id) != 64 {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func name(field, s string) error {
	if s == "" {
		return fmt.Errorf("%s is missing", field)
	}
	return text(field, s, MaxName)
}

func text(field, s string, limit int) error {
	if len(s) > limit {
		return fmt.Errorf("%s has %d bytes, at most %d are allowed", field, len(s), limit)
	}
	return nil
}

func finite(field string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("%s is %v: %w", field, v, canonical.ErrNumber)
	}
	return nil
}

func count(field string, n int64) error {
	if n < 0 || n > canonical.MaxInteger {
		return fmt.Errorf("%s %d is not in 0 to 2^53: %w", field, n, canonical.ErrNumber)
	}
	return nil
}

func seed(field string, n uint64) error {
	if n > canonical.MaxInteger {
		return fmt.Errorf("%s %d is beyond 2^53: %w", field, n, canonical.ErrNumber)
	}
	return nil
}
