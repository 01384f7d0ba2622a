package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// EncodeSpace returns a search space as canonical JSON, the form in which it travels.
func EncodeSpace(s space.Space) (string, error) {
	b, err := canonical.Marshal(s)
	return string(b), err
}

// DecodeSpace reads a search space from JSON.
func DecodeSpace(text string) (space.Space, error) {
	var s space.Space
	if text == "" {
		return s, errMissing
	}
	return s, json.Unmarshal([]byte(text), &s)
}

func encodeObjective(o study.Objective) (*pb.Objective, error) {
	if o.Metric == "" {
		return nil, at("metric", errMissing)
	}
	return &pb.Objective{Metric: o.Metric, Maximize: o.Maximize}, checkText("metric", o.Metric)
}

func decodeObjective(m *pb.Objective) (study.Objective, error) {
	if m.GetMetric() == "" {
		return study.Objective{}, at("metric", errMissing)
	}
	return study.Objective{Metric: m.GetMetric(), Maximize: m.GetMaximize()}, checkText("metric", m.GetMetric())
}

func encodeRange(r study.Range) (*pb.Range, error) {
	m := &pb.Range{Name: r.Name, Low: r.Low, High: r.High, Log: r.Log, Integer: r.Integer}
	return m, checkRange(m)
}

func decodeRange(m *pb.Range) (study.Range, error) {
	if err := checkRange(m); err != nil {
		return study.Range{}, err
	}
	return study.Range{
		Name: m.GetName(), Low: m.GetLow(), High: m.GetHigh(), Log: m.GetLog(), Integer: m.GetInteger(),
	}, nil
}

func checkRange(m *pb.Range) error {
	if m.GetName() == "" {
		return at("name", errMissing)
	}
	if m.GetLow() <= 0 || m.GetLow() > m.GetHigh() {
		return at("low", fmt.Errorf("%v is not above 0 and at most high, %v", m.GetLow(), m.GetHigh()))
	}
	return firstError(checkText("name", m.GetName()), checkFinite("low", m.GetLow()), checkFinite("high", m.GetHigh()))
}

// EncodeObjectives returns the messages of objectives; field names them in errors.
func EncodeObjectives(field string, list []study.Objective) ([]*pb.Objective, error) {
	return each(field, list, encodeObjective)
}

// DecodeObjectives returns the objectives of messages; field names them in errors.
func DecodeObjectives(field string, list []*pb.Objective) ([]study.Objective, error) {
	return each(field, list, decodeObjective)
}

// EncodeRanges returns the messages of fidelities' ranges; field names them in errors.
func EncodeRanges(field string, list []study.Range) ([]*pb.Range, error) {
	return each(field, list, encodeRange)
}

// DecodeRanges returns the fidelities' ranges of messages; field names them in errors.
func DecodeRanges(field string, list []*pb.Range) ([]study.Range, error) {
	return each(field, list, decodeRange)
}

// EncodeProblem returns the message of a problem.
func EncodeProblem(p study.Problem) (*pb.Problem, error) {
	text, err := EncodeSpace(p.Space)
	if err != nil {
		return nil, at("space_json", err)
	}
	m := &pb.Problem{SpaceJson: text, Seed: p.Seed}
	if m.Objectives, err = EncodeObjectives("objectives", p.Objectives); err != nil {
		return nil, err
	}
	m.Fidelities, err = EncodeRanges("fidelities", p.Fidelities)
	return m, err
}

// DecodeProblem returns the problem of a message.
func DecodeProblem(m *pb.Problem) (study.Problem, error) {
	if m == nil {
		return study.Problem{}, errMissing
	}
	s, err := DecodeSpace(m.GetSpaceJson())
	if err != nil {
		return study.Problem{}, at("space_json", err)
	}
	p := study.Problem{Space: s, Seed: m.GetSeed()}
	if p.Objectives, err = DecodeObjectives("objectives", m.GetObjectives()); err != nil {
		return study.Problem{}, err
	}
	p.Fidelities, err = DecodeRanges("fidelities", m.GetFidelities())
	return p, err
}

// EncodePrior returns a prior as canonical JSON; nil becomes the empty text.
func EncodePrior(p *study.Prior) (string, error) {
	if p == nil {
		return "", nil
	}
	b, err := canonical.Marshal(p)
	return string(b), err
}

// DecodePrior reads a prior from JSON; the empty text means none and returns nil. Unknown fields are refused: a
// prior that is only half understood would mislead the optimizer.
func DecodePrior(text string) (*study.Prior, error) {
	if text == "" {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	var p study.Prior
	if err := d.Decode(&p); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return &p, nil
}

// each converts the elements of a repeated field; an empty one becomes nil.
func each[A, B any](field string, list []A, convert func(A) (B, error)) ([]B, error) {
	var out []B
	for i, a := range list {
		b, err := convert(a)
		if err != nil {
			return nil, at(index(field, i), err)
		}
		out = append(out, b)
	}
	return out, nil
}
