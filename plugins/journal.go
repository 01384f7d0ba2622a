package plugins

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/metaml/metaml/optimizers/study"
)

// appendJournal appends a finished trial to the journal that the environment names, if it names one, and syncs it to
// disk. The host that asked for the trial may be dead by now; its successor reads the journal.
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
	if _, err := f.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return f.Sync()
}
