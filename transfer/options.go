package transfer

import (
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
)

// Options says which runs of a knowledge base make a Matrix. The zero value takes the task type, the protocol and
// the space with the most runs, the protocol's primary metric, and the extractor that describes the most tasks;
// what was chosen among several, and what was left out for it, is said in Matrix.Notes.
type Options struct {
	// Type keeps tasks of that type only (record.Classification, record.Regression).
	Type string
	// Protocol and Space keep runs made under them only. Without Protocol, tasks that another protocol knows better are
	// known by that: results of different protocols are never mixed within a task. Configurations of different spaces
	// are never compared.
	Protocol, Space record.ID
	// Metric names the metric; its direction is the protocol's.
	Metric string
	// Extractor names the definition of the meta-features.
	Extractor string
	// Learners keeps configurations of these learners only; nil keeps all.
	Learners []string
	// Reference says which configurations define a task's spread (Task.Best); nil means all. It should be a fixed
	// design run on every task, so that adding tuned configurations to the knowledge base does not change scales.
	Reference func(space.Config) bool
}

// learnerParameters are the names by which spaces call the choice of the learning algorithm, the first that a
// configuration has counts.
var learnerParameters = [...]string{"learner", "algorithm", "classifier", "regressor", "estimator", "model"}

// Learner returns the learner that a configuration sets up: its value of "learner" or, in spaces of other origin,
// of "algorithm", "classifier", "regressor", "estimator" or "model". It is empty where there is no such choice.
func Learner(c space.Config) string {
	for _, name := range learnerParameters {
		if v, ok := c[name]; ok && v.Kind() == space.KindString {
			return v.Text()
		}
	}
	return ""
}
