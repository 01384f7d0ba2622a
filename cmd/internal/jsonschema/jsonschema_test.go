package jsonschema

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"slices"
	"testing"
)

type inner struct {
	Rate float64 `json:"rate,omitempty"`
}

type settings struct {
	inner
	Starts  int            `json:"starts,omitempty"`
	Seed    uint64         `json:"seed"`
	Mirror  *bool          `json:"mirror,omitempty"`
	Name    string         `json:"name"`
	Weights []float64      `json:"weights"`
	Pair    [2]int         `json:"pair"`
	Limits  map[string]int `json:"limits"`
	Model   inner          `json:"model"`
	Address netip.Addr     `json:"address"` // any type that reads itself from text
	Plain   bool
	Raw     json.RawMessage `json:"raw"`
	Any     any             `json:"any"`
	Hidden  int             `json:"-"`
	private int
}

func TestOf(t *testing.T) {
	var got, want any
	if err := json.Unmarshal(Of[settings](), &got); err != nil {
		t.Fatal(err)
	}
	text := `{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"type": "object", "additionalProperties": false,
		"properties": {
			"rate": {"type": "number"},
			"starts": {"type": "integer"},
			"seed": {"type": "integer", "minimum": 0},
			"mirror": {"type": "boolean"},
			"name": {"type": "string"},
			"weights": {"type": "array", "items": {"type": "number"}},
			"pair": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
			"limits": {"type": "object", "additionalProperties": {"type": "integer"}},
			"model": {"type": "object", "properties": {"rate": {"type": "number"}}, "additionalProperties": false},
			"address": {"type": "string"},
			"Plain": {"type": "boolean"},
			"raw": {},
			"any": {}
		}
	}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %s", Of[settings]())
	}
	_ = settings{private: 1}
}

func TestProperties(t *testing.T) {
	want := []string{"rate", "starts", "seed", "mirror", "name", "weights", "pair", "limits", "model", "address", "Plain", "raw", "any"}
	if got := Properties[settings](); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if got := Properties[struct{}](); len(got) > 0 {
		t.Errorf("an empty struct has %v", got)
	}
}
