package refit_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// compareScript reads each raw file by predict.py and says where that differs from the staged table made of it.
const compareScript = `
import json, sys
import numpy as np
sys.path.insert(0, sys.argv[1])
import predict
for case in json.load(open(sys.argv[2])):
    header = json.load(open(case["table"] + "/table.json"))
    numbers = np.fromfile(case["table"] + "/table.f64").reshape(-1, header["rows"])
    try:
        with open(case["file"], "rb") as file:
            columns = predict.read(file, header["features"], header["target"]["name"], case["missing"] or [])
    except predict.BadInput as error:
        print(case["name"], error)
        continue
    for feature, found, expected in zip(header["features"], columns, numbers):
        if not np.array_equal(found, expected, equal_nan=True):
            print(case["name"], feature, found.tolist(), "instead of", expected.tolist())
`

// rawFiles are training files with what predict.py and package dataset have to agree on. The target is the last
// column; an ending like these rows keeps kinds from being guessed otherwise.
var rawFiles = map[string]string{
	"plain":            "a,b,y\n1,x,p\n2.5,z,q\n-3e2,x,p\n+.5,x,q\n",
	"missing":          "a,b,y\n1,x,p\nNA,?,q\n-,x,p\n.,n/a,q\n4, z ,p\ninf,z,p\n,x,q\n",
	"dashes are text":  "a,b,y\n1,-,p\n2,x,q\n4,-,p\n1,.,q\n",
	"numbers as names": "a,b,y\n1,1.0,p\n2,1e20,q\n3,x,p\n3,1,p\n5,0.000001,q\n5,100000,q\n5,-0,q\n7,Inf,p\n7,0x1,q\n",
	"quotes":           "\"a, b\",c,y\n1,\"x \"\"q\"\"\",p\n2, \"z, w\" ,q\n1,x \"q\",p\n2,\"\",q\n",
	"semicolons":       "a;b;y\n1,5;x;p\n2,25;z;q\n-3;1,50;p\n7;x;q\n",
	"points":           "a;b;y\n1.5;1,234;p\n2.25;z;q\n3;1,234;p\n7;x;q\n",
	"tabs":             "a\tb\ty\n1\tx\tp\n\tz z\tq\n3\t \tp\n3\tx\tp\n",
	"bars":             "a|b|y\n1|x|p\n2|z|q\n3|x|p\n",
	"blanks":           "a b   y\n1   x p\n  2 z q\n3 x  p \n",
	"line ends":        "a,b,y\r\n1,x,p\r\n\r\n2,z,q\r\n3,x,p",
	"old line ends":    "a,b,y\r1,x,p\r2,z,q\r3,x,p\r",
	"byte order mark":  "\xef\xbb\xbfa,b,y\n1,x,p\n2,z,q\n3,x,p\n",
	"latin-1":          "gr\xf6\xdfe,b,y\n1,caf\xe9,p\n2,\x80 5,q\n3,caf\xe9,p\n",
	"utf-8":            "größe,b,y\n1,café,p\n2,€ 5,q\n3,café,p\n",
	"R":                "a,b,y\n1,1.5,x,p\n2,2.5,z,q\n3,2.5,x,p\n4,1.5,x,q\n",
	"trailing":         "a,b,y\n1.5,x,p,\n2.5,z,q,\n2.5,x,p,\n",
	"no names":         "1.5,x,p\n2.5,z,q\n2.5,x,p\n1.5,x,q\n",
	"tabs, no names":   "1.5\tx\tp\n2.5\tz a\tq\n2.5\tx\tp\n",
	"a nameless one":   "a,,y\n1.5,x,p\n2.5,z,q\n2.5,x,p\n1.5,x,q\n",
	"booleans":         "a,b,y\nTRUE,x,p\nFALSE,z,q\nTRUE,x,p\n?,x,p\n",
	"dates":            "a,b,y\n2020-01-02,x,p\n2020-02-29 03:04:05.25,z,q\n,x,p\n1969-12-31T23:59,x,q\n2020-01-02T03:04:05+01:30,x,p\n2020-01-02 03:04:05-05,x,q\n",
	"German dates":     "a,b,y\n1.2.2020,x,p\n31.12.2019 23:59,z,q\n01.02.2020,x,p\n",
	"month first":      "a,b,y\n1/2/2020,x,p\n12/31/2019,z,q\n01/02/2020,x,p\n",
	"day first":        "a,b,y\n1/2/2020,x,p\n31/12/2019,z,q\n01/02/2020,x,p\n",
	"either":           "a,b,y\n1/2/2020,x,p\n11/12/2019,z,q\n01/02/2020,x,p\n",
	"slashes":          "a,b,y\n2020/01/02,x,p\n2019/12/31,z,q\n2020/01/02,x,p\n",
	"marks":            "a,b,y\n-999,x,p\n2,none,q\n-999.0,x,p\n3,z,q\n",
}

