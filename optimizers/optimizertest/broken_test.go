package optimizertest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// recorder is a testing.TB that notes failures instead of failing.
type recorder struct {
	testing.TB
	failed   bool
	messages []string
}

func (r *recorder) Helper()      {}
func (r *recorder) Failed() bool { return r.failed }
func (r *recorder) Errorf(format string, args ...any) {
	r.failed = true
	r.messages = append(r.messages, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}
func (r *recorder) Fatal(args ...any) { r.Fatalf("%s", fmt.Sprint(args...)) }

// failure runs one check on every problem of the suite and returns the first message with which it fails and that
// contains want, else all messages.
func failure(t *testing.T, open Open, name, want string) (message string, ok bool) {
	t.Helper()
	var all []string
	for _, s := range suites(open, everything) {
		for _, c := range checks(s.opt) {
			if c.name != name {
				continue
			}
			r := &recorder{TB: t}
			done := make(chan struct{})
			go func() {
				defer close(done)
				c.run(r, s)
			}()
			<-done
			for _, m := range r.messages {
				if strings.Contains(m, want) {
					return m, true
				}
			}
			all = append(all, r.messages...)
		}
	}
	return strings.Join(all, "\n"), false
}

// faulty is the sound optimizer with some of its methods replaced.
type faulty struct {
	*sound
	ask     func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error)
	tell    func(trials []study.Trial) error
	observe func(id study.TrialID) (bool, error)
}

func (f *faulty) Ask(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
	if f.ask != nil {
		return f.ask(ctx, first, n)
	}
	return f.sound.Ask(ctx, first, n)
}

func (f *faulty) Tell(ctx context.Context, trials ...study.Trial) error {
	if f.tell != nil {
		return f.tell(trials)
	}
	return f.sound.Tell(ctx, trials...)
}

func (f *faulty) Observe(ctx context.Context, id study.TrialID, o study.Observation) (bool, error) {
	if f.observe != nil {
		return f.observe(id)
	}
	return f.sound.Observe(ctx, id, o)
}

// edited changes each of its suggestions.
func edited(edit func(o *sound, s *study.Suggestion)) func(*sound) optimizers.Optimizer {
	return func(o *sound) optimizers.Optimizer {
		return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
			answer, err := o.Ask(ctx, first, n)
			for i := range answer {
				edit(o, &answer[i])
			}
			return answer, err
		}}
	}
}

