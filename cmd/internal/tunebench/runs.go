package tunebench

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
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

	tasks map[string]*Task // by id
}

// journalHead is the first line.
type journalHead struct {
	SchemaVersion int    `json:"schema_version"`
	Identity      string `json:"identity"`
}

// journalLine is any other line.
type journalLine struct {
	Key
	Rows     []int             `json:"rows,omitempty"`    // of the table
	Results  []journalResult   `json:"results,omitempty"` // of training
	Versions map[string]string `json:"versions,omitempty"`
}

// journalResult is a row that training added; losses are null unless it is complete.
type journalResult struct {
	Config  space.Config `json:"config"`
	Loss    *float64     `json:"loss"`
	Test    *float64     `json:"test"`
	Status  study.Status `json:"status"`
	Seconds float64      `json:"seconds,omitempty"`
}

func (r journalResult) row() Row {
	row := Row{Config: r.Config, Loss: math.Inf(1), Test: math.Inf(1), Status: r.Status, Seconds: r.Seconds}
	if r.Loss != nil && r.Test != nil {
		row.Loss, row.Test = *r.Loss, *r.Test
	}
	return row
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
	j := &Journal{file: file, Finished: Runs{}, Versions: map[string]string{}, tasks: map[string]*Task{}}
	for _, t := range tasks {
		j.tasks[string(t.ID)] = t
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
	t := j.tasks[l.Task]
	if t == nil {
		return fmt.Errorf("%w: there is no task %s", ErrOtherRuns, l.Task)
	}
	for _, row := range l.Rows {
		if row < 0 || row >= t.tabulated {
			return fmt.Errorf("%w: there is no row %d in the table of task %s", ErrOtherRuns, row, l.Task)
		}
	}
	if j.Finished[l.Key] = l.Rows; len(l.Results) > 0 {
		var results []Row
		for _, r := range l.Results {
			results = append(results, r.row())
		}
		j.Finished[l.Key] = t.add(results)
	}
	for name, version := range l.Versions {
		j.Versions[name] = version
	}
	return nil
}

// Add appends a run.
func (j *Journal) Add(key Key, rows []int, versions map[string]string) error {
	line := journalLine{Key: key, Versions: versions}
	for _, r := range j.tasks[key.Task].added(rows) {
		line.Results = append(line.Results, journalResult{r.Config, finite(r.Loss), finite(r.Test), r.Status, r.Seconds})
	}
	if line.Results == nil {
		line.Rows = rows
	}
	return j.write(line)
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
