package study

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
)

// Finished is a line of an evaluator's journal: a trial that ended, with the table and protocol it ran on. An
// evaluator process whose environment names a file in JournalVariable appends one as JSON and syncs it to disk
// before it answers, so that a result survives the death of the host that asked for it.
type Finished struct {
	Fingerprint string          `json:"fingerprint"`
	Protocol    json.RawMessage `json:"protocol"` // canonical JSON, as given to Load
	Trial       Trial           `json:"trial"`
	Stopped     bool            `json:"stopped,omitempty"` // it was asked to stop
}

// JournalVariable is the environment variable that names an evaluator process's journal file.
const JournalVariable = "METAML_JOURNAL"

// ReadJournal reads the lines of a journal. A last line without its end belongs to a trial that had not ended and is left
// out; any other line that is not a Finished is an error, which names it.
func ReadJournal(r io.Reader) ([]Finished, error) {
	var list []Finished
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		var done Finished
		if err := json.Unmarshal(line, &done); err != nil {
			return list, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, done)
	}
}
