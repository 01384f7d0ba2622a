// Package lhs proposes Latin hypercube designs (McKay, Beckman and Conover 1979): blocks of a given number of
// configurations in which every parameter's range is cut into as many slices and each slice is met once. One block
// follows another, independent of it and of all results. Categorical parameters follow their weights. Forbidden
// configurations are drawn anew and those tried already are passed over, after which a block is no longer exact.
package lhs

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/sequence"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Origin is the origin of its suggestions.
const Origin = "lhs"

// largestDesign bounds a block, and so its memory: all of it is made at once.
const largestDesign = 100_000

// Settings of Latin hypercube sampling.
type Settings struct {
	// DesignSize is the number of configurations of a block, at most 100,000: best the whole budget. Default: ten for each parameter that
	// varies, the rule of Loeppky, Sacks and Welch (2009), at most 1,000.
	DesignSize int `json:"design_size,omitempty"`
}

// Optimizer follows one Latin hypercube after another.
type Optimizer struct{ *sequence.Optimizer }

var _ optimizers.Optimizer = (*Optimizer)(nil)

// New returns the Latin hypercubes of a problem's space and seed. It learns nothing from results, and so handles every
// space, any fidelities (at their maximum) and any number of objectives. A design size out of range is an error.
func New(p study.Problem, s Settings) (*Optimizer, error) {
	if s.DesignSize < 0 || s.DesignSize > largestDesign {
		return nil, fmt.Errorf("lhs: design_size is %d; give the number of configurations of a block, at most %d, or leave it out", s.DesignSize, largestDesign)
	}
	size := s.DesignSize
	if size == 0 {
		for _, h := range p.Space.Parameters() {
			if h.Type != space.TypeConstant {
				size += 10
			}
		}
		size = min(size, 1000)
	}
	return &Optimizer{sequence.New(p, Origin, &blocks{problem: p, size: max(size, 1)}, sequence.Patience)}, nil
}

// blocks yields the designs.
type blocks struct {
	problem study.Problem
	size    int
	count   uint64         // blocks begun
	rest    []space.Config // of the present block
}

// Next returns the next configuration of the present block, or the first one of the next.
func (b *blocks) Next() (space.Config, error) {
	if len(b.rest) == 0 {
		design, err := b.problem.Space.Design(space.LatinHypercube, b.size, b.seed())
		if err != nil {
			return nil, err
		}
		b.rest, b.count = design, b.count+1
	}
	c := b.rest[0]
	b.rest = b.rest[1:]
	return c, nil
}

// seed returns the seed of the next block; the first one's is the study's, so that it is the design that space.Design
// gives to everybody else.
func (b *blocks) seed() uint64 {
	if b.count == 0 {
		return b.problem.Seed
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[0:], b.problem.Seed)
	binary.LittleEndian.PutUint64(key[8:], b.count)
	return rand.NewChaCha8(key).Uint64()
}
