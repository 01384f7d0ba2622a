package optimizertest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// sound is an optimizer that keeps the contract and depends on everything it is told, bit by bit: any slip shows. It
// never repeats itself, and is exhausted when it finds nothing new.
type sound struct {
	problem study.Problem
	state   [sha256.Size]byte
	told    map[string]bool
	known   []study.Suggestion
	status  map[study.TrialID]study.Status
}

func newSound(p study.Problem) *sound {
	return &sound{problem: p, told: map[string]bool{}, status: map[study.TrialID]study.Status{}}
}

func (o *sound) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	known := slices.Clone(o.known)
	var out []study.Suggestion
	for i := range n {
		id := first + study.TrialID(i)
		s, ok := o.draw(id, known)
		if !ok {
			break
		}
		known, out = append(known, s), append(out, s)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("after %d configurations: %w", len(o.known), optimizers.ErrExhausted)
	}
	return out, nil
}

func (o *sound) draw(id study.TrialID, known []study.Suggestion) (study.Suggestion, bool) {
	rng := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(o.state[:]), o.problem.Stream(id).Uint64()))
	for range 200 {
		c, err := o.problem.Space.Sample(rng)
		if err != nil {
			return study.Suggestion{}, false
		}
		s := study.Suggestion{ID: id, Config: c}
		for _, r := range o.problem.Fidelities {
			s.Fidelity = study.Fidelity{r.Name: r.Low * math.Pow(3, float64(rng.IntN(3)))}
		}
		// Now and then a trial continues a complete one at full fidelity.
		if k := len(known); len(o.problem.Fidelities) > 0 && k > 0 && id%5 == 0 && o.status[known[0].ID] == study.Complete {
			return study.Suggestion{ID: id, Config: known[0].Config.Clone(), Parent: known[0].ID}, true
		}
		if !slices.ContainsFunc(known, func(k study.Suggestion) bool { return same(k, s) }) {
			return s, true
		}
	}
	return study.Suggestion{}, false
}

func (o *sound) Tell(_ context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		b, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if o.told[string(b)] {
			continue
		}
		o.told[string(b)] = true
		o.state = sha256.Sum256(append(o.state[:], b...))
		if _, begun := o.status[t.ID]; !begun {
			s := t.Suggestion
			s.Config = s.Config.Clone()
			s.Fidelity = nil
			for name, x := range t.Fidelity {
				s.Fidelity = study.Fidelity{name: x}
			}
			o.known = append(o.known, s)
		}
		o.status[t.ID] = t.Status
	}
	return nil
}

func (o *sound) Observe(_ context.Context, id study.TrialID, ob study.Observation) (bool, error) {
	return math.Float64bits(ob.Metrics[metric])%3 == uint64(id)%3, nil
}

func (o *sound) Prime(_ context.Context, prior study.Prior) error {
	b, err := json.Marshal(prior)
	o.state = sha256.Sum256(b)
	return err
}

// everything claims every power.
var everything = Options{Fidelity: true, Stopping: true, Prior: true}

// openSound opens it as a host would, with faults put in by wrap.
func openSound(wrap func(*sound) optimizers.Optimizer) Open {
	return func(tb testing.TB, p study.Problem, prior *study.Prior) optimizers.Optimizer {
		o := newSound(p)
		if prior != nil {
			if err := o.Prime(context.Background(), *prior); err != nil {
				tb.Fatal(err)
			}
		}
		return wrap(o)
	}
}

func TestSoundOptimizerConforms(t *testing.T) {
	Conform(t, openSound(func(o *sound) optimizers.Optimizer { return o }), everything)
}