// fourfold repeats the rows below the first line, so that there are enough to split.
func fourfold(content string) string {
	end := "\n"
	for _, each := range []string{"\r\n", "\r"} {
		if strings.Contains(content, each) {
			end = each
			break
		}
	}
	header, rows, _ := strings.Cut(content, end)
	rows = strings.TrimSuffix(rows, end)
	return header + end + strings.Repeat(rows+end, 3) + rows
}

// What predict.py reads from the training file itself is what was staged of it.
func TestScriptReadsAsTheDatasetIsRead(t *testing.T) {
	env := environment(t)
	type comparison struct {
		Name    string   `json:"name"`
		File    string   `json:"file"`
		Table   string   `json:"table"`
		Missing []string `json:"missing"`
	}
	var cases []comparison
	kinds := map[string]bool{}
	for name, content := range rawFiles {
		var marks []string
		if name == "marks" {
			marks = []string{"-999", "none"}
		}
		data, file, table := stage(t, fourfold(content), dataset.Options{Missing: marks})
		for _, f := range data.Features {
			kinds[f.Kind.String()] = true
		}
		if len(data.Features) == 0 || data.Target.Name != "y" && !strings.HasSuffix(name, "no names") && name != "trailing" {
			t.Errorf("%s: target %s of %d features: no comparison", name, data.Target.Name, len(data.Features))
		}
		cases = append(cases, comparison{name, file, table, marks})
	}
	if len(kinds) != 4 {
		t.Errorf("only features of kinds %v", kinds)
	}
	list, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cases.json")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(env.PythonPath, "metaml", "evaluators", "sklearn")
	out, err := exec.CommandContext(t.Context(), env.Python, "-I", "-c", compareScript, folder, path).Output()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// A number among categories is named by Go and by Python; both must say the same.
func TestScriptNamesNumbersAsTheDatasetDoes(t *testing.T) {
	env := environment(t)
	var b strings.Builder
	b.WriteString("a,y\ntext,p\n")
	for i, v := range []float64{0, 1, -1.5, 1e-5, 9.99999e-6, 1e14, 1e15, 123456789012345, 1234567890123456, 1e16, 1e21, 1e22, 1e100, 5e-324,
		1.7976931348623157e308, 0.1, 1. / 3, 2.5e-7, 1e-100, 100, 1234.5678} {
		fmt.Fprintf(&b, "%.17e,%s\n%.17e,q\n", v, []string{"p", "q"}[i%2], v)
	}
	data, file, table := stage(t, b.String(), dataset.Options{Kinds: map[string]dataset.Kind{"a": dataset.Categorical}})
	if len(data.Features[0].Levels) < 20 {
		t.Fatalf("levels %q", data.Features[0].Levels)
	}
	list, err := json.Marshal([]map[string]any{{"name": "numbers", "file": file, "table": table, "missing": nil}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "cases.json")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(env.PythonPath, "metaml", "evaluators", "sklearn")
	out, err := exec.CommandContext(t.Context(), env.Python, "-I", "-c", compareScript, folder, path).Output()
	if err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
