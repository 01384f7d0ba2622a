package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/tuning"
	"github.com/metaml/metaml/optimizers/space/canonical"
)

// facts are what a study was asked for with, by the name that messages call it.
type facts map[string]any

// hashes are the hashes of the facts' JSON, which is all that a study keeps of them.
func (f facts) hashes() (map[string]string, error) {
	hashes := map[string]string{}
	for name, value := range f {
		hash, err := hashJSON(value)
		if err != nil {
			return nil, err
		}
		hashes[name] = hash[:16]
	}
	return hashes, nil
}

// hashJSON is the SHA-256 of a value's JSON in hexadecimal.
func hashJSON(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// identify gives the study its name: the one asked for, or one made of a word and of what makes the study this one.
// That is in identity, and by names in asked, which say what differs when the same name is given to another study; what
// all studies are asked for with is added to both.
func (p *studyPlan) identify(e *environment, c *cli.Context, word string, identity []any, asked facts) error {
	p.optimizer, p.trials = c.String("optimizer"), c.Int("trials")
	if text := c.String("settings"); text != "" {
		settings, err := canonical.Transform([]byte(text))
		if err != nil {
			return usagef("--settings is no JSON: %v", err)
		}
		p.settings = settings
	}
	given, err := warmStartFacts(c)
	if err != nil {
		return err
	}
	identity = append(append(identity, given...), p.evaluator.name, p.optimizer, p.settings, e.seed)
	if p.identity, err = hashJSON(identity); err != nil {
		return err
	}
	asked["--warm-start"], asked["--evaluator"], asked["--optimizer"] = given, p.evaluator.name, p.optimizer
	asked["--settings"], asked["--seed"] = p.settings, e.seed
	if p.facts, err = asked.hashes(); err != nil {
		return err
	}
	if p.name = c.String("study"); p.name == "" {
		p.name = tuning.NameFrom(word, p.identity)
	}
	data, err := e.dataFolder()
	p.folder = tuning.Folder(data, p.name)
	p.evaluator.journal = func(slot int) string { return tuning.JournalFile(p.folder, os.Getpid(), slot) }
	return err
}

// differs is the error about a study of the plan's name that was begun as something else.
func (p *studyPlan) differs(begun tuning.Details) error {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(p.facts)) {
		if was, known := begun.Facts[name]; known && was != p.facts[name] {
			names = append(names, name)
		}
	}
	what := "data set, program, space, optimizer or seed"
	if len(names) > 0 {
		what = strings.Join(names, " and another ")
	}
	return failf(exitConflict, "study %s was begun with another %s; name this one otherwise by --study", p.name, what)
}
