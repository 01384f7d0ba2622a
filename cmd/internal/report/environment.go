package report

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/metaml/metaml/cmd/internal/term"
)

// fact is a line about the study and where it ran.
type fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Code  bool   `json:"code,omitempty"` // it is to be shown as it is written
}

// facts lists what is needed to understand and repeat the study.
func (s *subject) facts() []fact {
	var list []fact
	add := func(name, value string, code bool) {
		if value != "" {
			list = append(list, fact{name, value, code})
		}
	}
	d, h := s.details, s.header
	add("Data", d.Data, true)
	if d.Rows > 0 {
		add("Size", fmt.Sprintf("%s rows, %s columns", term.Count(d.Rows), term.Count(d.Columns)), false)
	}
	add("Target", d.Target, true)
	add("Task", d.Task, false)
	add("Fingerprint of the data", d.Fingerprint, true)
	add("Evaluator", d.Evaluator, true)
	if len(d.Protocol) > 0 {
		add("Protocol", compact(d.Protocol), true)
	}
	add("Optimizer", h.Optimizer, true)
	if len(h.Settings) > 0 {
		add("Optimizer's settings", compact(h.Settings), true)
	}
	add("Search space", s.spaceInWords(), false)
	for _, f := range s.problem.Fidelities {
		add("Fidelity "+f.Name, fmt.Sprintf("%s to %s", term.Short(f.Low), term.Short(f.High)), false)
	}
	add("Begun", h.Created.UTC().Format("2006-01-02 15:04 UTC"), false)
	add("Seed", strconv.FormatUint(s.problem.Seed, 10), true)
	add("metaml", d.Version, true)
	add("Machine", d.Machine, false)
	return list
}

// spaceInWords is the size of the space and the hash that identifies it.
func (s *subject) spaceInWords() string {
	words := term.Plural(s.problem.Space.Len(), "hyperparameter")
	if hash, err := s.problem.Space.Hash(); err == nil {
		words += ", " + hash[:12]
	}
	return words
}

// command is the command line that runs the study again, quoted for a POSIX shell.
func (s *subject) command() string {
	if len(s.details.Command) == 0 {
		return ""
	}
	words := []string{"metaml"}
	for _, w := range s.details.Command {
		words = append(words, quote(w))
	}
	return strings.Join(words, " ")
}

// quote puts a word into single quotes where a shell would read it otherwise.
func quote(word string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r)
	}
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
