package dataset

import (
	"fmt"
	"math"
	"strings"
)

const (
	// maxLevels is the most distinct texts of a column that are told apart.
	maxLevels = 1 << 16
	// levelMemory bounds the bytes of distinct texts of all columns together.
	levelMemory = 48 << 20
	// levelOverhead is what a distinct text costs beside its bytes.
	levelOverhead = 64
)

// columnState is how far the values of a column have come while rows are read.
type columnState uint8

const (
	numbers columnState = iota // only numbers and missing values so far
	levels                     // codes of distinct texts
	dates                      // seconds since 1970: too many distinct texts, but all of them dates
	dropped                    // too many distinct texts; values are no longer kept
)

// column collects the kept cells of one column.
type column struct {
	name     string
	field    int // position in the file, from 0
	declared declaration
	state    columnState
	values   []float64      // of the kept rows, with room for more while rows are read
	kept     int            // how many of values are in use
	names    []string       // state levels: the distinct texts by code
	codes    map[string]int // their codes
	numbered map[float64]int
	bytes    int         // memory of names
	layout   *dateLayout // of levels or dates, once searched for
	searched bool
	unique   bool // state dropped: all texts had been distinct

	firstText    string // the first cell that is neither number nor missing
	firstTextRow int64
	mixed        bool // there were numbers before it
}

// declaration is what a file says a column is.
type declaration struct {
	known   bool
	kind    Kind
	date    *dateLayout // of Date; the reader turns dates into seconds
	allowed []string    // levels of Categorical
	members map[string]bool
}

// soft gives the mark bits for "-" and ".", which are missing among numbers and text among texts.
func soft(text []byte) (uint64, bool) {
	if len(text) == 1 && text[0] == '-' {
		return dashBits, true
	}
	if len(text) == 1 && text[0] == '.' {
		return dotBits, true
	}
	return 0, false
}

// ends tells whether a cell makes a column of numbers one of levels.
func (c *column) ends(v float64, text []byte) bool {
	if c.state != numbers || math.Float64bits(v) != textBits {
		return false
	}
	_, ok := soft(text)
	return !ok
}

// known gives what is kept of a cell, if that does not change the column's state nor add a level.
func (c *column) known(v float64, text []byte) (float64, bool) {
	isText := math.Float64bits(v) == textBits
	switch {
	case isMissing(v) || c.state == dropped:
		return missingCell, true
	case c.state == numbers && isText:
		bits, ok := soft(text)
		return math.Float64frombits(bits), ok
	case c.state == levels && isText:
		code, ok := c.codes[string(text)]
		return float64(code), ok
	case c.state == levels:
		code, ok := c.numbered[v]
		return float64(code), ok
	case c.state == dates && isText:
		return c.layout.parse(string(text))
	}
	return v, c.state == numbers
}

// set keeps a cell in a slot: one of the kept rows, or the one after them.
func (c *column) set(slot int, v float64, text []byte, row int64) {
	switch c.state {
	case numbers:
		if math.Float64bits(v) == textBits {
			bits, ok := soft(text)
			if !ok {
				c.toLevels(text, row)
				c.set(slot, v, text, row)
				return
			}
			v = math.Float64frombits(bits)
		}
	case levels:
		v = c.code(v, text)
	case dates:
		v = c.seconds(v, text)
	}
	if c.state == dropped {
		return
	}
	c.values[slot] = v
	c.kept = max(c.kept, slot+1)
}

// reserve makes room for a slot, never for more than rows.
func (c *column) reserve(slot, rows int) {
	if slot < len(c.values) || c.state == dropped {
		return
	}
	grown := make([]float64, min(max(2*slot, 512), rows))
	copy(grown, c.values)
	c.values = grown
}

