package dataset

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

// The defaults of SplitOptions.
const (
	DefaultFolds        = 3
	DefaultRepeats      = 1
	DefaultTestFraction = 0.25
)

// maxFolds is what the numbers of folds in Split.Assignments can hold.
const maxFolds = math.MaxInt8

// SplitOptions say how rows are divided. The zero value is 3 folds, once, on three quarters of the rows.
type SplitOptions struct {
	Folds        int     // of cross-validation, 2 to 127; default DefaultFolds
	Repeats      int     // of cross-validation with new folds; default DefaultRepeats
	TestFraction float64 // of the rows that no fold sees, below 0.9; default DefaultTestFraction, negative: none
	Seed         uint64
}

// Split divides the rows of a dataset into an outer test set, the same for all repeats, and, per repeat, folds of
// cross-validation over the other rows.
type Split struct {
	Assignments [][]int8 // per repeat and row: -1 for the test set, else the fold in which the row is validation
	Folds       int
	Hash        string   // SHA-256 of Folds and Assignments: runs on the same split of the same data are comparable
	Notes       []string // what a user should know, one sentence each
}

// NewSplit divides the rows at random; for classification every class is divided in proportion. A class with fewer
// rows outside the test set than folds stays, is spread over the folds as chance has it, and is named in the notes.
// Options out of range, or too few rows for them, are an ErrOption.
func NewSplit(d *Dataset, opt SplitOptions) (Split, error) {
	opt, err := opt.check()
	if err != nil {
		return Split{}, err
	}
	order := d.spread(rand.New(rand.NewPCG(opt.Seed, 0x74657374)), 0.5)
	tests := int(math.Round(opt.TestFraction * float64(d.Rows)))
	rest := d.Rows - tests
	if rest < opt.Folds {
		return Split{}, fmt.Errorf("%w: the test set leaves %d of %s, too few for %d folds", ErrOption, rest, plural(d.Rows, "row"), opt.Folds)
	}
	train := slices.Clone(order[tests:])
	slices.Sort(train)
	s := Split{Folds: opt.Folds}
	groups, rare := d.strata(train, opt.Folds)
	if rare != "" {
		s.Notes = append(s.Notes, rare)
	}
	for repeat := range opt.Repeats {
		a := make([]int8, d.Rows)
		for _, row := range order[:tests] {
			a[row] = -1
		}
		deal(groups, opt.Folds, rand.New(rand.NewPCG(opt.Seed, 0x666f6c64<<32|uint64(repeat))), a)
		s.Assignments = append(s.Assignments, a)
	}
	s.Hash = s.hash()
	return s, nil
}

func (o SplitOptions) check() (SplitOptions, error) {
	if o.Folds == 0 {
		o.Folds = DefaultFolds
	}
	if o.Repeats == 0 {
		o.Repeats = DefaultRepeats
	}
	if o.TestFraction == 0 {
		o.TestFraction = DefaultTestFraction
	}
	o.TestFraction = max(0, o.TestFraction)
	switch {
	case o.Folds < 2 || o.Folds > maxFolds:
		return o, fmt.Errorf("%w: %d folds; there can be 2 to %d", ErrOption, o.Folds, maxFolds)
	case o.Repeats < 1:
		return o, fmt.Errorf("%w: %d repeats; there must be at least 1", ErrOption, o.Repeats)
	case !(o.TestFraction < 0.9):
		return o, fmt.Errorf("%w: a test fraction of %v; it must be below 0.9", ErrOption, o.TestFraction)
	}
	return o, nil
}

// strata groups rows by class; classes with fewer rows than folds share the last group and are named in a note.
func (d *Dataset) strata(rows []int, folds int) (groups [][]int, note string) {
	if d.Task != Classification {
		return [][]int{rows}, ""
	}
	byClass := make([][]int, len(d.Target.Levels))
	for _, row := range rows {
		class := int(d.Target.Values[row])
		byClass[class] = append(byClass[class], row)
	}
	var rest []int
	var names []string
	for class, members := range byClass {
		if len(members) >= folds {
			groups = append(groups, members)
			continue
		}
		rest = append(rest, members...)
		names = append(names, fmt.Sprintf("%s (%s)", quoted(d.Target.Levels[class]), grouped(len(members))))
	}
	if len(names) == 0 {
		return groups, ""
	}
	const shown = 5
	list := strings.Join(names[:min(shown, len(names))], ", ")
	if len(names) > shown {
		list += fmt.Sprintf(" and %s more", grouped(len(names)-shown))
	}
	note = fmt.Sprintf("%s with fewer rows outside the test set than the %d folds, not stratified: %s", classes(len(names)), folds, list)
	return append(groups, rest), note
}

func classes(n int) string {
	if n == 1 {
		return "1 class"
	}
	return grouped(n) + " classes"
}

// deal gives the shuffled rows of each group to the folds in turn, going on where the group before ended, so that
// folds differ by at most one row, in all and in each group.
func deal(groups [][]int, folds int, rng *rand.Rand, into []int8) {
	next := 0
	for _, g := range groups {
		for _, i := range rng.Perm(len(g)) {
			into[g[i]] = int8(next)
			next = (next + 1) % folds
		}
	}
}

func (s *Split) hash() string {
	h := sha256.New()
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(s.Folds)))
	for _, a := range s.Assignments {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(a))))
		b := make([]byte, len(a))
		for i, v := range a {
			b[i] = byte(v)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
