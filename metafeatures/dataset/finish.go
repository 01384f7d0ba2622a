package dataset

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// finish turns the table into a dataset.
func (r *reader) finish() (*Dataset, error) {
	t := &r.table
	if t.rows == 0 {
		return nil, r.fail(ErrData, "has no rows of data below its header", "")
	}
	t.sort()
	d := &Dataset{Name: r.opt.Name, Fingerprint: t.sum.hex(), Notes: r.head.notes, DecimalComma: r.head.comma}
	if d.Name == "" {
		d.Name = nameOf(r.path)
	}
	if r.skipped > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("%s with too many or too few fields left out, the first of them row %s",
			plural(r.skipped, "row"), grouped(r.firstBad)))
	}
	if err := r.finishTarget(d); err != nil {
		return nil, err
	}
	d.Rows = t.kept
	if d.TotalRows > d.Rows {
		d.Notes = append(d.Notes, fmt.Sprintf("a random sample of %s of %s rows is used (seed %d), to keep memory bounded",
			grouped(d.Rows), grouped(d.TotalRows), r.opt.Seed))
	}
	for k := range t.columns {
		if k == t.target {
			continue
		}
		if err := r.finishFeature(d, &t.columns[k]); err != nil {
			return nil, err
		}
	}
	if len(d.Features) == 0 {
		return nil, r.noFeatures(d)
	}
	return d, nil
}

func (r *reader) noFeatures(d *Dataset) error {
	var why []string
	for _, x := range d.Dropped[:min(3, len(d.Dropped))] {
		why = append(why, fmt.Sprintf("%s (%s: %s)", quoted(x.Name), x.Kind, x.Reason))
	}
	message := "has no usable column beside the target " + quoted(d.Target.Name)
	if len(why) > 0 {
		message += "; left out: " + strings.Join(why, ", ")
	}
	advice := "if a kind was misjudged, declare it: --types COLUMN=KIND"
	if r.head.unclear != "" {
		advice = r.head.unclear
	}
	return r.fail(ErrData, message, advice)
}

// finishFeature adds a column to the features or to those left out.
func (r *reader) finishFeature(d *Dataset, c *column) error {
	if c.state == levels {
		c.compact()
	}
	wanted, ok := r.opt.Kinds[c.name]
	if c.nominal(wanted, ok) {
		c.categories()
	}
	kind, why := c.judge(r.table.numbers, d.TotalRows == d.Rows)
	if ok && kind != Missing && kind != Constant {
		var err error
		if kind, why, err = r.override(c, wanted); err != nil {
			return err
		}
	}
	if kind >= Text {
		d.Dropped = append(d.Dropped, Dropped{Name: c.name, Kind: kind, Reason: why})
		c.giveUp()
		return nil
	}
	f, infinite := c.result(kind)
	if infinite > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("column %s: %s counted as missing", quoted(c.name), plural(infinite, "infinite value")))
	}
	if kind == Date && c.layout != nil && c.layout.ambiguous {
		d.Notes = append(d.Notes, fmt.Sprintf("column %s: dates like 1/2/2006 are read with the month first", quoted(c.name)))
	}
	d.Features = append(d.Features, f)
	return nil
}

// nominal tells whether even numbers in the column are categories, by the user's word or else the file's.
func (c *column) nominal(wanted Kind, given bool) bool {
	if given {
		return wanted == Categorical || wanted == Boolean
	}
	return c.declared.members != nil
}

// override makes a column what the user says it is.
func (r *reader) override(c *column, kind Kind) (Kind, string, error) {
	fault := func(message, advice string) error {
		return &Error{File: r.file, Column: c.name, Message: "declared " + kind.String() + ", but " + message, Advice: advice, Err: ErrData}
	}
	switch {
	case kind == Text || kind == Identifier:
		return kind, "declared " + kind.String(), nil
	case kind == Numeric && (c.state == levels || c.state == dropped):
		return 0, "", &Error{File: r.file, Row: c.firstTextRow, Column: c.name,
			Message: quoted(c.firstText) + " is not a number", Advice: "if it means missing, name it by --missing", Err: ErrData}
	case c.state == dropped:
		return 0, "", fault("it has too many different values", "exclude the column")
	case kind == Date && c.state == levels && c.dateLayout() == nil:
		return 0, "", fault("not all of it are dates of one form (2006-01-02, 2006/01/02, 02.01.2006, 01/02/2006)", "")
	case (kind == Categorical || kind == Boolean) && c.state == dates:
		return 0, "", fault("it has too many different dates", "exclude the column")
	}
	if kind == Categorical || kind == Boolean {
		c.categories()
		if kind == Boolean && len(c.names) != 2 {
			return 0, "", fault(fmt.Sprintf("it has %s different values", grouped(len(c.names))), "")
		}
	}
	return kind, "", nil
}

