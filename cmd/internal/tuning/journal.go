package tuning

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/metaml/metaml/optimizers/study"
)

// JournalFile is the journal of the evaluator in a slot of the host process of that number. Names differ between
// hosts, so that an evaluator which outlives its host for a moment never writes into a file that is being removed.
func JournalFile(folder string, host, slot int) string {
	return filepath.Join(JournalFolder(folder), fmt.Sprintf("evaluator-%d-%d.journal", host, slot))
}

// Journals are the journals that a study's folder had when they were read.
type Journals struct {
	// Finished are the trials in them, in the order of the files' names and lines.
	Finished []study.Finished
	files    []string
}

// ReadJournals reads the journals of a study. A last line without its end belongs to a trial that had not ended; any
// other line that cannot be read is an error.
func ReadJournals(folder string) (Journals, error) {
	var j Journals
	var err error
	if j.files, err = filepath.Glob(filepath.Join(JournalFolder(folder), "*.journal")); err != nil {
		return j, err
	}
	slices.Sort(j.files)
	for _, path := range j.files {
		finished, err := readJournal(path)
		if err != nil {
			return j, fmt.Errorf("%s: %w; remove the file to go on without what it holds", path, err)
		}
		j.Finished = append(j.Finished, finished...)
	}
	return j, nil
}

func readJournal(path string) ([]study.Finished, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return study.ReadJournal(f)
}

// Remove removes the files that were read, once what they hold is in the study's log.
func (j Journals) Remove() error {
	for _, path := range j.files {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
