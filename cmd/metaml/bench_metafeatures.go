package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
)

// benchMetafeaturesCommand measures what meta-features cost, how the cost grows, and what sampling does to them.
func benchMetafeaturesCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name:  "metafeatures",
		Usage: "measure the cost of meta-features by size, and the error of their samples",
		Description: `
Writes generated classification tables of every combination of rows and columns to a temporary file, reads each and
computes all groups: CPU seconds (user and system) of each on one thread, and the rate of reading, per second of CPU
time and by the clock. Below stand the exponents by which cost grows: 1 is linear, 2 quadratic. --samples N draws the
samples N times: the error of a group is the median, over its features, of the standard deviation over the draws,
relative to the mean.

example:
  $ metaml bench metafeatures --rows 1000,10000,100000 --columns 50
  $ metaml bench metafeatures --rows 10000 --columns 25,50,100,200 --samples 5
  $ metaml bench metafeatures --rows 1000000 --columns 50 --categorical 0 --groups general
`,
		Flags: []cli.Flag{
			&cli.GenericFlag{Name: "rows", Value: &listValue{}, Usage: "numbers of rows `N,N,…` (default 1000, 10000, 100000)"},
			&cli.GenericFlag{Name: "columns", Value: &listValue{}, Usage: "numbers of columns `N,N,…` (default 25, 50, 100)"},
			&cli.GenericFlag{Name: "groups", Value: &listValue{}, Usage: "only the groups `A,B,…`"},
			&cli.Float64Flag{Name: "categorical", Value: 0.2, Usage: "`SHARE` of the columns that are categorical"},
			&cli.IntFlag{Name: "samples", Value: 1, Usage: "draw samples `N` times for their error"},
		},
		Action: e.benchMetafeatures,
	}
}

// costShape is one table of the benchmark with its costs.
type costShape struct {
	Rows       int                  `json:"rows"`
	Columns    int                  `json:"columns"`
	Bytes      int64                `json:"bytes"`
	ReadCPU    float64              `json:"read_cpu_s"`
	ReadRate   float64              `json:"read_mb_per_cpu_s"`
	ReadSpeed  float64              `json:"read_mb_per_s"`     // by the clock, on all cores
	PeakMemory int64                `json:"peak_memory_bytes"` // of the process so far; 0 where unknown
	Groups     map[string]groupCost `json:"groups"`
}

// groupCost is what a group costs, and the relative error of its samples; null where they were drawn once.
type groupCost struct {
	CPU   float64  `json:"cpu_s"`
	Error *float64 `json:"error"`
}

func (e *environment) benchMetafeatures(c *cli.Context) error {
	if err := positionals(c); err != nil {
		return err
	}
	plan, err := e.costPlan(c)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "metaml-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	bar := e.progress("measuring", 0, len(plan.rows)*len(plan.columns))
	defer bar.Close()
	var shapes []costShape
	for _, rows := range plan.rows {
		for _, columns := range plan.columns {
			s, err := plan.measure(c.Context, filepath.Join(folder, "table.csv"), rows, columns)
			if err != nil {
				return err
			}
			shapes = append(shapes, s)
			bar.Step("")
		}
	}
	bar.Close()
	return e.writeCosts(shapes, plan.extract.Groups)
}

// costPlan is what is to be measured.
type costPlan struct {
	rows, columns []int
	categorical   float64
	samples       int
	extract       metafeatures.Options
}

func (e *environment) costPlan(c *cli.Context) (*costPlan, error) {
	p := &costPlan{categorical: c.Float64("categorical"), samples: c.Int("samples")}
	p.extract = metafeatures.Options{Groups: listOf(c, "groups"), Seed: e.seed}
	if p.extract.Groups == nil {
		p.extract.Groups = metafeatures.Groups()
	}
	for _, g := range p.extract.Groups {
		if err := oneOf("--groups", g, metafeatures.Groups()...); err != nil {
			return nil, err
		}
	}
	if p.samples < 1 || !(p.categorical >= 0 && p.categorical <= 1) {
		return nil, usagef("--samples must be at least 1, --categorical between 0 and 1")
	}
	var err error
	if p.rows, err = ascendingCounts("--rows", listOf(c, "rows")); err != nil {
		return nil, err
	}
	if p.columns, err = ascendingCounts("--columns", listOf(c, "columns")); err != nil {
		return nil, err
	}
	if p.rows == nil {
		p.rows = []int{1000, 10_000, 100_000}
	}
	if p.columns == nil {
		p.columns = []int{25, 50, 100}
	}
	if p.rows[0] < 20 {
		return nil, usagef("--rows: tables of fewer than 20 rows say nothing about cost")
	}
	return p, nil
}

// measure writes, reads and describes one table.
func (p *costPlan) measure(ctx context.Context, path string, rows, columns int) (costShape, error) {
	s := costShape{Rows: rows, Columns: columns, Groups: map[string]groupCost{}}
	if err := writeCostTable(path, rows, columns, p.categorical, p.extract.Seed); err != nil {
		return s, err
	}
	defer os.Remove(path)
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	s.Bytes = info.Size()
	runtime.GC() // not at the cost of the reading
	start, began := processCPU(), time.Now()
	d, err := dataset.Read(ctx, path, dataset.Options{Target: "y", Task: dataset.Classification})
	if err != nil {
		return s, err
	}
	s.ReadCPU = (processCPU() - start).Seconds()
	s.ReadRate = float64(s.Bytes) / 1e6 / s.ReadCPU
	s.ReadSpeed = float64(s.Bytes) / 1e6 / time.Since(began).Seconds()
	var draws []metafeatures.Vector
	for i := range p.samples {
		opt := p.extract
		opt.Seed += uint64(i)
		v, err := metafeatures.Extract(ctx, d, opt)
		if err != nil {
			return s, err
		}
		draws = append(draws, v)
	}
	for _, g := range p.extract.Groups {
		s.Groups[g] = costOf(g, draws)
	}
	s.PeakMemory = peakMemory()
	return s, nil
}

// costOf is the median cost of a group over the draws, and the error of its samples.
func costOf(group string, draws []metafeatures.Vector) groupCost {
	var costs []float64
	values := map[string][]float64{}
	var names []string
	for _, v := range draws {
		var cpu time.Duration
		for _, f := range v.Features {
			if f.Group != group {
				continue
			}
			cpu += f.CPU
			if finite(f.Value) == nil {
				continue
			}
			if values[f.Name] == nil {
				names = append(names, f.Name)
			}
			values[f.Name] = append(values[f.Name], f.Value)
		}
		costs = append(costs, cpu.Seconds())
	}
	cost := groupCost{CPU: medianOf(costs)}
	var errors []float64
	for _, name := range names {
		if r, ok := relativeDeviation(values[name]); ok {
			errors = append(errors, r)
		}
	}
	if len(errors) > 0 {
		m := medianOf(errors)
		cost.Error = &m
	}
	return cost
}

func medianOf(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
