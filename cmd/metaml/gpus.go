package main

import (
	"context"
	"strconv"

	"github.com/urfave/cli/v2"

	"github.com/metaml/metaml/plugins/resource"
)

// gpuFlags say how the machine's GPUs are divided among evaluations.
func gpuFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "gpus", Value: "all", Usage: "let trials use all GPUs, none, or the first `N`"},
		&cli.IntFlag{Name: "trials-per-gpu", Usage: "run `N` trials at once on each GPU, as many workers as that makes"},
		&cli.IntFlag{Name: "gpu-memory", Usage: "a trial needs `MIB` of a GPU's memory: run as many at once as fit"},
	}
}

// gpusAsked reports whether the line says anything about GPUs.
func gpusAsked(c *cli.Context) bool {
	return c.IsSet("gpus") || c.IsSet("trials-per-gpu") || c.IsSet("gpu-memory")
}

// divide gives every worker its share of the machine, and says how many workers there are where the line does not but
// GPUs do.
func (opt *evaluatorOptions) divide(ctx context.Context, c *cli.Context) error {
	sharing := resource.Sharing{PerGPU: c.Int("trials-per-gpu"), Memory: int64(c.Int("gpu-memory")) << 20}
	if sharing.PerGPU < 0 || sharing.Memory < 0 {
		return usagef("--trials-per-gpu and --gpu-memory must not be negative")
	}
	machine, err := resource.Detect(ctx)
	if err == nil {
		machine.GPUs, err = chooseGPUs(machine.GPUs, c.String("gpus"))
	} else if c.String("gpus") == "none" {
		err = nil // the driver does not matter
	}
	if err != nil {
		return err
	}
	if !sharing.Asked() {
		opt.places = machine.Slots(opt.workers)
		for i := range opt.places {
			opt.places[i].NoGPU = c.String("gpus") == "none"
		}
		return nil
	}
	workers := 0
	if c.IsSet("workers") {
		workers = opt.workers
	}
	room, err := machine.Room(sharing)
	if err == nil {
		opt.places, err = machine.Shared(room, workers)
	}
	if err != nil {
		return failf(exitNotFound, "%w; metaml doctor shows the GPUs", err)
	}
	opt.workers = len(opt.places)
	return nil
}

// chooseGPUs returns the GPUs that --gpus leaves.
func chooseGPUs(gpus []resource.GPU, choice string) ([]resource.GPU, error) {
	switch choice {
	case "all":
		return gpus, nil
	case "none", "0":
		return nil, nil
	}
	n, err := strconv.Atoi(choice)
	if err != nil || n < 0 {
		return nil, usagef("--gpus %q is none of all, none and a number of GPUs", choice)
	}
	if n > len(gpus) {
		return nil, failf(exitNotFound, "--gpus %d: there are %d to be used; metaml doctor shows them", n, len(gpus))
	}
	return gpus[:n], nil
}
