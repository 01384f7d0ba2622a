package optimizertest

import (
	"math"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// metric is the objective of the suite's problems; it is minimised.
const metric = "loss"

// problem makes a problem of a space that is valid by construction.
func problem(params []space.Hyperparameter, forbidden ...space.Condition) study.Problem {
	s, err := space.New(params, forbidden...)
	if err != nil {
		panic(err) // the suite itself is wrong
	}
	return study.Problem{Space: s, Objectives: []study.Objective{{Metric: metric}}, Seed: 20}
}

func continuous() study.Problem {
	return problem([]space.Hyperparameter{
		{Name: "x", Low: -5, High: 10},
		{Name: "y", Low: 1e-6, High: 10, Log: true},
		{Name: "z", Low: 0, High: 1, Default: space.Float(0.25), HasDefault: true},
	})
}

// mixed has every type of hyperparameter.
func mixed() study.Problem {
	return problem([]space.Hyperparameter{
		{Name: "rate", Low: 1e-4, High: 1, Log: true},
		{Name: "leaves", Type: space.TypeInt, Low: 2, High: 512, Log: true},
		{Name: "share", Low: 0.1, High: 1, Step: 0.1},
		{Name: "features", Type: space.TypeCategorical, Choices: []space.Value{
			space.String("sqrt"), space.Float(0.5), space.Null(), space.Bool(true), space.Int(3),
		}, Weights: []float64{4, 1, 1, 1, 1}},
		{Name: "size", Type: space.TypeOrdinal, Choices: []space.Value{space.String("s"), space.String("m"), space.String("l")}},
		{Name: "bootstrap", Type: space.TypeBool},
		{Name: "version", Type: space.TypeConstant, Choices: []space.Value{space.Int(2)}},
	})
}

// conditional has conditions three deep, joined by and and or, a number as a parent, and a forbidden clause.
func conditional() study.Problem {
	learner, solver := "learner", "svm.solver"
	return problem([]space.Hyperparameter{
		{Name: learner, Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("forest"), space.String("none")}},
		{Name: "svm.C", Low: 0.01, High: 100, Log: true, When: space.Equals(learner, space.String("svm"))},
		{Name: solver, Type: space.TypeCategorical, Choices: []space.Value{space.String("exact"), space.String("sgd")},
			When: space.Equals(learner, space.String("svm"))},
		{Name: "svm.steps", Type: space.TypeInt, Low: 1, High: 1000, Log: true, When: space.Equals(solver, space.String("sgd"))},
		{Name: "forest.depth", Type: space.TypeInt, Low: 1, High: 4, When: space.Equals(learner, space.String("forest"))},
		{Name: "forest.prune", Type: space.TypeBool, When: space.In("forest.depth", space.Int(3), space.Int(4))},
		{Name: "forest.amount", Low: 0, High: 1, When: space.Equals("forest.prune", space.Bool(true))},
		{Name: "scale", Type: space.TypeBool, When: space.Or(
			*space.Equals(learner, space.String("svm")),
			*space.And(*space.Equals(learner, space.String("forest")), *space.Equals("forest.depth", space.Int(1))),
		)},
	}, *space.And(*space.Equals(solver, space.String("exact")), *space.Equals("scale", space.Bool(false))))
}

func fidelity() study.Problem {
	p := continuous()
	p.Fidelities = []study.Range{{Name: "epochs", Low: 1, High: 27, Log: true, Integer: true}}
	return p
}

// few has six configurations.
func few(numeric bool) study.Problem {
	if numeric {
		return problem([]space.Hyperparameter{
			{Name: "a", Type: space.TypeInt, Low: 0, High: 1}, {Name: "b", Type: space.TypeInt, Low: 1, High: 3},
		})
	}
	return problem([]space.Hyperparameter{
		{Name: "a", Type: space.TypeBool},
		{Name: "b", Type: space.TypeCategorical, Choices: []space.Value{space.String("u"), space.String("v"), space.String("w")}},
	})
}

// somePrior is a prior for continuous: two tasks and a density.
func somePrior() *study.Prior {
	result := func(x, y, z, loss float64) study.EarlierResult {
		return study.EarlierResult{Config: space.Config{"x": space.Float(x), "y": space.Float(y), "z": space.Float(z)}, Loss: loss}
	}
	return &study.Prior{
		Tasks: []study.WeightedTask{
			{Name: "near", Weight: 0.8, Results: []study.EarlierResult{result(1, 0.1, 0.5, 0.2), result(-4, 1, 0.1, 0.9), result(3, 0.01, 0.9, 0.4)}},
			{Name: "far", Weight: 0.2, Results: []study.EarlierResult{result(9, 5, 0.2, 10)}},
		},
		Densities: []study.Density{{Parameter: "x", Weights: []float64{1, 2, 4, 1}}},
	}
}

// loss is the smooth bowl that scripted studies evaluate: the mean squared distance of the active coordinates from a
// corner of the cube's inner third, less what higher fidelities gain.
func loss(p study.Problem, s study.Suggestion) float64 {
	sum, n := 0.0, 0.0
	for _, u := range p.Space.Encode(s.Config) {
		if !math.IsNaN(u) {
			sum, n = sum+(u-0.3)*(u-0.3), n+1
		}
	}
	worst := 0.0
	for _, r := range p.Fidelities {
		if x, ok := s.Fidelity[r.Name]; ok {
			worst += 1 - x/r.High
		}
	}
	return sum/max(n, 1) + 0.1*worst
}
