// Package refit turns the best configuration of a study into a model: its whole pipeline fitted on all rows, saved
// with a script that predicts by it where metaml is not installed. The evaluator sklearn's module refit does the work,
// in a process of its own.
package refit

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/pyenv"
)

// ErrRefit is what every error about a model that could not be fitted or saved is, by errors.Is.
var ErrRefit = errors.New("cannot refit the model")

// The files of a saved model, in its folder.
const (
	ModelFile        = "model.joblib"
	ScriptFile       = "predict.py"       // reads a raw file of the training file's columns and predicts
	RequirementsFile = "requirements.txt" // the packages that takes, as pip reads them
)

const (
	module = "metaml.evaluators.sklearn.refit"
	// waitDelay is how long to wait, once the process was killed, for the end of its output.
	waitDelay = time.Second
)

// Options says what to fit and where to save it.
type Options struct {
	// Table is the folder of the staged table (dataset.Stage), on all rows of which the pipeline is fitted.
	Table string
	// Protocol is the study's, as the evaluator loads it; it says by which metric iterations are chosen.
	Protocol json.RawMessage
	// Config is a configuration of the evaluator's space.
	Config space.Config
	// Seed is of everything random: the trial's, to fit as its first fold was.
	Seed uint64
	// Iterations are what a learner that learns in iterations does of them; 0 finds out by cross-validation as an
	// evaluation at full fidelity does. Other learners do not care.
	Iterations int
	// Missing are the user's marks of missing values, which predict.py then knows.
	Missing []string
	// Threads bounds the threads of numerical libraries; 0 leaves it to them, which is mostly one per core.
	Threads int
	// Out is the folder to save the model in, made if need be. Files of an older model are replaced one by one.
	Out string
}

// Model is what was fitted.
type Model struct {
	Learner    string `json:"learner"`
	Rows       int    `json:"rows"`
	Iterations int    `json:"iterations"` // 0 if the learner does not learn in iterations
}

// Iterations returns how many iterations a finished trial's evaluation chose, 0 if its learner does not learn so.
func Iterations(t study.Trial) int {
	if len(t.Observations) == 0 {
		return 0
	}
	return int(t.Observations[len(t.Observations)-1].Metrics["iterations"])
}

// Run fits and saves a model in the environment of the evaluator sklearn. A model that does not predict the same once
// saved and read again is an error, and is not kept. When the context or this process ends, so does the fit.
func Run(ctx context.Context, env pyenv.Environment, o Options) (Model, error) {
	m, err := run(ctx, env, o)
	if err != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w: %w", ErrRefit, err)
	}
	return m, err
}

func run(ctx context.Context, env pyenv.Environment, o Options) (Model, error) {
	folder, err := os.MkdirTemp("", "metaml-refit-*")
	if err != nil {
		return Model{}, err
	}
	defer os.RemoveAll(folder) // nothing in it matters by then
	args, err := arguments(folder, o)
	if err != nil {
		return Model{}, err
	}
	path, args, variables := env.Module(module, args...)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = slices.Concat(os.Environ(), variables, threads(o.Threads))
	cmd.WaitDelay = waitDelay
	var stdout bytes.Buffer
	stderr := &lastLines{}
	cmd.Stdout, cmd.Stderr = &stdout, stderr
	// On Linux the kernel ends the process when the thread that started it ends, so this goroutine keeps its thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return Model{}, ctx.Err()
		}
		if said := stderr.String(); said != "" {
			return Model{}, fmt.Errorf("%s (%w)", said, err)
		}
		return Model{}, err
	}
	var m Model
	if err := json.Unmarshal(stdout.Bytes(), &m); err != nil {
		return Model{}, fmt.Errorf("%s said %q: %w", module, stdout.String(), err)
	}
	return m, nil
}

// arguments writes what is to be fitted to files in folder and returns the arguments that name them.
func arguments(folder string, o Options) ([]string, error) {
	config, err := o.Config.Canonical()
	if err != nil {
		return nil, fmt.Errorf("the configuration: %w", err)
	}
	args := []string{"--table=" + o.Table, "--out=" + o.Out, "--seed=" + strconv.FormatUint(o.Seed, 10),
		"--iterations=" + strconv.Itoa(o.Iterations), "--parent=" + strconv.Itoa(os.Getpid())}
	for name, content := range map[string][]byte{"config": config, "protocol": o.Protocol} {
		path := filepath.Join(folder, name+".json")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
		args = append(args, "--"+name+"="+path)
	}
	for _, mark := range o.Missing {
		args = append(args, "--missing="+mark)
	}
	return args, nil
}

// threads returns the variables that bound the threads of numerical libraries.
func threads(n int) []string {
	if n <= 0 {
		return nil
	}
	var variables []string
	for _, name := range []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"} {
		variables = append(variables, name+"="+strconv.Itoa(n))
	}
	return variables
}

// lastLines keeps the end of what a process says.
type lastLines struct{ kept []byte }

// Write implements io.Writer.
func (l *lastLines) Write(p []byte) (int, error) {
	const most = 8 << 10
	l.kept = append(l.kept, p...)
	l.kept = l.kept[max(0, len(l.kept)-most):]
	return len(p), nil
}

// String returns the last line that is not empty, without the program's name before it.
func (l *lastLines) String() string {
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(l.kept), "\uFFFD")), "\n")
	return strings.TrimPrefix(strings.TrimSpace(lines[len(lines)-1]), "refit: ")
}
