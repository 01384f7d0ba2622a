package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/cmd/internal/jsonschema"
	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/asha"
	"github.com/metaml/metaml/optimizers/bohb"
	"github.com/metaml/metaml/optimizers/cmaes"
	"github.com/metaml/metaml/optimizers/de"
	"github.com/metaml/metaml/optimizers/gp"
	"github.com/metaml/metaml/optimizers/grid"
	"github.com/metaml/metaml/optimizers/lhs"
	"github.com/metaml/metaml/optimizers/random"
	"github.com/metaml/metaml/optimizers/smac"
	"github.com/metaml/metaml/optimizers/sobol"
	"github.com/metaml/metaml/optimizers/space/spelling"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/optimizers/successivehalving"
	"github.com/metaml/metaml/optimizers/tpe"
	"github.com/metaml/metaml/plugins"
)

// bundled lists the optimizers that come with metaml. This is the one place that names each of them.
func bundled() []plugins.OptimizerPlugin {
	full := plugins.Capabilities{Conditions: true, Categorical: true, Pending: true}
	cheaper, stopping := full, full
	cheaper.Fidelity, stopping.Stopping = true, true
	primed := full
	primed.Prior = true
	return []plugins.OptimizerPlugin{
		bundle("random", full, random.New),
		bundle("grid", full, grid.New),
		bundle("sobol", full, sobol.New),
		bundle("lhs", full, lhs.New),
		bundle("gp", primed, gp.New),
		bundle("smac", full, smac.New),
		bundle("tpe", full, tpe.New),
		bundle("cmaes", plugins.Capabilities{Categorical: true, Pending: true}, cmaes.New), // it refuses more than two choices itself
		bundle("de", full, de.New),
		bundle("successivehalving", cheaper, successivehalving.New),
		bundle("hyperband", cheaper, openHyperband),
		bundle("asha", cheaper, asha.New),
		bundle("bohb", cheaper, bohb.New),
		bundle("stopping", stopping, openStopping),
		bundle(automatic, cheaper, openAuto),
	}
}

// errSettings is what the error about settings that an optimizer does not have is, by errors.Is.
var errSettings = errors.New("unusable settings")

// bundle makes the plugin of an optimizer: its settings are those of the struct S, and their schema follows from it.
func bundle[S any, O optimizers.Optimizer](
	name string, can plugins.Capabilities, open func(study.Problem, S) (O, error),
) plugins.OptimizerPlugin {
	version, _ := buildVersion()
	return plugins.OptimizerPlugin{
		Description: plugins.Description{Name: name, Version: version, Settings: jsonschema.Of[S](), Capabilities: can},
		Open: func(p study.Problem, text json.RawMessage) (optimizers.Optimizer, error) {
			s, err := decodeSettings[S](text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			o, err := open(p, s)
			if err != nil {
				return nil, err // not o, which would be a typed nil
			}
			return o, nil
		},
	}
}

// largestSetting bounds the numbers among settings: more points, trees or candidates are a slip that takes all memory.
const largestSetting = 1_000_000

// decodeSettings reads settings, empty for the defaults. A key that S does not have is an error, at any depth, and so is
// a number beyond largestSetting.
func decodeSettings[S any](text json.RawMessage) (S, error) {
	var s S
	if len(text) == 0 {
		return s, nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(text, &keys); err != nil || keys == nil {
		return s, fmt.Errorf("%w: no JSON object: %s", errSettings, text)
	}
	names := jsonschema.Properties[S]()
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(names, key) {
			return s, fmt.Errorf("%w: there is no setting %q%s", errSettings, key, spelling.Hint(key, names))
		}
		if tooLarge(keys[key]) {
			return s, fmt.Errorf("%w: %s is %s; no number may be larger than %d", errSettings, key, keys[key], largestSetting)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return s, fmt.Errorf("%w: %w", errSettings, err)
	}
	return s, nil
}

// tooLarge reports whether there is a number beyond largestSetting in a JSON value.
func tooLarge(text json.RawMessage) bool {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // a number beyond the range of floats, too, is one
	for {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		if number, ok := token.(json.Number); ok {
			if x, _ := number.Float64(); math.Abs(x) > largestSetting {
				return true
			}
		}
	}
}

// findBundled returns the built-in optimizer of that name.
func findBundled(name string) (plugins.OptimizerPlugin, bool) {
	all := bundled()
	i := slices.IndexFunc(all, func(p plugins.OptimizerPlugin) bool { return p.Description.Name == name })
	if i < 0 {
		return plugins.OptimizerPlugin{}, false
	}
	return all[i], true
}

// openBundled says how to open the built-in optimizer of that name with settings, nil for its defaults.
func openBundled(name string, settings json.RawMessage) (func(study.Problem) (optimizers.Optimizer, error), error) {
	o, ok := findBundled(name)
	if !ok {
		return nil, unknownOptimizer(name, bundledNames())
	}
	return func(p study.Problem) (optimizers.Optimizer, error) { return o.Open(p, settings) }, nil
}

// bundledNames lists the built-in optimizers.
func bundledNames() []string {
	var names []string
	for _, p := range bundled() {
		names = append(names, p.Description.Name)
	}
	return names
}

// optimizerProcess is the hidden command as which metaml starts itself to be an optimizer's process.
const optimizerProcess = "__optimizer"

// optimizerProcessCommand serves a built-in optimizer. A person who calls it is told that it is a plugin.
func optimizerProcessCommand() *cli.Command {
	return &cli.Command{
		Name:   optimizerProcess,
		Hidden: true,
		Action: func(c *cli.Context) error {
			if err := positionals(c, "NAME"); err != nil {
				return err
			}
			p, ok := findBundled(c.Args().First())
			if !ok {
				return unknownOptimizer(c.Args().First(), bundledNames())
			}
			plugins.ServeOptimizer(p)
			return nil
		},
	}
}

func unknownOptimizer(name string, known []string) error {
	return failf(exitNotFound, "there is no optimizer %q%s", name, spelling.Hint(name, known))
}

// optimizerCommand says how to start an optimizer's process: of a built-in one, or of a program
// metaml-optimizer-NAME.
func (e *environment) optimizerCommand(name string) (plugins.Command, error) {
	if _, ok := findBundled(name); ok {
		return plugins.SelfCommand(optimizerProcess, name)
	}
	return e.thirdPartyCommand(plugins.KindOptimizer, name)
}
