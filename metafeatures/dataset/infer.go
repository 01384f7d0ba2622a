package dataset

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

const (
	// fewLevels distinct texts are always categories, however few rows there are.
	fewLevels = 12
	// longText is the mean length from which texts with several words are prose and not categories.
	longText = 40
	// idRows is how many rows it takes to call a column of distinct values an identifier.
	idRows = 10
)

// idName matches the names of row numbers and keys (R and pandas write row numbers first and without a name, which
// makes them "column 1"); timeName matches those of consecutive integers that mean something.
var (
	idName = regexp.MustCompile(`(?i:^(x|unnamed: ?0|column 1|#|no\.?|nr\.?|number|num|case|key|obs|observation|serial|index|idx|` +
		`row[ _.]?(names?|num|number|id)?|record|rec_?no|(.*[ _.\-])?([a-z]?id|[ug]uid)([ _.\-]?(no|nr|num|number))?)$)|[a-z]I[Dd]$`)
	timeName = regexp.MustCompile(`(?i)^(t|time|date|year|yr|month|week|day|hour|minute|second|quarter|period|age|trend)s?([ _.\-].*)?$|` +
		`[ _.\-](year|month|week|day|hour|time|age)s?$`)
)

// judge finds the kind of a column and, for one that is left out, the reason.
func (c *column) judge(rows []int64, whole bool) (Kind, string) {
	if c.declared.known && c.declared.kind == Identifier {
		return Identifier, "R's names of the rows"
	}
	switch c.state {
	case numbers:
		return c.judgeNumbers(rows, whole)
	case levels:
		return c.judgeLevels()
	case dates:
		return Date, ""
	}
	if c.unique {
		return Identifier, "a different text in every row"
	}
	return Text, "more different texts than can be categories" + c.culprit()
}

func (c *column) judgeNumbers(rows []int64, whole bool) (Kind, string) {
	low, high, count, integers, rising := math.Inf(1), math.Inf(-1), 0, true, true
	for _, v := range c.values {
		if v != v || math.IsInf(v, 0) {
			continue
		}
		if v <= high {
			rising = false
		}
		low, high = min(low, v), max(high, v)
		integers = integers && v == math.Trunc(v)
		count++
	}
	switch {
	case count == 0:
		return Missing, "no values"
	case low == high && count == len(c.values):
		return Constant, "always " + formatNumber(low)
	case c.declared.date != nil:
		return Date, ""
	}
	if !integers || count < len(c.values) || count < idRows {
		return Numeric, ""
	}
	named := idName.MatchString(c.name)
	serial := whole && (low == 0 || low == 1) && high-low == float64(count-1) || !whole && rising && c.followsRows(rows)
	if !named && (!serial || timeName.MatchString(c.name)) || !rising && !distinct(c.values) {
		return Numeric, ""
	}
	if serial && !whole {
		return Identifier, "counts the rows of the file"
	}
	if serial {
		return Identifier, fmt.Sprintf("numbers the rows from %s to %s", formatNumber(low), formatNumber(high))
	}
	return Identifier, "a different integer in every row"
}

// followsRows tells whether the values count the rows of the file.
func (c *column) followsRows(rows []int64) bool {
	for i, v := range c.values {
		if v-float64(rows[i]) != c.values[0]-float64(rows[0]) {
			return false
		}
	}
	return true
}

func distinct(values []float64) bool {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return false
		}
	}
	return true
}

func (c *column) judgeLevels() (Kind, string) {
	count, length, words := 0, 0, 0 // of the cells; words beyond the first
	for _, v := range c.values {
		if !isMissing(v) {
			count++
			length += len(c.names[int(v)])
			words += strings.Count(c.names[int(v)], " ")
		}
	}
	d := len(c.names)
	switch {
	case count == 0:
		return Missing, "no values"
	case d == 1 && count == len(c.values):
		return Constant, "always " + quoted(c.names[0])
	case d == 2 && booleans(c.names[0], c.names[1]):
		return Boolean, ""
	case c.declared.members != nil:
		return Categorical, ""
	case c.dateLayout() != nil:
		return Date, ""
	case d > fewLevels && d > count/2 && 2*len(c.numbered) > d:
		return Text, "mostly numbers, all different" + c.culprit()
	case d == count && count >= idRows && !c.severalWords() && length <= longText*count:
		return Identifier, "a different text in every row"
	case d <= fewLevels && (d < count || count < idRows):
		return Categorical, ""
	case d > count/2 || length > longText*count && words > 3*count:
		return Text, fmt.Sprintf("%s different texts in %s", grouped(d), plural(count, "row"))
	}
	return Categorical, ""
}

// culprit points at the text that keeps a column from being one of numbers.
func (c *column) culprit() string {
	if !c.mixed || c.firstTextRow == 0 {
		return ""
	}
	return fmt.Sprintf("; row %s has %s among numbers (if that means missing, name it by --missing)", grouped(c.firstTextRow), quoted(c.firstText))
}

// booleans tells whether two texts are the two truth values.
func booleans(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	for _, pair := range [...][2]string{{"true", "false"}, {"yes", "no"}, {"t", "f"}, {"y", "n"}} {
		if a == pair[0] && b == pair[1] || a == pair[1] && b == pair[0] {
			return true
		}
	}
	return false
}

// compact renumbers the levels in the order of their first appearance among the kept rows and drops the others.
func (c *column) compact() {
	renumber := make([]int, len(c.names))
	var names []string
	for i, v := range c.values {
		if isMissing(v) {
			continue
		}
		old := int(v)
		if renumber[old] == 0 {
			names = append(names, c.names[old])
			renumber[old] = len(names)
		}
		c.values[i] = float64(renumber[old] - 1)
	}
	c.names = names
}

// categories turns numbers into levels, as the user or the target asks.
func (c *column) categories() {
	if c.state == numbers {
		c.toLevels(nil, 0)
		c.compact()
	}
}

// result is the finished column. Infinite numbers, which no learner takes, are missing; their count is returned.
func (c *column) result(kind Kind) (out Column, infinite int) {
	out = Column{Name: c.name, Kind: kind, Values: c.values}
	var seconds []float64
	if kind == Date && c.state == levels {
		seconds = c.levelSeconds(c.dateLayout())
	}
	for i, v := range c.values {
		if v == v && seconds != nil {
			v = seconds[int(v)]
		}
		if math.IsInf(v, 0) {
			infinite++
			v = math.NaN()
		}
		if v != v {
			out.MissingCount++
		}
		c.values[i] = plain(v)
	}
	if kind == Categorical || kind == Boolean {
		out.Levels = c.names
	}
	if kind == Date {
		out.DateOrder = c.layout.order()
	}
	return out, infinite
}
