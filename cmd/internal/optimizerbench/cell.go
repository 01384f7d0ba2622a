package optimizerbench

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/metaml/metaml/optimizers/problem"
)

// ErrResults is what the error of ReadCells is, by errors.Is, about what is no result of this benchmark.
var ErrResults = errors.New("not a result of bench optimizers")

// Quartiles of the runs' regrets at a checkpoint, with linear interpolation between order statistics.
type Quartiles struct {
	Median float64 `json:"median"`
	Q25    float64 `json:"q25"`
	Q75    float64 `json:"q75"`
}

// Cell is the result of one method on one problem: a line of the JSON output.
type Cell struct {
	SchemaVersion int     `json:"schema_version"`
	Problem       string  `json:"problem"`
	Method        string  `json:"method"`
	Seeds         int     `json:"seeds"`
	SeedBase      uint64  `json:"seed_base"`
	Budget        float64 `json:"budget"`
	// Regret by checkpoint; empty on a problem whose optimum is not known. Credited is there where fidelities are.
	Regret   map[string]Quartiles `json:"regret"`
	Credited map[string]Quartiles `json:"regret_with_credit,omitempty"`
	// LogRegret is the mean over runs of log10(regret + a thousandth of the problem's spread) at the budget.
	LogRegret *float64 `json:"log_regret,omitempty"`
	// Success is the share of runs that ended in the right basin, where basins matter.
	Success *float64 `json:"success,omitempty"`
	// CPUPerEvaluation is the CPU time of proposing, in milliseconds per trial of any fidelity, CPU that of all runs in
	// seconds.
	CPUPerEvaluation float64 `json:"cpu_ms_per_eval"`
	CPU              float64 `json:"cpu_s"`
	Evaluations      float64 `json:"evaluations"` // per run, on average
	// Spread is the unit of regret on the problem; Runs are the regrets at the budget, by seed.
	Spread float64   `json:"spread"`
	Runs   []float64 `json:"runs"`
	// Versions of the software that ran, by name, and the day.
	Versions map[string]string `json:"versions,omitempty"`
	Date     string            `json:"date,omitempty"`
}

// On names the problem, with the budget where it is not the usual one: hartmann6, hartmann6@1000.
func (c Cell) On() string {
	usual := usualBudget
	if len(c.Credited) > 0 {
		usual = usualFidelityBudget
	}
	if c.Budget == usual {
		return c.Problem
	}
	return c.Problem + "@" + strconv.FormatFloat(c.Budget, 'g', -1, 64)
}

// newCell sums the runs of a method up.
func newCell(p problem.Problem, m Method, spread float64, outcomes []Outcome, opt Options) Cell {
	c := Cell{
		SchemaVersion: 1, Problem: p.Name, Method: m.Name(), Seeds: len(outcomes), SeedBase: opt.SeedBase, Budget: opt.budget(p),
		Regret: map[string]Quartiles{}, Spread: spread, Versions: m.Versions(), Date: opt.Date,
	}
	evaluations := 0
	for _, o := range outcomes {
		evaluations += o.Evaluations
		c.CPU += o.CPU.Seconds()
	}
	if evaluations > 0 {
		c.CPUPerEvaluation = 1000 * c.CPU / float64(evaluations)
	}
	c.Evaluations = float64(evaluations) / float64(max(len(outcomes), 1))
	if math.IsNaN(p.Optimum) {
		return c
	}
	for i, at := range Checkpoints(p, c.Budget) {
		key := strconv.FormatFloat(at, 'g', -1, 64)
		addQuartiles(c.Regret, key, outcomes, func(o Outcome) float64 { return o.Regret[i] })
		if len(p.Fidelities) > 0 {
			if c.Credited == nil {
				c.Credited = map[string]Quartiles{}
			}
			addQuartiles(c.Credited, key, outcomes, func(o Outcome) float64 { return o.Credited[i] })
		}
	}
	c.judge(p, outcomes)
	return c
}

// ReadCells reads results as they were written, a JSON object per line.
func ReadCells(r io.Reader) ([]Cell, error) {
	var cells []Cell
	for dec := json.NewDecoder(r); ; {
		var c Cell
		switch err := dec.Decode(&c); {
		case errors.Is(err, io.EOF):
			return cells, nil
		case err != nil:
			return nil, fmt.Errorf("result %d: %w: %w", len(cells)+1, ErrResults, err)
		case c.SchemaVersion != 1 || c.Problem == "" || c.Method == "" || c.Spread < 0:
			return nil, fmt.Errorf("result %d: %w: it has no problem and method, or another schema_version than 1", len(cells)+1, ErrResults)
		}
		cells = append(cells, c)
	}
}

// judge fills in what is said about the ends of the runs.
func (c *Cell) judge(p problem.Problem, outcomes []Outcome) {
	for _, o := range outcomes {
		if r := o.Regret[len(o.Regret)-1]; !math.IsNaN(r) {
			c.Runs = append(c.Runs, r)
		}
	}
	if len(c.Runs) < len(outcomes) || len(c.Runs) == 0 {
		c.Runs = nil // a run without any trial at the budget cannot be compared
		return
	}
	mean, found := 0.0, 0.0
	for _, x := range c.logs() {
		mean += x / float64(len(c.Runs))
	}
	for _, r := range c.Runs {
		if r < p.Basin {
			found += 1 / float64(len(c.Runs))
		}
	}
	c.LogRegret = &mean
	if p.Basin > 0 {
		c.Success = &found
	}
}

// logs are the log10 of the regrets at the budget, with a thousandth of the spread as their floor.
func (c *Cell) logs() []float64 {
	logs := make([]float64, len(c.Runs))
	for i, r := range c.Runs {
		logs[i] = math.Log10(max(r, 0) + c.Spread/1000) // the best float may lie a rounding below the optimum
	}
	return logs
}

// addQuartiles adds the quartiles of what the runs had at a checkpoint, unless one had nothing yet.
func addQuartiles(m map[string]Quartiles, key string, outcomes []Outcome, of func(Outcome) float64) {
	var values []float64
	for _, o := range outcomes {
		v := of(o)
		if math.IsNaN(v) {
			return
		}
		values = append(values, v)
	}
	slices.Sort(values)
	m[key] = Quartiles{Q25: quantile(values, 0.25), Median: quantile(values, 0.5), Q75: quantile(values, 0.75)}
}

// quantile of sorted values, interpolated.
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	low := int(at)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (at-float64(low))*(sorted[low+1]-sorted[low])
}
