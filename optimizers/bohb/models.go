package bohb

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/metaml/metaml/optimizers/bandit"
	"github.com/metaml/metaml/optimizers/history"
	"github.com/metaml/metaml/optimizers/hyperband"
	"github.com/metaml/metaml/optimizers/parzen"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// models proposes by the densities of the highest level that has enough trials.
type models struct {
	problem  study.Problem
	settings Settings
	ladder   bandit.Ladder
	history  *history.History
	levels   []level
}

// level is what is known at one level of the ladder.
type level struct {
	model   *parzen.Model
	ranking parzen.Ranking
	points  map[study.TrialID]int // of the model
}

func newModels(p study.Problem, s Settings, l bandit.Ladder) *models {
	m := &models{problem: p, settings: s, ladder: l, history: history.New(p)}
	for range l.Len() {
		m.levels = append(m.levels, level{model: parzen.New(p.Space, s.rule()), points: map[study.TrialID]int{}})
	}
	return m
}

// Tell adds the trial to its level's model.
func (m *models) Tell(_ context.Context, t study.Trial) error {
	m.history.Tell(t)
	k, ok := m.ladder.Level(t.Fidelity)
	if !ok {
		return nil
	}
	l := &m.levels[k]
	point, known := l.points[t.ID]
	if !known {
		point = l.model.Add(t.Config)
		l.points[t.ID] = point
		l.ranking.Add()
	}
	if loss, ok := bandit.Usable(t); ok {
		l.ranking.Rate(point, 0, loss)
	}
	return nil
}

// attempts is how often the model is asked for a configuration that this call of Ask has not taken.
const attempts = 3

// Propose asks the model of the highest level that has one, or draws at random.
func (m *models) Propose(_ context.Context, s hyperband.Start) (space.Config, string, error) {
	rng := m.problem.Stream(s.ID)
	if l := m.best(); l != nil && rng.Float64() >= m.settings.Random {
		defer l.model.Truncate(l.model.Len())
		m.fit(l)
		for range attempts {
			c, found := m.search(l, rng, s)
			if found && s.Batch.Take(c, s.Fidelity) {
				return c, "", nil
			}
		}
	}
	c, err := s.Batch.Draw(rng, s.Fidelity)
	return c, OriginRandom, err
}

// best returns the highest level that has enough complete trials, nil if none has. The reference needs a minimum of good
// and of bad ones.
func (m *models) best() *level {
	enough := m.settings.Points
	if m.settings.Reference {
		enough *= 2
	}
	for k := len(m.levels) - 1; k >= 0; k-- {
		if len(m.levels[k].ranking.Ranked) >= enough {
			return &m.levels[k]
		}
	}
	return nil
}

// fit splits the level's trials.
func (m *models) fit(l *level) {
	if m.settings.Reference {
		good, bad := m.split(l.ranking.Ranked)
		l.model.Fit(kernels(good), kernels(bad))
		return
	}
	members := l.ranking.Members
	members.Rest = append(slices.Clip(members.Rest), m.elsewhere(l)...)
	l.model.Split(members, int(math.Ceil(m.settings.Good*float64(len(members.Ranked)))))
}

// elsewhere adds to the level's model, until the next Truncate, the new configurations that run at other levels: the
// workers' proposals are to keep clear of each other.
func (m *models) elsewhere(l *level) []int {
	var points []int
	for _, s := range m.history.Pending() {
		if _, known := l.points[s.ID]; !known && s.Parent == 0 {
			points = append(points, l.model.Add(s.Config))
		}
	}
	return points
}

// split divides ranked trials as HpBandSter does.
func (m *models) split(ranked []int) (good, bad []int) {
	n := float64(len(ranked))
	last := min(len(ranked), max(m.settings.Points, int(m.settings.Good*n+1e-9)))
	end := min(len(ranked), last+max(m.settings.Points, int((1-m.settings.Good)*n+1e-9)))
	return ranked[:last], ranked[last:end]
}

// kernels gives every point the weight 1.
func kernels(points []int) []parzen.Kernel {
	out := make([]parzen.Kernel, len(points))
	for i, p := range points {
		out[i] = parzen.Kernel{Point: p, Weight: 1}
	}
	return out
}

// search asks the model for a configuration that was not tried at the level where it is to begin, nor above it.
func (m *models) search(l *level, rng *rand.Rand, s hyperband.Start) (space.Config, bool) {
	return l.model.Propose(rng, parzen.Search{
		Candidates: m.settings.Candidates, Widen: m.settings.Widen,
		Allowed: func(c space.Config) bool {
			for k := s.Level; k < m.ladder.Len(); k++ {
				if m.history.Tried(c, m.ladder.Fidelity(k)) {
					return false
				}
			}
			return len(m.problem.Space.Forbidden()) == 0 || m.problem.Space.Validate(c) == nil
		},
	})
}
