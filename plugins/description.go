package plugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

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

// suffice returns an error that wraps errors.ErrUnsupported for a problem or prior beyond the capabilities. An
// optimizer without fidelities is not refused where there are some: it asks for full evaluations only.
func (c Capabilities) suffice(problem study.Problem, prior *study.Prior) error {
	unordered := func(h space.Hyperparameter) bool { return h.Type == space.TypeCategorical && len(h.Choices) > 2 }
	switch {
	case !c.Conditions && problem.Space.Conditional():
		return fmt.Errorf("conditions between hyperparameters: %w", errors.ErrUnsupported)
	case !c.Categorical && slices.ContainsFunc(problem.Space.Parameters(), unordered):
		return fmt.Errorf("categorical hyperparameters: %w", errors.ErrUnsupported)
	case len(problem.Objectives) > max(c.Objectives, 1):
		return fmt.Errorf("%d objectives, at most %d: %w", len(problem.Objectives), max(c.Objectives, 1), errors.ErrUnsupported)
	case !c.Prior && prior != nil:
		return fmt.Errorf("a prior: %w", errors.ErrUnsupported)
	}
	return nil
}
