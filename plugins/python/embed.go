// Package python holds the Python package metaml, which evaluators run from: the SDK, the evaluators with their
// search spaces, and the locks of their environments. It only holds the files; package pyenv makes them run.
package python

import (
	"embed"
	"fmt"
)

// Sources is the folder "metaml" as Python imports it. Each folder is named, because go:embed leaves out names that
// begin with an underscore (__init__.py) from folders it walks by itself.
//
//go:embed metaml/*.py metaml/v1/*.py metaml/sdk/*.py metaml/evaluators/*.py
//go:embed metaml/evaluators/sklearn/*.py metaml/evaluators/sklearn/*.json metaml/evaluators/sklearn/learners/*.py
var Sources embed.FS

// SklearnLock is the lock file of the environment of the evaluator "sklearn", in pip's requirements format with
// hashes.
//
//go:embed locks/sklearn.txt
var SklearnLock []byte

// DevelopmentLock is the lock file of what the Python test suite needs beyond SklearnLock.
//
//go:embed locks/development.txt
var DevelopmentLock []byte

// SklearnSpace returns the search space of the evaluator "sklearn" for a task type, classification or regression, as
// JSON that package space reads.
func SklearnSpace(task string) ([]byte, error) {
	data, err := Sources.ReadFile("metaml/evaluators/sklearn/" + task + ".json")
	if err != nil {
		return nil, fmt.Errorf("the evaluator sklearn has no search space for tasks of type %q", task)
	}
	return data, nil
}
