// Package tuning knows where studies lie and what metaml keeps of them beside their log: the folder of a study, the
// details in its header, and the journals from which results of a killed run come back.
package tuning

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
)

// ErrName is what every error about a study's name is, by errors.Is.
var ErrName = errors.New("not a name for a study")

// The modes of a study.
const (
	ModeData    = "data"    // learners are trained on a data file
	ModeProgram = "program" // a program of the user's is run
	ModeAsk     = "ask"     // whoever asks evaluates
)

// Details are what metaml keeps in a study's header (sqlite.Header.Details) as JSON.
type Details struct {
	Mode     string `json:"mode"`
	Identity string `json:"identity,omitempty"` // hash of what was asked for: data or program, optimizer, seed
	// Facts are hashes of the parts of what was asked for, by the names that messages call them.
	Facts       map[string]string `json:"facts,omitempty"`
	Data        string            `json:"data,omitempty"` // absolute path of the data file
	Target      string            `json:"target,omitempty"`
	Task        string            `json:"task,omitempty"` // classification or regression
	Rows        int               `json:"rows,omitempty"` // of the file
	Columns     int               `json:"columns,omitempty"`
	TaskID      string            `json:"task_id,omitempty"` // the task's record in the knowledge base
	Fingerprint string            `json:"fingerprint,omitempty"`
	Protocol    json.RawMessage   `json:"protocol,omitempty"` // the evaluator's, canonical JSON
	Evaluator   string            `json:"evaluator,omitempty"`
	Metric      string            `json:"metric"`
	Maximize    bool              `json:"maximize,omitempty"`
	WarmStarts  []WarmStart       `json:"warm_starts,omitempty"` // what was given, then what is recommended, best first
	Handover    *Handover         `json:"handover,omitempty"`    // nil: all of them come before the optimizer is asked
	Prior       *Prior            `json:"prior,omitempty"`       // of an optimizer that takes one
	Default     space.Config      `json:"default,omitempty"`     // evaluated after the first warm starts, to compare with
	Command     []string          `json:"command,omitempty"`     // arguments of metaml that reproduce the study
	Version     string            `json:"version,omitempty"`     // of metaml
	Machine     string            `json:"machine,omitempty"`     // cores and GPUs in words
}

// WarmStart is a recommended configuration.
type WarmStart struct {
	Config space.Config `json:"config"`
	Reason string       `json:"reason,omitempty"`
	From   []string     `json:"from,omitempty"` // names of the tasks it comes from
}

// Handover says how the recommended ones of a study's warm starts give way to its optimizer (package handover).
type Handover struct {
	Picks    int `json:"picks"`   // how many of the warm starts, the last ones, are recommended
	Opening  int `json:"opening"` // of those, how many come before the optimizer is asked
	Patience int `json:"patience"`
}

// First returns the configurations that are evaluated before the optimizer is asked, but for the default.
func (d Details) First() []space.Config {
	n := len(d.WarmStarts)
	if d.Handover != nil {
		n -= max(0, d.Handover.Picks-d.Handover.Opening)
	}
	return configurations(d.WarmStarts[:max(0, n)])
}

// Recommended returns the configurations that are handed over, best first; none where there is no Handover.
func (d Details) Recommended() []space.Config {
	if d.Handover == nil {
		return nil
	}
	return configurations(d.WarmStarts[max(0, len(d.WarmStarts)-d.Handover.Picks):])
}

func configurations(warm []WarmStart) []space.Config {
	var out []space.Config
	for _, w := range warm {
		out = append(out, w.Config)
	}
	return out
}

// maxName bounds a study's name, which is a folder's.
const maxName = 100

// CheckName reports why a name cannot be a study's, as an ErrName: it must be letters, digits, '.', '_' and '-', and
// begin with a letter or digit, so that it is a folder's name everywhere.
func CheckName(name string) error {
	good := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-'
	}
	if name == "" || len(name) > maxName || strings.ContainsRune("._-", rune(name[0])) ||
		strings.ContainsFunc(name, func(r rune) bool { return !good(r) }) {
		return fmt.Errorf("%q: %w: use at most %d letters, digits, '.', '_' and '-', beginning with a letter or digit", name, ErrName, maxName)
	}
	return nil
}

// NameFrom makes a study's name of a word of any form, such as a file's name, and a hexadecimal hash.
func NameFrom(word, hash string) string {
	clean := strings.Map(func(r rune) rune {
		if CheckName("a"+string(r)) == nil {
			return r
		}
		return '-'
	}, word)
	clean = strings.Trim(clean, "._-")
	if clean == "" {
		clean = "study"
	}
	return clean[:min(len(clean), 60)] + "-" + hash[:min(len(hash), 6)]
}

// Folder is the folder of a study under metaml's data folder.
func Folder(dataDir, name string) string { return filepath.Join(dataDir, "studies", name) }

// The files and folders in a study's folder.

// LedgerPath is the study's log.
func LedgerPath(folder string) string { return filepath.Join(folder, "study.sqlite") }

// JournalFolder holds the evaluators' journals.
func JournalFolder(folder string) string { return filepath.Join(folder, "journal") }

// TableFolder holds the staged table of a study of data.
func TableFolder(folder string) string { return filepath.Join(folder, "table") }

// TrialsFolder holds a folder per trial of a study of a program.
func TrialsFolder(folder string) string { return filepath.Join(folder, "trials") }

// ModelFolder holds the refitted model.
func ModelFolder(folder string) string { return filepath.Join(folder, "model") }

// ReportPath is the report.
func ReportPath(folder string) string { return filepath.Join(folder, "report.html") }

// Names lists the studies under metaml's data folder by name.
func Names(dataDir string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(dataDir, "studies"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := os.Stat(LedgerPath(Folder(dataDir, e.Name()))); err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
