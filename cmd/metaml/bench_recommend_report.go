package main

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/warmstart"
	"github.com/metaml/metaml/warmstart/regret"
)

// publishedRegret is the JSON document: the report, and where it comes from.
type publishedRegret struct {
	*regret.Report
	About provenance `json:"about"`
}

// writeRegret prints a cross-validation in the format asked for.
func (e *environment) writeRegret(r *regret.Report) error {
	switch e.output {
	case outputJSON:
		return e.writeJSON(publishedRegret{r, e.provenance()})
	case outputCSV:
		return e.writeRegretCSV(r)
	}
	return e.writeRegretTables(r)
}

func (e *environment) writeRegretCSV(r *regret.Report) error {
	var rows [][]string
	line := func(name string, k int, s regret.Score) {
		row := []string{name, strconv.Itoa(k)}
		for _, v := range []float64{s.NR, s.SE, s.NRGroups, s.Regret} {
			row = append(row, strconv.FormatFloat(v, 'g', 6, 64))
		}
		rows = append(rows, row)
	}
	for _, name := range r.Order {
		for _, k := range r.K {
			line(name, k, r.Strategies[name][strconv.Itoa(k)])
		}
	}
	return e.writeCSV([]string{"strategy", "k", "nr", "se", "nr_groups", "regret"}, rows)
}

// writeRegretTables writes the regrets, the differences from the strategy to beat, and the regrets by size.
func (e *environment) writeRegretTables(r *regret.Report) error {
	fmt.Fprintf(e.stdout, "%s in %s, %s; %s, %s; metric %s\n", term.Plural(r.Tasks, "task"), term.Plural(r.Groups, "group"),
		term.Plural(r.Configs, "configuration"), r.Split, term.Plural(r.Folds, "fold"), term.Clean(r.Metric))
	if r.Known > 0 {
		fmt.Fprintf(e.stdout, "%s of each tested task, of configurations drawn at random, known\n", term.Plural(r.Known, "result"))
	}
	if r.Dropped > 0 {
		fmt.Fprintf(e.stdout, "%s left out: all configurations do the same on them\n", term.Plural(r.Dropped, "task"))
	}
	width := e.width(e.stdout)
	table := byK("normalised regret", r.K)
	groups := byK("with groups weighted equally", r.K)
	for _, name := range r.Order {
		table.Row(cells(name, r.K, func(k string) string {
			s := r.Strategies[name][k]
			return term.Fixed(s.NR, 3) + " ± " + term.Fixed(s.SE, 3)
		})...)
		groups.Row(cells(name, r.K, func(k string) string { return term.Fixed(r.Strategies[name][k].NRGroups, 3) })...)
	}
	random := func(k string) string { return term.Fixed(r.Random[k].NR, 3) }
	table.Row(cells("random draws, exactly", r.K, random)...)
	tables := []*term.Table{table, groups}
	tables = append(tables, differenceTables(r)...)
	tables = append(tables, limitTables(r)...)
	tables = append(tables, shuffledTables(r)...)
	tables = append(tables, forecastTables(r)...)
	tables = append(tables, timingTables(r)...)
	for _, size := range r.BySize {
		title := fmt.Sprintf("%s of %s rows", term.Plural(size.Tasks, "task"), sizeName(size))
		t := byK(title, r.K)
		for _, name := range r.Order {
			t.Row(cells(name, r.K, func(k string) string { return term.Fixed(size.Strategies[name][k], 3) })...)
		}
		tables = append(tables, t)
	}
	for _, t := range tables {
		fmt.Fprintln(e.stdout)
		if err := t.Write(e.stdout, width); err != nil {
			return err
		}
	}
	return nil
}

// differenceTables compare every strategy with the last one asked for, and the default one with every other, if there are
// several.
func differenceTables(r *regret.Report) []*term.Table {
	if len(r.Order) < 2 {
		return nil
	}
	last := r.Order[len(r.Order)-1]
	t := byK("difference from "+last+", 95 %", r.K)
	for _, name := range r.Order[:len(r.Order)-1] {
		t.Row(differences(name, r.K, r.Paired[name+"-"+last])...)
	}
	if !slices.Contains(r.Order, warmstart.Default) || last == warmstart.Default || len(r.Order) == 2 {
		return []*term.Table{t}
	}
	own := byK("difference of "+warmstart.Default+" from, 95 %", r.K)
	for _, name := range r.Order {
		if name != warmstart.Default {
			own.Row(differences(name, r.K, r.Paired[warmstart.Default+"-"+name])...)
		}
	}
	return []*term.Table{t, own}
}

// differences is a row of differences with their verdicts.
func differences(name string, ks []int, by map[string]regret.Difference) []string {
	return cells(name, ks, func(k string) string {
		d := by[k]
		return difference(d.Diff, d.Lo, d.Hi) + " " + d.Verdict
	})
}

func difference(diff, lo, hi float64) string {
	return fmt.Sprintf("%+.3f [%+.3f, %+.3f]", diff, lo, hi)
}

