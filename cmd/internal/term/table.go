// Package term writes for people: aligned tables, numbers with the digits that mean something, times in words, and
// progress that stays silent where nobody watches. It needs no colour and no cursor movement except for the bar.
package term

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// gap separates columns.
const gap = "  "

// The least width that a column is cut down to, and that one is wrapped to.
const (
	narrowest        = 8
	narrowestWrapped = 24
)

// Column is a column of a Table.
type Column struct {
	Title string
	Right bool // aligned to the right, as numbers are
	Cut   bool // may lose its end where the table is wider than the screen
	Wrap  bool // goes on below itself there; of the last column only
}

// Table collects rows and writes them aligned.
type Table struct {
	columns []Column
	rows    []row
}

// row is a line of cells, or, when cells is nil, a note.
type row struct {
	cells []string
	note  string
}

// NewTable returns an empty table. Columns without any title get no heading line.
func NewTable(columns ...Column) *Table { return &Table{columns: columns} }

// Row adds a line of one cell per column; missing cells are empty.
func (t *Table) Row(cells ...string) {
	clean := make([]string, len(t.columns))
	for i := range clean {
		if i < len(cells) {
			clean[i] = Clean(cells[i])
		}
	}
	t.rows = append(t.rows, row{cells: clean})
}

// Note adds a line of free text below the last row, indented to the second column and wrapped at the screen's width.
func (t *Table) Note(text string) { t.rows = append(t.rows, row{note: Clean(text)}) }

// Write writes the table for a screen of that many columns; 0 is no limit.
func (t *Table) Write(w io.Writer, width int) error {
	widths := t.fit(width)
	var b strings.Builder
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.Title
	}
	if strings.Join(titles, "") != "" {
		t.line(&b, titles, widths)
	}
	indent := 0
	if len(widths) > 0 {
		indent = widths[0] + len(gap)
	}
	for _, r := range t.rows {
		if r.cells != nil {
			for _, cells := range t.wrapped(r.cells, widths) {
				t.line(&b, cells, widths)
			}
			continue
		}
		for _, l := range Wrap(r.note, width-indent) {
			b.WriteString(strings.Repeat(" ", indent) + l + "\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// fit returns each column's width, with the cuttable ones narrowed, the widest first, until the table fits.
func (t *Table) fit(width int) []int {
	widths := make([]int, len(t.columns))
	total := -len(gap)
	for i, c := range t.columns {
		widths[i] = runewidth.StringWidth(c.Title)
		for _, r := range t.rows {
			if r.cells != nil {
				widths[i] = max(widths[i], runewidth.StringWidth(r.cells[i]))
			}
		}
		total += widths[i] + len(gap)
	}
	for ; width > 0 && total > width; total-- {
		widest := -1
		for i, c := range t.columns {
			if (c.Cut && widths[i] > narrowest || c.Wrap && widths[i] > narrowestWrapped) && (widest < 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// wrapped returns the lines of a row: one, or several where the last column is wrapped and too narrow for its cell.
func (t *Table) wrapped(cells []string, widths []int) [][]string {
	last := len(cells) - 1
	if last < 0 || !t.columns[last].Wrap {
		return [][]string{cells}
	}
	var lines [][]string
	for _, part := range Wrap(cells[last], widths[last]) {
		line := make([]string, len(cells))
		if len(lines) == 0 {
			copy(line, cells)
		}
		line[last] = part
		lines = append(lines, line)
	}
	return lines
}

func (t *Table) line(b *strings.Builder, cells []string, widths []int) {
	var l strings.Builder
	for i, c := range t.columns {
		if i > 0 {
			l.WriteString(gap)
		}
		cell := cells[i]
		if !c.Wrap { // a word that is too long to be wrapped stays whole
			cell = runewidth.Truncate(cell, widths[i], "…")
		}
		pad := strings.Repeat(" ", max(0, widths[i]-runewidth.StringWidth(cell)))
		if c.Right {
			l.WriteString(pad + cell)
		} else {
			l.WriteString(cell + pad)
		}
	}
	b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
}

// Wrap breaks text at spaces into lines of at most width columns; a longer word stays whole. Runs of two spaces,
// which keep pairs of words apart, are kept within a line. A width below 20 is no limit.
func Wrap(text string, width int) []string {
	if width < 20 || runewidth.StringWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for len(text) > 0 {
		spaces := len(text) - len(strings.TrimLeft(text, " "))
		word, _, _ := strings.Cut(text[spaces:], " ")
		piece := text[:spaces+len(word)]
		text = text[len(piece):]
		if line != "" && runewidth.StringWidth(line+piece) > width {
			lines = append(lines, line)
			piece = word
			line = ""
		}
		line += piece
	}
	return append(lines, line)
}

// Clean shows control characters, which could rewrite the screen, by their codes.
func Clean(text string) string {
	if !strings.ContainsFunc(text, unicode.IsControl) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if unicode.IsControl(r) {
			fmt.Fprintf(&b, "\\x%02x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