// TestEveryCheckCanFail breaks the sound optimizer in one way after another; each check must find what it is for.
func TestEveryCheckCanFail(t *testing.T) {
	ctx := context.Background()
	opened := uint64(0)
	found := map[string]bool{}
	for _, tc := range []struct {
		name  string
		fault func(o *sound) optimizers.Optimizer
		check string // that must fail
		want  string // in its message
	}{
		{"numbers from 0", edited(func(_ *sound, s *study.Suggestion) { s.ID-- }), "answers", "number"},
		{"one too many", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				return o.Ask(ctx, first, n+n/3)
			}}
		}, "answers", "at most 3"},
		{"hardly proposes", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				if len(o.known) > 4 {
					return nil, optimizers.ErrExhausted
				}
				return o.Ask(ctx, first, n)
			}}
		}, "answers", "proposals"},
		{"leaves the space", edited(func(_ *sound, s *study.Suggestion) {
			if s.ID%9 == 4 {
				s.Config["x"], s.Config["rate"], s.Config["learner"] = space.Float(99), space.Float(99), space.Int(1)
			}
		}), "answers", "suggestion"},
		{"fidelity out of range", edited(func(_ *sound, s *study.Suggestion) {
			for name := range s.Fidelity {
				s.Fidelity[name] = 28
			}
		}), "answers", "outside [1, 27]"},
		{"unfinished parent", edited(func(o *sound, s *study.Suggestion) {
			for _, k := range o.known {
				if o.status[k.ID] == study.Pending && len(o.problem.Fidelities) > 0 {
					s.Parent = k.ID
				}
			}
		}), "deterministic", "which is pending"},
		{"waits for nothing", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(context.Context, study.TrialID, int) ([]study.Suggestion, error) { return nil, nil }}
		}, "answers", "waits"},
		{"depends on the process", edited(func(_ *sound, s *study.Suggestion) { opened++; s.Seed = opened }), "deterministic", "differs"},
		{"Ask has a memory", func(o *sound) optimizers.Optimizer {
			asked := uint64(0)
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				answer, err := o.Ask(ctx, first, n)
				for i := range answer {
					asked++
					answer[i].Seed = asked
				}
				return answer, err
			}}
		}, "asking changes nothing", "differs"},
		{"counts calls of Tell", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				o.state[0]++
				return o.Tell(ctx, trials...)
			}}
		}, "restart", "killed and restarted"},
		{"learns only from what it proposed", func(o *sound) optimizers.Optimizer {
			mine := map[study.TrialID]bool{}
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				mine[first] = true
				return o.Ask(ctx, first, n)
			}, tell: func(trials []study.Trial) error {
				for _, t := range trials {
					if mine[t.ID] {
						if err := o.Tell(ctx, t); err != nil {
							return err
						}
					}
				}
				return nil
			}}
		}, "restart", "killed and restarted"},
		{"counts trials", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				err := o.Tell(ctx, trials...)
				o.state[1] += byte(len(trials))
				return err
			}}
		}, "telling twice", "told twice"},
		{"hands out its own maps", func(o *sound) optimizers.Optimizer {
			handed := map[study.TrialID]study.Suggestion{}
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				if s, ok := handed[first]; ok && n == 1 {
					return []study.Suggestion{s}, nil
				}
				answer, err := o.Ask(ctx, first, n)
				for _, s := range answer[:min(len(answer), 1)] {
					handed[s.ID] = s
					if before, ok := handed[s.ID-1]; ok && before.Config["x"] == space.String("spoilt") {
						answer[0].Seed = 1
					}
				}
				return answer, err
			}}
		}, "shares nothing", "differs"},
		{"keeps what it is told", func(o *sound) optimizers.Optimizer {
			var kept []study.Trial
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				kept = append(kept, trials...)
				for _, t := range kept {
					if len(t.Losses) > 0 && t.Losses[0] == -1e9 {
						o.state[2] = 1
					}
				}
				return o.Tell(ctx, trials...)
			}}
		}, "shares nothing", "differs"},
		{"changes what it is told", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				err := o.Tell(ctx, trials...)
				for _, t := range trials {
					slices.Reverse(t.Losses)
					delete(t.Config, "x")
				}
				return err
			}}
		}, "shares nothing", "changed trial"},
		{"chokes on trials without losses", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				for _, t := range trials {
					if t.Status == study.TimedOut && len(t.Losses) == 0 {
						return errors.New("no losses")
					}
				}
				return o.Tell(ctx, trials...)
			}}
		}, "failures", "no losses"},
		{"chokes on ties", func(o *sound) optimizers.Optimizer {
			last := -1.0
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				for _, t := range trials {
					if t.Status == study.Complete && t.Losses[0] == last {
						return errors.New("singular matrix")
					}
					if t.Status == study.Complete {
						last = t.Losses[0]
					}
				}
				return o.Tell(ctx, trials...)
			}}
		}, "degenerate losses", "singular matrix"},
		{"exhausted for a while", func(o *sound) optimizers.Optimizer {
			refused := false
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				answer, err := o.Ask(ctx, first, n)
				if refused && errors.Is(err, optimizers.ErrExhausted) {
					return nil, nil
				}
				refused = refused || errors.Is(err, optimizers.ErrExhausted)
				return answer, err
			}}
		}, "few configurations", "after it was exhausted"},
		{"says it is exhausted in its own words", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				answer, err := o.Ask(ctx, first, n)
				if errors.Is(err, optimizers.ErrExhausted) {
					err = errors.New("no more")
				}
				return answer, err
			}}
		}, "few configurations", "no more"},
		{"ignores its context", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(_ context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				return o.Ask(ctx, first, n)
			}}
		}, "cancelled", "with a cancelled context"},
		{"is upset by a cancelled call", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				if ctx.Err() != nil {
					o.state[3] = 1
				}
				return o.Ask(ctx, first, n)
			}}
		}, "cancelled", "differs"},
		{"blind to what is pending", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				for _, t := range trials {
					if t.Status.Final() {
						if err := o.Tell(ctx, t); err != nil {
							return err
						}
					}
				}
				return nil
			}, ask: func(ctx context.Context, first study.TrialID, n int) ([]study.Suggestion, error) {
				answer, err := o.Ask(ctx, 1, n)
				for i := range answer {
					answer[i].ID = first + study.TrialID(i)
				}
				return answer, err
			}}
		}, "no repetition", "which is pending"},
		{"repeats itself in an answer", edited(func(o *sound, s *study.Suggestion) {
			s.Config = o.problem.Space.Default()
		}), "no repetition", "of one answer"},
		{"full fidelity only", edited(func(_ *sound, s *study.Suggestion) { s.Fidelity = nil }), "cheaper evaluations", "no trial is cheaper"},
		{"no rule", func(o *sound) optimizers.Optimizer {
			return struct{ optimizers.Optimizer }{o}
		}, "stopping", "no optimizers.Stopper"},
		{"a rule that fails", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, observe: func(study.TrialID) (bool, error) { return false, errors.New("no curve") }}
		}, "stopping", "no curve"},
		{"a moody rule", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, observe: func(study.TrialID) (bool, error) { opened++; return opened%7 == 0, nil }}
		}, "stopping", "are judged"},
		{"takes no warm starts", func(o *sound) optimizers.Optimizer {
			return &faulty{sound: o, tell: func(trials []study.Trial) error {
				for _, t := range trials {
					if t.Origin == optimizers.OriginWarmStart {
						return errors.New("not mine")
					}
				}
				return o.Tell(ctx, trials...)
			}}
		}, "answers", "not mine"},
	} {
		if message, ok := failure(t, openSound(tc.fault), tc.check, tc.want); !ok {
			t.Errorf("%s: %q fails with %q, want %q", tc.name, tc.check, message, tc.want)
		}
		found[tc.check] = true
	}
	for _, c := range checks(everything) {
		if !found[c.name] {
			t.Errorf("no fault shows that %q can fail", c.name)
		}
	}
}
