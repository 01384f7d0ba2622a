package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/transfer"
)

// explanation is what a suggestion rests on, in figures.
type explanation struct {
	gains []float64  // by rank: by how much the configuration lowers the expected regret
	alike [][]string // by neighbour: the meta-features that set it apart from other tasks as being near
}

// medianRegret is the regret of a median configuration, over which the first one gains.
const medianRegret = 1.

// explained works out a suggestion's explanation.
func explained(s *suggestion) explanation {
	var x explanation
	before := medianRegret
	for _, r := range s.advice.Recommendations {
		x.gains = append(x.gains, before-r.ExpectedRegret)
		before = r.ExpectedRegret
	}
	near := newLikeness(s)
	for _, n := range s.advice.Neighbors {
		row := slices.IndexFunc(s.matrix.Tasks, func(t transfer.Task) bool { return t.ID == n.Task })
		x.alike = append(x.alike, near.of(row))
	}
	return x
}

// likeness tells in which meta-features a prior task is nearer to the new one than prior tasks usually are. Values
// are compared by rank, so that meta-features of any scale and shape can be set side by side.
type likeness struct {
	names []string
	gap   [][]float64 // by task and meta-feature: difference in rank to the new task, in [0, 1]; NaN if undefined
	usual []float64   // by meta-feature: the mean gap over tasks
}

func newLikeness(s *suggestion) *likeness {
	rows := s.matrix.Features()
	own := s.matrix.Vector(s.features)
	l := &likeness{names: s.matrix.FeatureNames, gap: make([][]float64, len(rows)), usual: make([]float64, len(own))}
	for t := range rows {
		l.gap[t] = make([]float64, len(own))
	}
	for f := range own {
		var sorted []float64
		for _, row := range rows {
			if !math.IsNaN(row[f]) {
				sorted = append(sorted, row[f])
			}
		}
		slices.Sort(sorted)
		sum := 0.0
		for t, row := range rows {
			l.gap[t][f] = math.Abs(rankIn(sorted, own[f]) - rankIn(sorted, row[f]))
			if !math.IsNaN(l.gap[t][f]) {
				sum += l.gap[t][f]
			}
		}
		l.usual[f] = sum / float64(max(1, len(sorted)))
	}
	return l
}

// rankIn is the share of sorted values below v, half of the equal ones counted; NaN for NaN.
func rankIn(sorted []float64, v float64) float64 {
	if math.IsNaN(v) {
		return v
	}
	below, _ := slices.BinarySearch(sorted, v)
	upTo, _ := slices.BinarySearch(sorted, math.Nextafter(v, math.Inf(1)))
	return float64(below+upTo) / float64(2*max(1, len(sorted)))
}

// namedFeatures is how many meta-features are named per task; leastLikeness is how much nearer than usual, in rank,
// the task must be in each.
const (
	namedFeatures = 3
	leastLikeness = .1
)

// of names the meta-features in which the prior task in that row is alike, the most telling first.
func (l *likeness) of(row int) []string {
	var order []int
	for f := range l.names {
		if l.usual[f]-l.gap[row][f] >= leastLikeness { // false for NaN
			order = append(order, f)
		}
	}
	slices.SortStableFunc(order, func(f, g int) int {
		return cmp.Compare(l.usual[g]-l.gap[row][g], l.usual[f]-l.gap[row][f])
	})
	var names []string
	for _, f := range order[:min(namedFeatures, len(order))] {
		names = append(names, l.names[f])
	}
	return names
}

// writeExplanation writes the explanation below the table of recommendations.
func (e *environment) writeExplanation(s *suggestion) error {
	x, width := explained(s), e.width(e.stdout)
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n%s\n", prose(howFar(s), width), prose("what each configuration adds, the first to a median one", width))
	if err := gainTable(s, x).Write(&b, width); err != nil {
		return err
	}
	weighing := fmt.Sprintf("the tasks that weigh most, and the regret of each configuration on them (0 the best known there, 1 the median, - not run);\n"+
		"all weights together are worth %s, unrelated and of equal weight", term.Plural(int(math.Round(s.advice.Evidence)), "task"))
	fmt.Fprintf(&b, "\n%s\n", prose(weighing, width))
	if err := neighborTable(s, x).Write(&b, width); err != nil {
		return err
	}
	_, err := fmt.Fprint(e.stdout, b.String())
	return err
}

// howFar says how far the data are from everything known.
func howFar(s *suggestion) string {
	a := s.advice
	if a.Distance == nil {
		return "how far: the knowledge base has no meta-features that these data could be compared by."
	}
	decimals := term.Decimals(a.Usual[1] - a.Usual[0])
	verdict := "so the knowledge base speaks about data like these."
	if !a.InDistribution {
		verdict = "so the knowledge base knows nothing similar: these are all-round choices."
	}
	return fmt.Sprintf("how far: %s from %s, the nearest of %s, in interquartile ranges of meta-features; known\ntasks lie %s to %s from theirs, %s",
		term.Fixed(*a.Distance, decimals), short(a.Nearest), term.Plural(a.Tasks, "task"), term.Fixed(a.Usual[0], decimals), term.Fixed(a.Usual[1], decimals), verdict)
}

func gainTable(s *suggestion, x explanation) *term.Table {
	t := term.NewTable(term.Column{Title: "#", Right: true}, term.Column{Title: "learner"}, term.Column{Title: "regret alone", Right: true},
		term.Column{Title: "regret so far", Right: true}, term.Column{Title: "gain", Right: true}, term.Column{Title: "time", Right: true})
	for i, r := range s.advice.Recommendations {
		t.Row(strconv.Itoa(r.Rank), cmp.Or(r.Learner, "-"), term.Fixed(r.Alone, 2), term.Fixed(r.ExpectedRegret, 2),
			term.Fixed(x.gains[i], 2), seconds(r.Seconds))
	}
	return t
}

func neighborTable(s *suggestion, x explanation) *term.Table {
	columns := []term.Column{{Title: "task", Cut: true}, {Title: "distance", Right: true}, {Title: "weight", Right: true}}
	for _, r := range s.advice.Recommendations {
		columns = append(columns, term.Column{Title: "#" + strconv.Itoa(r.Rank), Right: true})
	}
	t := term.NewTable(append(columns, term.Column{Title: "alike in", Cut: true})...)
	for i, n := range s.advice.Neighbors {
		distance := "-"
		if n.Distance != nil {
			distance = term.Fixed(*n.Distance, 2)
		}
		cells := []string{n.Name, distance, term.Percent(n.Weight)}
		for _, regret := range n.Regrets {
			text := "-"
			if regret != nil {
				text = term.Fixed(*regret, 2)
			}
			cells = append(cells, text)
		}
		t.Row(append(cells, strings.Join(x.alike[i], ", "))...)
	}
	return t
}

// seconds writes a time of which only the size matters; "-" where it is not known.
func seconds(s *float64) string {
	switch {
	case s == nil:
		return "-"
	case *s < .005:
		return "<0.01 s"
	}
	return term.Short(math.Round(*s*100)/100) + " s"
}
