package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// refused checks a server's error: its code and what it says.
func refused(t *testing.T, what string, err error, code codes.Code, says string) {
	t.Helper()
	if err == nil || status.Code(err) != code || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: %v; want %s with %q", what, err, code, says)
	}
}

func TestOptimizerServerRefusesWhatMakesNoSense(t *testing.T) {
	server := &optimizerServer{plugin: OptimizerPlugin{
		Open: func(p study.Problem, settings json.RawMessage) (optimizers.Optimizer, error) {
			if len(settings) > 0 {
				return nil, errors.New("no settings, please")
			}
			return random.New(p, random.Settings{})
		},
	}}
	ctx := t.Context()
	_, err := server.Ask(ctx, &pb.AskRequest{First: 1, N: 1})
	refused(t, "Ask before Open", err, codes.FailedPrecondition, "not opened")
	_, err = server.Tell(ctx, &pb.TellRequest{})
	refused(t, "Tell before Open", err, codes.FailedPrecondition, "not opened")
	_, err = server.Observe(ctx, &pb.ObserveRequest{})
	refused(t, "Observe before Open", err, codes.FailedPrecondition, "not opened")

	empty := &pb.Problem{SpaceJson: `{"parameters":{}}`}
	_, err = server.Open(ctx, &pb.OpenRequest{})
	refused(t, "Open without a problem", err, codes.InvalidArgument, "problem: is missing")
	_, err = server.Open(ctx, &pb.OpenRequest{Problem: empty, PriorJson: "{"})
	refused(t, "Open with half a prior", err, codes.InvalidArgument, "prior: ")
	_, err = server.Open(ctx, &pb.OpenRequest{Problem: empty, PriorJson: "{}"})
	refused(t, "Open of what takes no prior", err, codes.Unimplemented, "takes no prior")
	_, err = server.Open(ctx, &pb.OpenRequest{Problem: empty, SettingsJson: "{}"})
	refused(t, "Open with settings", err, codes.Unknown, "no settings, please")
	if _, err := server.Open(ctx, &pb.OpenRequest{Problem: empty}); err != nil {
		t.Fatal(err)
	}
	_, err = server.Open(ctx, &pb.OpenRequest{Problem: empty})
	refused(t, "Open twice", err, codes.FailedPrecondition, "open already")
	_, err = server.Tell(ctx, &pb.TellRequest{Trials: []*pb.Trial{{}}})
	refused(t, "Tell of nothing", err, codes.InvalidArgument, "trials[0]: suggestion: is missing")
	_, err = server.Observe(ctx, &pb.ObserveRequest{Observation: &pb.Observation{}})
	refused(t, "Observe of what stops nothing", err, codes.Unimplemented, "stops no trial")
}

// evaluateStream collects what a server sends.
type evaluateStream struct {
	grpc.ServerStreamingServer[pb.EvaluateResponse]
	ctx  context.Context
	sent []*pb.EvaluateResponse
}

func (s *evaluateStream) Context() context.Context { return s.ctx }

func (s *evaluateStream) Send(m *pb.EvaluateResponse) error {
	s.sent = append(s.sent, m)
	return nil
}

func newEvaluatorServer(p EvaluatorPlugin) *evaluatorServer {
	server := &evaluatorServer{plugin: p}
	server.alive, server.giveUp = context.WithCancel(context.Background())
	return server
}

func TestEvaluatorServerRunsOneEvaluationAtATime(t *testing.T) {
	var server *evaluatorServer
	request := &pb.EvaluateRequest{Suggestion: &pb.Suggestion{Id: 3}, Limits: &pb.Limits{WallSeconds: 1.5, Threads: 2}}
	server = newEvaluatorServer(EvaluatorPlugin{
		Evaluate: func(ctx context.Context, s study.Suggestion, l Limits, report func(study.Observation) error) (study.Trial, error) {
			if l != (Limits{Wall: 1500 * time.Millisecond, Threads: 2}) {
				t.Errorf("limits %+v", l)
			}
			refused(t, "a second evaluation", server.Evaluate(request, &evaluateStream{ctx: ctx}), codes.FailedPrecondition, "another")
			if err := report(study.Observation{Step: 1}); err != nil {
				t.Errorf("before Stop: %v", err)
			}
			_, _ = server.Stop(ctx, &pb.StopRequest{Id: 4}) // not this one
			if err := report(study.Observation{Step: 2}); err != nil {
				t.Errorf("after a Stop that meant another: %v", err)
			}
			if err := report(study.Observation{Metrics: map[string]float64{"x": math.Inf(1)}}); err == nil {
				t.Error("an infinite metric was reported")
			}
			_, _ = server.Stop(ctx, &pb.StopRequest{Id: 3})
			if err := report(study.Observation{Step: 3}); !errors.Is(err, optimizers.ErrStop) {
				t.Errorf("after Stop: %v", err)
			}
			return study.Trial{Suggestion: s, Status: study.Pruned}, nil
		},
	})
	stream := &evaluateStream{ctx: t.Context()}
	if err := server.Evaluate(request, stream); err != nil {
		t.Fatal(err)
	}
	if n := len(stream.sent); n != 4 || stream.sent[3].GetTrial().GetStatus() != pb.Status_STATUS_PRUNED {
		t.Errorf("sent %v, want three observations and the trial", stream.sent)
	}
	refused(t, "no suggestion", server.Evaluate(&pb.EvaluateRequest{}, stream), codes.InvalidArgument, "suggestion: is missing")
	if _, err := server.Load(t.Context(), &pb.LoadRequest{Path: "/x"}); err != nil {
		t.Errorf("Load of an evaluator without data: %v", err)
	}
}

