package record

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// id makes a well-formed id from one letter.
func id(c string) ID { return ID(strings.Repeat(c, 64)) }

// fullRun has every field set.
func fullRun() *Run {
	return &Run{
		Task: id("a"), Protocol: id("b"), Space: id("c"),
		Config: space.Config{
			"learner": space.String("lightgbm"), "lightgbm.learning_rate": space.Float(0.0123457),
			"lightgbm.num_leaves": space.Int(31), "lightgbm.max_depth": space.Null(), "scaler": space.Bool(true),
		},
		Fidelity: study.Fidelity{"rows": 2000, "iterations": 50}, Seed: 42, Status: study.Complete,
		Measures: []Measure{
			{Metric: "balanced_accuracy", Validation: []float64{0.81, 0.823457, 0.8}, Test: []float64{0.79, 0.8, 0.81}},
			{Metric: "log_loss", Validation: []float64{0.4, 0.41, 0.42}},
		},
		Curve:     []CurvePoint{{Fidelity: study.Fidelity{"iterations": 10}, Value: 0.7}, {Value: 0.75}},
		Cost:      study.Cost{Wall: 1.2, CPU: 1.1, Fit: 1, Predict: 0.01, Memory: 1.5e8},
		Split:     "s1",
		Evaluator: Evaluator{Name: "sklearn", Version: "1", Lock: "abc"}, Contributor: "someone", Machine: "m",
		Time: 1700000000,
	}
}

func BenchmarkEncodeRun(b *testing.B) {
	r, buf := fullRun(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendEncoded(buf[:0], r)
	}
}

func BenchmarkDecodeRun(b *testing.B) {
	text, err := Encode(fullRun())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIdentifyRun(b *testing.B) {
	r := fullRun()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Identify(r); err != nil {
			b.Fatal(err)
		}
	}
}

var _ = slices.Sort[[]int]
var _ = math.Pi
