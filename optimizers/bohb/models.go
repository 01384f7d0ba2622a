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
	losses  map[study.TrialID]float64
	changes []float64 // of a configuration's loss from the level below to this one, ascending
}

func newModels(p study.Problem, s Settings, l bandit.Ladder) *models {
	m := &models{problem: p, settings: s, ladder: l, history: history.New(p)}
	for range l.Len() {
		m.levels = append(m.levels, level{model: parzen.New(p.Space, s.rule()), points: map[study.TrialID]int{}, losses: map[study.TrialID]float64{}})
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
		l.losses[t.ID] = loss
		m.learnChange(k, t.Parent, loss)
	}
	return nil
}

// learnChange notes how a configuration's loss has changed from its parent's level to level k.
func (m *models) learnChange(k int, parent study.TrialID, loss float64) {
	below, ok := m.lossBelow(k, parent)
	if change := loss - below; ok && !math.IsNaN(change) && !math.IsInf(change, 0) {
		l := &m.levels[k]
		at, _ := slices.BinarySearch(l.changes, change)
		l.changes = slices.Insert(l.changes, at, change)
	}
}

// attempts is how often the model is asked for a configuration that this call of Ask has not taken.
const attempts = 3

// Propose asks the model of the highest level that has one, or draws at random.
func (m *models) Propose(_ context.Context, s hyperband.Start) (space.Config, string, error) {
	rng := m.problem.Stream(s.ID)
	if k := m.best(); k >= 0 && rng.Float64() >= m.settings.Random {
		l := &m.levels[k]
		defer l.model.Truncate(l.model.Len())
		m.fit(k)
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

// best returns the highest level that has enough complete trials, -1 if none has. The reference needs a minimum of good
// and of bad ones.
func (m *models) best() int {
	enough := m.settings.Points
	if m.settings.Reference {
		enough *= 2
	}
	for k := len(m.levels) - 1; k >= 0; k-- {
		if len(m.levels[k].ranking.Ranked) >= enough {
			return k
		}
	}
	return -1
}

// fit splits the trials of level k.
func (m *models) fit(k int) {
	l := &m.levels[k]
	if m.settings.Reference {
		good, bad := m.split(l.ranking.Ranked)
		l.model.Fit(kernels(good), kernels(bad))
		return
	}
	members := m.members(k)
	members.Rest = append(slices.Clip(members.Rest), m.elsewhere(l)...)
	l.model.Split(members, int(math.Ceil(m.settings.Good*float64(len(members.Ranked)))))
}

// members ranks the trials of level k. Those that run there and were promoted to it are ranked by what they came to at the
// level below, moved by the median change of loss between the two, and left out before any is known: they are among the
// best, and counting them as bad, as other running trials are, would keep the model away from where they are.
func (m *models) members(k int) parzen.Members {
	l := &m.levels[k]
	var points []int
	var losses []float64
	for _, s := range m.history.Pending() {
		point, known := l.points[s.ID]
		if !known || s.Parent == 0 {
			continue
		}
		loss := math.NaN()
		if below, ok := m.lossBelow(k, s.Parent); ok && len(l.changes) > 0 {
			loss = below + l.changes[len(l.changes)/2]
		}
		points, losses = append(points, point), append(losses, loss)
	}
	if len(points) == 0 {
		return l.ranking.Members
	}
	return l.ranking.Suppose(points, losses)
}

// lossBelow is a trial's loss at the level below k.
func (m *models) lossBelow(k int, id study.TrialID) (float64, bool) {
	if k == 0 {
		return 0, false
	}
	loss, ok := m.levels[k-1].losses[id]
	return loss, ok
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
