package aslib

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/study"
)

const scenario = "testdata/TOY-SAT"

func mustImport(t testing.TB, dir string) (*record.Set, importers.Report) {
	t.Helper()
	records, report, err := Import(t.Context(), dir, importers.Options{Contributor: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	set := record.NewSet()
	for _, r := range records {
		id, err := record.Identify(r)
		if err != nil {
			t.Fatal(err)
		}
		set.Put(id, r)
	}
	return set, report
}

func TestImport(t *testing.T) {
	set, report := mustImport(t, scenario)
	if report.Source != "TOY-SAT" || report.Tasks != 3 || report.Configs != 2 || report.Runs != 7 {
		t.Errorf("report %+v", report)
	}
	if len(report.Notes) != 1 || !strings.HasPrefix(report.Notes[0], "1 instances have features and no runs") {
		t.Errorf("notes %q", report.Notes)
	}
	names := map[record.ID]string{}
	for _, l := range set.Labels {
		names[l.Task] = l.Name
		if l.Source != "aslib/TOY-SAT" {
			t.Errorf("label %+v", l)
		}
	}
	for _, p := range set.Protocols {
		if p.Resampling != "aslib/TOY-SAT, cutoff 60 s" || len(p.Metrics) != 2 || p.Metrics[0].Maximize || !p.Metrics[1].Maximize {
			t.Errorf("protocol %+v", p)
		}
	}
	type row struct {
		task, algorithm string
		status          study.Status
		wall            float64
		seed            uint64
		values          int
	}
	want := []row{
		{"sat/easy.cnf", "minisolve", study.Complete, 0.123, 0, 2},
		{"sat/easy.cnf", "walker", study.Complete, 2.5, 0, 2},
		{"sat/easy.cnf", "walker", study.Complete, 3.5, 1, 2},
		{"sat/it's hard, really.cnf", "minisolve", study.TimedOut, 60, 0, 0},
		{"sat/it's hard, really.cnf", "walker", study.OutOfMemory, 0, 0, 0},
		{"sat/odd.cnf", "minisolve", study.Crashed, 0, 0, 0},
		{"sat/odd.cnf", "walker", study.Failed, 12, 0, 0},
	}
	for i, r := range set.Runs {
		got := row{names[r.Task], r.Config[Parameter].Text(), r.Status, r.Cost.Wall, r.Seed, len(r.Measures)}
		if got != want[i] {
			t.Errorf("run %d: %+v, want %+v", i, got, want[i])
		}
		if err := set.Spaces[r.Space].Space.Validate(r.Config); err != nil {
			t.Error(err)
		}
	}
	if m := set.Runs[0].Measures; m[0].Metric != "quality" || m[1].Metric != "runtime" || m[1].Validation[0] != 0.123457 {
		t.Errorf("measures %+v", m)
	}
}

func TestFeatures(t *testing.T) {
	set, _ := mustImport(t, scenario)
	want := map[string]map[string]float64{
		"sat/easy.cnf":              {"clauses": 120, "variables": 40, "local_minima": 0.5}, // mean of repetitions
		"sat/it's hard, really.cnf": {"clauses": 9000, "variables": 500},                    // missing
		"sat/odd.cnf":               {"clauses": 7, "variables": 3},                         // its step crashed
	}
	for _, l := range set.Labels {
		for _, f := range set.Features {
			if f.Task != l.Task {
				continue
			}
			if f.Extractor != "foreign:aslib/TOY-SAT" || !maps.Equal(f.Values, want[l.Name]) {
				t.Errorf("%s: %s %v, want %v", l.Name, f.Extractor, f.Values, want[l.Name])
			}
			delete(want, l.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("no features of %v", want)
	}
}

// copyScenario copies the scenario with one file replaced, or left out where the content is empty.
func copyScenario(t testing.TB, replaced, content string) string {
	t.Helper()
	dir := t.TempDir()
	files, err := os.ReadDir(scenario)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(scenario, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if f.Name() == replaced {
			b = []byte(content)
		}
		if f.Name() == replaced && content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOptionalAndMissingFiles(t *testing.T) {
	for name, optional := range map[string]bool{
		"description.txt": false, "algorithm_runs.arff": false, "feature_values.arff": false, "feature_runstatus.arff": true, "cv.arff": true,
	} {
		_, _, err := Import(t.Context(), copyScenario(t, name, ""), importers.Options{})
		if optional && err != nil || !optional && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

func TestSingleMeasureAndOldSteps(t *testing.T) {
	dir := copyScenario(t, "description.txt",
		"scenario_id: OLD\nperformance_measures: runtime\nmaximize: false\nperformance_type: runtime\nalgorithm_cutoff_time: '?'\nfeature_steps:\n  probe: local_minima\n")
	set, _ := mustImport(t, dir)
	for _, p := range set.Protocols {
		if p.Resampling != "aslib/OLD" || len(p.Metrics) != 1 {
			t.Errorf("protocol %+v", p)
		}
	}
	for _, f := range set.Features {
		if f.Values["clauses"] == 7 && len(f.Values) != 2 {
			t.Errorf("features of a failed step: %v", f.Values)
		}
	}
	if r := set.Runs[3]; r.Status != study.TimedOut || r.Cost.Wall != 60 {
		t.Errorf("a time-out without known cutoff: %+v", r)
	}
}

// A measure is a run time where the description says so; where it says nothing of kinds, one named runtime is.
func TestKindsOfMeasures(t *testing.T) {
	for text, want := range map[string][]bool{
		"performance_measures: [time, quality]\nmaximize: [false, true]\nperformance_type: [runtime, solution_quality]\n": {true, false},
		"performance_measures: [runtime, quality]\nmaximize: [false, true]\n":                                             {true, false},
		"performance_measures: [runtime, quality]\nmaximize: [false, true]\nperformance_type: [solution_quality]\n":       {false, false},
		"performance_measures: [quality]\nmaximize: true\n":                                                               {false},
	} {
		d, err := readDescription(t.Context(), copyScenario(t, "description.txt", "scenario_id: x\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range d.measures {
			if m.runtime != want[i] {
				t.Errorf("%s: measure %s is a run time: %v", text, m.name, m.runtime)
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	const runs, values = "algorithm_runs.arff", "feature_values.arff"
	head := "@relation r\n@attribute instance_id string\n@attribute repetition numeric\n@attribute algorithm string\n@attribute runtime numeric\n@attribute quality numeric\n@attribute runstatus {ok,timeout}\n@data\n"
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"no YAML":             {"description.txt", "a: b: c\n", []string{"description.txt"}},
		"list":                {"description.txt", "- a\n", []string{"description.txt"}},
		"no scenario":         {"description.txt", "maximize: [false]\n", []string{"description.txt", "scenario_id"}},
		"no measures":         {"description.txt", "scenario_id: x\n", []string{"performance_measures"}},
		"maximize short":      {"description.txt", "scenario_id: x\nperformance_measures: [a, b]\nmaximize: [false]\n", []string{"maximize has 1"}},
		"maximize no boolean": {"description.txt", "scenario_id: x\nperformance_measures: [a]\nmaximize: [often]\n", []string{"entry 1"}},
		"unknown measure":     {"description.txt", "scenario_id: x\nperformance_measures: [par10]\nmaximize: [false]\n", []string{runs, `"par10"`}},
		"not ARFF":            {runs, "instance_id,repetition\n", []string{runs + ", line 1", "no declaration"}},
		"no data":             {runs, "@relation r\n@attribute a string\n", []string{runs, "@data"}},
		"no rows":             {runs, head, []string{runs, "no runs"}},
		"attribute missing":   {runs, strings.Replace(head, "@attribute algorithm string\n", "", 1), []string{`no attribute "algorithm"`}},
		"attribute twice":     {runs, "@attribute a string\n@attribute A string\n@data\n", []string{runs + ", line 2", "twice"}},
		"attribute no name":   {runs, "@attribute\n@data\n", []string{runs + ", line 1", "name"}},
		"short row":           {runs, head + "i,1,a,2,1,ok\ni,1,a\n", []string{runs + ", line 10", "3 values for 6"}},
		"open quote":          {runs, head + "'i,1,a,2,1,ok\n", []string{runs + ", line 9", "quote"}},
		"after quote":         {runs, head + "'i'x,1,a,2,1,ok\n", []string{runs + ", line 9", "quote"}},
		"status":              {runs, head + "i,1,a,2,1,fine\n", []string{runs + ", line 9, column runstatus", `"fine"`}},
		"no number":           {runs, head + "i,1,a,fast,1,ok\n", []string{runs + ", line 9, column runtime", `"fast"`}},
		"ok without value":    {runs, head + "i,1,a,?,1,ok\n", []string{runs + ", line 9, column runtime", "ok"}},
		"negative runtime":    {runs, head + "i,1,a,-2,1,ok\n", []string{runs + ", line 9, column runtime", "-2 seconds"}},
		"runtime 1e308":       {runs, head + "i,1,a,1e308,1,ok\n", []string{runs + ", line 9, column runtime", "beyond any measured value"}},
		"quality -1e200":      {runs, head + "i,1,a,1,-1e200,ok\n", []string{runs + ", line 9, column quality"}},
		"description bomb":    {"description.txt", strings.Repeat("[", 100_000), []string{"description.txt", "brackets are open"}},
		"description aliases": {"description.txt", "scenario_id: &x [a]\nmaximize: *x\n", []string{"description.txt", "line 2", "aliases"}},
		"description endless": {"description.txt", "a: " + strings.Repeat("x", 1<<19), []string{"description.txt", "longer than"}},
		"repetition":          {runs, head + "i,0.5,a,2,1,ok\n", []string{runs + ", line 9, column repetition"}},
		"repetition 0":        {runs, head + "i,0,a,2,1,ok\n", []string{runs + ", line 9, column repetition"}},
		"repetition 1.5":      {runs, head + "i,1.5,a,2,1,ok\n", []string{runs + ", line 9, column repetition"}},
		"repetition beyond":   {runs, head + "i,3e9,a,2,1,ok\n", []string{runs + ", line 9, column repetition"}},
		"minus infinity":      {runs, head + "i,1,a,-inf,1,ok\n", []string{runs + ", line 9, column runtime", "no finite number"}},
		"instance missing":    {runs, head + "?,1,a,2,1,ok\n", []string{runs + ", line 9, column instance_id"}},
		"NUL":                 {runs, head + "i\x00,1,a,2,1,ok\n", []string{runs + ", line 9", "UTF-8"}},
		"feature no number":   {values, "@attribute instance_id string\n@attribute repetition numeric\n@attribute f numeric\n@data\nsat/easy.cnf,1,big\n", []string{values + ", line 5, column f"}},
		"long line":           {values, "@attribute instance_id string\n@attribute repetition numeric\n@data\n" + strings.Repeat("x", maxLine+1), []string{values + ", line 4", "16 MiB"}},
	} {
		t.Run(name, func(t *testing.T) {
			records, _, err := Import(t.Context(), copyScenario(t, test.file, test.content), importers.Options{})
			if !errors.Is(err, importers.ErrInvalid) || records != nil {
				t.Fatalf("%d records, %v", len(records), err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q lacks %q", err, want)
				}
			}
		})
	}
}

func FuzzImport(f *testing.F) {
	for _, name := range []string{"description.txt", "algorithm_runs.arff", "feature_values.arff", "feature_runstatus.arff"} {
		b, err := os.ReadFile(filepath.Join(scenario, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, string(b))
	}
	f.Fuzz(func(t *testing.T, name, content string) {
		if _, err := os.Stat(filepath.Join(scenario, filepath.Base(name))); err != nil || content == "" {
			t.Skip()
		}
		records, _, err := Import(t.Context(), copyScenario(t, name, content), importers.Options{})
		if err != nil && !errors.Is(err, importers.ErrInvalid) {
			t.Fatalf("error without a sentinel: %v", err)
		}
		for _, r := range records {
			if _, err := record.Encode(r); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestManyAttributes would take minutes if every name were compared with all others.
func TestManyAttributes(t *testing.T) {
	var b strings.Builder
	b.WriteString("@relation r\n@attribute instance_id string\n@attribute repetition numeric\n")
	for i := range 200_000 {
		fmt.Fprintf(&b, "@attribute feature_number_%d numeric\n", i)
	}
	b.WriteString("@data\n")
	if _, _, err := Import(t.Context(), copyScenario(t, "feature_values.arff", b.String()), importers.Options{}); err != nil {
		t.Error(err)
	}
}