// toLevels turns numbers into levels, at the first text. Numbers take the shortest form that reads back the same.
func (c *column) toLevels(text []byte, row int64) {
	if c.firstTextRow == 0 {
		c.firstText, c.firstTextRow = string(text[:min(len(text), 200)]), row
		c.mixed = c.kept > 0
	}
	c.state = levels
	c.codes = map[string]int{}
	c.numbered = map[float64]int{}
	for i, v := range c.values[:c.kept] {
		switch math.Float64bits(v) {
		case dashBits:
			c.values[i] = c.code(textCell, []byte("-"))
		case dotBits:
			c.values[i] = c.code(textCell, []byte("."))
		default:
			c.values[i] = c.code(v, nil)
		}
		if len(c.names) > maxLevels {
			c.giveUp() // numbers among them: no dates
			return
		}
	}
}

// code gives the code of a cell among the levels, adding it if it is new.
func (c *column) code(v float64, text []byte) float64 {
	if isMissing(v) {
		return missingCell
	}
	if math.Float64bits(v) != textBits {
		if code, ok := c.numbered[v]; ok {
			return float64(code)
		}
		code := c.addLevel(formatNumber(v))
		if c.numbered != nil {
			c.numbered[v] = code
		}
		return float64(code)
	}
	if code, ok := c.codes[string(text)]; ok {
		return float64(code)
	}
	return float64(c.addLevel(string(text)))
}

func (c *column) addLevel(name string) int {
	if code, ok := c.codes[name]; ok {
		return code
	}
	code := len(c.names)
	c.names = append(c.names, name)
	c.codes[name] = code
	c.bytes += len(name) + levelOverhead
	return code
}

// overflow ends the distinction of texts: the column holds dates, or its values are given up.
func (c *column) overflow() {
	layout := c.dateLayout()
	if layout == nil {
		c.unique = c.distinctValues() && !c.severalWords()
		c.giveUp()
		return
	}
	seconds := c.levelSeconds(layout)
	for i, v := range c.values[:c.kept] {
		if !isMissing(v) {
			c.values[i] = seconds[int(v)]
		}
	}
	c.state = dates
	c.forgetLevels()
}

// giveUp stops keeping values.
func (c *column) giveUp() {
	c.state, c.values, c.kept = dropped, nil, 0
	c.forgetLevels()
}

func (c *column) forgetLevels() {
	c.names, c.codes, c.numbered, c.bytes = nil, nil, nil, 0
}

// distinctValues tells whether no level occurs twice among the values.
func (c *column) distinctValues() bool {
	seen := make([]bool, len(c.names))
	for _, v := range c.values[:c.kept] {
		if isMissing(v) {
			continue
		}
		if seen[int(v)] {
			return false
		}
		seen[int(v)] = true
	}
	return true
}

// severalWords tells whether most levels are more than one word.
func (c *column) severalWords() bool {
	n := 0
	for _, name := range c.names {
		if strings.Contains(name, " ") {
			n++
		}
	}
	return 2*n > len(c.names)
}

// seconds reads a date; a column with a text that is none is given up.
func (c *column) seconds(v float64, text []byte) float64 {
	if isMissing(v) {
		return missingCell
	}
	if math.Float64bits(v) == textBits {
		if s, ok := c.layout.parse(string(text)); ok {
			return s
		}
	}
	c.giveUp()
	return missingCell
}

// dateLayout is the layout, if any, in which every level is a date.
func (c *column) dateLayout() *dateLayout {
	if !c.searched {
		c.layout, c.searched = findLayout(c.names), true
	}
	return c.layout
}

func (c *column) levelSeconds(layout *dateLayout) []float64 {
	out := make([]float64, len(c.names))
	for i, n := range c.names {
		out[i], _ = layout.parse(n)
	}
	return out
}

// conforms checks a cell against what the file declares its column to be.
func (c *column) conforms(v float64, text []byte) error {
	isText := math.Float64bits(v) == textBits
	switch {
	case isMissing(v):
		return nil
	case c.declared.members != nil:
		level := string(text)
		if !isText {
			level = formatNumber(v)
		}
		if !c.declared.members[level] {
			return &cellError{column: c.field, message: fmt.Sprintf("%s is not among the declared values%s",
				quoted(level), didYouMean(level, c.declared.allowed)), advice: "add it to the attribute's declaration"}
		}
	case c.declared.kind == Numeric && isText:
		return &cellError{column: c.field, message: quoted(string(text)) + " is not a number, as declared"}
	}
	return nil
}
