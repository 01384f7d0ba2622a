package asktell

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
)

// ErrResult is what an error about a result that says nothing clear is, by errors.Is. Messages do not repeat it.
var ErrResult = errors.New("invalid result")

// maxLine bounds a line of results.
const maxLine = 1 << 20

// line is a result as callers write it.
type line struct {
	Trial      study.TrialID      `json:"trial"`
	Value      *float64           `json:"value"`
	Metrics    map[string]float64 `json:"metrics"`
	Status     *study.Status      `json:"status"`
	Failed     *string            `json:"failed"`
	Cost       study.Cost         `json:"cost"`
	Checkpoint string             `json:"checkpoint"`
}

// ParseResults reads results as JSON lines such as
//
//	{"trial": 7, "value": 0.31, "metrics": {"accuracy": 0.9}, "cost": {"wall": 12.5}, "checkpoint": "/tmp/7"}
//	{"trial": 8, "failed": "out of memory", "status": "out_of_memory"}
//
// where value is the metric that is optimized, and failed is the reason why there is none. The status is complete or
// failed unless the line says otherwise. The error is ErrResult and names the line.
func ParseResults(r io.Reader, metric string) ([]Result, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var results []Result
	n := 0
	for lines.Scan() {
		n++
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		result, err := parseResult(lines.Bytes(), metric)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w: %w", n, err, ErrResult)
		}
		results = append(results, result)
	}
	if err := lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("line %d: longer than %d bytes: %w", n+1, maxLine, ErrResult)
	} else if err != nil {
		return nil, err
	}
	return results, nil
}

func parseResult(text []byte, metric string) (Result, error) {
	var l line
	if _, err := canonical.Transform(text); err != nil { // it also refuses keys that are there twice
		return Result{}, errors.New(`no JSON such as {"trial": 7, "value": 0.31}; what is no number is told as {"trial": 7, "failed": "why"}`)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return Result{}, err
	}
	if c := l.Cost; min(c.Wall, c.CPU, c.Fit, c.Predict, c.Memory) < 0 {
		return Result{}, errors.New("its cost is negative")
	}
	switch {
	case l.Trial < 1:
		return Result{}, errors.New(`it names no trial, such as "trial": 7`)
	case l.Value != nil && l.Failed != nil:
		return Result{}, errors.New("it has both a value and a reason for failure")
	case l.Failed != nil:
		return l.failure(*l.Failed)
	}
	return l.success(metric)
}

// Failure is the result of a trial that failed. The error is ErrResult for an empty reason.
func Failure(id study.TrialID, reason string) (Result, error) {
	return line{Trial: id}.failure(reason)
}

// Value is the result of a trial for which only the metric that is optimized is known.
func Value(id study.TrialID, metric string, value float64) Result {
	return Result{Trial: id, Status: study.Complete, Metrics: map[string]float64{metric: value}}
}

func (l line) failure(reason string) (Result, error) {
	status := study.Failed
	if l.Status != nil {
		status = *l.Status
	}
	switch {
	case reason == "":
		return Result{}, fmt.Errorf("the reason why trial %d failed is empty: %w", l.Trial, ErrResult)
	case status <= study.Pruned:
		return Result{}, fmt.Errorf("it has a reason for failure, but the status %v", status)
	}
	return Result{Trial: l.Trial, Status: status, Reason: reason, Metrics: l.Metrics, Cost: l.Cost, Checkpoint: l.Checkpoint}, nil
}

func (l line) success(metric string) (Result, error) {
	r := Result{Trial: l.Trial, Status: study.Complete, Metrics: l.Metrics, Cost: l.Cost, Checkpoint: l.Checkpoint}
	if l.Status != nil {
		r.Status = *l.Status
	}
	if r.Status != study.Complete && r.Status != study.Pruned {
		return r, fmt.Errorf(`its status is %v, but "failed" does not say why`, r.Status)
	}
	named, ok := l.Metrics[metric]
	switch {
	case l.Value == nil && !ok:
		return r, fmt.Errorf(`it has neither a "value" (of %s) nor "failed"`, metric)
	case l.Value != nil && ok && *l.Value != named:
		return r, fmt.Errorf("its value %v is not its metric %s, %v", *l.Value, metric, named)
	case l.Value != nil && !ok:
		if r.Metrics == nil {
			r.Metrics = map[string]float64{}
		}
		r.Metrics[metric] = *l.Value
	}
	return r, nil
}