func TestEvaluatorServerGivesUpWhenItIsToEnd(t *testing.T) {
	begun := make(chan struct{})
	server := newEvaluatorServer(EvaluatorPlugin{
		Evaluate: func(ctx context.Context, _ study.Suggestion, _ Limits, _ func(study.Observation) error) (study.Trial, error) {
			close(begun)
			<-ctx.Done()
			return study.Trial{}, ctx.Err()
		},
	})
	ended := make(chan error)
	go func() {
		ended <- server.Evaluate(&pb.EvaluateRequest{Suggestion: &pb.Suggestion{Id: 1}}, &evaluateStream{ctx: t.Context()})
	}()
	<-begun
	server.settle()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the evaluation ended with %v", err)
	}
	late := server.Evaluate(&pb.EvaluateRequest{Suggestion: &pb.Suggestion{Id: 2}}, &evaluateStream{ctx: t.Context()})
	refused(t, "an evaluation after the end", late, codes.FailedPrecondition, "another")
}

func TestDescriptionRoundTrip(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeFloat, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	want := Description{
		Name: "n", Version: "v", Lock: "l", Settings: json.RawMessage(`{"type":"object"}`),
		Capabilities: Capabilities{true, true, true, true, true, true, 7},
		Metrics:      map[string][]study.Objective{"regression": {{Metric: "r2", Maximize: true}}},
		Fidelities:   []study.Range{{Name: "rows", Low: 1, High: 2, Log: true, Integer: true}},
	}
	withSpace := want
	withSpace.Spaces = map[string]space.Space{"classification": s}
	m, err := encodeDescription(withSpace)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeDescription(m)
	if err != nil {
		t.Fatal(err)
	}
	if back := got.Spaces["classification"]; back.Len() != 1 || len(got.Spaces) != 1 {
		t.Errorf("spaces %+v", got.Spaces)
	}
	got.Spaces = nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v came back as %+v", want, got)
	}
}

func TestDescriptionRefusals(t *testing.T) {
	nameless := []*pb.Objective{{}}
	for says, m := range map[string]*pb.DescribeResponse{
		"settings_schema_json: not JSON":                  {SettingsSchemaJson: "{"},
		"spaces_json.regression: ":                        {SpacesJson: map[string]string{"regression": "x"}},
		"metrics.regression[0].metric: is missing":        {Metrics: map[string]*pb.MetricList{"regression": {Metrics: nameless}}},
		"fidelities[0].low: 0 is not above 0 and at most": {Fidelities: []*pb.Range{{Name: "rows", High: 1}}},
	} {
		if _, err := decodeDescription(m); err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	for says, d := range map[string]Description{
		"metrics.regression[0].metric: is missing": {Metrics: map[string][]study.Objective{"regression": {{}}}},
		"fidelities[0].name: is missing":           {Fidelities: []study.Range{{}}},
	} {
		if _, err := describe(d); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestLimitsOnTheWire(t *testing.T) {
	for _, m := range []*pb.Limits{nil, {}, {WallSeconds: -1, FitSeconds: math.NaN(), MemoryBytes: math.NaN()}, {MemoryBytes: -1}} {
		if l := decodeLimits(m); l != (Limits{}) {
			t.Errorf("%v means %+v, want no limits", m, l)
		}
	}
	if l := decodeLimits(&pb.Limits{WallSeconds: math.Inf(1), MemoryBytes: 1e300}); l.Wall <= 0 || l.Memory <= 0 {
		t.Errorf("huge limits overflow: %+v", l)
	}
	want := Limits{Wall: time.Minute, Fit: time.Second / 4, Memory: 1 << 40, Threads: 3}
	if got := decodeLimits(encodeLimits(want)); got != want {
		t.Errorf("%+v came back as %+v", want, got)
	}
}
