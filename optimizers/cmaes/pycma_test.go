package cmaes

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

// reference is what testdata/pycma.py writes: pycma's samples, and its distribution after each generation.
type reference struct {
	Name   string    `json:"name"`
	X0     []float64 `json:"x0"`
	Sigma0 float64   `json:"sigma0"`
	// Covariance0 is not quite the identity.
	Covariance0 [][]float64 `json:"covariance0"`
	Parameters  struct {
		Weights []float64 `json:"weights"`
		MuEff   float64   `json:"mu_eff"`
		C1      float64   `json:"c1"`
		CMu     float64   `json:"c_mu"`
		CC      float64   `json:"c_c"`
		CSigma  float64   `json:"c_sigma"`
		DSigma  float64   `json:"d_sigma"`
		ChiN    float64   `json:"chi_n"`
	} `json:"parameters"`
	Steps []struct {
		Points     [][]float64 `json:"points"`
		Losses     []float64   `json:"losses"`
		Mean       []float64   `json:"mean"`
		Sigma      float64     `json:"sigma"`
		Covariance [][]float64 `json:"covariance"`
	} `json:"steps"`
}

func references(t *testing.T) []reference {
	t.Helper()
	data, err := os.ReadFile("testdata/pycma.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []reference
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance*max(1, math.Abs(a)) }

// TestParametersAgainstPycma compares the constants. pycma approximates the expected length of a normal vector.
func TestParametersAgainstPycma(t *testing.T) {
	for _, ref := range references(t) {
		want := ref.Parameters
		p := newParameters(len(ref.X0), len(want.Weights))
		for _, c := range []struct {
			name      string
			got, want float64
		}{
			{"mu_eff", p.muEff, want.MuEff}, {"c1", p.c1, want.C1}, {"c_mu", p.cMu, want.CMu}, {"c_c", p.cC, want.CC},
			{"c_sigma", p.cSigma, want.CSigma}, {"d_sigma", p.dSigma, want.DSigma},
		} {
			if !near(c.want, c.got, 1e-12) {
				t.Errorf("%s: %s is %v, pycma's is %v", ref.Name, c.name, c.got, c.want)
			}
		}
		if !near(want.ChiN, p.chiN, 1e-4) {
			t.Errorf("%s: the expected length is %v, pycma's %v", ref.Name, p.chiN, want.ChiN)
		}
		for i, w := range want.Weights {
			if !near(w, p.weights[i], 1e-12) {
				t.Errorf("%s: weight %d is %v, pycma's is %v", ref.Name, i, p.weights[i], w)
			}
		}
	}
}

// TestUpdateAgainstPycma gives the distribution pycma's samples in pycma's order: mean, step size and covariance must
// be pycma's after every generation.
func TestUpdateAgainstPycma(t *testing.T) {
	for _, ref := range references(t) {
		p := newParameters(len(ref.X0), len(ref.Parameters.Weights))
		p.chiN = ref.Parameters.ChiN
		d := newDistribution(p, ref.X0, ref.Sigma0)
		for i, row := range ref.Covariance0 {
			copy(d.c[i*p.n:], row)
		}
		d.factorize()
		for g, step := range ref.Steps {
			order := make([]int, len(step.Points))
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(step.Losses[a], step.Losses[b]) })
			sorted := make([][]float64, len(order))
			for i, k := range order {
				sorted[i] = step.Points[k]
			}
			d.update(sorted)
			if !near(step.Sigma, d.sigma, 1e-10) {
				t.Fatalf("%s, generation %d: step size %v, pycma's is %v", ref.Name, g+1, d.sigma, step.Sigma)
			}
			for i := range p.n {
				if !near(step.Mean[i], d.mean[i], 1e-10) {
					t.Fatalf("%s, generation %d: mean %v, pycma's is %v", ref.Name, g+1, d.mean, step.Mean)
				}
				for j := i; j < p.n; j++ {
					if got := d.c[i*p.n+j]; !near(step.Covariance[i][j], got, 1e-10) {
						t.Fatalf("%s, generation %d: covariance %d,%d is %v, pycma's is %v", ref.Name, g+1, i, j, got, step.Covariance[i][j])
					}
				}
			}
		}
	}
}
