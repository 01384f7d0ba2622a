package wire

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// generator makes random domain values that the protocol can carry, edge cases included.
type generator struct{ *rand.Rand }

func (g generator) number() float64 {
	edges := []float64{0, math.Copysign(0, -1), 1, -1, 0.1, math.SmallestNonzeroFloat64, 1 << 53, -1 << 53, 1e-300, math.Pi}
	if g.IntN(2) == 0 {
		return edges[g.IntN(len(edges))]
	}
	return g.NormFloat64() * 1000
}

func (g generator) amount() float64 { return math.Abs(g.number()) }

func (g generator) text() string {
	words := []string{"", "learner", "svm", "größe", "a.b", "a\"b\\", "null", "true", "1.0", "\x00", "🦆", strings.Repeat("x", 300)}
	return words[g.IntN(len(words))] + words[g.IntN(len(words))]
}

func (g generator) value() space.Value {
	switch g.IntN(5) {
	case 0:
		return space.Null()
	case 1:
		return space.Bool(g.IntN(2) == 0)
	case 2:
		edges := []int64{0, 1, -1, 1 << 53, -1 << 53, g.Int64N(1 << 53)}
		return space.Int(edges[g.IntN(len(edges))])
	case 3:
		return space.Float(g.number())
	}
	return space.String(g.text())
}

func (g generator) config() space.Config {
	c := space.Config{}
	for range g.IntN(6) {
		c[g.text()] = g.value()
	}
	return c
}

// named returns up to four numbers by name, nil for none, as the decoders do.
func (g generator) named() map[string]float64 {
	var m map[string]float64
	for range g.IntN(5) {
		if m == nil {
			m = map[string]float64{}
		}
		m[g.text()] = g.number()
	}
	return m
}

func (g generator) suggestion() study.Suggestion {
	return study.Suggestion{
		ID: study.TrialID(g.Uint64()), Config: g.config(), Fidelity: g.named(), Seed: g.Uint64(),
		Parent: study.TrialID(g.Uint64N(3)), Origin: g.text(),
	}
}

func (g generator) observation() study.Observation {
	return study.Observation{
		Step: g.IntN(1 << 40), Steps: g.IntN(1 << 40), Fidelity: g.named(), Metrics: g.named(),
		Cost: study.Cost{Wall: g.amount(), CPU: g.amount(), Fit: g.amount(), Predict: g.amount(), Memory: g.amount()},
	}
}

func (g generator) trial() study.Trial {
	t := study.Trial{
		Suggestion: g.suggestion(), Status: study.Status(g.IntN(int(study.Crashed) + 1)), Reason: g.text(), Checkpoint: g.text(),
	}
	for range g.IntN(3) {
		t.Losses = append(t.Losses, g.number())
	}
	for range g.IntN(4) {
		t.Observations = append(t.Observations, g.observation())
	}
	return t
}

func (g generator) problem(s space.Space) study.Problem {
	p := study.Problem{Space: s, Seed: g.Uint64()}
	for range g.IntN(3) {
		p.Objectives = append(p.Objectives, study.Objective{Metric: "m" + g.text(), Maximize: g.IntN(2) == 0})
	}
	for range g.IntN(3) {
		low := 0.5 + g.Float64()
		p.Fidelities = append(p.Fidelities, study.Range{
			Name: "f" + g.text(), Low: low, High: low * 10, Log: g.IntN(2) == 0, Integer: g.IntN(2) == 0,
		})
	}
	return p
}

func (g generator) prior(s space.Space) *study.Prior {
	p := &study.Prior{}
	for range g.IntN(3) {
		task := study.WeightedTask{Name: g.text(), Weight: g.Float64(), Results: []study.EarlierResult{}}
		for range g.IntN(4) {
			task.Results = append(task.Results, study.EarlierResult{Config: g.config(), Loss: g.number()})
		}
		p.Tasks = append(p.Tasks, task)
	}
	for range g.IntN(3) {
		p.Densities = append(p.Densities, study.Density{Parameter: g.text(), Weights: []float64{g.Float64(), g.Float64()}})
	}
	if g.IntN(2) == 0 {
		p.Bounds = &s
	}
	return p
}
