package dataset

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// stagedTable is table.json of a staged folder.
type stagedTable struct {
	SchemaVersion int            `json:"schema_version"`
	Name          string         `json:"name"`
	Fingerprint   string         `json:"fingerprint"`
	Task          TaskType       `json:"task"`
	Rows          int            `json:"rows"`
	Features      []stagedColumn `json:"features"`
	Target        stagedColumn   `json:"target"`
	DecimalComma  bool           `json:"decimal_comma,omitempty"` // of the numbers in the file
	Splits        []stagedSplit  `json:"splits"`
	SplitHash     string         `json:"split_hash"`
}

type stagedColumn struct {
	Name   string   `json:"name"`
	Kind   string   `json:"kind,omitempty"`
	Levels []string `json:"levels,omitempty"`
	// DateOrder says how dates written with slashes were read: month_first or day_first.
	DateOrder string `json:"date_order,omitempty"`
}

type stagedSplit struct {
	Repeat int `json:"repeat"`
	Folds  int `json:"folds"`
}

// Stage writes the dataset and a split of it to a folder that an evaluator in another language reads: table.json
// describes it; table.f64 holds float64 numbers, little-endian, column after column: the features (codes for
// categorical and boolean ones, NaN for missing), the target, and for each repeat -1 for test rows or the fold in
// which the row is validation.
//
// The folder appears at once and whole, with files of mode 0600; one that is already there is replaced.
func (d *Dataset) Stage(dir string, s Split) error {
	for _, a := range s.Assignments {
		if len(a) != d.Rows {
			return fmt.Errorf("%w: a split of %s for %s", ErrOption, plural(len(a), "row"), plural(d.Rows, "row"))
		}
	}
	if err := d.stage(dir, s); err != nil {
		return fmt.Errorf("staging %s: %w", d.Name, err)
	}
	return nil
}

func (d *Dataset) stage(dir string, s Split) error {
	dir = filepath.Clean(dir)
	temporary, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary) // gone already when all went well
	description, err := json.Marshal(d.describe(s))
	if err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(temporary, "table.json"), func(w io.Writer) error {
		_, err := w.Write(append(description, '\n'))
		return err
	}); err != nil {
		return err
	}
	if err := writeSynced(filepath.Join(temporary, "table.f64"), func(w io.Writer) error {
		return d.writeColumns(w, s)
	}); err != nil {
		return err
	}
	return replaceFolder(temporary, dir)
}

func (d *Dataset) describe(s Split) stagedTable {
	t := stagedTable{
		SchemaVersion: 1, Name: d.Name, Fingerprint: d.Fingerprint, Task: d.Task, Rows: d.Rows,
		Target: stagedColumn{Name: d.Target.Name, Levels: d.Target.Levels}, DecimalComma: d.DecimalComma, SplitHash: s.Hash,
	}
	for _, f := range d.Features {
		t.Features = append(t.Features, stagedColumn{f.Name, f.Kind.String(), f.Levels, f.DateOrder})
	}
	for i := range s.Assignments {
		t.Splits = append(t.Splits, stagedSplit{i, s.Folds})
	}
	return t
}

func (d *Dataset) writeColumns(w io.Writer, s Split) error {
	var b []byte
	for _, f := range append(d.Features[:len(d.Features):len(d.Features)], d.Target) {
		b = b[:0]
		for _, v := range f.Values {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	for _, a := range s.Assignments {
		b = b[:0]
		for _, fold := range a {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(float64(fold)))
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// writeSynced writes a new file of mode 0600 and brings it to the disk.
func writeSynced(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// replaceFolder renames a folder to dir, moving away what was there. When another process does the same at the same
// time, one of the two ends up in place.
func replaceFolder(from, dir string) error {
	for range 100 {
		err := os.Rename(from, dir)
		if err == nil {
			return nil
		}
		if _, statErr := os.Stat(dir); errors.Is(statErr, fs.ErrNotExist) {
			if errors.Is(err, fs.ErrExist) {
				continue // it was there a moment ago
			}
			return err
		}
		away := from + ".old"
		if moveErr := os.Rename(dir, away); moveErr != nil && !errors.Is(moveErr, fs.ErrNotExist) {
			return errors.Join(err, moveErr)
		}
		if err := os.RemoveAll(away); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s is replaced by others all the time", dir)
}
