package plugins

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/internal/wire"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

var (
	_ optimizers.Optimizer = (*Optimizer)(nil)
	_ optimizers.Stopper   = (*Optimizer)(nil)
	_ optimizers.Primer    = (*Optimizer)(nil)
)

// Optimizer is a handle on an optimizer plugin that serves one study. When its process dies, or does not answer in
// time, a fresh one is opened, what the old one was told is replayed, and the call that failed is made again, so that
// the caller notices nothing but the delay. After three restarts in a row without an answer every call fails with
// ErrQuarantined.
//
// The methods of the optional powers are always there: Observe never stops a trial, and Prime fails, if the plugin's
// description does not claim the power.
type Optimizer struct {
	handle
	problem study.Problem
	open    *pb.OpenRequest
	log     replayLog
	begun   bool // something was asked or told
}

// StartOptimizer starts an optimizer's process, refuses a problem that the plugin does not claim to be up to (an
// error that wraps errors.ErrUnsupported), and opens the study. Settings is JSON, empty for the plugin's defaults;
// prior may be nil. A process that is killed meanwhile is started again, twice. The context bounds the start only.
// Whoever starts an Optimizer closes it.
func StartOptimizer(
	ctx context.Context, name string, command Command, problem study.Problem, settings json.RawMessage, prior *study.Prior,
) (*Optimizer, error) {
	o := &Optimizer{
		handle:  handle{kind: KindOptimizer, name: name, command: command, turn: make(chan struct{}, 1)},
		problem: problem,
	}
	request, err := encodeOpen(problem, settings, prior)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", o, err)
	}
	o.open = request
	if err := launch(ctx, func() error { return o.begin(ctx, prior) }); err != nil {
		return nil, err
	}
	o.release()
	return o, nil
}

// begin starts a process and opens the study in it.
func (o *Optimizer) begin(ctx context.Context, prior *study.Prior) error {
	if err := o.start(ctx); err != nil {
		return err
	}
	err := o.about.Capabilities.suffice(o.problem, prior)
	if err != nil {
		err = fmt.Errorf("%v: %w", o, err)
	} else {
		err = o.restore(ctx)
	}
	if err != nil {
		o.drop()
	}
	return err
}

func encodeOpen(problem study.Problem, settings json.RawMessage, prior *study.Prior) (*pb.OpenRequest, error) {
	m := &pb.OpenRequest{}
	var err error
	if m.Problem, err = wire.EncodeProblem(problem); err != nil {
		return nil, fmt.Errorf("problem: %w", err)
	}
	if len(settings) > 0 {
		text, err := canonical.Transform(settings)
		if err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		m.SettingsJson = string(text)
	}
	if m.PriorJson, err = wire.EncodePrior(prior); err != nil {
		return nil, fmt.Errorf("prior: %w", err)
	}
	return m, nil
}

// Ask returns the plugin's suggestions as optimizers.CheckSuggestions leaves them; what that refuses is ErrProtocol.
func (o *Optimizer) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if n < 1 {
		return nil, fmt.Errorf("%v: Ask for %d suggestions", o, n)
	}
	if err := o.take(ctx); err != nil {
		return nil, err
	}
	defer o.release()
	o.begun = true
	var answer *pb.AskResponse
	err := o.call(ctx, "Ask", func(ctx context.Context, plugin pb.OptimizerClient) (err error) {
		answer, err = plugin.Ask(ctx, &pb.AskRequest{First: uint64(first), N: uint32(n)})
		return err
	})
	if err != nil {
		return nil, err
	}
	if answer.GetExhausted() && len(answer.GetSuggestions()) == 0 {
		return nil, optimizers.ErrExhausted
	}
	suggestions, err := o.check(answer.GetSuggestions(), first, n)
	if err != nil {
		return nil, o.conn.violation("Ask", err)
	}
	return suggestions, nil
}

// check decodes suggestions and checks them against the problem.
func (o *Optimizer) check(list []*pb.Suggestion, first study.TrialID, n int) ([]study.Suggestion, error) {
	out := make([]study.Suggestion, 0, len(list))
	for i, m := range list {
		s, err := wire.DecodeSuggestion(m)
		if err != nil {
			return nil, fmt.Errorf("suggestion %d of %d: %w", i+1, len(list), err)
		}
		out = append(out, s)
	}
	return optimizers.CheckSuggestions(o.problem, out, first, n)
}

