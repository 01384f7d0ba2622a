package problem

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/space"
)

// cashInstances is how many relatives of the CASH problem there are.
const cashInstances = 20

// cashOptimum is the floor of the best learner.
const cashOptimum = 0.05

// cash_instances.json lists the constants of cash0, cash1, …
//
//go:embed cash_instances.json
var cashJSON []byte

// cashConstants place the optimum of each learner, and say how low it is.
type cashConstants struct {
	ID          int `json:"id"`
	Floor       struct{ SVM, RF, MLP float64 }
	Log10C      float64 `json:"log10C"`
	Log10Gamma  float64 `json:"log10gamma"`
	Log10Trees  float64 `json:"log10trees"`
	Depth       float64 `json:"depth"`
	MinFraction float64 `json:"minfrac"`
	Log10Rate   float64 `json:"log10lr"`
	Log10Units  float64 `json:"log10units"`
	Dropout     float64 `json:"dropout"`
	// Benign widens the narrow well of the mlp.
	Benign bool `json:"benign"`
}

// cash is a small problem of combined algorithm selection and hyperparameter optimization: the best learner, the mlp,
// is good in a narrow well only and the worst on average, so that an optimizer that gives a learner up early never
// finds it.
func cash() (Problem, error) {
	k := cashConstants{
		Log10C: 1.2, Log10Gamma: -1.5, Log10Trees: math.Log10(320), Depth: 17, MinFraction: 0.15,
		Log10Rate: -2.7, Log10Units: math.Log10(96), Dropout: 0.3,
	}
	k.Floor.SVM, k.Floor.RF, k.Floor.MLP = 0.10, 0.08, 0.05
	return k.problem()
}

// cashInstance is the i-th relative of cash: optima shifted, floors permuted, a third of them benign.
func cashInstance(i int) (Problem, error) {
	var all []cashConstants
	if err := json.Unmarshal(cashJSON, &all); err != nil {
		return Problem{}, err
	}
	if len(all) != cashInstances || all[i].ID != i {
		return Problem{}, fmt.Errorf("%d instances of %d, not in their order", len(all), cashInstances)
	}
	return all[i].problem()
}

func (k cashConstants) problem() (Problem, error) {
	p := Problem{Optimum: cashOptimum, Minimizers: []space.Config{k.minimizer()}, loss: k.loss}
	learner := func(name string) *space.Condition { return space.Equals("algo", space.String(name)) }
	var err error
	p.Space, err = space.New([]space.Hyperparameter{
		{Name: "algo", Type: space.TypeCategorical, Choices: words("svm", "rf", "mlp")},
		{Name: "C", Low: 1e-3, High: 1e3, Log: true, When: learner("svm")},
		{Name: "gamma", Low: 1e-4, High: 1e1, Log: true, When: learner("svm")},
		{Name: "trees", Type: space.TypeInt, Low: 10, High: 1000, Log: true, When: learner("rf")},
		{Name: "depth", Type: space.TypeInt, Low: 1, High: 30, When: learner("rf")},
		{Name: "minfrac", Low: 0.01, High: 0.5, When: learner("rf")},
		{Name: "lr", Low: 1e-5, High: 1, Log: true, When: learner("mlp")},
		{Name: "units", Type: space.TypeInt, Low: 8, High: 512, Log: true, When: learner("mlp")},
		{Name: "dropout", Low: 0, High: 0.8, When: learner("mlp")},
	})
	return p, err
}

// loss is the error of a configuration of any learner.
func (k cashConstants) loss(c space.Config) float64 {
	log10 := func(name string) float64 { return math.Log10(c[name].Float()) }
	switch c["algo"].Text() {
	case "svm":
		u, v := (log10("C")-k.Log10C)/3, (log10("gamma")-k.Log10Gamma)/2.5
		return k.Floor.SVM + 0.25*(u*u+v*v+0.8*u*v)
	case "rf":
		t, d, m := log10("trees")-k.Log10Trees, c["depth"].Float()-k.Depth, c["minfrac"].Float()-k.MinFraction
		ripple := 1 - math.Cos(2*math.Pi*d/4)
		return k.Floor.RF + 0.10*t*t + 0.30*(d/15)*(d/15) + 0.02*ripple + 0.5*m*m
	}
	a, b, d := log10("lr")-k.Log10Rate, log10("units")-k.Log10Units, c["dropout"].Float()-k.Dropout
	q := a*a/0.5 + b*b/0.6
	well := 1 - math.Exp(-q)
	if k.Benign {
		well = min(1, q/4)
	}
	return k.Floor.MLP + 0.35*well + 0.15*d*d
}

// minimizer is the centre of the best learner, numbers of trees and units rounded.
func (k cashConstants) minimizer() space.Config {
	power := func(log10 float64) float64 { return math.Pow(10, log10) }
	switch min(k.Floor.SVM, k.Floor.RF, k.Floor.MLP) {
	case k.Floor.SVM:
		return space.Config{"algo": space.String("svm"), "C": space.Float(power(k.Log10C)), "gamma": space.Float(power(k.Log10Gamma))}
	case k.Floor.RF:
		return space.Config{
			"algo": space.String("rf"), "trees": space.Int(int64(math.Round(power(k.Log10Trees)))),
			"depth": space.Int(int64(k.Depth)), "minfrac": space.Float(k.MinFraction),
		}
	}
	return space.Config{
		"algo": space.String("mlp"), "lr": space.Float(power(k.Log10Rate)),
		"units": space.Int(int64(math.Round(power(k.Log10Units)))), "dropout": space.Float(k.Dropout),
	}
}
