// Package importance says which hyperparameters matter, by a random forest that learned the losses of a study's trials:
// FANOVA divides the variance of the losses over the whole space among hyperparameters and pairs of them (Hutter, Hoos
// and Leyton-Brown 2014); Ablation walks from one configuration to another and says what each step is worth (Fawcett
// and Hoos 2016).
package importance

import (
	"errors"
	"fmt"
	"slices"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/coding"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// ErrTooFew is returned where trials are too few to learn from: fewer than MinTrials complete ones at full fidelity.
var ErrTooFew = errors.New("too few complete trials")

// MinTrials is the least number of complete trials at full fidelity that anything is said from.
const MinTrials = 10

// Options configures the analyses. The zero value has a documented default of each.
type Options struct {
	// Trees is the number of trees of the forest; 0: 64.
	Trees int
	// Pairs is among how many of the most important hyperparameters pairs are looked at; 0: 8, negative: none.
	Pairs int
	// Cap, in (0, 1), replaces losses above that quantile by it, so that the importance is that among good
	// configurations and no wild loss drowns everything; 0: losses as they are.
	Cap float64
	// Seed is of the forest.
	Seed uint64
}

// surrogate is the forest of a study's losses.
type surrogate struct {
	codec  *coding.Codec
	forest *forest.Forest
	names  []string
	opt    Options
}

// learn fits the forest on the complete trials at full fidelity.
func learn(p study.Problem, trials []study.Trial, opt Options) (*surrogate, error) {
	if opt.Trees < 0 || opt.Cap < 0 || opt.Cap >= 1 {
		return nil, fmt.Errorf("importance: trees %d must not be negative, cap %v must be 0 or between 0 and 1", opt.Trees, opt.Cap)
	}
	if opt.Trees == 0 {
		opt.Trees = 64
	}
	if opt.Pairs == 0 {
		opt.Pairs = 8
	}
	codec, err := coding.New(p.Space)
	if err != nil {
		return nil, fmt.Errorf("importance: %w", err)
	}
	var x, y [][]float64
	for _, t := range trials {
		if t.Status == study.Complete && len(t.Losses) > 0 && optimizers.Effort(p, t.Fidelity) >= 1 {
			x, y = append(x, codec.Encode(t.Config)), append(y, []float64{t.Losses[0]})
		}
	}
	if len(x) < MinTrials {
		return nil, fmt.Errorf("importance: %w: %d at full fidelity, at least %d are needed", ErrTooFew, len(x), MinTrials)
	}
	if opt.Cap > 0 {
		capLosses(y, opt.Cap)
	}
	// Leaves of three rows and cuts drawn in the gap: a smooth mean, and variance where there are no data.
	f, err := forest.Fit(x, y, forest.Options{
		Trees: opt.Trees, MinLeaf: 3, MaxFeatures: 5.0 / 6, Cut: forest.CutInGap, Nominal: codec.Nominal(), Seed: opt.Seed,
	})
	if err != nil {
		return nil, fmt.Errorf("importance: %w", err)
	}
	return &surrogate{codec: codec, forest: f, names: p.Space.Names(), opt: opt}, nil
}

// capLosses replaces losses above a quantile by it.
func capLosses(y [][]float64, quantile float64) {
	sorted := make([]float64, len(y))
	for i := range y {
		sorted[i] = y[i][0]
	}
	slices.Sort(sorted)
	top := sorted[int(quantile*float64(len(sorted)-1))]
	for i := range y {
		y[i][0] = min(y[i][0], top)
	}
}
