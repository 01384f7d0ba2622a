package tunebench

import (
	"context"
	"errors"
	"fmt"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/study"
)

// Peer is a method of another library, which starts cold.
type Peer struct{ method optimizerbench.Method }

// NewPeer returns the method that a peer plays. Its sessions must be optimizerbench.Substituting.
func NewPeer(m optimizerbench.Method) Peer { return Peer{m} }

// Name implements Method.
func (p Peer) Name() string { return p.method.Name() }

// Start implements Method.
func (Peer) Start() Start { return Cold }

// Versions implements Method.
func (p Peer) Versions() map[string]string { return p.method.Versions() }

// Close implements Method.
func (p Peer) Close() error { return p.method.Close() }

// Play implements Method.
func (p Peer) Play(ctx context.Context, t *Task, _ Advice, seed uint64, trials int) (rows []int, err error) {
	trials = min(trials, len(t.Rows))
	on := problem.Problem{Name: t.Name, Space: t.Space}
	session, err := p.method.Open(ctx, on, seed, float64(trials))
	if err != nil {
		return nil, err
	}
	defer func() {
		_, closing := session.Close()
		err = errors.Join(err, closing)
	}()
	told, ok := session.(optimizerbench.Substituting)
	if !ok {
		return nil, fmt.Errorf("it cannot be told what was evaluated: %w", optimizerbench.ErrUnsupported)
	}
	left := newPool(t, seed)
	for len(rows) < trials {
		s, err := told.Next(ctx)
		if errors.Is(err, optimizers.ErrExhausted) {
			break
		}
		if err != nil {
			return nil, err
		}
		row, ok := left.nearest(s.Config)
		if !ok {
			break
		}
		left.take(row)
		rows = append(rows, row)
		r := t.Rows[row]
		loss := &r.Loss
		if r.Status != study.Complete {
			loss = nil
		}
		if err := told.TellInstead(ctx, r.Config, loss); err != nil {
			return nil, err
		}
	}
	return rows, nil
}
