package plugins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"google.golang.org/grpc"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/wire"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// evaluation is one Evaluate call on one process.
type evaluation struct {
	conn        *connection
	suggestion  study.Suggestion
	limits      Limits
	report      func(study.Observation) error
	stopGrace   time.Duration
	callTimeout time.Duration
	baseline    int64

	observations []study.Observation
	stopping     bool
	guard        *guard
}

// do runs the evaluation from the request to the trial.
func (r *evaluation) do(ctx context.Context) (study.Trial, error) {
	suggestion, err := wire.EncodeSuggestion(r.suggestion)
	if err != nil {
		return study.Trial{}, fmt.Errorf("%s: suggestion %d: %w", r.conn.name, r.suggestion.ID, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.guard = watch(r.conn.process, r.limits, r.baseline)
	defer r.guard.end()
	request := &pb.EvaluateRequest{Suggestion: suggestion, Limits: encodeLimits(r.limits)}
	stream, err := pb.NewEvaluatorClient(r.conn.conn).Evaluate(ctx, request)
	if err != nil {
		return r.lost(ctx, err)
	}
	for {
		m, err := stream.Recv()
		if err != nil {
			return r.lost(ctx, err)
		}
		trial, ended, err := r.receive(ctx, m)
		if err != nil {
			r.conn.process.kill(killGrace)
			return study.Trial{}, err
		}
		if ended {
			return r.finish(stream, trial)
		}
	}
}

// receive takes one message of the stream; ended says that it was the trial.
func (r *evaluation) receive(ctx context.Context, m *pb.EvaluateResponse) (t study.Trial, ended bool, err error) {
	switch event := m.GetEvent().(type) {
	case *pb.EvaluateResponse_Trial:
		t, err := r.trial(event.Trial)
		return t, true, err
	case *pb.EvaluateResponse_Observation:
		o, err := wire.DecodeObservation(event.Observation)
		if err != nil {
			return t, false, r.conn.violation("Evaluate", fmt.Errorf("observation %d: %w", len(r.observations)+1, err))
		}
		r.observations = append(r.observations, o)
		return t, false, r.hand(ctx, o)
	}
	return t, false, r.conn.violation("Evaluate", errors.New("a message that is neither observation nor trial"))
}

// hand reports an observation, and passes a wish to stop on to the evaluator. What arrives after that is kept, but
// the decision stands.
func (r *evaluation) hand(ctx context.Context, o study.Observation) error {
	if r.stopping {
		return nil
	}
	err := r.report(o)
	if !errors.Is(err, optimizers.ErrStop) {
		return err
	}
	r.stopping = true
	r.guard.expectEnd(r.stopGrace)
	limited, cancel := context.WithTimeout(ctx, r.callTimeout)
	defer cancel()
	request := &pb.StopRequest{Id: uint64(r.suggestion.ID)}
	if _, err := pb.NewEvaluatorClient(r.conn.conn).Stop(limited, request); err != nil {
		return r.conn.failure(ctx, "Stop", err)
	}
	return nil
}

// trial checks the trial that an evaluator ended with, and completes it with what the host knows better.
func (r *evaluation) trial(m *pb.Trial) (study.Trial, error) {
	t, err := wire.DecodeTrial(m)
	switch {
	case err != nil:
		return t, r.conn.violation("Evaluate", fmt.Errorf("trial: %w", err))
	case t.ID != r.suggestion.ID:
		return t, r.conn.violation("Evaluate", fmt.Errorf("it was asked for trial %d and answered with trial %d", r.suggestion.ID, t.ID))
	case !t.Status.Final():
		return t, r.conn.violation("Evaluate", fmt.Errorf("trial %d ended as %s", t.ID, t.Status))
	}
	t.Suggestion = r.suggestion
	if t.Observations == nil {
		t.Observations = r.observations
	}
	return t, nil
}

// finish makes sure that the trial was the last message, so that the evaluator is free again.
func (r *evaluation) finish(stream grpc.ServerStreamingClient[pb.EvaluateResponse], t study.Trial) (study.Trial, error) {
	r.guard.expectEnd(closeGrace)
	if m, err := stream.Recv(); err == nil {
		return study.Trial{}, r.conn.violation("Evaluate", fmt.Errorf("a message after the trial: %T", m.GetEvent()))
	}
	return t, nil // an error now is the end of the stream, or of a process that will be missed only by the next call
}

// lost deals with a stream that ended without a trial.
func (r *evaluation) lost(ctx context.Context, err error) (study.Trial, error) {
	if verdict := r.guard.end(); verdict != nil {
		r.conn.process.kill(killGrace)
		return study.Trial{
			Suggestion: r.suggestion, Status: verdict.status, Reason: verdict.reason, Observations: r.observations,
		}, nil
	}
	if ctx.Err() != nil {
		r.conn.process.kill(killGrace)
	}
	if errors.Is(err, io.EOF) {
		return study.Trial{}, r.conn.violation("Evaluate", errors.New("the stream ended without a trial"))
	}
	return study.Trial{}, r.conn.failure(ctx, "Evaluate", err)
}
