package program

import (
	"math"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/study"
)

// FuzzOutput has a program print anything, under a pattern and without: there is a result, all of it numbers, or a reason
// of bounded length; points of a curve have the metric and say where they are.
func FuzzOutput(f *testing.F) {
	for _, said := range []string{
		"0.5", "epoch 1\n0.25\n\n", `{"loss":1,"acc":0.5}`, `{"loss":"1"}`, `{"loss":NaN}`, "nan", "-inf", "1e999", "0x1p-2", "1_000", "loss=3 loss=4",
		`{"step":1,"steps":9,"loss":0.5}` + "\n" + `{"step":2,"loss":1e400}` + "\n2", `{"fidelity":{"epochs":3},"loss":2}`, "\x00\xff\n", "{", "[1]", "null",
		`{"loss":1,"loss":2}`, `{"step":-1,"loss":2}`, "loss=\n", strings.Repeat("x", 300),
	} {
		f.Add(said, false)
		f.Add(said, true)
	}
	evaluators := map[bool]*evaluator{}
	for pattern, text := range map[bool]string{false: "", true: `loss=(\S*)`} {
		p := protocol(f)
		p.Pattern = text
		var err error
		if evaluators[pattern], err = p.compile(); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, said string, pattern bool) {
		e := evaluators[pattern]
		var points []study.Observation
		o := &output{e: e, report: func(point study.Observation) error { points = append(points, point); return nil }}
		o.read(strings.NewReader(said))
		metrics, err := o.result("")
		if err != nil && len(err.Error()) > 1000 {
			t.Fatalf("the reason has %d bytes", len(err.Error()))
		}
		if err == nil {
			points = append(points, study.Observation{Step: 1, Metrics: metrics})
		}
		for _, point := range points {
			if _, ok := point.Metrics[Metric]; !ok || point.Step < 1 && len(point.Fidelity) == 0 {
				t.Fatalf("%q became %+v", said, point)
			}
			for name, x := range point.Metrics {
				if math.IsNaN(x) || math.IsInf(x, 0) {
					t.Fatalf("%q: %s is %v", said, name, x)
				}
			}
		}
	})
}
