package plugins

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/metaml/metaml/optimizers/study"
)

// appendJournal appends a finished trial to the journal that the environment names, if it names one, and syncs it to
// disk. The host that asked for the trial may be dead by now; its successor reads the journal. Of a line that cannot be
// written whole nothing is left, so that later ones can be read.
func appendJournal(done study.Finished) error {
	path := os.Getenv(study.JournalVariable)
	if path == "" {
		return nil
	}
	if len(done.Protocol) == 0 {
		done.Protocol = []byte("null")
	}
	line, err := json.Marshal(done)
	if err != nil {
		return fmt.Errorf("journal %s: %w", path, err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("journal: %w", errors.Join(err, f.Truncate(before.Size())))
	}
	return f.Sync()
}
