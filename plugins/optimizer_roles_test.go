//go:build unix

package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"

	"github.com/metaml/metaml/optimizers/space"
)

// drifter is an optimizer for tests whose suggestions depend on everything it was ever told, so that a replay that
// leaves anything out, adds anything or changes the order shows.
type drifter struct {
	problem study.Problem
	state   float64
}

func (d *drifter) Ask(_ context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if first > 100 {
		return nil, optimizers.ErrExhausted
	}
	var out []study.Suggestion
	for id := first; id < first+study.TrialID(n); id++ {
		r := rand.New(rand.NewPCG(d.problem.Seed, uint64(id)))
		x := r.Float64() + d.state
		out = append(out, study.Suggestion{
			ID: id, Seed: r.Uint64(), Origin: "drift", Fidelity: study.Fidelity{"rows": 10},
			Config: space.Config{"x": space.Float(x - float64(int(x))), "kind": []space.Value{space.String("a"), space.Float(0.5), space.Null()}[id%3]},
		})
	}
	return out, nil
}

func (d *drifter) Tell(_ context.Context, trials ...study.Trial) error {
	for _, t := range trials {
		if t.Reason == "refuse me" {
			return errors.New("this trial is not wanted")
		}
		d.mix(float64(t.ID) / 7)
		for _, loss := range t.Losses {
			d.mix(loss)
		}
	}
	return nil
}

// mix is not commutative, so the order of what is told matters.
func (d *drifter) mix(f float64) {
	d.state = 0.7*d.state + 0.3*f
	d.state -= float64(int(d.state))
}

func (d *drifter) Observe(_ context.Context, id study.TrialID, o study.Observation) (bool, error) {
	d.mix(o.Metrics["loss"])
	return o.Step >= 3, nil
}

func (d *drifter) Prime(_ context.Context, prior study.Prior) error {
	d.mix(prior.Tasks[0].Weight)
	return nil
}

// accident is what befalls the drifter's process, once: the file At is made when it happens.
type accident struct {
	On   string // the call it happens in: open, ask, tell, observe
	How  string // kill, hang, panic
	Mark string // a file: the accident happens only while it does not exist; empty: every time
}

// accidentProne passes calls on to a drifter, unless something happens.
type accidentProne struct {
	drifter
	accident accident
}

func (p *accidentProne) call(name string) {
	if p.accident.On != name {
		return
	}
	if p.accident.Mark != "" {
		f, err := os.OpenFile(p.accident.Mark, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return // it happened before
		}
		_ = f.Close()
	}
	switch p.accident.How {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	case "hang":
		time.Sleep(time.Hour)
	case "panic":
		panic("an accident in " + name)
	}
}

func (p *accidentProne) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	p.call("ask")
	return p.drifter.Ask(ctx, first, n)
}

func (p *accidentProne) Tell(ctx context.Context, trials ...study.Trial) error {
	err := p.drifter.Tell(ctx, trials...)
	p.call("tell")
	return err
}

func (p *accidentProne) Observe(ctx context.Context, id study.TrialID, o study.Observation) (bool, error) {
	stop, err := p.drifter.Observe(ctx, id, o)
	p.call("observe")
	return stop, err
}

func playOptimizer() {
	ServeOptimizer(OptimizerPlugin{
		Description: Description{
			Name: "drift", Version: "0.1", Settings: json.RawMessage(`{"type":"object"}`),
			Capabilities: Capabilities{Categorical: true, Pending: true, Stopping: true, Prior: true},
		},
		Open: func(problem study.Problem, settings json.RawMessage) (optimizers.Optimizer, error) {
			p := &accidentProne{drifter: drifter{problem: problem}}
			if len(settings) > 0 {
				if err := json.Unmarshal(settings, &p.accident); err != nil {
					return nil, fmt.Errorf("settings: %w", err)
				}
			}
			p.call("open")
			return p, nil
		},
	})
}

// brokenOptimizer answers what the SDK would not.
type brokenOptimizer struct {
	pb.UnimplementedOptimizerServer
	suggestions []*pb.Suggestion
}

func (b brokenOptimizer) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return &pb.DescribeResponse{Name: "broken", Capabilities: &pb.Capabilities{Categorical: true}}, nil
}

func (b brokenOptimizer) Open(context.Context, *pb.OpenRequest) (*pb.OpenResponse, error) {
	return &pb.OpenResponse{}, nil
}

func (b brokenOptimizer) Ask(context.Context, *pb.AskRequest) (*pb.AskResponse, error) {
	return &pb.AskResponse{Suggestions: b.suggestions}, nil
}

// wrongSuggestions are what playBrokenOptimizer can answer when asked for two from 5 on, by METAML_TEST_BREAK.
func wrongSuggestions() map[string][]*pb.Suggestion {
	config := func(x float64) map[string]*pb.Value {
		return map[string]*pb.Value{
			"x":    {Kind: &pb.Value_Number{Number: x}},
			"kind": {Kind: &pb.Value_Text{Text: "a"}},
		}
	}
	return map[string][]*pb.Suggestion{
		"too many":      {{Id: 5, Config: config(0)}, {Id: 6, Config: config(0)}, {Id: 7, Config: config(0)}},
		"wrong number":  {{Id: 5, Config: config(0)}, {Id: 5, Config: config(0)}},
		"out of range":  {{Id: 5, Config: config(1.5)}},
		"missing value": {{Id: 5, Config: map[string]*pb.Value{"x": {}}}},
		"incomplete":    {{Id: 5, Config: map[string]*pb.Value{"x": {Kind: &pb.Value_Number{Number: 0.5}}}}},
	}
}

func playBrokenOptimizer() {
	serve(KindOptimizer, func() {}, func(s *grpc.Server) {
		pb.RegisterOptimizerServer(s, brokenOptimizer{suggestions: wrongSuggestions()[os.Getenv("METAML_TEST_BREAK")]})
	})
}
