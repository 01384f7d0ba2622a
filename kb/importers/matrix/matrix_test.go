package matrix

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
)

// good is a small valid folder.
func good() map[string]string {
	return map[string]string{
		"meta.json": `{"source":"toy","metric":"error","value":"error","description":"made up","licence":"CC0","origin":"here"}`,
		"tasks.csv": "task,name,Rows,Entropy\n1,iris,150,1.585\n2,\"wine, red\",178,\n",
		"configs.csv": "config,hyperparameters\n" +
			`a,"{""algorithm"": ""SVM"", ""C"": 0.1, ""kernel"": ""poly"", ""degree"": 2}"` + "\n" +
			`b,"{""algorithm"": ""SVM"", ""C"": 100, ""kernel"": ""rbf""}"` + "\n" +
			`c,"{""algorithm"": ""KNN"", ""k"": 3, ""weighted"": true, ""p"": 1}"` + "\n" +
			`d,"{""algorithm"": ""KNN"", ""k"": 5, ""weighted"": false, ""p"": 1.5}"` + "\n",
		"runs.csv": "task,config,error,seconds\n1,a,0.1234567,1.23456\n1,b,0.25,2\n2,c,0,\n2,d,1,0.001\n",
	}
}

func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

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

// TestFolderStandsForTheSource where meta.json names none: the same folder, however it is named, is the same source.
func TestFolderStandsForTheSource(t *testing.T) {
	files := good()
	files["meta.json"] = `{"metric":"error","value":"error"}`
	dir := filepath.Join(t.TempDir(), "results of ours")
	if err := os.Rename(write(t, files), dir); err != nil {
		t.Fatal(err)
	}
	set, report := mustImport(t, dir)
	if report.Source != "results of ours" || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "results of ours") {
		t.Errorf("report %+v", report)
	}
	t.Chdir(dir)
	again, _ := mustImport(t, ".")
	if !maps.Equal(ids(set), ids(again)) {
		t.Error("from within the folder it is another source")
	}
}

func ids(set *record.Set) map[record.ID]bool {
	out := map[record.ID]bool{}
	for id := range set.Tasks {
		out[id] = true
	}
	return out
}

func TestImport(t *testing.T) {
	set, report := mustImport(t, write(t, good()))
	if report.Source != "toy" || report.Tasks != 2 || report.Configs != 4 || report.Runs != 4 || len(report.Notes) != 0 {
		t.Errorf("report %+v", report)
	}
	if len(set.Tasks) != 2 || len(set.Labels) != 2 || len(set.Features) != 2 || len(set.Protocols) != 1 || len(set.Spaces) != 1 || len(set.Runs) != 4 {
		t.Errorf("%d tasks, %d labels, %d features, %d protocols, %d spaces, %d runs", len(set.Tasks), len(set.Labels),
			len(set.Features), len(set.Protocols), len(set.Spaces), len(set.Runs))
	}
	if f := set.Features[1]; f.Extractor != "foreign:toy" || len(f.Values) != 1 || f.Values["Rows"] != 178 {
		t.Errorf("features %+v", f)
	}
	if l := set.Labels[1]; l.Name != "wine, red" || l.Source != "toy" || l.Licence != "CC0" {
		t.Errorf("label %+v", l)
	}
	for _, p := range set.Protocols {
		if p.Resampling != "toy: made up" || len(p.Metrics) != 1 || p.Metrics[0] != (record.Metric{Name: "error"}) {
			t.Errorf("protocol %+v", p)
		}
	}
	r := set.Runs[0]
	if m := r.Measures[0]; m.Metric != "error" || m.Validation[0] != 0.123457 || r.Cost.Wall != 1.23 || r.Contributor != "ann" {
		t.Errorf("first run %+v", r)
	}
	if set.Runs[2].Cost.Wall != 0 {
		t.Errorf("seconds %v where there are none", set.Runs[2].Cost.Wall)
	}
	for _, r := range set.Runs {
		if set.Tasks[r.Task] == nil || set.Protocols[r.Protocol] == nil || set.Spaces[r.Space] == nil {
			t.Errorf("run %+v refers to nothing", r)
		}
		if err := set.Spaces[r.Space].Space.Validate(r.Config); err != nil {
			t.Error(err)
		}
	}
}

