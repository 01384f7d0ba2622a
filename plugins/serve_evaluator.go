package plugins

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/wire"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// EvaluatorPlugin is what the author of an evaluator in Go provides.
type EvaluatorPlugin struct {
	Description Description
	// Load makes the staged table in the folder path the one to use; it may be nil for an evaluator without data.
	// Protocol is the evaluation protocol as canonical JSON.
	Load func(ctx context.Context, path string, protocol []byte, fingerprint string) error
	// Evaluate measures one suggestion, as an optimizers.Evaluator does, within the limits. The context ends when
	// the host gives the evaluation up.
	Evaluate func(
		ctx context.Context, s study.Suggestion, limits Limits, report func(study.Observation) error,
	) (study.Trial, error)
}

// ServeEvaluator is the main function of an evaluator plugin: it answers the host until the host is done.
func ServeEvaluator(p EvaluatorPlugin) {
	e := &evaluatorServer{plugin: p}
	e.alive, e.giveUp = context.WithCancel(context.Background())
	serve(KindEvaluator, e.settle, func(s *grpc.Server) { pb.RegisterEvaluatorServer(s, e) })
}

// evaluatorServer translates calls of the host for an EvaluatorPlugin.
type evaluatorServer struct {
	pb.UnimplementedEvaluatorServer
	plugin EvaluatorPlugin
	alive  context.Context // ends when the process is to end
	giveUp context.CancelFunc

	fingerprint string // of the table loaded last, with its protocol; guarded by busy
	protocol    []byte

	busy    sync.Mutex    // held by the running evaluation or load
	keeping sync.Mutex    // held while a trial is written to the journal
	running atomic.Uint64 // the id of the evaluation that may be stopped, plus 1; 0 for none
	stopped atomic.Bool   // the running evaluation was asked to stop
	unkept  sync.Once     // says that the journal cannot be written
}

// settleTime is how long a process that is to end waits for its evaluation to take notice and clean up.
const settleTime = 500 * time.Millisecond

// settle gives the running evaluation up. If it has just ended by itself, settle waits until the journal has it.
func (s *evaluatorServer) settle() {
	s.giveUp()
	for end := time.Now().Add(settleTime); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if s.busy.TryLock() {
			return // for good: nothing new begins
		}
	}
	s.keeping.Lock()
}

// Describe answers with the plugin's description.
func (s *evaluatorServer) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return describe(s.plugin.Description)
}

// Load passes a table on.
func (s *evaluatorServer) Load(ctx context.Context, m *pb.LoadRequest) (*pb.LoadResponse, error) {
	s.busy.Lock()
	defer s.busy.Unlock()
	s.fingerprint, s.protocol = m.GetFingerprint(), []byte(m.GetProtocolJson())
	if s.plugin.Load == nil {
		return &pb.LoadResponse{}, nil
	}
	return &pb.LoadResponse{}, s.plugin.Load(ctx, m.GetPath(), []byte(m.GetProtocolJson()), m.GetFingerprint())
}

// Evaluate runs one evaluation; a second one at the same time is refused.
func (s *evaluatorServer) Evaluate(
	m *pb.EvaluateRequest, stream grpc.ServerStreamingServer[pb.EvaluateResponse],
) error {
	if !s.busy.TryLock() {
		return status.Error(codes.FailedPrecondition, "another evaluation is running")
	}
	defer s.busy.Unlock()
	suggestion, err := wire.DecodeSuggestion(m.GetSuggestion())
	if err != nil {
		return status.Errorf(codes.InvalidArgument, "suggestion: %v", err)
	}
	s.stopped.Store(false)
	s.running.Store(uint64(suggestion.ID) + 1)
	defer s.running.Store(0)
	report := func(o study.Observation) error {
		om, err := wire.EncodeObservation(o)
		if err != nil {
			return err
		}
		if err := stream.Send(&pb.EvaluateResponse{Event: &pb.EvaluateResponse_Observation{Observation: om}}); err != nil {
			return err
		}
		if s.stopped.Load() {
			return optimizers.ErrStop
		}
		return nil
	}
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	defer context.AfterFunc(s.alive, cancel)()
	var seen []study.Observation
	trial, err := s.plugin.Evaluate(ctx, suggestion, decodeLimits(m.GetLimits()), func(o study.Observation) error {
		seen = append(seen, o)
		return report(o)
	})
	if err != nil {
		return err
	}
	tm, err := wire.EncodeTrial(trial)
	if err != nil {
		return status.Errorf(codes.Internal, "trial: %v", err)
	}
	s.journal(suggestion, trial, seen)
	return stream.Send(&pb.EvaluateResponse{Event: &pb.EvaluateResponse_Trial{Trial: tm}})
}

// journal keeps a finished trial as the host would have it: with the suggestion, and with what was reported if it
// has no observations of its own. It is for the case that the host dies: where it cannot be written, the host that lives
// is answered all the same, and standard error says so once.
func (s *evaluatorServer) journal(suggestion study.Suggestion, trial study.Trial, seen []study.Observation) {
	s.keeping.Lock()
	defer s.keeping.Unlock()
	trial.Suggestion = suggestion
	if trial.Observations == nil {
		trial.Observations = seen
	}
	err := appendJournal(study.Finished{
		Fingerprint: s.fingerprint, Protocol: s.protocol, Trial: trial, Stopped: s.stopped.Load()})
	if err != nil {
		s.unkept.Do(func() { fmt.Fprintf(os.Stderr, "%v; trials go on without it\n", err) })
	}
}

// Stop asks the running evaluation to end at its next report. That it has ended already is no error.
func (s *evaluatorServer) Stop(_ context.Context, m *pb.StopRequest) (*pb.StopResponse, error) {
	if s.running.Load() == m.GetId()+1 {
		s.stopped.Store(true)
	}
	return &pb.StopResponse{}, nil
}
