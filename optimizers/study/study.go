// Package study holds the data of an optimization study: what is asked (Problem), proposed (Suggestion),
// measured (Observation) and concluded (Trial), and what is known beforehand (Prior). It is the vocabulary that
// optimizers, evaluators, plugins and the knowledge base share; it has no behaviour beyond naming and copying.
package study

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/space"
)

// TrialID is a trial's number in its study's log, given by the host, counted from 1; 0 means none.
type TrialID uint64

// Fidelity is the effort spent on an evaluation, by the fidelity's name (rows, iterations, epochs, …). A missing
// key means that fidelity's maximum, so the empty Fidelity is a full evaluation.
type Fidelity map[string]float64

// Status is how a trial stands or ended.
type Status uint8

// The statuses. Pending has not ended. Pruned was stopped by a stopping rule. Failed was the configuration's own
// fault with a reason; TimedOut and OutOfMemory exceeded a limit; Crashed died without a word, or infrastructure
// failed again after a retry.
const (
	Pending Status = iota
	Complete
	Pruned
	Failed
	TimedOut
	OutOfMemory
	Crashed
)

var statusNames = [...]string{"pending", "complete", "pruned", "failed", "timed_out", "out_of_memory", "crashed"}

// String returns the status as it is spelled in files, on the wire and on screen.
func (s Status) String() string {
	if int(s) < len(statusNames) {
		return statusNames[s]
	}
	return fmt.Sprintf("status(%d)", uint8(s))
}

// Final reports whether the trial has ended.
func (s Status) Final() bool { return s != Pending && int(s) < len(statusNames) }

// ParseStatus reads a status as String spells it.
func ParseStatus(name string) (Status, error) {
	for i, n := range statusNames {
		if n == name {
			return Status(i), nil
		}
	}
	return Pending, fmt.Errorf("study: unknown status %q (one of %v)", name, statusNames)
}

// MarshalText writes the status by name.
func (s Status) MarshalText() ([]byte, error) {
	if int(s) >= len(statusNames) {
		return nil, fmt.Errorf("study: status %d does not exist", uint8(s))
	}
	return []byte(statusNames[s]), nil
}

// UnmarshalText reads a status by name.
func (s *Status) UnmarshalText(text []byte) error {
	parsed, err := ParseStatus(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Objective is a metric to optimize. Losses given to optimizers are always minimised: the host negates a metric
// that is to be maximised.
type Objective struct {
	Metric   string `json:"metric"`
	Maximize bool   `json:"maximize,omitempty"`
}

// Loss returns the value to minimise for a metric's value.
func (o Objective) Loss(metric float64) float64 {
	if o.Maximize {
		return -metric
	}
	return metric
}

// Range is a fidelity's range: from the cheapest evaluation, Low > 0, to the full one, High.
type Range struct {
	Name    string  `json:"name"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Log     bool    `json:"log,omitempty"`
	Integer bool    `json:"integer,omitempty"`
}

// Problem is what an optimizer is opened with.
type Problem struct {
	Space      space.Space `json:"space"`
	Objectives []Objective `json:"objectives"`
	Fidelities []Range     `json:"fidelities,omitempty"`
	Seed       uint64      `json:"seed,string"`
}

// Suggestion is a configuration to evaluate. Seed is the trial's own stream; Parent is the trial whose checkpoint
// it continues, 0 for none; Origin says where it came from: warmstart, or the optimizer's word for the step that
// made it.
type Suggestion struct {
	ID       TrialID      `json:"id"`
	Config   space.Config `json:"config"`
	Fidelity Fidelity     `json:"fidelity,omitempty"`
	Seed     uint64       `json:"seed,string"`
	Parent   TrialID      `json:"parent,omitempty"`
	Origin   string       `json:"origin,omitempty"`
}

// Cost is what an evaluation took. Times are seconds, Memory is peak bytes; zero means not measured.
type Cost struct {
	Wall    float64 `json:"wall,omitempty"`
	CPU     float64 `json:"cpu,omitempty"`
	Fit     float64 `json:"fit,omitempty"`
	Predict float64 `json:"predict,omitempty"`
	Memory  float64 `json:"memory,omitempty"`
}

// Observation is one measurement during or at the end of a trial: step Step of Steps (0 where steps mean nothing)
// at a fidelity. Metrics keep their own direction. A plain name is the mean over folds on validation data;
// "NAME/fold/I" is fold I's validation value, "NAME/test/I" the value on the untouched test split of the model
// that was trained for fold I. A metric that is undefined is absent; the host drops NaN and infinities.
type Observation struct {
	Step     int                `json:"step,omitempty"`
	Steps    int                `json:"steps,omitempty"`
	Fidelity Fidelity           `json:"fidelity,omitempty"`
	Metrics  map[string]float64 `json:"metrics,omitempty"`
	Cost     Cost               `json:"cost"`
}

// Trial is a suggestion with what became of it. Losses, one per objective and minimised, are set by the host and
// present only for Complete and Pruned trials; the last Observation is the final one. Reason explains any other
// end; Checkpoint is a folder that a later trial can continue from.
type Trial struct {
	Suggestion
	Status       Status        `json:"status"`
	Losses       []float64     `json:"losses,omitempty"`
	Observations []Observation `json:"observations,omitempty"`
	Reason       string        `json:"reason,omitempty"`
	Checkpoint   string        `json:"checkpoint,omitempty"`
}

// Prior is what is known before the first Ask, as data: weighted earlier tasks, densities over single
// hyperparameters, and tighter bounds. Every part may be empty.
type Prior struct {
	Tasks     []WeightedTask `json:"tasks,omitempty"`
	Densities []Density      `json:"densities,omitempty"`
	Bounds    *space.Space   `json:"bounds,omitempty"`
}

// WeightedTask is an earlier task's results with the probability that the new task resembles it.
type WeightedTask struct {
	Name    string          `json:"name"`
	Weight  float64         `json:"weight"`
	Results []EarlierResult `json:"results"`
}

// EarlierResult is a configuration's loss on an earlier task, minimised, on that task's own scale.
type EarlierResult struct {
	Config space.Config `json:"config"`
	Loss   float64      `json:"loss"`
}

// Density is a histogram over one hyperparameter: weights of equal slices of its unit-cube coordinate, or of its
// choices.
type Density struct {
	Parameter string    `json:"parameter"`
	Weights   []float64 `json:"weights"`
}
