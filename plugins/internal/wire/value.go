package wire

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// EncodeValue returns the message of a hyperparameter's value. Numbers must be finite, integers within 2^53.
func EncodeValue(v space.Value) (*pb.Value, error) {
	if v.IsNumber() {
		if err := canonical.CheckNumber(v.Float()); err != nil {
			return nil, err
		}
	}
	switch v.Kind() {
	case space.KindNull:
		return &pb.Value{Kind: &pb.Value_Null{Null: true}}, nil
	case space.KindBool:
		return &pb.Value{Kind: &pb.Value_Boolean{Boolean: v.Bool()}}, nil
	case space.KindInt:
		return &pb.Value{Kind: &pb.Value_Integer{Integer: v.Int()}}, nil
	case space.KindFloat:
		return &pb.Value{Kind: &pb.Value_Number{Number: v.Float()}}, nil
	case space.KindString:
		if err := checkText("text", v.Text()); err != nil {
			return nil, err
		}
		return &pb.Value{Kind: &pb.Value_Text{Text: v.Text()}}, nil
	}
	return nil, fmt.Errorf("a value of kind %s cannot be sent", v.Kind())
}

// DecodeValue returns the value a message holds; a message without a value is an error, and null says so.
func DecodeValue(m *pb.Value) (space.Value, error) {
	switch kind := m.GetKind().(type) {
	case *pb.Value_Null:
		if !kind.Null {
			return space.Null(), errors.New("null must be true where it is given")
		}
		return space.Null(), nil
	case *pb.Value_Boolean:
		return space.Bool(kind.Boolean), nil
	case *pb.Value_Integer:
		if kind.Integer > canonical.MaxInteger || kind.Integer < -canonical.MaxInteger {
			return space.Null(), fmt.Errorf("integer %d beyond 2^53: %w", kind.Integer, canonical.ErrNumber)
		}
		return space.Int(kind.Integer), nil
	case *pb.Value_Number:
		return space.Float(kind.Number), canonical.CheckNumber(kind.Number)
	case *pb.Value_Text:
		return space.String(kind.Text), checkText("text", kind.Text)
	}
	return space.Null(), errMissing
}

func encodeConfig(c space.Config) (map[string]*pb.Value, error) {
	out := make(map[string]*pb.Value, len(c))
	for _, name := range c.Names() {
		v, err := EncodeValue(c[name])
		if err = firstError(checkText("config", name), at("config."+name, err)); err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

// decodeConfig returns an empty configuration, not nil, for an empty message: a space may have no hyperparameter.
func decodeConfig(m map[string]*pb.Value) (space.Config, error) {
	out := make(space.Config, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v, err := DecodeValue(m[name])
		if err != nil {
			return nil, at("config."+name, err)
		}
		out[name] = v
	}
	return out, nil
}

// numbers copies a map of finite numbers under the field's name; an empty one becomes nil. It serves both ways,
// since messages carry such maps as they are.
func numbers(field string, m map[string]float64) (map[string]float64, error) {
	if len(m) == 0 {
		return nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if err := firstError(checkText(field, name), checkFinite(field+"."+name, m[name])); err != nil {
			return nil, err
		}
	}
	return maps.Clone(m), nil
}
