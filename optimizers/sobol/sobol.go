// Package sobol proposes a scrambled Sobol sequence (Sobol' 1967, with the direction numbers of Joe and Kuo 2008 and
// the linear scrambling of Matoušek 1998): configurations that fill the space more evenly than random ones, in every
// prefix, whatever the results. Categorical parameters follow their weights; forbidden configurations and those tried
// already are passed over. The sequence has no end: it is space.Design's, which says what happens beyond the
// dimensions of the table.
package sobol

import (
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/sequence"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "sobol"

// Settings of the Sobol sequence: there are none; the study's seed scrambles it.
type Settings struct{}

// Optimizer follows a Sobol sequence.
type Optimizer struct{ *sequence.Optimizer }

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns the Sobol sequence of a problem's space and seed. It learns nothing from results, and so handles every
// space, any fidelities (at their maximum) and any number of objectives.
func New(p study.Problem, _ Settings) (*Optimizer, error) {
	return &Optimizer{sequence.New(p, Origin, &points{problem: p}, sequence.Patience)}, nil
}

// points yields the sequence from designs that double in size: each is the beginning of the next, so that the whole
// costs as much as two designs.
type points struct {
	problem study.Problem
	design  []space.Config
	next    int
}

// firstDesign is the size of the first design.
const firstDesign = 32

// Next returns the next point.
func (s *points) Next() (space.Config, error) {
	if s.next == len(s.design) {
		design, err := s.problem.Space.Design(space.Sobol, max(firstDesign, 2*s.next), s.problem.Seed)
		if err != nil {
			return nil, err
		}
		s.design = design
	}
	s.next++
	return s.design[s.next-1], nil
}
