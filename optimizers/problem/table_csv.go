package problem

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
)

// resultColumn is the name of a column of results: METRIC_e81 after 81 epochs, METRIC_r500 on 500 rows.
var resultColumn = regexp.MustCompile(`^(.+)_([er])([1-9][0-9]{0,8})$`)

// resultFidelities names the fidelities by their letters.
var resultFidelities = map[string]string{"e": "epochs", "r": "rows"}

// csvTable is a CSV table as its columns.
type csvTable struct {
	header []string
	rows   [][]string
	// parameters are the columns of parameters, results those of one metric with the fidelity of each, ascending.
	parameters []int
	results    []resultAt
	fidelity   string
}

// resultAt is a column of results at a fidelity.
type resultAt struct {
	column int
	at     float64
}

// readCSV reads a table in CSV: a row per configuration, the parameters in the columns before the first column of
// results (one named id is no parameter), and columns of results named METRIC_eEPOCHS or METRIC_rROWS. A parameter
// of numbers becomes an integer that counts its values in ascending order from 0; others are categorical.
func readCSV(r io.Reader, opt TableOptions) (Problem, error) {
	if opt.Space.Len() > 0 {
		return Problem{}, errors.New("a CSV table says itself which values its parameters have: leave the space out")
	}
	t, err := readColumns(r, opt.Metric)
	if err != nil {
		return Problem{}, err
	}
	s, codes, err := t.space()
	if err != nil {
		return Problem{}, err
	}
	g, err := newGrid(s)
	if err != nil {
		return Problem{}, err
	}
	levels, err := t.levels(g, codes, opt.Maximize)
	if err != nil {
		return Problem{}, err
	}
	return tabular(s, g, t.fidelity, levels), nil
}

// readColumns reads the file and tells its columns apart.
func readColumns(r io.Reader, metric string) (*csvTable, error) {
	all, err := csv.NewReader(r).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(all) < 2 {
		return nil, errors.New("it has no rows")
	}
	t := &csvTable{header: all[0], rows: all[1:]}
	var metrics []string
	for i, name := range t.header {
		m := resultColumn.FindStringSubmatch(name)
		if m == nil {
			if len(metrics) == 0 && name != "id" {
				t.parameters = append(t.parameters, i)
			}
			continue
		}
		if !slices.Contains(metrics, m[1]) {
			metrics = append(metrics, m[1])
		}
		if metric == "" {
			metric = m[1]
		}
		if m[1] == metric {
			if err := t.addResult(i, m[2], m[3]); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case len(metrics) == 0:
		return nil, errors.New("no column is named METRIC_eEPOCHS or METRIC_rROWS, as results are")
	case len(t.results) == 0:
		return nil, fmt.Errorf("there is no metric %q; there are %s%s", metric, strings.Join(metrics, ", "), spelling.Hint(metric, metrics))
	case len(t.parameters) == 0:
		return nil, errors.New("no parameters stand before the results")
	}
	slices.SortFunc(t.results, func(a, b resultAt) int { return int(a.at - b.at) })
	return t, nil
}

// addResult adds column i, which holds results at a fidelity.
func (t *csvTable) addResult(i int, letter, at string) error {
	name := resultFidelities[letter]
	if t.fidelity != "" && t.fidelity != name {
		return fmt.Errorf("column %q: a table has one fidelity, here both %s and %s", t.header[i], t.fidelity, name)
	}
	t.fidelity = name
	x, err := strconv.ParseFloat(at, 64)
	if err != nil {
		return fmt.Errorf("column %q: %w", t.header[i], err)
	}
	if slices.ContainsFunc(t.results, func(r resultAt) bool { return r.at == x }) {
		return fmt.Errorf("column %q is there twice", t.header[i])
	}
	t.results = append(t.results, resultAt{i, x})
	return nil
}

// space makes the space of the parameters, and for each a map from its texts to the index of the value.
func (t *csvTable) space() (space.Space, map[string]map[string]int, error) {
	codes := map[string]map[string]int{}
	var params []space.Hyperparameter
	for _, column := range t.parameters {
		name := t.header[column]
		if codes[name] != nil {
			return space.Space{}, nil, fmt.Errorf("column %q is there twice", name)
		}
		var texts []string
		for _, row := range t.rows {
			texts = append(texts, row[column])
		}
		slices.Sort(texts)
		texts = slices.Compact(texts)
		h := space.Hyperparameter{Name: name, Type: space.TypeCategorical, Choices: words(texts...)}
		switch numbers := ascending(texts); {
		case len(texts) == 1:
			h.Type = space.TypeConstant
		case numbers != nil:
			texts = numbers
			h = space.Hyperparameter{Name: name, Type: space.TypeInt, High: float64(len(texts) - 1)}
		}
		codes[name] = map[string]int{}
		for i, text := range texts {
			codes[name][text] = i
		}
		params = append(params, h)
	}
	s, err := space.New(params)
	return s, codes, err
}

// ascending sorts texts by the numbers they are; nil if one is none, or two are the same.
func ascending(texts []string) []string {
	numbers := make(map[string]float64, len(texts))
	for _, text := range texts {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) {
			return nil
		}
		numbers[text] = x
	}
	sorted := slices.Clone(texts)
	slices.SortStableFunc(sorted, func(a, b string) int {
		switch {
		case numbers[a] < numbers[b]:
			return -1
		case numbers[a] > numbers[b]:
			return 1
		}
		return 0
	})
	for i := 1; i < len(sorted); i++ {
		if numbers[sorted[i]] == numbers[sorted[i-1]] {
			return nil
		}
	}
	return sorted
}

// levels reads the results into the cells of the grid.
func (t *csvTable) levels(g grid, codes map[string]map[string]int, maximize bool) ([]level, error) {
	if g.size() != len(t.rows) {
		return nil, fmt.Errorf("%d rows, where all combinations of the values are %d", len(t.rows), g.size())
	}
	column := map[string]int{}
	for _, i := range t.parameters {
		column[t.header[i]] = i
	}
	levels := make([]level, len(t.results))
	for i, r := range t.results {
		levels[i] = level{at: r.at, losses: make([]float64, len(t.rows))}
	}
	seen := make([]int, len(t.rows))
	for number, row := range t.rows {
		cell := 0
		for _, a := range g {
			name := a.parameter.Name
			cell = cell*len(a.values) + codes[name][row[column[name]]]
		}
		if seen[cell] > 0 {
			return nil, fmt.Errorf("row %d has the configuration of row %d", number+2, seen[cell])
		}
		seen[cell] = number + 2 // rows are counted from 1, the header's
		for i, r := range t.results {
			x, err := strconv.ParseFloat(row[r.column], 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("row %d, column %q: %q is no number", number+2, t.header[r.column], row[r.column])
			}
			if maximize {
				x = 1 - x
			}
			levels[i].losses[cell] = x
		}
	}
	return levels, nil
}
