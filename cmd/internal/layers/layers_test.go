package layers

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath, Dir, Name          string
	Imports, Deps                  []string
	GoFiles, CgoFiles, TestGoFiles []string
	XTestGoFiles, IgnoredGoFiles   []string
}

// path is the package's path relative to the module.
func (p listed) path() string { return strings.TrimPrefix(p.ImportPath, Module+"/") }

// modulePackages lists the module's packages.
func modulePackages(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Dir,Name,Imports,Deps,GoFiles,CgoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles", Module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsFollowTheLayers(t *testing.T) {
	packages := modulePackages(t)
	if len(packages) < 10 {
		t.Fatalf("only %d packages found", len(packages))
	}
	for _, p := range packages {
		for _, problem := range importProblems(Rules(), p) {
			t.Error(problem)
		}
		for _, r := range Restrictions() {
			for _, problem := range restrictionProblems(r, p) {
				t.Error(problem)
			}
		}
	}
}

// importProblems checks a package's imports of its own module against the rule that decides for it.
func importProblems(rules []Rule, p listed) []string {
	decides := -1
	for i, r := range rules {
		if Under(p.path(), r.Path) && (decides < 0 || len(r.Path) > len(rules[decides].Path)) {
			decides = i
		}
	}
	if decides < 0 {
		return []string{p.path() + " belongs to no layer"}
	}
	rule := rules[decides]
	var problems []string
	for _, imported := range p.Imports {
		to, own := strings.CutPrefix(imported, Module+"/")
		if !own || Under(to, rule.Path) {
			continue
		}
		if !slices.ContainsFunc(rule.May, func(place string) bool { return Under(to, place) }) {
			problems = append(problems, p.path()+" imports "+to+", which "+rule.Path+" may not")
		}
	}
	return problems
}

// restrictionProblems checks a package against one restriction.
func restrictionProblems(r Restriction, p listed) []string {
	within := func(places []string) bool {
		return slices.ContainsFunc(places, func(place string) bool { return Under(p.path(), place) })
	}
	reaches := func(packages []string) bool {
		return slices.ContainsFunc(packages, func(d string) bool {
			// database/sql/driver is a handful of interfaces, which formats of files implement, too.
			return d != "database/sql/driver" && strings.HasPrefix(d+"/", strings.TrimSuffix(r.Outside, "/")+"/")
		})
	}
	var problems []string
	if r.Only != nil && !within(r.Only) && reaches(p.Imports) {
		problems = append(problems, p.path()+" imports "+r.Outside+", which only "+strings.Join(r.Only, ", ")+" may")
	}
	if within(r.Linked) && !within(r.Only) && reaches(p.Deps) {
		problems = append(problems, p.path()+" links "+r.Outside)
	}
	return problems
}

// TestRulesBite shows that the checks find what they are for.
func TestRulesBite(t *testing.T) {
	imports := func(path string, to ...string) listed {
		p := listed{ImportPath: Module + "/" + path}
		for _, d := range to {
			if strings.Contains(strings.Split(d, "/")[0], ".") || d == "database/sql" {
				p.Imports = append(p.Imports, d)
			} else {
				p.Imports = append(p.Imports, Module+"/"+d)
			}
		}
		p.Deps = p.Imports
		return p
	}
	for _, c := range []struct {
		p    listed
		fine bool
	}{
		{imports("transfer", "kb/record", "optimizers/surrogate/forest"), true},
		{imports("transfer", "kb"), false},
		{imports("warmstart/regret", "warmstart", "transfer"), true},
		{imports("metafeatures", "kb"), false},
		{imports("optimizers/space", "optimizers/study"), false},
		{imports("optimizers/space", "optimizers/space/canonical"), true},
		{imports("optimizers/surrogate/forest", "optimizers/space"), false},
		{imports("kb/importers/aslib", "metafeatures/dataset"), true},
		{imports("kb", "transfer"), false},
		{imports("optimizers/random", "plugins"), false},
		{imports("plugins", "kb/record"), false},
		{imports("elsewhere"), false},
		{imports("optimizers/gp", "github.com/blevesearch/bleve/v2"), false},
		{imports("cmd/metaml", "google.golang.org/grpc/codes"), false},
		{imports("plugins/internal/wire", "google.golang.org/grpc/codes"), true},
		{imports("kb", "database/sql"), false},
		{imports("kb/store/sqlite", "database/sql", "modernc.org/sqlite"), true},
	} {
		problems := importProblems(Rules(), c.p)
		for _, r := range Restrictions() {
			problems = append(problems, restrictionProblems(r, c.p)...)
		}
		if (len(problems) == 0) != c.fine {
			t.Errorf("%s with %v: %v", c.p.path(), c.p.Imports, problems)
		}
	}
}
