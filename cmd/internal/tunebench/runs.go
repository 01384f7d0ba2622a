package tunebench

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrOtherRuns is what the error of OpenJournal is, by errors.Is, about a file of runs of something else.
var ErrOtherRuns = errors.New("runs of another benchmark")

// Journal is a file of finished runs, a JSON object per line, so that a benchmark that was interrupted goes on. The
// first line says what was run on what.
type Journal struct {
	file *os.File
	// Finished are the runs that were in the file.
	Finished Runs
	// Versions are those of the software that ran, by name.
	Versions map[string]string

	rows map[string]int // of the tables, by task
}

// journalHead is the first line.
type journalHead struct {
	SchemaVersion int    `json:"schema_version"`
	Identity      string `json:"identity"`
}

// journalLine is any other line.
type journalLine struct {
	Key
	Rows     []int             `json:"rows"`
	Versions map[string]string `json:"versions,omitempty"`
}

// Identity hashes what makes runs comparable: the tables, and whatever else facts are.
func Identity(tasks []*Task, facts ...any) (string, error) {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, t := range tasks {
		if err := errors.Join(enc.Encode(t.ID), enc.Encode(t.Space)); err != nil {
			return "", err
		}
		for _, r := range t.Rows {
			if err := errors.Join(enc.Encode(r.Config), enc.Encode(finite(r.Loss)), enc.Encode(finite(r.Test))); err != nil {
				return "", err
			}
		}
	}
	if err := enc.Encode(facts); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// OpenJournal opens or creates the file of a benchmark's runs on the tasks. A last line that was not written to its end
// is cut off.
func OpenJournal(path, identity string, tasks []*Task) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file, Finished: Runs{}, Versions: map[string]string{}, rows: map[string]int{}}
	for _, t := range tasks {
		j.rows[string(t.ID)] = len(t.Rows)
	}
	if err := j.read(identity); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return j, nil
}

// read reads the file and leaves it ready to be added to.
func (j *Journal) read(identity string) error {
	in, end := bufio.NewReader(j.file), int64(0)
	for number := 1; ; number++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = j.take(line, number, identity)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		end += int64(len(line))
	}
	if err := j.file.Truncate(end); err != nil {
		return err
	}
	if _, err := j.file.Seek(end, io.SeekStart); err != nil || end > 0 {
		return err
	}
	return j.write(journalHead{1, identity})
}

// take reads one line.
func (j *Journal) take(line []byte, number int, identity string) error {
	if number == 1 {
		var head journalHead
		if err := json.Unmarshal(line, &head); err != nil || head.SchemaVersion != 1 || head.Identity != identity {
			return fmt.Errorf("%w: other tables, another knowledge base or other settings; name another file", ErrOtherRuns)
		}
		return nil
	}
	var l journalLine
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	for _, row := range l.Rows {
		if row < 0 || row >= j.rows[l.Task] {
			return fmt.Errorf("%w: there is no row %d in the table of task %s", ErrOtherRuns, row, l.Task)
		}
	}
	j.Finished[l.Key] = l.Rows
	for name, version := range l.Versions {
		j.Versions[name] = version
	}
	return nil
}

// Add appends a run.
func (j *Journal) Add(key Key, rows []int, versions map[string]string) error {
	return j.write(journalLine{key, rows, versions})
}

func (j *Journal) write(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = j.file.Write(append(text, '\n'))
	return err
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
