package plugins

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/grpc"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/wire"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// Description is what a plugin says about itself.
type Description struct {
	Name    string
	Version string
	// Lock is the hash of the lock file of the plugin's environment; empty if it has none.
	Lock string
	// Settings is the JSON Schema of an optimizer's settings; empty: it takes none.
	Settings     json.RawMessage
	Capabilities Capabilities
	// Spaces are the search spaces that an evaluator offers, by task type: classification, regression.
	Spaces map[string]space.Space
	// Metrics are the metrics that an evaluator reports, by task type; the first is the default.
	Metrics map[string][]study.Objective
	// Fidelities are the fidelities that an evaluator understands.
	Fidelities []study.Range
}

// Capabilities says what an optimizer can deal with. What it cannot, the host refuses before a study begins.
type Capabilities struct {
	Conditions  bool // hyperparameters that are active under a condition only
	Categorical bool // hyperparameters without an order
	Pending     bool // trials told while they still run
	Fidelity    bool // cheaper evaluations
	Stopping    bool // it is an optimizers.Stopper
	Prior       bool // it is an optimizers.Primer
	Objectives  int  // the largest number of objectives; 0 means 1
}

func encodeDescription(d Description) (*pb.DescribeResponse, error) {
	c := d.Capabilities
	m := &pb.DescribeResponse{
		Name: d.Name, Version: d.Version, Lock: d.Lock, SettingsSchemaJson: string(d.Settings),
		Capabilities: &pb.Capabilities{
			Conditions: c.Conditions, Categorical: c.Categorical, Pending: c.Pending, Fidelity: c.Fidelity,
			Stopping: c.Stopping, Prior: c.Prior, Objectives: uint32(max(c.Objectives, 0)),
		},
		SpacesJson: map[string]string{}, Metrics: map[string]*pb.MetricList{},
	}
	var err error
	for task, s := range d.Spaces {
		if m.SpacesJson[task], err = wire.EncodeSpace(s); err != nil {
			return nil, fmt.Errorf("space of %s: %w", task, err)
		}
	}
	for task, list := range d.Metrics {
		encoded, err := wire.EncodeObjectives("metrics."+task, list)
		if err != nil {
			return nil, err
		}
		m.Metrics[task] = &pb.MetricList{Metrics: encoded}
	}
	m.Fidelities, err = wire.EncodeRanges("fidelities", d.Fidelities)
	return m, err
}

func decodeDescription(m *pb.DescribeResponse) (Description, error) {
	c := m.GetCapabilities()
	d := Description{
		Name: m.GetName(), Version: m.GetVersion(), Lock: m.GetLock(),
		Capabilities: Capabilities{
			Conditions: c.GetConditions(), Categorical: c.GetCategorical(), Pending: c.GetPending(),
			Fidelity: c.GetFidelity(), Stopping: c.GetStopping(), Prior: c.GetPrior(), Objectives: int(c.GetObjectives()),
		},
	}
	if schema := m.GetSettingsSchemaJson(); schema != "" {
		if !json.Valid([]byte(schema)) {
			return Description{}, fmt.Errorf("settings_schema_json: not JSON")
		}
		d.Settings = json.RawMessage(schema)
	}
	for _, task := range slices.Sorted(maps.Keys(m.GetSpacesJson())) {
		s, err := wire.DecodeSpace(m.GetSpacesJson()[task])
		if err != nil {
			return Description{}, fmt.Errorf("spaces_json.%s: %w", task, err)
		}
		if d.Spaces == nil {
			d.Spaces = map[string]space.Space{}
		}
		d.Spaces[task] = s
	}
	for _, task := range slices.Sorted(maps.Keys(m.GetMetrics())) {
		list, err := wire.DecodeObjectives("metrics."+task, m.GetMetrics()[task].GetMetrics())
		if err != nil {
			return Description{}, err
		}
		if d.Metrics == nil {
			d.Metrics = map[string][]study.Objective{}
		}
		d.Metrics[task] = list
	}
	var err error
	d.Fidelities, err = wire.DecodeRanges("fidelities", m.GetFidelities())
	return d, err
}

// describe asks a fresh process what it is. The answer counts towards its start.
func describe(
	ctx context.Context, conn *connection, command Command,
	call func(context.Context, *pb.DescribeRequest, ...grpc.CallOption) (*pb.DescribeResponse, error),
) (Description, error) {
	limited, cancel := context.WithTimeout(ctx, command.startTimeout())
	defer cancel()
	m, err := call(limited, &pb.DescribeRequest{})
	if err != nil {
		return Description{}, conn.failure(ctx, "Describe", err)
	}
	d, err := decodeDescription(m)
	if err != nil {
		return Description{}, conn.violation("Describe", err)
	}
	return d, nil
}