// maxClassIntegers is the most distinct integers that are taken for classes.
const maxClassIntegers = 20

// finishTarget finds the task and the target's classes or values, and leaves out the rows without one.
func (r *reader) finishTarget(d *Dataset) error {
	t := &r.table
	c := &t.columns[t.target]
	total := t.labelled
	if wanted, ok := r.opt.Kinds[c.name]; c.nominal(wanted, ok) {
		c.categories()
	}
	if c.state == numbers {
		t.keep(func(i int) bool { return c.values[i] == c.values[i] })
		total -= t.marked
	}
	if t.kept == 0 || total == 0 {
		return r.targetFault(c, "the target has no values", "choose another by --target")
	}
	if n := t.rows - total; n > 0 {
		d.Notes = append(d.Notes, fmt.Sprintf("%s without a target left out", plural(n, "row")))
	}
	d.TotalRows = int(total)
	if c.state == levels {
		c.compact()
	}
	d.Task = r.opt.Task
	if d.Task == "" {
		d.Task = r.inferTask(c)
	}
	if d.Task == Classification {
		return r.finishClasses(d, c)
	}
	return r.finishValues(d, c)
}

// inferTask is classification for text, truth values, categories and at most 20 distinct integers, not all of them
// different.
func (r *reader) inferTask(c *column) TaskType {
	if kind, ok := r.opt.Kinds[c.name]; ok {
		if kind == Numeric || kind == Date {
			return Regression
		}
		return Classification
	}
	if c.declared.members != nil || c.state == dropped {
		return Classification
	}
	if c.declared.date != nil {
		return Regression
	}
	if c.state == levels {
		if c.dateLayout() != nil {
			return Regression
		}
		return Classification
	}
	var seen []float64
	for _, v := range c.values {
		if v != math.Trunc(v) {
			return Regression
		}
		if !slices.Contains(seen, v) {
			if seen = append(seen, v); len(seen) > maxClassIntegers {
				return Regression
			}
		}
	}
	if len(seen) == len(c.values) && len(seen) > 2 {
		return Regression
	}
	return Classification
}

func (r *reader) finishClasses(d *Dataset, c *column) error {
	if c.state == numbers {
		c.categories()
	}
	if c.state != levels {
		return r.targetFault(c, "the target has too many different values to be classes",
			"choose another by --target, or --task regression for numbers")
	}
	if len(c.names) == 1 {
		return r.targetFault(c, "the target is always "+quoted(c.names[0])+": there is nothing to learn", "choose another by --target")
	}
	if len(c.names) == r.table.kept && r.table.kept > 2 {
		return r.targetFault(c, "every row has a target of its own: no classes to learn", "choose another by --target, or --task regression for numbers")
	}
	d.Target, _ = c.result(Categorical)
	return nil
}

func (r *reader) finishValues(d *Dataset, c *column) error {
	kind := Numeric
	if c.state == dates || c.declared.date != nil || c.state == levels && c.dateLayout() != nil {
		kind = Date
	} else if c.state != numbers {
		return &Error{File: r.file, Row: c.firstTextRow, Column: c.name, Err: ErrData,
			Message: quoted(c.firstText) + " is not a number, as the target of a regression must be",
			Advice:  "if it means missing, name it by --missing; for classes use --task classification"}
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, v := range c.values {
		if math.IsInf(v, 0) {
			return &Error{File: r.file, Row: r.table.numbers[i], Column: c.name, Err: ErrData,
				Message: "the target is infinite", Advice: "correct it, or name it by --missing"}
		}
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		value := formatNumber(low)
		if c.state == levels {
			value = c.names[0]
		}
		return r.targetFault(c, "the target is always "+quoted(value)+": there is nothing to learn", "choose another by --target")
	}
	d.Target, _ = c.result(kind)
	d.Target.Kind = Numeric
	return nil
}

func (r *reader) targetFault(c *column, message, advice string) error {
	return &Error{File: r.file, Column: c.name, Message: message, Advice: advice, Err: ErrData}
}
