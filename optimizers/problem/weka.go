package problem

import (
	"fmt"
	"math"

	"github.com/metaml/metaml/optimizers/space"
)

// weka768 follows the shape of Auto-WEKA's space (Thornton, Hutter, Hoos and Leyton-Brown 2013): a choice between
// plain learners, meta-learners around a plain one, and ensembles of several, with feature selection before them.
const (
	wekaHyperparameters = 768
	wekaLearners        = 27
	wekaMetaLearners    = 10
	wekaSlots           = 5 // learners of an ensemble
)

// Weka768 returns a generated space of Auto-WEKA's shape, on which the cost of sampling, encoding and asking is
// measured: 768 hyperparameters of all types in which conditions reach four levels deep (method, meta-learner, its
// learner, the learner's kernel, the kernel's parameter). It is the same at every call and has no objective.
func Weka768() (space.Space, error) {
	w := wekaSpace{}
	w.add(space.Hyperparameter{Name: "method", Type: space.TypeCategorical, Choices: words("plain", "meta", "ensemble")})
	w.add(space.Hyperparameter{Name: "selection", Type: space.TypeBool})
	for i := range 10 {
		w.parameter("selection", i, space.Equals("selection", space.Bool(true)))
	}
	w.learners("plain", space.Equals("method", space.String("plain")))
	w.add(space.Hyperparameter{
		Name: "meta", Type: space.TypeCategorical, Choices: numbered("meta", wekaMetaLearners),
		When: space.Equals("method", space.String("meta")),
	})
	for m := range wekaMetaLearners {
		for i := range 2 {
			w.parameter(fmt.Sprintf("meta.meta%d", m), i, space.Equals("meta", choice("meta", m)))
		}
	}
	w.learners("inner", space.In("meta", numbered("meta", wekaMetaLearners)...))
	w.ensemble()
	for i := 0; len(w.params) < wekaHyperparameters; i++ {
		learner := i % wekaLearners
		w.parameter(fmt.Sprintf("plain.learner%d.extra", learner), i/wekaLearners, space.Equals("plain", choice("learner", learner)))
	}
	return space.New(w.params)
}

// weka768 makes a problem of the space, on which cost is measured: the mean squared distance of the active parameters
// from a target of each in the unit cube. How near a configuration can come to all targets is not known.
func weka768() (Problem, error) {
	s, err := Weka768()
	return Problem{Space: s, Optimum: math.NaN(), loss: func(c space.Config) float64 {
		sum, active := 0.0, 0
		for i, u := range s.Encode(c) {
			if math.IsNaN(u) {
				continue
			}
			_, target := math.Modf(float64(i) * math.Phi)
			sum += (u - target) * (u - target)
			active++
		}
		return sum / float64(max(active, 1))
	}}, err
}

// wekaSpace collects hyperparameters.
type wekaSpace struct{ params []space.Hyperparameter }

func (w *wekaSpace) add(h space.Hyperparameter) { w.params = append(w.params, h) }

// learners adds a choice of learner named name, with a kernel and parameters below each.
func (w *wekaSpace) learners(name string, when *space.Condition) {
	w.add(space.Hyperparameter{Name: name, Type: space.TypeCategorical, Choices: numbered("learner", wekaLearners), When: when})
	for l := range wekaLearners {
		active := space.Equals(name, choice("learner", l))
		prefix := fmt.Sprintf("%s.learner%d", name, l)
		for i := range 3 + l%5 {
			w.parameter(prefix, i, active)
		}
		kernel := prefix + ".kernel"
		w.add(space.Hyperparameter{Name: kernel, Type: space.TypeCategorical, Choices: numbered("kernel", 3), When: active})
		for k := range 3 {
			w.parameter(fmt.Sprintf("%s%d", kernel, k), l+k, space.Equals(kernel, choice("kernel", k)))
		}
	}
}

// ensemble adds slots, each with a weight; all but the first can be empty.
func (w *wekaSpace) ensemble() {
	active := space.Equals("method", space.String("ensemble"))
	for s := range wekaSlots {
		used := active
		if s > 0 {
			name := fmt.Sprintf("ensemble.slot%d", s)
			w.add(space.Hyperparameter{Name: name, Type: space.TypeBool, When: active})
			used = space.Equals(name, space.Bool(true))
		}
		name := fmt.Sprintf("ensemble.learner%d", s)
		w.add(space.Hyperparameter{Name: name, Type: space.TypeCategorical, Choices: numbered("learner", wekaLearners), When: used})
		for l := range wekaLearners {
			w.parameter(fmt.Sprintf("%s.learner%d", name, l), l, space.Equals(name, choice("learner", l)))
		}
	}
}

// parameter adds a parameter whose type and range follow from i.
func (w *wekaSpace) parameter(prefix string, i int, when *space.Condition) {
	h := space.Hyperparameter{Name: fmt.Sprintf("%s.p%d", prefix, i), When: when}
	switch i % 6 {
	case 0:
		h.Low, h.High, h.Log = 1e-5, 10, true
	case 1:
		h.Type, h.Low, h.High = space.TypeInt, 1, 50
	case 2:
		h.Type = space.TypeBool
	case 3:
		h.Low, h.High = 0, 1
	case 4:
		h.Type, h.Low, h.High, h.Log = space.TypeInt, 2, 1024, true
	case 5:
		h.Type, h.Choices = space.TypeOrdinal, words("few", "some", "many")
	}
	w.add(h)
}

// choice is the word for the i-th of several.
func choice(prefix string, i int) space.Value { return space.String(fmt.Sprintf("%s%d", prefix, i)) }

func numbered(prefix string, n int) []space.Value {
	values := make([]space.Value, n)
	for i := range values {
		values[i] = choice(prefix, i)
	}
	return values
}

func words(texts ...string) []space.Value {
	values := make([]space.Value, len(texts))
	for i, text := range texts {
		values[i] = space.String(text)
	}
	return values
}
