package dataset

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// checkNames checks the number of columns and their names, and names those that have none.
func (r *reader) checkNames() error {
	names := r.head.names
	if len(names) > r.opt.fieldLimit() || len(names) > r.opt.MaxColumns && len(r.opt.Columns) == 0 {
		return r.tooMany(len(names))
	}
	seen := make(map[string]int, len(names))
	r.last = len(names) - 1
	for r.last > 0 && names[r.last] == "" {
		r.last-- // delimiters at the end of rows make no column to predict
	}
	for i, n := range names {
		if n == "" {
			names[i] = "column " + strconv.Itoa(i+1)
			continue
		}
		if first, ok := seen[n]; ok {
			return r.fail(ErrData, fmt.Sprintf("has two columns named %s, at positions %s and %s", quoted(n), grouped(first+1), grouped(i+1)),
				"rename one of them")
		}
		seen[n] = i
	}
	if len(names) == 1 {
		return r.fail(ErrData, fmt.Sprintf("has only one column, %s: there is nothing to predict it from", quoted(names[0])),
			"if the fields are separated by an unusual character, name it by --delimiter")
	}
	return nil
}

// tooMany is the error for more columns than Options.MaxColumns allows.
func (r *reader) tooMany(columns int) error {
	limit, advice := r.opt.MaxColumns, "choose those to use by --columns A,B,…"
	if columns > r.opt.fieldLimit() {
		limit, advice = r.opt.fieldLimit(), "keep fewer of them in the file"
	}
	return r.fail(ErrData, fmt.Sprintf("has %s columns, more than the limit of %s", grouped(columns), grouped(limit)), advice)
}

// column finds a column by name, or by "#N" counted from 1.
func (r *reader) column(spec string) (int, error) {
	for i, n := range r.head.names {
		if n == spec {
			return i, nil
		}
	}
	if number, ok := strings.CutPrefix(spec, "#"); ok {
		if n, err := strconv.Atoi(number); err == nil {
			if n >= 1 && n <= len(r.head.names) {
				return n - 1, nil
			}
			return 0, r.fail(ErrNotFound, fmt.Sprintf("has no column %s: there are %s", spec, grouped(len(r.head.names))), "")
		}
	}
	advice := ""
	if len(r.head.names) <= 20 {
		advice = "its columns are " + strings.Join(r.head.names, ", ")
	}
	return 0, r.fail(ErrNotFound, "has no column "+quoted(spec)+didYouMean(spec, r.head.names), advice)
}

// choose resolves the target and the columns in use, and prepares the table for them.
func (r *reader) choose() error {
	target := r.last
	if r.opt.Target != "" {
		var err error
		if target, err = r.column(r.opt.Target); err != nil {
			return err
		}
	}
	use, err := r.used(target)
	if err != nil {
		return err
	}
	if err := r.resolveKinds(); err != nil {
		return err
	}
	t := &r.table
	var names []string
	for i, n := range r.head.names {
		if !use[i] {
			continue
		}
		c := column{name: n, field: i}
		if r.head.declared != nil {
			c.declared = r.head.declared[i]
		}
		if i == target {
			t.target = len(t.columns)
		}
		t.columns = append(t.columns, c)
		names = append(names, n)
	}
	if len(names) > r.opt.MaxColumns+1 {
		return r.tooMany(len(names))
	}
	t.capacity = max(1, r.opt.MaxCells/len(names))
	t.rng = rand.New(rand.NewPCG(r.opt.Seed, 0x726561646572))
	t.sum = newFingerprinter(names, t.target)
	return nil
}

// resolveKinds makes the keys of opt.Kinds names.
func (r *reader) resolveKinds() error {
	kinds := make(map[string]Kind, len(r.opt.Kinds))
	for _, spec := range slices.Sorted(maps.Keys(r.opt.Kinds)) {
		i, err := r.column(spec)
		if err != nil {
			return err
		}
		name, kind := r.head.names[i], r.opt.Kinds[spec]
		if other, twice := kinds[name]; twice && other != kind {
			return &Error{File: r.file, Column: name, Message: fmt.Sprintf("declared both %s and %s", other, kind), Err: ErrOption}
		}
		kinds[name] = kind
	}
	r.opt.Kinds = kinds
	return nil
}

// used marks the columns that opt.Columns and opt.Exclude leave, and the target.
func (r *reader) used(target int) ([]bool, error) {
	use := make([]bool, len(r.head.names))
	for i := range use {
		use[i] = len(r.opt.Columns) == 0
	}
	for _, spec := range r.opt.Columns {
		i, err := r.column(spec)
		if err != nil {
			return nil, err
		}
		use[i] = true
	}
	for _, spec := range r.opt.Exclude {
		i, err := r.column(spec)
		if err != nil {
			return nil, err
		}
		if i == target {
			return nil, r.fail(ErrOption, "cannot do without its target "+quoted(r.head.names[i]), "")
		}
		use[i] = false
	}
	use[target] = true
	return use, nil
}
