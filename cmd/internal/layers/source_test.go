package layers

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// emptyNames are names of packages and files that say nothing about what is inside.
var emptyNames = [...]string{"util", "utils", "common", "helper", "helpers", "types", "core", "base", "manager", "misc"}

// TestSourcesFollowTheRules: no init functions, no package variables that change, no names that say nothing.
func TestSourcesFollowTheRules(t *testing.T) {
	for _, p := range modulePackages(t) {
		if slices.Contains(emptyNames[:], p.Name) {
			t.Errorf("package name %s says nothing", p.ImportPath)
		}
		var files []*ast.File
		fset := token.NewFileSet()
		for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.TestGoFiles, p.XTestGoFiles, p.IgnoredGoFiles) {
			if slices.Contains(emptyNames[:], strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test")) {
				t.Errorf("file name %s/%s says nothing", p.path(), name)
			}
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if !ast.IsGenerated(f) && !strings.HasSuffix(name, "_test.go") {
				files = append(files, f)
			}
		}
		for _, problem := range sourceProblems(fset, files) {
			t.Error(problem)
		}
	}
}

// sourceProblems finds init functions and changing package variables in one package's files.
func sourceProblems(fset *token.FileSet, files []*ast.File) []string {
	var problems []string
	report := func(n ast.Node, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s: %s", fset.Position(n.Pos()), fmt.Sprintf(format, args...)))
	}
	variables := map[string]bool{}
	declarations := map[any]bool{}
	for _, f := range files {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				report(fn, "init function")
			}
			for _, spec := range variableSpecs(d) {
				if what := changing(spec); what != "" {
					report(spec, "package variable %s is a %s", spec.Names[0].Name, what)
				}
				declarations[spec] = true
				for _, n := range spec.Names {
					variables[n.Name] = n.Name != "_"
				}
			}
		}
	}
	for _, f := range files {
		for _, assigned := range assignments(f) {
			// The parser resolves names within a file; one it cannot resolve is declared in another file.
			outside := assigned.Obj == nil || declarations[assigned.Obj.Decl]
			if variables[assigned.Name] && outside {
				report(assigned, "package variable %s is assigned to", assigned.Name)
			}
		}
	}
	return problems
}

// variableSpecs returns the variables that a top-level declaration declares.
func variableSpecs(d ast.Decl) []*ast.ValueSpec {
	g, ok := d.(*ast.GenDecl)
	if !ok || g.Tok != token.VAR {
		return nil
	}
	var specs []*ast.ValueSpec
	for _, s := range g.Specs {
		specs = append(specs, s.(*ast.ValueSpec))
	}
	return specs
}

// changing names the kind of a variable that is made to change, empty for any other.
func changing(spec *ast.ValueSpec) string {
	if sel, ok := spec.Type.(*ast.SelectorExpr); ok {
		if pkg, ok := sel.X.(*ast.Ident); ok && (pkg.Name == "sync" || pkg.Name == "atomic") {
			return pkg.Name + "." + sel.Sel.Name
		}
	}
	for _, v := range spec.Values {
		if call, ok := v.(*ast.CallExpr); ok {
			if fn, ok := call.Fun.(*ast.Ident); ok && (fn.Name == "make" || fn.Name == "new") {
				return fn.Name + "(…)"
			}
		}
	}
	return ""
}

// assignments returns the variables at the root of everything that f assigns to or increments.
func assignments(f *ast.File) []*ast.Ident {
	var roots []*ast.Ident
	add := func(e ast.Expr) {
		for {
			switch x := e.(type) {
			case *ast.Ident:
				roots = append(roots, x)
				return
			case *ast.IndexExpr:
				e = x.X
			case *ast.SelectorExpr:
				e = x.X
			case *ast.StarExpr:
				e = x.X
			case *ast.ParenExpr:
				e = x.X
			default:
				return
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch s := n.(type) {
		case *ast.AssignStmt:
			if s.Tok != token.DEFINE {
				for _, e := range s.Lhs {
					add(e)
				}
			}
		case *ast.IncDecStmt:
			add(s.X)
		}
		return true
	})
	return roots
}

// TestSourceProblemsAreFound shows that the checks find what they are for.
func TestSourceProblemsAreFound(t *testing.T) {
	for code, want := range map[string]int{
		"func init() {}":                 1,
		"type t int; func (t) init() {}": 0,
		"var m = make(map[string]int)":   1,
		"var mu sync.Mutex":              1,
		"var table = [...]int{1}; func f() int { return table[0] }": 0,
		"var n int; func f() { n++ }":                               1,
		"var n int; func f() { n = 1 }":                             1,
		"var n struct{ a []int }; func f() { n.a[0] = 1 }":          1,
		"var n int; func f() { n := 0; n++; _ = n }":                0,
		"var n int; func f(n int) { n++ }":                          0,
		"var n int; func f() { var n int; n++ }":                    0,
		"func f() { other = 1 }":                                    0,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x\n"+code, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := sourceProblems(fset, []*ast.File{f}); len(got) != want {
			t.Errorf("%s: %v, want %d", code, got, want)
		}
	}
}