// shuffledTables say what the strategies owe to meta-features.
func shuffledTables(r *regret.Report) []*term.Table {
	if len(r.Shuffled) == 0 {
		return nil
	}
	gain, groups := byK("true less shuffled meta-features, 95 %", r.K), byK("the same with groups weighted equally", r.K)
	harm := byK("shuffled, difference from greedy, 95 %", r.K)
	known := false
	for _, name := range r.Order {
		shuffled := r.Shuffled[name]
		gain.Row(cells(name, r.K, func(k string) string {
			d := shuffled[k].Gain
			return difference(d.Diff, d.Lo, d.Hi) + " " + d.Verdict
		})...)
		groups.Row(cells(name, r.K, func(k string) string {
			d := shuffled[k].Gain
			return difference(d.DiffGroups, d.LoGroups, d.HiGroups)
		})...)
		harm.Row(cells(name, r.K, func(k string) string {
			d := shuffled[k].Harm
			if d == nil {
				return "-"
			}
			known = true
			return difference(d.Diff, d.Lo, d.Hi) + " " + d.Verdict
		})...)
	}
	if !known {
		return []*term.Table{gain, groups}
	}
	return []*term.Table{gain, groups, harm}
}

// limitTables say what holds strategies back, in rows that cannot be taken for strategies.
func limitTables(r *regret.Report) []*term.Table {
	if r.Limits == nil {
		return nil
	}
	t := byK("limits, by who sees the answers: no strategies", r.K)
	row := func(title string, scores map[string]regret.Score) {
		t.Row(cells(title, r.K, func(k string) string {
			s, ok := scores[k]
			if !ok {
				return "-"
			}
			return term.Fixed(s.NR, 3) + " ± " + term.Fixed(s.SE, 3)
		})...)
	}
	noise := fmt.Sprintf("noise floor, %s: true losses known", term.Plural(r.Limits.NoiseTasks, "task"))
	if r.Limits.NoiseTasks == 0 {
		noise = "noise floor: not known, no repetitions or folds recorded"
	}
	row(noise, r.Limits.NoiseFloor)
	row("ten tasks alike by true correlation", r.Limits.TrueCorrelation)
	row("ten groups alike by true correlation", r.Limits.TrueCorrelationGroups)
	if len(r.Limits.GapClosed) == 0 {
		return []*term.Table{t}
	}
	gap := byK("share of the way from greedy to ten tasks alike", r.K)
	for _, name := range r.Order {
		closed, ok := r.Limits.GapClosed[name]
		if !ok {
			continue
		}
		gap.Row(cells(name, r.K, func(k string) string {
			share, ok := closed[k]
			if !ok {
				return "-"
			}
			return fmt.Sprintf("%.0f %%", 100*share)
		})...)
	}
	return []*term.Table{t, gap}
}

// timingTables compare foretold times with real ones.
func timingTables(r *regret.Report) []*term.Table {
	if r.Seconds == nil {
		return nil
	}
	t := term.NewTable(term.Column{Title: "times foretold (without scaling to the size of the task)"}, term.Column{Title: term.Plural(r.Seconds.Tasks, "task"), Right: true})
	row := func(title string, of func(regret.TimingNote) float64) {
		t.Row(title, term.Fixed(of(r.Seconds.Scaled), 2)+" ("+term.Fixed(of(r.Seconds.Unscaled), 2)+")")
	}
	row("median of foretold / real", func(n regret.TimingNote) float64 { return n.Ratio })
	row("median factor off", func(n regret.TimingNote) float64 { return n.OffBy })
	row("share within a factor of 2", func(n regret.TimingNote) float64 { return n.Within2 })
	row("median factor off, all runs together", func(n regret.TimingNote) float64 { return n.TotalOff })
	return []*term.Table{t}
}

// forecastTables judge forecasts, those that are the same for every task in brackets.
func forecastTables(r *regret.Report) []*term.Table {
	var tables []*term.Table
	for _, name := range r.Order {
		for _, quantity := range []string{regret.ForecastRegret, regret.ForecastMetric} {
			calibration := r.Calibration[name][quantity]
			if len(calibration) == 0 {
				continue
			}
			t := byK("forecasts of "+name+": "+quantity+" (for any task)", r.K)
			row := func(title string, decimals int, of func(regret.ForecastNote) float64) {
				t.Row(cells(title, r.K, func(k string) string {
					c, ok := calibration[k]
					if !ok {
						return "-"
					}
					return term.Fixed(of(c.Forecast), decimals) + " (" + term.Fixed(of(c.Unconditional), decimals) + ")"
				})...)
			}
			row("inside the 80 % interval", 2, func(n regret.ForecastNote) float64 { return n.Coverage })
			row("mean width", 3, func(n regret.ForecastNote) float64 { return n.Width })
			row("interval score", 3, func(n regret.ForecastNote) float64 { return n.IntervalScore })
			row("CRPS", 3, func(n regret.ForecastNote) float64 { return n.CRPS })
			row("inside the 80 % interval, groups weighted equally", 2, func(n regret.ForecastNote) float64 { return n.CoverageGroups })
			row("interval score, groups weighted equally", 3, func(n regret.ForecastNote) float64 { return n.IntervalScoreGroups })
			row("CRPS, groups weighted equally", 3, func(n regret.ForecastNote) float64 { return n.CRPSGroups })
			tables = append(tables, t)
		}
	}
	return tables
}

// byK is a table with a column per k.
func byK(title string, ks []int) *term.Table {
	columns := []term.Column{{Title: title}}
	for _, k := range ks {
		columns = append(columns, term.Column{Title: "k = " + strconv.Itoa(k), Right: true})
	}
	return term.NewTable(columns...)
}

func cells(name string, ks []int, cell func(k string) string) []string {
	row := []string{name}
	for _, k := range ks {
		row = append(row, cell(strconv.Itoa(k)))
	}
	return row
}

func sizeName(s regret.SizeClass) string {
	switch {
	case s.From == 0:
		return "fewer than " + term.Count(s.To)
	case s.To == 0:
		return term.Count(s.From) + " or more"
	}
	return term.Count(s.From) + " to " + term.Count(s.To-1)
}
