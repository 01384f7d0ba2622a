package bohb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/optimizertest"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestConforms(t *testing.T) {
	for name, s := range map[string]Settings{"defaults": {}, "early": {Points: 4}, "reference": {Reference: true}} {
		t.Run(name, func(t *testing.T) {
			optimizertest.Conform(t, func(tb testing.TB, p study.Problem, _ *study.Prior) optimizers.Optimizer {
				return open(tb, p, s)
			}, optimizertest.Options{Fidelity: true})
		})
	}
}

func open(tb testing.TB, p study.Problem, s Settings) optimizers.Optimizer {
	tb.Helper()
	o, err := New(p, s)
	if err != nil {
		tb.Fatal(err)
	}
	return o
}

func find(tb testing.TB, name string) problem.Problem {
	tb.Helper()
	p, err := problem.Find(name)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// play runs trials one after another until they have cost as much as so many full evaluations, and returns them.
func play(tb testing.TB, o optimizers.Optimizer, p problem.Problem, seed uint64, evaluations float64) []study.Trial {
	tb.Helper()
	ctx, whole, spent := context.Background(), p.Study(seed), 0.0
	var out []study.Trial
	for {
		answer, err := o.Ask(ctx, study.TrialID(len(out)+1), 1)
		if err != nil || len(answer) != 1 {
			tb.Fatalf("%d suggestions, %v", len(answer), err)
		}
		s := answer[0]
		if spent += optimizers.Effort(whole, s.Fidelity); spent > evaluations {
			return out
		}
		trial := study.Trial{Suggestion: s, Status: study.Complete, Losses: []float64{p.Measure(s.Config, s.Fidelity, seed)}}
		if err := o.Tell(ctx, study.Trial{Suggestion: s}, trial); err != nil {
			tb.Fatal(err)
		}
		out = append(out, trial)
	}
}

// regret is that of the trial with the least loss at the highest fidelity of any.
func regret(p problem.Problem, trials []study.Trial) float64 {
	best, effort, least := 1.0, 0.0, math.Inf(1)
	for _, t := range trials {
		e := optimizers.Effort(p.Study(0), t.Fidelity)
		if e > effort || e == effort && t.Losses[0] < least {
			best, effort, least = p.Regret(t.Config), e, t.Losses[0]
		}
	}
	return best
}

// TestBeatsHyperband compares the mean regret after 10 full evaluations with that of Hyperband, which differs in
// nothing but the models, and with the reference.
func TestBeatsHyperband(t *testing.T) {
	p := find(t, "counting_ones")
	const seeds = 8
	var own, reference, without float64
	for seed := range uint64(seeds) {
		hb, err := hyperband.New(p.Study(seed), hyperband.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		without += regret(p, play(t, hb, p, seed, 10)) / seeds
		own += regret(p, play(t, open(t, p.Study(seed), Settings{}), p, seed, 10)) / seeds
		reference += regret(p, play(t, open(t, p.Study(seed), Settings{Reference: true}), p, seed, 10)) / seeds
	}
	if own > 0.8*reference || reference > 0.9*without {
		t.Errorf("mean regret %.3f, of the reference %.3f, of Hyperband %.3f", own, reference, without)
	}
}

// TestRandomShare counts the configurations drawn at random once there is a model.
func TestRandomShare(t *testing.T) {
	p := find(t, "counting_ones")
	for _, tc := range []struct {
		settings  Settings
		low, high float64
	}{{Settings{}, .03, .16}, {Settings{Reference: true}, .26, .41}, {Settings{Random: -1}, 0, 0}, {Settings{Random: 1}, 1, 1}} {
		random, fresh := 0.0, 0.0
		for i, trial := range play(t, open(t, p.Study(3), tc.settings), p, 3, 12) {
			if i > 50 && trial.Parent == 0 {
				if fresh++; trial.Origin == OriginRandom {
					random++
				}
			}
		}
		if share := random / fresh; share < tc.low || share > tc.high {
			t.Errorf("%+v: %.3f of %v new configurations are random", tc.settings, share, fresh)
		}
	}
}

// line is the problem of one number with the levels 1, 3 and 9.
func line(t *testing.T) study.Problem {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{{Name: "x", High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return study.Problem{Space: s, Seed: 4, Fidelities: []study.Range{{Name: "b", Low: 1, High: 9, Integer: true}}}
}

// opened returns the models of a problem.
func opened(t *testing.T, p study.Problem, s Settings) *models {
	t.Helper()
	s, err := s.withDefaults(p)
	if err != nil {
		t.Fatal(err)
	}
	l, _, err := s.Brackets(p)
	if err != nil {
		t.Fatal(err)
	}
	return newModels(p, s, l)
}

// evaluated tells the models of a trial of line; b = 9 is the full fidelity.
func evaluated(t *testing.T, m *models, id study.TrialID, x, b, loss float64) {
	t.Helper()
	trial := study.Trial{Status: study.Complete, Losses: []float64{loss}, Suggestion: study.Suggestion{
		ID: id, Config: space.Config{"x": space.Float(x)}, Fidelity: study.Fidelity{"b": b},
	}}
	if math.IsNaN(loss) {
		trial.Status, trial.Losses = study.Failed, nil
	}
	if err := m.Tell(context.Background(), trial); err != nil {
		t.Fatal(err)
	}
}

// TestModelOfTheHighestLevel adds trials and checks whose model proposes.
func TestModelOfTheHighestLevel(t *testing.T) {
	for _, s := range []Settings{{Points: 4}, {Points: 2, Reference: true}} {
		m := opened(t, line(t), s)
		want := -1
		for i, step := range []struct {
			b    float64
			loss float64
			want int
		}{
			{1, 1, -1}, {1, 2, -1}, {1, 3, -1}, {1, math.NaN(), -1}, {1, 4, 0}, {3, 1, 0}, {3, 1, 0}, {3, 1, 0},
			{9, 1, 0}, {9, 2, 0}, {9, 3, 0}, {9, 4, 2}, {3, 1, 2}, {2, 1, 2},
		} {
			evaluated(t, m, study.TrialID(i+1), float64(i)/20, step.b, step.loss)
			want = step.want
			if got := m.best(); got != want {
				t.Errorf("%+v: after trial %d, not the model of level %d", s, i+1, want)
			}
		}
	}
}

// TestHpBandSterSplit checks which trials are good and bad in the reference, on HpBandSter's rule:
// n_good = max(min_points, 15 % n), n_bad = max(min_points, 85 % n) of the following.
func TestHpBandSterSplit(t *testing.T) {
	for _, tc := range []struct{ n, good, bad int }{{4, 2, 2}, {10, 2, 8}, {20, 3, 17}, {33, 4, 28}} {
		m := opened(t, line(t), Settings{Reference: true})
		for i := range tc.n {
			evaluated(t, m, study.TrialID(i+1), float64(i)/40, 1, float64(i))
		}
		good, bad := m.split(m.levels[m.best()].ranking.Ranked)
		if len(good) != tc.good || len(bad) != tc.bad || good[0] != 0 || bad[0] != tc.good {
			t.Errorf("of %d, good are %v, bad %v", tc.n, good, bad)
		}
	}
}

// TestProposesWhereItIsGood checks that the model's configurations come from the good region, and are not those that
// were evaluated at the level or above it.
func TestProposesWhereItIsGood(t *testing.T) {
	for _, s := range []Settings{{Random: -1, Points: 6}, {Random: -1, Points: 6, Reference: true}} {
		m := opened(t, line(t), s)
		for i := range 40 {
			x := float64(i) / 40
			evaluated(t, m, study.TrialID(i+1), x, 1, math.Abs(x-.3))
		}
		inside := 0
		for seed := range uint64(50) {
			m.problem.Seed = seed
			c, origin, err := m.Propose(context.Background(), hyperband.Start{
				ID: 99, Fidelity: m.ladder.Fidelity(0), Batch: m.history.Batch(),
			})
			if err != nil || origin != "" {
				t.Fatalf("proposed %v of %q, %v", c, origin, err)
			}
			if x := c["x"].Float(); x > .1 && x < .5 {
				inside++
			}
		}
		if inside < 45 {
			t.Errorf("%+v: %d of 50 proposals near the best", s, inside)
		}
	}
}

// TestKeepsClearOfOtherWorkers checks that the model sees what runs at other levels, and forgets it.
func TestKeepsClearOfOtherWorkers(t *testing.T) {
	near := func(running int) (share float64) {
		m := opened(t, line(t), Settings{Random: -1, Points: 6})
		for i := range 20 {
			x := float64(i) / 20
			evaluated(t, m, study.TrialID(i+1), x, 9, math.Abs(x-.3))
		}
		for i := range running {
			trial := study.Trial{Suggestion: study.Suggestion{
				ID: study.TrialID(50 + i), Config: space.Config{"x": space.Float(.3 + float64(i)*1e-3)}, Fidelity: study.Fidelity{"b": 1},
			}}
			if err := m.Tell(context.Background(), trial); err != nil {
				t.Fatal(err)
			}
		}
		for seed := range uint64(100) {
			m.problem.Seed = seed
			c, _, err := m.Propose(context.Background(), hyperband.Start{ID: 99, Batch: m.history.Batch()})
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(c["x"].Float()-.3) < .04 {
				share += .01
			}
		}
		if n := m.levels[2].model.Len(); n != 20 {
			t.Errorf("the model keeps %d points of 20", n)
		}
		return share
	}
	if alone, busy := near(0), near(10); busy > alone/2 {
		t.Errorf("a share of %.2f near the best, %.2f with others there", alone, busy)
	}
}

// TestPromotedTrialsAreRankedWhileTheyRun promotes configurations from b = 3 to 9, which adds 10 to their losses, but for one
// that it adds nothing to. One that runs at 9 is ranked by what it came to at 3, plus 10.
func TestPromotedTrialsAreRankedWhileTheyRun(t *testing.T) {
	m := opened(t, line(t), Settings{Points: 4})
	promote := func(id study.TrialID, x float64, losses ...float64) {
		t.Helper()
		trial := study.Trial{Suggestion: study.Suggestion{ID: id, Parent: id - 100, Config: space.Config{"x": space.Float(x)}}}
		if len(losses) > 0 {
			trial.Status, trial.Losses = study.Complete, losses
		}
		if err := m.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	for i, loss := range []float64{1, 2, 3, 4, 5, 2.5} {
		evaluated(t, m, study.TrialID(i+1), float64(i)/10, 3, loss)
	}
	promote(101, 0, 1)
	promote(106, .5)
	if got := m.members(2); !slices.Equal(got.Ranked, []int{0, 1}) || len(got.Rest) != 0 { // nothing added, so far as is known: 1, 2.5
		t.Errorf("after one change of 0: %+v", got)
	}
	for i := range 3 {
		promote(study.TrialID(102+i), .1, 12+float64(i)) // points 2, 3, 4 with 12, 13, 14
	}
	if got := m.members(2); !slices.Equal(got.Ranked, []int{0, 2, 1, 3, 4}) || len(got.Rest) != 0 { // 1 is expected to come to 12.5
		t.Errorf("after changes of 0, 10, 10, 10: %+v", got)
	}
	promote(106, .5, 30)
	if got := m.members(2); !slices.Equal(got.Ranked, []int{0, 2, 3, 4, 1}) {
		t.Errorf("once it has ended at 30: %+v", got)
	}
}

// TestPromotedTrialsAreNotBad leaves out promoted trials that run while no change of loss is known, and keeps new ones
// as bad.
func TestPromotedTrialsAreNotBad(t *testing.T) {
	m := opened(t, line(t), Settings{Points: 4})
	evaluated(t, m, 1, .1, 3, 1)
	for i, parent := range []study.TrialID{1, 0} {
		trial := study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(2 + i), Parent: parent, Config: space.Config{"x": space.Float(.1)}}}
		if err := m.Tell(context.Background(), trial); err != nil {
			t.Fatal(err)
		}
	}
	if got := m.members(2); len(got.Ranked) != 0 || !slices.Equal(got.Rest, []int{1}) {
		t.Errorf("%+v, want the second point alone, among the rest", got)
	}
}

// TestNothingTwice plays a small space until it is exhausted: no evaluation is begun twice at a level.
func TestNothingTwice(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{
		{Name: "n", Type: space.TypeInt, Low: 1, High: 8}, {Name: "b", Type: space.TypeBool},
	}, *space.And(*space.Equals("n", space.Int(8)), *space.Equals("b", space.Bool(true))))
	if err != nil {
		t.Fatal(err)
	}
	p := line(t)
	p.Space = s
	o, seen, ctx := open(t, p, Settings{Points: 3}), map[string]bool{}, context.Background()
	for id := study.TrialID(1); ; id++ {
		answer, err := o.Ask(ctx, id, 1)
		if errors.Is(err, optimizers.ErrExhausted) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(answer[0].Config, answer[0].Fidelity)
		if err := s.Validate(answer[0].Config); err != nil || answer[0].Parent == 0 && seen[key] {
			t.Errorf("trial %d is %s, %v", id, key, err)
		}
		seen[key] = true
		loss := float64(answer[0].Config["n"].Int())
		if err := o.Tell(ctx, study.Trial{Suggestion: answer[0], Status: study.Complete, Losses: []float64{loss}}); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) < 15 {
		t.Errorf("exhausted after %d evaluations of 15 configurations", len(seen))
	}
}

func TestNewRefuses(t *testing.T) {
	p := line(t)
	nan := math.NaN()
	for _, s := range []Settings{
		{Random: 2}, {Random: nan}, {Good: -1}, {Good: 1}, {Good: nan}, {Points: -1}, {Candidates: -1}, {Widen: -1},
		{Widen: math.Inf(1)}, {MinBandwidth: nan}, {MinBandwidth: -1},
	} {
		if _, err := New(p, s); !errors.Is(err, ErrSettings) {
			t.Errorf("%+v: error %v", s, err)
		}
	}
	if _, err := New(p, Settings{Settings: hyperband.Settings{Eta: 1}}); !errors.Is(err, bandit.ErrSettings) {
		t.Errorf("eta 1: error %v", err)
	}
	p.Objectives = make([]study.Objective, 2)
	if _, err := New(p, Settings{}); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("two objectives: error %v", err)
	}
}

// TestSettingsAreFlat checks that the brackets' settings stand beside the others in JSON.
func TestSettingsAreFlat(t *testing.T) {
	var s Settings
	if err := json.Unmarshal([]byte(`{"eta":4,"fidelity":"b","widen":3}`), &s); err != nil || s.Eta != 4 || s.Fidelity != "b" || s.Widen != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestAllocationsDoNotGrow checks that an Ask takes no more pieces of memory later in the study.
func TestAllocationsDoNotGrow(t *testing.T) {
	p := find(t, "counting_ones")
	count := func(evaluations float64) float64 {
		o := open(t, p.Study(2), Settings{Random: -1})
		n := len(play(t, o, p, 2, evaluations))
		return testing.AllocsPerRun(10, func() {
			if _, err := o.Ask(context.Background(), study.TrialID(n+1), 1); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := count(0.8), count(30); many > few+100 {
		t.Errorf("%v allocations at the start, %v after 30 full evaluations", few, many)
	}
}
