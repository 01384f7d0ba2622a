package plugins

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/wire"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// OptimizerPlugin is what the author of an optimizer in Go provides.
type OptimizerPlugin struct {
	// Description must claim the capabilities that the optimizers returned by Open have, Stopping and Prior
	// included.
	Description Description
	// Open starts a study. Settings is canonical JSON, empty for the defaults.
	Open func(problem study.Problem, settings json.RawMessage) (optimizers.Optimizer, error)
}

// ServeOptimizer is the main function of an optimizer plugin: it answers the host until the host is done.
func ServeOptimizer(p OptimizerPlugin) {
	serve(KindOptimizer, func() {}, func(s *grpc.Server) { pb.RegisterOptimizerServer(s, &optimizerServer{plugin: p}) })
}

// optimizerServer translates calls of the host for an OptimizerPlugin, one at a time.
type optimizerServer struct {
	pb.UnimplementedOptimizerServer
	plugin OptimizerPlugin

	mu        sync.Mutex
	optimizer optimizers.Optimizer // nil before Open
}

// Describe answers with the plugin's description.
func (s *optimizerServer) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return describe(s.plugin.Description)
}

// Open opens the study, with its prior if there is one.
func (s *optimizerServer) Open(ctx context.Context, m *pb.OpenRequest) (*pb.OpenResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.optimizer != nil {
		return nil, status.Error(codes.FailedPrecondition, "the study is open already: one process serves one study")
	}
	problem, err := wire.DecodeProblem(m.GetProblem())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "problem: %v", err)
	}
	prior, err := wire.DecodePrior(m.GetPriorJson())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "prior: %v", err)
	}
	optimizer, err := s.plugin.Open(problem, json.RawMessage(m.GetSettingsJson()))
	if err != nil {
		return nil, err
	}
	if prior != nil {
		primer, ok := optimizer.(optimizers.Primer)
		if !ok {
			return nil, status.Error(codes.Unimplemented, "this optimizer takes no prior")
		}
		if err := primer.Prime(ctx, *prior); err != nil {
			return nil, err
		}
	}
	s.optimizer = optimizer
	return &pb.OpenResponse{}, nil
}

// opened returns the study's optimizer.
func (s *optimizerServer) opened() (optimizers.Optimizer, error) {
	if s.optimizer == nil {
		return nil, status.Error(codes.FailedPrecondition, "the study was not opened")
	}
	return s.optimizer, nil
}

// Ask asks the optimizer.
func (s *optimizerServer) Ask(ctx context.Context, m *pb.AskRequest) (*pb.AskResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	optimizer, err := s.opened()
	if err != nil {
		return nil, err
	}
	suggestions, err := optimizer.Ask(ctx, study.TrialID(m.GetFirst()), int(m.GetN()))
	if err != nil && !errors.Is(err, optimizers.ErrExhausted) {
		return nil, err
	}
	answer := &pb.AskResponse{Exhausted: err != nil}
	for _, suggestion := range suggestions {
		sm, err := wire.EncodeSuggestion(suggestion)
		if err != nil {
			return nil, status.Errorf(codes.Internal, "suggestion %d: %v", suggestion.ID, err)
		}
		answer.Suggestions = append(answer.Suggestions, sm)
	}
	return answer, nil
}

// Tell tells the optimizer.
func (s *optimizerServer) Tell(ctx context.Context, m *pb.TellRequest) (*pb.TellResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	optimizer, err := s.opened()
	if err != nil {
		return nil, err
	}
	trials := make([]study.Trial, 0, len(m.GetTrials()))
	for i, tm := range m.GetTrials() {
		t, err := wire.DecodeTrial(tm)
		if err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "trials[%d]: %v", i, err)
		}
		trials = append(trials, t)
	}
	return &pb.TellResponse{}, optimizer.Tell(ctx, trials...)
}

// Observe passes an observation on.
func (s *optimizerServer) Observe(ctx context.Context, m *pb.ObserveRequest) (*pb.ObserveResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	optimizer, err := s.opened()
	if err != nil {
		return nil, err
	}
	stopper, ok := optimizer.(optimizers.Stopper)
	if !ok {
		return nil, status.Error(codes.Unimplemented, "this optimizer stops no trial")
	}
	o, err := wire.DecodeObservation(m.GetObservation())
	if err != nil {
		return nil, status.Errorf(codes.InvalidArgument, "observation: %v", err)
	}
	stop, err := stopper.Observe(ctx, study.TrialID(m.GetId()), o)
	return &pb.ObserveResponse{Stop: stop}, err
}
