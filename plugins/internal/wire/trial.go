package wire

import (
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// EncodeStatus returns the enum of a status.
func EncodeStatus(s study.Status) (pb.Status, error) {
	if s != study.Pending && !s.Final() {
		return 0, fmt.Errorf("%s does not exist", s)
	}
	return pb.Status(s), nil
}

// DecodeStatus returns the status of an enum; a number the protocol does not know is an error.
func DecodeStatus(m pb.Status) (study.Status, error) {
	if _, known := pb.Status_name[int32(m)]; !known {
		return study.Pending, fmt.Errorf("status %d is unknown to this version of the protocol", int32(m))
	}
	return study.Status(m), nil
}

// EncodeSuggestion returns the message of a suggestion.
func EncodeSuggestion(s study.Suggestion) (*pb.Suggestion, error) {
	config, err := encodeConfig(s.Config)
	if err != nil {
		return nil, err
	}
	fidelity, err := numbers("fidelity", s.Fidelity)
	if err = firstError(err, checkText("origin", s.Origin)); err != nil {
		return nil, err
	}
	return &pb.Suggestion{
		Id: uint64(s.ID), Config: config, Fidelity: fidelity, Seed: s.Seed, Parent: uint64(s.Parent), Origin: s.Origin,
	}, nil
}

// DecodeSuggestion returns the suggestion of a message. Whether its configuration lies in the space is for the
// caller to check.
func DecodeSuggestion(m *pb.Suggestion) (study.Suggestion, error) {
	if m == nil {
		return study.Suggestion{}, errMissing
	}
	config, err := decodeConfig(m.GetConfig())
	if err != nil {
		return study.Suggestion{}, err
	}
	fidelity, err := numbers("fidelity", m.GetFidelity())
	if err = firstError(err, checkText("origin", m.GetOrigin())); err != nil {
		return study.Suggestion{}, err
	}
	return study.Suggestion{
		ID: study.TrialID(m.GetId()), Config: config, Fidelity: fidelity, Seed: m.GetSeed(),
		Parent: study.TrialID(m.GetParent()), Origin: m.GetOrigin(),
	}, nil
}

// EncodeObservation returns the message of an observation.
func EncodeObservation(o study.Observation) (*pb.Observation, error) {
	fidelity, err := numbers("fidelity", o.Fidelity)
	if err != nil {
		return nil, err
	}
	metrics, err := numbers("metrics", o.Metrics)
	if err != nil {
		return nil, err
	}
	m := &pb.Observation{
		Step: int64(o.Step), Steps: int64(o.Steps), Fidelity: fidelity, Metrics: metrics,
		Cost: &pb.Cost{
			Wall: o.Cost.Wall, Cpu: o.Cost.CPU, Fit: o.Cost.Fit, Predict: o.Cost.Predict, Memory: o.Cost.Memory,
		},
	}
	return m, checkObservation(m)
}

// DecodeObservation returns the observation of a message. A missing cost means that nothing was measured.
func DecodeObservation(m *pb.Observation) (study.Observation, error) {
	if m == nil {
		return study.Observation{}, errMissing
	}
	fidelity, err := numbers("fidelity", m.GetFidelity())
	if err != nil {
		return study.Observation{}, err
	}
	metrics, err := numbers("metrics", m.GetMetrics())
	if err = firstError(err, checkObservation(m)); err != nil {
		return study.Observation{}, err
	}
	cost := m.GetCost()
	return study.Observation{
		Step: int(m.GetStep()), Steps: int(m.GetSteps()), Fidelity: fidelity, Metrics: metrics,
		Cost: study.Cost{
			Wall: cost.GetWall(), CPU: cost.GetCpu(), Fit: cost.GetFit(), Predict: cost.GetPredict(),
			Memory: cost.GetMemory(),
		},
	}, nil
}

func checkObservation(m *pb.Observation) error {
	cost := m.GetCost()
	return firstError(
		checkAmount("step", float64(m.GetStep())), checkAmount("steps", float64(m.GetSteps())),
		checkAmount("cost.wall", cost.GetWall()), checkAmount("cost.cpu", cost.GetCpu()),
		checkAmount("cost.fit", cost.GetFit()), checkAmount("cost.predict", cost.GetPredict()),
		checkAmount("cost.memory", cost.GetMemory()),
	)
}

// EncodeTrial returns the message of a trial.
func EncodeTrial(t study.Trial) (*pb.Trial, error) {
	suggestion, err := EncodeSuggestion(t.Suggestion)
	if err != nil {
		return nil, at("suggestion", err)
	}
	status, err := EncodeStatus(t.Status)
	if err != nil {
		return nil, at("status", err)
	}
	m := &pb.Trial{
		Suggestion: suggestion, Status: status, Losses: slices.Clone(t.Losses), Reason: t.Reason, Checkpoint: t.Checkpoint,
	}
	for i, o := range t.Observations {
		om, err := EncodeObservation(o)
		if err != nil {
			return nil, at(index("observations", i), err)
		}
		m.Observations = append(m.Observations, om)
	}
	return m, checkTrial(m)
}

// DecodeTrial returns the trial of a message.
func DecodeTrial(m *pb.Trial) (study.Trial, error) {
	if m == nil {
		return study.Trial{}, errMissing
	}
	suggestion, err := DecodeSuggestion(m.GetSuggestion())
	if err != nil {
		return study.Trial{}, at("suggestion", err)
	}
	status, err := DecodeStatus(m.GetStatus())
	if err = firstError(at("status", err), checkTrial(m)); err != nil {
		return study.Trial{}, err
	}
	t := study.Trial{
		Suggestion: suggestion, Status: status, Losses: slices.Clone(m.GetLosses()), Reason: m.GetReason(),
		Checkpoint: m.GetCheckpoint(),
	}
	for i, om := range m.GetObservations() {
		o, err := DecodeObservation(om)
		if err != nil {
			return study.Trial{}, at(index("observations", i), err)
		}
		t.Observations = append(t.Observations, o)
	}
	return t, nil
}

func checkTrial(m *pb.Trial) error {
	for i, loss := range m.GetLosses() {
		if err := checkFinite(index("losses", i), loss); err != nil {
			return err
		}
	}
	return firstError(checkText("reason", m.GetReason()), checkText("checkpoint", m.GetCheckpoint()))
}
