package main

import (
	"errors"
	"testing"

	"github.com/metaml/metaml/plugins/resource"
)

func TestCheckGPUs(t *testing.T) {
	two := resource.Machine{GPUs: []resource.GPU{{Name: "NVIDIA H100", Memory: 80_000_000_000}, {Name: "NVIDIA L4", Memory: 24_000_000_000}}}
	for _, c := range []struct {
		name          string
		machine       resource.Machine
		err           error
		status, found string
		advised       bool
	}{
		{"none", resource.Machine{}, nil, checkFine, "none", false},
		{"two", two, nil, checkFine, "NVIDIA H100 (80 GB), NVIDIA L4 (24 GB)", false},
		{"a driver that fails", resource.Machine{}, errors.New("driver not loaded"), checkMissing, "driver not loaded", true},
	} {
		got := checkGPUs(c.machine, c.err)
		if got.Status != c.status || got.Found != c.found || (got.Advice != "") != c.advised {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
