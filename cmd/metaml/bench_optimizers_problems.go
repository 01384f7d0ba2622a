package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/optimizers/problem"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
)

// problemGroups are the names that stand for several problems. Those that are tables of real tuning are added to
// tables, and to fidelity where they have one.
func problemGroups() map[string]func(name string) bool {
	instance := func(name string) bool { return strings.HasPrefix(name, "cash") && name != "cash" }
	built := func(name string) bool { return slices.Contains(problem.Names(), name) }
	fidelity := func(name string) bool {
		return strings.HasPrefix(name, "counting_") || strings.HasPrefix(name, "mlp_") || name == "svm_subsets"
	}
	return map[string]func(string) bool{
		"all":            func(string) bool { return true },
		"functions":      func(name string) bool { return built(name) && !strings.HasPrefix(name, "c") && name != "weka768" },
		"cash-instances": instance,
		"fidelity":       fidelity,
		"tables":         func(name string) bool { return !built(name) && !fidelity(name) },
	}
}

// benchProblems opens the problems that the command line asks for.
func benchProblems(c *cli.Context) ([]problem.Problem, error) {
	tables := problem.Tables(listOf(c, "tables"))
	tabled, err := tables.Names()
	if err != nil {
		return nil, err
	}
	var problems []problem.Problem
	if file := c.String("table"); file != "" {
		p, err := benchTable(file, c.String("space"), c.Bool("maximize"))
		if err != nil {
			return nil, err
		}
		problems = append(problems, p)
	} else if c.IsSet("space") || c.IsSet("maximize") {
		return nil, usagef("--space and --maximize are about --table, which is missing")
	}
	asked := listOf(c, "problem")
	if len(asked) == 0 && len(problems) == 0 {
		asked = []string{"all"}
	}
	names, err := expandProblems(asked, append(problem.Names(), tabled...))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		p, err := problem.Find(name)
		if errors.Is(err, problem.ErrUnknown) {
			p, err = tables.Find(name)
		}
		if errors.Is(err, problem.ErrUnknown) {
			return nil, unknownProblem(name, append(problem.Names(), tabled...), len(tables) > 0)
		}
		if err != nil {
			return nil, err
		}
		problems = append(problems, p)
	}
	return problems, nil
}

// expandProblems replaces groups and patterns by the names of problems, each once. Other names stay as they are.
func expandProblems(asked, known []string) ([]string, error) {
	groups := problemGroups()
	var names []string
	add := func(name string) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, a := range asked {
		matches, isGroup := groups[a]
		if !isGroup {
			if !strings.ContainsAny(a, "*?[") {
				add(a)
				continue
			}
			if _, err := path.Match(a, ""); err != nil {
				return nil, usagef("--problem %s: %w", a, err)
			}
			matches = func(name string) bool { ok, _ := path.Match(a, name); return ok }
		}
		before := len(names)
		for _, name := range known {
			if matches(name) {
				add(name)
			}
		}
		if len(names) == before && !slices.ContainsFunc(known, matches) {
			return nil, failf(exitNotFound, "there is no problem in %q; tables need their folder, --tables DIR", a)
		}
	}
	return names, nil
}

// unknownProblem says that there is no problem of that name, and that it may be a table if no folder was given.
func unknownProblem(name string, known []string, tables bool) error {
	err := failf(exitNotFound, "there is no problem %q%s", name, spelling.Hint(name, known))
	if !tables {
		return fmt.Errorf("%w\ntables of tuning results need their folder: --tables DIR", err)
	}
	return err
}

// benchTable opens the table that --table names.
func benchTable(file, spaceFile string, maximize bool) (problem.Problem, error) {
	opt := problem.TableOptions{Maximize: maximize}
	if err := mustExist("table", file); err != nil {
		return problem.Problem{}, err
	}
	if spaceFile != "" {
		if err := mustExist("space file", spaceFile); err != nil {
			return problem.Problem{}, err
		}
		text, err := os.ReadFile(spaceFile)
		if err != nil {
			return problem.Problem{}, err
		}
		parsed, err := space.ParseYAML(text)
		if err != nil {
			return problem.Problem{}, failf(exitInvalid, "%s: %w", spaceFile, err)
		}
		opt.Space = parsed.Space
	}
	return problem.OpenTable(file, opt)
}
