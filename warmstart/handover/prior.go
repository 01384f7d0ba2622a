package handover

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/transfer"
)

// The bounds of a prior: it is kept with the study and sent to the optimizer's process.
const (
	MostTasks   = 40
	MostResults = 120 // of a task
)

// Prior returns what an optimizer that takes a prior is told of prior tasks: those of a matrix with the largest of the
// weights, one per row, of equal ones the first, and of each the losses of the configurations that belong to the space.
// A configuration that failed is as bad as the worst that did not. Of more than MostResults there are the best, and
// others spread over the rest, half of each. The weights of the tasks that are left sum to one; without any, the prior
// is empty.
func Prior(m *transfer.Matrix, weights []float64, s space.Space) (study.Prior, error) {
	if len(weights) != len(m.Tasks) {
		return study.Prior{}, fmt.Errorf("handover: %d weights for %d prior tasks", len(weights), len(m.Tasks))
	}
	configs := make([]space.Config, len(m.Configs)) // nil: not of this space
	for c := range m.Configs {
		if config, err := s.Normalize(m.Configs[c].Values); err == nil {
			configs[c] = config
		}
	}
	order := make([]int, len(m.Tasks))
	for t := range order {
		order[t] = t
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	var prior study.Prior
	total := 0.0
	for _, t := range order {
		if len(prior.Tasks) == MostTasks || !(weights[t] > 0) {
			break
		}
		if results := resultsOf(m, t, configs); len(results) > 0 {
			prior.Tasks = append(prior.Tasks, study.WeightedTask{Name: m.Tasks[t].Name, Weight: weights[t], Results: results})
			total += weights[t]
		}
	}
	for i := range prior.Tasks {
		prior.Tasks[i].Weight = record.Round6(prior.Tasks[i].Weight / total)
	}
	return prior, nil
}

// resultsOf are the results of a row, in the order of the columns.
func resultsOf(m *transfer.Matrix, t int, configs []space.Config) []study.EarlierResult {
	worst, known := math.Inf(-1), []int(nil)
	for c, loss := range m.Loss[t] {
		if configs[c] == nil || math.IsNaN(loss) {
			continue
		}
		known = append(known, c)
		if !math.IsInf(loss, 0) {
			worst = max(worst, loss)
		}
	}
	if math.IsInf(worst, 0) {
		return nil
	}
	var results []study.EarlierResult
	for _, c := range typical(m.Loss[t], known) {
		results = append(results, study.EarlierResult{Config: configs[c], Loss: record.Round6(min(m.Loss[t][c], worst))})
	}
	return results
}

// typical chooses at most MostResults columns: the best half, and others at equal distances in the order of losses.
func typical(loss []float64, known []int) []int {
	if len(known) <= MostResults {
		return known
	}
	slices.SortStableFunc(known, func(a, b int) int { return cmp.Compare(loss[a], loss[b]) })
	const half = MostResults / 2
	chosen, rest := slices.Clone(known[:half]), known[half:]
	for i := range MostResults - half {
		chosen = append(chosen, rest[i*len(rest)/(MostResults-half)])
	}
	slices.Sort(chosen)
	return chosen
}
