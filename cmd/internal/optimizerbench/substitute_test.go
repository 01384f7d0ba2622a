package optimizerbench

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
)

// TestPeersLearnFromWhatWasEvaluated plays a crooked game with the real peers, where they are installed
// (.peers/optimizers/run --install): in place of every x they propose 1-x is evaluated, whose loss is least at 0.2. A
// peer that is told so proposes x around 0.2; one that believes its own proposals to have been evaluated, around 0.8.
// Every fifth evaluation fails, the first among them.
func TestPeersLearnFromWhatWasEvaluated(t *testing.T) {
	if testing.Short() {
		t.Skip("other libraries take their time")
	}
	sp, err := space.New([]space.Hyperparameter{
		{Name: "kind", Type: space.TypeCategorical, Choices: []space.Value{space.String("plain"), space.String("other")}},
		{Name: "x", High: 1, When: space.Equals("kind", space.String("plain"))},
		{Name: "n", Type: space.TypeInt, Low: 1, High: 64, Log: true, When: space.Equals("kind", space.String("other"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, environment := range map[string]string{"optuna-tpe": "optuna-[0-9a-f]*", "smac-hpo": "smac-*"} {
		t.Run(name, func(t *testing.T) {
			requireInstalled(t, environment)
			proposed := crooked(t, name, problem.Problem{Name: "crooked", Space: sp})
			slices.Sort(proposed)
			if len(proposed) < 6 || proposed[len(proposed)/2] > .4 {
				t.Errorf("of its last proposals the plain ones are %.2f", proposed)
			}
		})
	}
}

// requireInstalled skips the test unless a peer's environment is there.
func requireInstalled(t *testing.T, environment string) {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	if found, _ := filepath.Glob(filepath.Join(cache, "metaml-peers", "optimizers", environment, "complete")); len(found) == 0 {
		t.Skip("this peer is not installed")
	}
}

// proposals is how many a crooked game has.
const proposals = 30

// crooked returns the x among the last half of a peer's proposals.
func crooked(t *testing.T, name string, on problem.Problem) []float64 {
	t.Helper()
	p := NewPeer(name, func(ctx context.Context, name string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, "../../../.peers/optimizers/run", name)
		cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
		return cmd
	})
	defer p.Close()
	s, err := p.Open(t.Context(), on, 1, proposals)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var late []float64
	for i := range proposals {
		asked, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		c, loss := asked.Config.Clone(), 2.0
		if x, plain := c["x"]; plain {
			c["x"] = space.Float(1 - x.Float())
			loss = .1 + math.Abs(c["x"].Float()-.2)
			if i >= proposals/2 {
				late = append(late, x.Float())
			}
		}
		result := &loss
		if i%5 == 0 {
			result = nil
		}
		if err := s.(Substituting).TellInstead(t.Context(), c, result); err != nil {
			t.Fatal(err)
		}
	}
	return late
}
