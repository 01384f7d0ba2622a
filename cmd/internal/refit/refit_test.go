package refit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/refit"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/pyenv"
	"github.com/metaml/metaml/plugins/python"
)

// environment returns the Python environment of the tests, kept in the user's cache so that it is made once. Without
// Python or network the test is skipped, and fails where METAML_STRICT=1 says that everything must run.
func environment(t *testing.T) pyenv.Environment {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = t.TempDir()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	e, err := pyenv.Ensure(ctx, pyenv.Options{
		Dir:      filepath.Join(cache, "metaml", "test-pyenv"),
		Locks:    [][]byte{python.SklearnLock, python.DevelopmentLock},
		Progress: func(line string) { t.Log(line) },
	})
	if err != nil && os.Getenv("METAML_STRICT") == "1" {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip("no Python environment: ", err)
	}
	return e
}

// stage reads a data file and stages it below the test's folder.
func stage(t *testing.T, content string, opt dataset.Options) (data *dataset.Dataset, file, table string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	data, err := dataset.Read(t.Context(), file, opt)
	if err != nil {
		t.Fatal(err)
	}
	split, err := dataset.NewSplit(data, dataset.SplitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	table = filepath.Join(t.TempDir(), "table")
	if err := data.Stage(table, split); err != nil {
		t.Fatal(err)
	}
	return data, file, table
}

// configuration returns the default configuration of a learner.
func configuration(t *testing.T, task, learner string) space.Config {
	t.Helper()
	text, err := python.SklearnSpace(task)
	if err != nil {
		t.Fatal(err)
	}
	s, err := space.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Complete(space.Config{"learner": space.String(learner)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// orders is a data file with every kind of column, of which two decide the class.
func orders(rows int) string {
	var b strings.Builder
	b.WriteString("when,shop,amount,gift,day,kind\n")
	for i := range rows {
		shop, amount, gift := []string{"north", "the south", "4"}[i%3], fmt.Sprint((i*7919)%101), []string{"yes", "no"}[i/2%2]
		kind := "small, cheap"
		if (i*7919)%101 > 40 {
			kind = "big"
		}
		if i%11 == 0 {
			shop = ""
		}
		if i%13 == 0 {
			gift = "NA"
		}
		day := time.Date(2024, 1, 1+i%300, 0, 0, 0, 0, time.UTC)
		fmt.Fprintf(&b, "%s,%s,%s,%s,%s,%q\n", day.Format("2006-01-02 15:04:05"), shop, amount, gift, day.Format("02.01.2006"), kind)
	}
	return b.String()
}

func TestModelPredictsTheRawFileInAFreshProcess(t *testing.T) {
	env := environment(t)
	data, file, table := stage(t, orders(90), dataset.Options{})
	out := filepath.Join(t.TempDir(), "a study", "model")
	m, err := refit.Run(t.Context(), env, refit.Options{Table: table, Protocol: json.RawMessage(`{"metrics":[{"name":"accuracy"}]}`),
		Config: configuration(t, "classification", "lightgbm"), Seed: 1 << 63, Out: out, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if m.Learner != "lightgbm" || m.Rows != 90 || m.Iterations < 8 {
		t.Errorf("fitted %+v", m)
	}
	for _, name := range []string{refit.ModelFile, refit.ScriptFile, refit.RequirementsFile} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	records := predict(t, env, out, file)
	if len(records) != 91 {
		t.Fatalf("%d lines for 90 rows", len(records))
	}
	wrong := 0
	for i, r := range records[1:] {
		if r[0] != data.Target.Levels[int(data.Target.Values[i])] {
			wrong++
		}
	}
	if wrong > 2 {
		t.Errorf("%d of 90 training rows are predicted wrongly", wrong)
	}
}

// predict runs the saved script with no way to metaml and returns the records that it writes.
func predict(t *testing.T, env pyenv.Environment, model, file string) [][]string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), env.Python, "-I", filepath.Join(model, refit.ScriptFile), file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil || stderr.Len() > 0 {
		t.Fatalf("%v: %s", err, stderr.Bytes())
	}
	records, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func TestErrorsSayWhatIsWrong(t *testing.T) {
	env := environment(t)
	_, _, table := stage(t, orders(40), dataset.Options{})
	good := refit.Options{Table: table, Protocol: json.RawMessage(`{}`), Config: configuration(t, "classification", "tree"), Out: t.TempDir()}
	for name, test := range map[string]struct {
		change func(*refit.Options)
		want   string
	}{
		"metric": {func(o *refit.Options) { o.Protocol = json.RawMessage(`{"metrics":[{"name":"taste"}]}`) }, `metric 'taste'`},
		"config": {func(o *refit.Options) { o.Config = space.Config{} }, "lacks 'learner'"},
	} {
		o := good
		test.change(&o)
		if _, err := refit.Run(t.Context(), env, o); !errors.Is(err, refit.ErrRefit) || !strings.Contains(err.Error(), test.want) ||
			strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %q", name, err, test.want)
		}
	}
	if files, err := os.ReadDir(good.Out); err != nil || len(files) > 0 {
		t.Errorf("left behind: %v, %v", files, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := refit.Run(ctx, env, good); !errors.Is(err, context.Canceled) || errors.Is(err, refit.ErrRefit) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestIterationsAreThoseOfTheLastObservation(t *testing.T) {
	trial := study.Trial{Observations: []study.Observation{{Metrics: map[string]float64{"accuracy": .5}}, {Metrics: map[string]float64{"iterations": 32}}}}
	if got := refit.Iterations(trial); got != 32 {
		t.Errorf("%d iterations", got)
	}
	trial.Observations = trial.Observations[:1]
	if got := refit.Iterations(trial) + refit.Iterations(study.Trial{}); got != 0 {
		t.Errorf("%d iterations where there are none", got)
	}
}