func TestInferredSpace(t *testing.T) {
	set, _ := mustImport(t, write(t, good()))
	for _, s := range set.Spaces {
		for name, want := range map[string]struct {
			kind     space.Type
			log      bool
			parent   string
			values   []space.Value
			low, top float64
		}{
			"algorithm": {kind: space.TypeCategorical},
			"C":         {kind: space.TypeFloat, log: true, parent: "algorithm", values: []space.Value{space.String("SVM")}, low: 0.1, top: 100},
			"kernel":    {kind: space.TypeCategorical, parent: "algorithm", values: []space.Value{space.String("SVM")}},
			"degree":    {kind: space.TypeInt, parent: "kernel", values: []space.Value{space.String("poly")}, low: 2, top: 2},
			"k":         {kind: space.TypeInt, parent: "algorithm", values: []space.Value{space.String("KNN")}, low: 3, top: 5},
			"weighted":  {kind: space.TypeBool, parent: "algorithm", values: []space.Value{space.String("KNN")}},
			"p":         {kind: space.TypeFloat, parent: "algorithm", values: []space.Value{space.String("KNN")}, low: 1, top: 1.5},
		} {
			h, ok := s.Space.Parameter(name)
			if !ok || h.Type != want.kind || h.Log != want.log || h.Low != want.low || h.High != want.top {
				t.Errorf("%s: %+v, want %+v", name, h, want)
				continue
			}
			if want.parent == "" {
				if h.When != nil {
					t.Errorf("%s depends on %v", name, h.When.Parents())
				}
			} else if h.When == nil || h.When.Parent != want.parent || len(h.When.Values) != 1 || h.When.Values[0] != want.values[0] {
				t.Errorf("%s is active when %+v, want %s %v", name, h.When, want.parent, want.values)
			}
		}
	}
}

func TestMixedAndNullChoices(t *testing.T) {
	s, err := inferSpace([]space.Config{{"f": space.Null()}, {"f": space.String("sqrt")}, {"f": space.Float(0.5)}, {"f": space.Int(1)}, {"f": space.Null()}})
	if err != nil {
		t.Fatal(err)
	}
	if h, _ := s.Parameter("f"); h.Type != space.TypeCategorical || len(h.Choices) != 4 {
		t.Errorf("got %+v", h)
	}
}

func TestImportIsRepeatable(t *testing.T) {
	dir := write(t, good())
	a, _ := mustImport(t, dir)
	b, _ := mustImport(t, dir)
	for i := range a.Runs {
		x, _ := record.Identify(a.Runs[i])
		y, _ := record.Identify(b.Runs[i])
		if x != y {
			t.Errorf("run %d has another id the second time", i)
		}
	}
}

func TestGzipAndHigherIsBetter(t *testing.T) {
	files := good()
	for _, name := range []string{"runs.csv", "tasks.csv"} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		files[name+".gz"] = b.String()
		delete(files, name)
	}
	files["meta.json"] = `{"source":"toy","metric":"error","value":"higher=better"}`
	set, report := mustImport(t, write(t, files))
	if report.Runs != 4 {
		t.Errorf("%d runs", report.Runs)
	}
	for _, p := range set.Protocols {
		if !p.Metrics[0].Maximize || p.Resampling != "toy" {
			t.Errorf("protocol %+v", p)
		}
	}
}

func TestEqualConfigurationsAreNoted(t *testing.T) {
	files := good()
	files["configs.csv"] += `e,"{""algorithm"": ""SVM"", ""kernel"": ""rbf"", ""C"": 1e2}"` + "\n"
	if _, report := mustImport(t, write(t, files)); report.Configs != 4 || len(report.Notes) != 1 || !strings.Contains(report.Notes[0], "b and e") {
		t.Errorf("%+v", report)
	}
}

