// Package regret measures how good recommendations are: it hides tasks from a strategy, asks it about them, and
// compares what it recommends with the best that is known. A strategy sees only the matrix without the fold that
// is being tested, and tunes itself inside it.
package regret

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/transfer"
)

// ErrFolds is wrapped by errors about a folds file that is broken or does not fit the knowledge base.
var ErrFolds = errors.New("invalid folds")

// Always is the fold of tasks that are always in the knowledge base and never tested; Absent that of tasks which
// take no part.
const (
	Always = -1
	Absent = -2
)

// Split says which tasks are tested together and which are siblings, row by row of a matrix. The tasks of a fold
// are tested against all others but the absent ones.
type Split struct {
	Name  string
	Fold  []int
	Group []string
}

// LeaveOneOut tests every task alone. It flatters strategies that find a task's siblings.
func LeaveOneOut(m *transfer.Matrix) Split {
	s := Split{Name: "loo", Group: transfer.Siblings(m)}
	for t := range m.Tasks {
		s.Fold = append(s.Fold, t)
	}
	return s
}

// groupedFolds is the number of folds of Grouped.
const groupedFolds = 10

// Grouped is a cross-validation in ten folds that keeps siblings together.
func Grouped(m *transfer.Matrix) Split {
	group := transfer.Siblings(m)
	return Split{Name: "grouped", Group: group, Fold: transfer.Folds(m.WithGroups(group).Tasks, groupedFolds)}
}

// ReadFolds reads a folds file: CSV with the columns name, group and fold, in any order. fold is a whole number;
// -1 means always in the knowledge base, never tested. Tasks that the file does not name are left out.
func ReadFolds(r io.Reader, m *transfer.Matrix) (Split, error) {
	reader := csv.NewReader(r)
	header, err := reader.Read()
	if err != nil {
		return Split{}, fmt.Errorf("%w: header: %w", ErrFolds, err)
	}
	var at [3]int
	for i, column := range []string{"name", "group", "fold"} {
		if at[i] = slices.IndexFunc(header, func(h string) bool { return trim(h) == column }); at[i] < 0 {
			return Split{}, fmt.Errorf("%w: no column %q (there are %s)", ErrFolds, column, strings.Join(header, ", "))
		}
	}
	s := Split{Name: "folds", Fold: make([]int, len(m.Tasks)), Group: make([]string, len(m.Tasks))}
	for t := range m.Tasks {
		s.Fold[t], s.Group[t] = Absent, m.Tasks[t].Group
	}
	if err := s.read(reader, at, m); err != nil {
		return Split{}, err
	}
	return s, s.check()
}

// read sets fold and group of the tasks that the rows name.
func (s *Split) read(reader *csv.Reader, at [3]int, m *transfer.Matrix) error {
	rows := make(map[string][]int)
	for t := range m.Tasks {
		rows[m.Tasks[t].Name] = append(rows[m.Tasks[t].Name], t)
	}
	seen := make(map[string]bool)
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrFolds, err)
		}
		line, _ := reader.FieldPos(0)
		name := trim(record[at[0]])
		fold, err := strconv.Atoi(trim(record[at[2]]))
		if err != nil || fold < Always {
			return fmt.Errorf("%w: line %d, task %q: fold %q is no whole number from -1", ErrFolds, line, name, record[at[2]])
		}
		if seen[name] {
			return fmt.Errorf("%w: line %d: task %q comes twice", ErrFolds, line, name)
		}
		seen[name] = true
		for _, t := range rows[name] {
			s.Fold[t], s.Group[t] = fold, "group "+trim(record[at[1]])
		}
	}
}

func trim(s string) string { return strings.TrimSpace(strings.TrimPrefix(s, "\ufeff")) }

// check refuses a split that tests nothing or leaves nothing to learn from.
func (s *Split) check() error {
	tested, others := 0, 0
	folds := make(map[int]bool)
	for _, f := range s.Fold {
		switch {
		case f >= 0:
			tested++
			folds[f] = true
		case f == Always:
			others++
		}
	}
	if tested == 0 {
		return fmt.Errorf("%w: no task of the knowledge base has a fold from 0", ErrFolds)
	}
	if len(folds) == 1 && others == 0 {
		return fmt.Errorf("%w: all tasks are in one fold, so that nothing is left to learn from", ErrFolds)
	}
	return nil
}

// folds returns the numbers of the folds that are tested, in order.
func (s Split) folds() []int {
	var numbers []int
	for _, f := range s.Fold {
		if f >= 0 {
			numbers = append(numbers, f)
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// parts returns the rows to test in a fold, and the rows to hide meanwhile: those and the absent ones.
func (s Split) parts(fold int) (test, hidden []int) {
	for t, f := range s.Fold {
		if f == fold {
			test = append(test, t)
		}
		if f == fold || f == Absent {
			hidden = append(hidden, t)
		}
	}
	return test, hidden
}