// Tell reports trials to the plugin and keeps them for a restart.
func (o *Optimizer) Tell(ctx context.Context, trials ...study.Trial) error {
	messages := make([]*pb.Trial, 0, len(trials))
	for _, t := range trials {
		m, err := wire.EncodeTrial(t)
		if err != nil {
			return fmt.Errorf("%v: trial %d: %w", o, t.ID, err)
		}
		messages = append(messages, m)
	}
	if err := o.take(ctx); err != nil {
		return err
	}
	defer o.release()
	o.begun = true
	for batch := range batches(messages) {
		err := o.call(ctx, "Tell", func(ctx context.Context, plugin pb.OptimizerClient) error {
			_, err := plugin.Tell(ctx, &pb.TellRequest{Trials: batch})
			return err
		})
		if err != nil {
			return err
		}
		o.log.tell(batch)
	}
	return nil
}

// Observe reports an intermediate result, keeps it for a restart, and returns whether to stop the trial.
func (o *Optimizer) Observe(ctx context.Context, id study.TrialID, observation study.Observation) (bool, error) {
	m, err := wire.EncodeObservation(observation)
	if err != nil {
		return false, fmt.Errorf("%v: observation of trial %d: %w", o, id, err)
	}
	if err := o.take(ctx); err != nil {
		return false, err
	}
	defer o.release()
	if !o.about.Capabilities.Stopping {
		return false, nil
	}
	request := &pb.ObserveRequest{Id: uint64(id), Observation: m}
	var answer *pb.ObserveResponse
	err = o.call(ctx, "Observe", func(ctx context.Context, plugin pb.OptimizerClient) (err error) {
		answer, err = plugin.Observe(ctx, request)
		return err
	})
	if err != nil {
		return false, err
	}
	o.log.observe(request)
	return answer.GetStop(), nil
}

// Prime opens the study anew with a prior. It must come before the first Ask and Tell.
func (o *Optimizer) Prime(ctx context.Context, prior study.Prior) error {
	text, err := wire.EncodePrior(&prior)
	if err != nil {
		return fmt.Errorf("%v: prior: %w", o, err)
	}
	if err := o.take(ctx); err != nil {
		return err
	}
	defer o.release()
	if o.begun {
		return fmt.Errorf("%v: a prior must come before the first Ask and Tell", o)
	}
	if err := o.about.Capabilities.suffice(o.problem, &prior); err != nil {
		return fmt.Errorf("%v: %w", o, err)
	}
	o.open.PriorJson = text
	o.drop()
	return o.persist(ctx, func() error { return o.revive(ctx) })
}

// call makes one call, on a fresh process where the last one is dead or dies of it. The caller has the token.
func (o *Optimizer) call(ctx context.Context, name string, rpc func(context.Context, pb.OptimizerClient) error) error {
	return o.persist(ctx, func() error {
		if err := o.revive(ctx); err != nil {
			return err
		}
		return o.once(ctx, name, rpc)
	})
}

// once makes one call on the present process.
func (o *Optimizer) once(ctx context.Context, name string, rpc func(context.Context, pb.OptimizerClient) error) error {
	limited, cancel := context.WithTimeout(ctx, o.command.callTimeout())
	defer cancel()
	if err := rpc(limited, pb.NewOptimizerClient(o.conn.conn)); err != nil {
		return o.conn.failure(ctx, name, err)
	}
	return nil
}

// revive starts a fresh process if the last one is dead and brings it to where that one was.
func (o *Optimizer) revive(ctx context.Context) error {
	if o.alive() {
		return nil
	}
	if err := o.start(ctx); err != nil {
		return err
	}
	err := o.restore(ctx)
	if err != nil {
		o.drop() // a process that knows half the study must not be taken for a living one
	}
	return err
}

// restore opens the study in a fresh process and replays what the plugin was told. It never asks: what the plugin
// suggested before is among what it is told.
func (o *Optimizer) restore(ctx context.Context) error {
	err := o.once(ctx, "Open", func(ctx context.Context, plugin pb.OptimizerClient) error {
		_, err := plugin.Open(ctx, o.open)
		return err
	})
	if err != nil {
		return err
	}
	for step := range o.log.steps() {
		if err := o.once(ctx, "replay", step); err != nil {
			return err
		}
	}
	return nil
}
