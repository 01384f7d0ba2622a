package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/optimizerbench"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// benchMethods are the methods that the command line asks for, metaml's before the peers.
func (e *environment) benchMethods(c *cli.Context) ([]optimizerbench.Method, error) {
	names, peers := listOf(c, "method"), listOf(c, "peers")
	if len(names) == 0 && len(peers) == 0 || len(names) == 1 && names[0] == "all" {
		names = bundledNames()
	}
	var methods []optimizerbench.Method
	for _, name := range names {
		m, err := e.localMethod(name, c.Bool("process"))
		if err != nil {
			return nil, err
		}
		methods = append(methods, m)
	}
	if len(peers) == 0 {
		return methods, nil
	}
	program := filepath.Join(c.String("peers-dir"), "run")
	if err := mustExist("program that starts peers", program); err != nil {
		return nil, err
	}
	for _, name := range peers {
		methods = append(methods, optimizerbench.NewPeer(name, peerCommand(program)))
	}
	return methods, nil
}

// peerCommand starts peers with one thread each, so that their CPU time can be compared.
func peerCommand(program string) func(ctx context.Context, name string) *exec.Cmd {
	return func(ctx context.Context, name string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, program, name)
		cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1")
		return cmd
	}
}

// localMethod is an optimizer of metaml or of a third party, named with its settings.
func (e *environment) localMethod(text string, process bool) (optimizerbench.Method, error) {
	name, settings, err := methodSettings(text)
	if err != nil {
		return nil, err
	}
	version, _ := buildVersion()
	if p, ok := findBundled(name); ok && !process {
		return optimizerbench.NewLocal(text, version, func(_ context.Context, problem study.Problem, budget float64) (optimizers.Optimizer, error) {
			known, err := knowTrials(name, settings, trialsIn(problem, budget))
			if err != nil {
				return nil, err
			}
			return p.Open(problem, known)
		}), nil
	}
	command, err := e.optimizerCommand(name)
	if err != nil {
		return nil, err
	}
	return optimizerbench.NewLocal(text, version, func(ctx context.Context, problem study.Problem, budget float64) (optimizers.Optimizer, error) {
		known, err := knowTrials(name, settings, trialsIn(problem, budget))
		if err != nil {
			return nil, err
		}
		o, err := plugins.StartOptimizer(ctx, name, command, problem, known, nil)
		if err != nil {
			return nil, err
		}
		return o, nil
	}), nil
}

// trialsIn is the number of trials in a budget, 0 where it is one of effort.
func trialsIn(p study.Problem, budget float64) int {
	if len(p.Fidelities) > 0 {
		return 0
	}
	return int(budget)
}

// methodSettings splits NAME:key=value:… into the name and the settings as a JSON object. A value is JSON, or else a
// string.
func methodSettings(text string) (name string, settings json.RawMessage, err error) {
	name, rest, _ := strings.Cut(text, ":")
	if rest == "" {
		return name, nil, nil
	}
	values := map[string]json.RawMessage{}
	for _, pair := range strings.Split(rest, ":") {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return "", nil, usagef("--method %s: %q is no key=value", text, pair)
		}
		if _, ok := values[key]; ok {
			return "", nil, usagef("--method %s: %s is there twice", text, key)
		}
		values[key] = json.RawMessage(value)
		if !json.Valid(values[key]) {
			if values[key], err = json.Marshal(value); err != nil {
				return "", nil, err
			}
		}
	}
	settings, err = json.Marshal(values)
	return name, settings, err
}
