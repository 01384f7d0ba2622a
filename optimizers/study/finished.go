package study

import "encoding/json"

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
