package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/metaml/metaml/cmd/internal/term"
)

// costGrowth is the exponent by which a group's cost grows; see exponent.
type costGrowth struct {
	Rows    *float64 `json:"rows"`
	Columns *float64 `json:"columns"`
}

// exponent is the slope of log cost over log size between the two largest sizes: 1 is linear growth, 2 quadratic.
func exponent(small, large int, before, after float64) *float64 {
	return finite(math.Log(after/before) / math.Log(float64(large)/float64(small)))
}

// growthOf takes the two largest numbers of rows at the largest number of columns, and the other way round.
func growthOf(shapes []costShape, cost func(costShape) float64) costGrowth {
	last := shapes[len(shapes)-1] // the largest of both: shapes are in ascending order
	var g costGrowth
	for _, s := range shapes {
		if s.Columns == last.Columns && s.Rows < last.Rows {
			g.Rows = exponent(s.Rows, last.Rows, cost(s), cost(last))
		}
		if s.Rows == last.Rows && s.Columns < last.Columns {
			g.Columns = exponent(s.Columns, last.Columns, cost(s), cost(last))
		}
	}
	return g
}

// relativeDeviation is the standard deviation relative to the absolute mean; false where there is none.
func relativeDeviation(values []float64) (float64, bool) {
	if len(values) < 2 {
		return 0, false
	}
	var mean, squares float64
	for _, v := range values {
		mean += v / float64(len(values))
	}
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	r := math.Sqrt(squares/float64(len(values)-1)) / math.Abs(mean)
	if mean == 0 {
		return 0, squares == 0
	}
	return r, finite(r) != nil
}

// writeCosts writes the costs in the form that --output asks for.
func (e *environment) writeCosts(shapes []costShape, groups []string) error {
	grows := map[string]costGrowth{"reading": growthOf(shapes, func(s costShape) float64 { return s.ReadCPU })}
	for _, g := range groups {
		grows[g] = growthOf(shapes, func(s costShape) float64 { return s.Groups[g].CPU })
	}
	switch e.output {
	case outputJSON:
		return e.writeJSON(struct {
			SchemaVersion int                   `json:"schema_version"`
			Shapes        []costShape           `json:"shapes"`
			Growth        map[string]costGrowth `json:"growth"`
		}{1, shapes, grows})
	case outputCSV:
		return e.writeCostsCSV(shapes, groups)
	}
	return e.writeCostsTable(shapes, groups, grows)
}

func (e *environment) writeCostsCSV(shapes []costShape, groups []string) error {
	var rows [][]string
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }
	for _, s := range shapes {
		size := []string{strconv.Itoa(s.Rows), strconv.Itoa(s.Columns)}
		rows = append(rows, append(slices.Clone(size), "reading", number(s.ReadCPU), ""))
		for _, g := range groups {
			deviation := ""
			if r := s.Groups[g].Error; r != nil {
				deviation = number(*r)
			}
			rows = append(rows, append(slices.Clone(size), g, number(s.Groups[g].CPU), deviation))
		}
	}
	return e.writeCSV([]string{"rows", "columns", "group", "cpu_s", "error"}, rows)
}

// writeCostsTable has a line for reading and each group, and a column for each table.
func (e *environment) writeCostsTable(shapes []costShape, groups []string, grows map[string]costGrowth) error {
	columns := []term.Column{{Title: "CPU s"}}
	for _, s := range shapes {
		columns = append(columns, term.Column{Title: term.Count(s.Rows) + " x " + term.Count(s.Columns), Right: true})
	}
	columns = append(columns, term.Column{Title: "~rows^", Right: true}, term.Column{Title: "~columns^", Right: true})
	t := term.NewTable(columns...)
	line := func(title string, cell func(costShape) string, g costGrowth) {
		cells := []string{title}
		for _, s := range shapes {
			cells = append(cells, cell(s))
		}
		t.Row(append(cells, exponentText(g.Rows), exponentText(g.Columns))...)
	}
	line("reading", func(s costShape) string { return cpuText(s.ReadCPU) }, grows["reading"])
	line("  MB per CPU s", func(s costShape) string { return term.Fixed(s.ReadRate, 0) }, costGrowth{})
	line("  MB/s", func(s costShape) string { return term.Fixed(s.ReadSpeed, 0) }, costGrowth{})
	for _, g := range groups {
		line(g, func(s costShape) string { return cpuText(s.Groups[g].CPU) }, grows[g])
		if slices.ContainsFunc(shapes, func(s costShape) bool { return s.Groups[g].Error != nil }) {
			line("  error", func(s costShape) string { return errorText(s.Groups[g].Error) }, costGrowth{})
		}
	}
	if err := t.Write(e.stdout, 0); err != nil {
		return err
	}
	if peak := shapes[len(shapes)-1].PeakMemory; peak > 0 {
		_, err := fmt.Fprintf(e.stdout, "peak memory %s\n", term.Bytes(peak))
		return err
	}
	return nil
}

func cpuText(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func exponentText(x *float64) string {
	if x == nil {
		return ""
	}
	return term.Fixed(*x, 1)
}

func errorText(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(100**x, 'f', 1, 64) + " %"
}