func TestBadInput(t *testing.T) {
	corrupt := func() string {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write([]byte(strings.Repeat("task,config,error\n", 100)))
		_ = z.Close()
		return b.String()[:b.Len()-10]
	}
	for name, test := range map[string]struct {
		file, content string
		want          []string
	}{
		"meta no JSON":          {"meta.json", "source=x", []string{"meta.json"}},
		"meta empty":            {"meta.json", "", []string{"meta.json"}},
		"meta without metric":   {"meta.json", `{"source":"x","value":"error"}`, []string{"meta.json", `"metric"`}},
		"meta value":            {"meta.json", `{"source":"x","metric":"error","value":"accuracy"}`, []string{`"accuracy"`, `"higher=better"`}},
		"tasks empty":           {"tasks.csv", "", []string{"tasks.csv", "empty"}},
		"tasks header":          {"tasks.csv", "id,name\n", []string{"tasks.csv, line 1", "task,name"}},
		"tasks no name":         {"tasks.csv", "task,name,\n1,iris,3\n", []string{"column #3", "no name"}},
		"tasks column twice":    {"tasks.csv", "task,name,a,a\n1,iris,3,3\n", []string{"line 1", `"a" is there twice`}},
		"task twice":            {"tasks.csv", "task,name\n1,iris\n1,wine\n", []string{"tasks.csv, line 3, column task", "twice"}},
		"task without name":     {"tasks.csv", "task,name\n1,\n", []string{"tasks.csv, line 2, column name", "missing"}},
		"feature no number":     {"tasks.csv", "task,name,Rows\n1,iris,many\n", []string{"tasks.csv, line 2, column Rows", `"many"`}},
		"feature NaN":           {"tasks.csv", "task,name,Rows\n1,iris,NaN\n", []string{"tasks.csv, line 2, column Rows"}},
		"ragged":                {"tasks.csv", "task,name,Rows\n1,iris\n", []string{"tasks.csv, line 2", "2 fields, the header has 3"}},
		"NUL":                   {"tasks.csv", "task,name,Rows\n1,ir\x00is,3\n", []string{"tasks.csv, line 2, column name", "UTF-8"}},
		"no UTF-8":              {"tasks.csv", "task,name,Rows\n1,ir\xffis,3\n", []string{"tasks.csv, line 2, column name"}},
		"quote":                 {"tasks.csv", "task,name,Rows\n1,ir\"is,3\n", []string{"tasks.csv, line 2"}},
		"config no JSON":        {"configs.csv", "config,hyperparameters\na,C=1\n", []string{"configs.csv, line 2, column hyperparameters"}},
		"config list":           {"configs.csv", "config,hyperparameters\na,\"{\"\"C\"\": [1]}\"\n", []string{"configs.csv, line 2"}},
		"config NaN":            {"configs.csv", "config,hyperparameters\na,\"{\"\"C\"\": NaN}\"\n", []string{"configs.csv, line 2"}},
		"config twice":          {"configs.csv", "config,hyperparameters\na,\"{\"\"C\"\": 1}\"\na,\"{\"\"C\"\": 2}\"\n", []string{"configs.csv, line 3", "twice"}},
		"no configs":            {"configs.csv", "config,hyperparameters\n", []string{"configs.csv", "no configurations"}},
		"unclear condition":     {"configs.csv", "config,hyperparameters\na,\"{\"\"C\"\": 1}\"\nb,\"{\"\"k\"\": 2}\"\n", []string{"configs.csv", `"C" is in 1 of 2`}},
		"runs without metric":   {"runs.csv", "task,config,loss\n1,a,0.5\n", []string{"runs.csv, line 1", `no column "error"`}},
		"run of unknown task":   {"runs.csv", "task,config,error\n7,a,0.5\n", []string{"runs.csv, line 2, column task", `"7"`}},
		"run of unknown config": {"runs.csv", "task,config,error\n1,z,0.5\n", []string{"runs.csv, line 2, column config", `"z"`}},
		"value empty":           {"runs.csv", "task,config,error\n1,a,0.5\n1,b,\n", []string{"runs.csv, line 3, column error"}},
		"value infinite":        {"runs.csv", "task,config,error\n1,a,inf\n", []string{"runs.csv, line 2, column error"}},
		"negative seconds":      {"runs.csv", "task,config,error,seconds\n1,a,0.5,-1\n", []string{"runs.csv, line 2, column seconds"}},
		"seconds no number":     {"runs.csv", "task,config,error,seconds\n1,a,0.5,long\n", []string{"runs.csv, line 2, column seconds"}},
		"value 1e308":           {"runs.csv", "task,config,error\n1,a,0.5\n1,b,1e308\n", []string{"runs.csv, line 3, column error", "beyond any measured value"}},
		"seconds 1e300":         {"runs.csv", "task,config,error,seconds\n1,a,0.5,1e300\n", []string{"runs.csv, line 2, column seconds"}},
		"config null":           {"configs.csv", "config,hyperparameters\na,null\n", []string{"configs.csv, line 2, column hyperparameters", "null"}},
		"config key twice":      {"configs.csv", "config,hyperparameters\na,\"{\"\"C\"\": 1, \"\"k\"\": 3, \"\"C\"\": 2}\"\n", []string{"configs.csv, line 2", `"C" is given twice`}},
		"gzip cut":              {"runs.csv.gz", corrupt(), []string{"runs.csv.gz"}},
		"no gzip":               {"runs.csv.gz", "task,config,error\n", []string{"runs.csv.gz"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := good()
			delete(files, strings.TrimSuffix(test.file, ".gz"))
			files[test.file] = test.content
			records, _, err := Import(t.Context(), write(t, files), importers.Options{})
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

func TestMissingFiles(t *testing.T) {
	for name := range good() {
		files := good()
		delete(files, name)
		if _, _, err := Import(t.Context(), write(t, files), importers.Options{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	dir := write(t, good())
	if _, _, err := Import(t.Context(), filepath.Join(dir, "none"), importers.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	if _, _, err := Import(t.Context(), filepath.Join(dir, "runs.csv"), importers.Options{}); !errors.Is(err, importers.ErrInvalid) {
		t.Errorf("a file: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Import(ctx, dir, importers.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

// FuzzImport feeds one file of an otherwise valid folder; what is accepted must be valid records.
func FuzzImport(f *testing.F) {
	for name, content := range good() {
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name, content string) {
		files := good()
		if _, known := files[name]; !known {
			t.Skip()
		}
		files[name] = content
		records, _, err := Import(t.Context(), write(t, files), importers.Options{})
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

// TestEndlessRecord has some compressed kilobytes that is one record without end: it is refused before it is held.
func TestEndlessRecord(t *testing.T) {
	for name, begin := range map[string]string{
		"no line end":      "task,name\n1,",
		"quote not closed": "task,name\n1,\"a\nb",
		"only a header":    "task,name,",
	} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = z.Write([]byte(begin))
		line := []byte(strings.Repeat("x", 1<<16))
		if name == "quote not closed" {
			line[0] = '\n'
		}
		for range 1 << 26 / len(line) {
			_, _ = z.Write(line)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		files := good()
		delete(files, "tasks.csv")
		files["tasks.csv.gz"] = packed.String()
		var before, after runtime.MemStats
		dir := write(t, files)
		runtime.ReadMemStats(&before)
		_, _, err := Import(t.Context(), dir, importers.Options{})
		runtime.ReadMemStats(&after)
		if !errors.Is(err, importers.ErrInvalid) || !strings.Contains(err.Error(), "more than 32 MiB") {
			t.Errorf("%s: %v", name, err)
		}
		if took := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 512 { // a slice that grows to 32 MiB, copied as it does
			t.Errorf("%s: %d MiB allocated", name, took)
		}
	}
}

// TestManyCategories would take minutes if every value were compared with all others.
func TestManyCategories(t *testing.T) {
	var values []space.Value
	for i := range 200_000 {
		values = append(values, space.String(strconv.Itoa(i%100_000)))
	}
	if got := distinct(values); len(got) != 100_000 {
		t.Errorf("%d different values", len(got))
	}
	mixed := []space.Value{space.Int(1), space.Float(1), space.String("1"), space.Bool(true), space.Null(), space.String("null")}
	if got := distinct(mixed); len(got) != 5 {
		t.Errorf("%v", got)
	}
}
