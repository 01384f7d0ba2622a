//go:build unix

package resource

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// twoGPUs is what nvidia-smi prints on a machine with two H100.
const twoGPUs = `0, GPU-5a1f0c3e-0000-0000-0000-000000000001, NVIDIA H100 80GB HBM3, 81559, 81089
1, GPU-9b2d7a44-0000-0000-0000-000000000002, NVIDIA H100 80GB HBM3, 81559, 20480
`

// fakeSMI puts a program called nvidia-smi, alone, on PATH.
func fakeSMI(t *testing.T, script string) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "nvidia-smi"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", folder)
}

func TestDetect(t *testing.T) {
	fakeSMI(t, `case "$*" in "--query-gpu=index,uuid,name,memory.total,memory.free --format=csv,noheader,nounits") ;; *) exit 2;; esac
while read -r line; do echo "$line"; done <<EOF
`+twoGPUs+"EOF\n")
	m, err := Detect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if m.Cores < 1 || m.Cores > runtime.NumCPU() {
		t.Errorf("%d cores of %d", m.Cores, runtime.NumCPU())
	}
	if runtime.GOOS == "linux" && m.Memory < 64<<20 {
		t.Errorf("%d bytes of memory", m.Memory)
	}
	want := []GPU{
		{0, "GPU-5a1f0c3e-0000-0000-0000-000000000001", "NVIDIA H100 80GB HBM3", 81559 << 20, 81089 << 20},
		{1, "GPU-9b2d7a44-0000-0000-0000-000000000002", "NVIDIA H100 80GB HBM3", 81559 << 20, 20480 << 20},
	}
	if !reflect.DeepEqual(m.GPUs, want) {
		t.Errorf("GPUs %+v, want %+v", m.GPUs, want)
	}
	t.Setenv(visibleDevices, "1")
	if m, err := Detect(t.Context()); err != nil || !reflect.DeepEqual(m.GPUs, want[1:]) {
		t.Errorf("with only the second visible: %+v, %v", m.GPUs, err)
	}
}

func TestDetectWithoutGPUs(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if m, err := Detect(t.Context()); err != nil || m.GPUs != nil || m.Cores < 1 {
		t.Errorf("without nvidia-smi: %+v, %v", m, err)
	}
	fakeSMI(t, "echo No devices were found; exit 6")
	if m, err := Detect(t.Context()); err != nil || m.GPUs != nil {
		t.Errorf("a driver without GPUs: %+v, %v", m, err)
	}
	fakeSMI(t, "exit 0")
	if m, err := Detect(t.Context()); err != nil || m.GPUs != nil {
		t.Errorf("without GPUs: %+v, %v", m, err)
	}
}

func TestDetectSaysWhyNvidiaSMIFailed(t *testing.T) {
	fakeSMI(t, `echo "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."; exit 9`)
	m, err := Detect(t.Context())
	if err == nil || !strings.Contains(err.Error(), "couldn't communicate") || m.Cores < 1 {
		t.Errorf("%+v, %v", m, err)
	}
	fakeSMI(t, "echo hello")
	if _, err := Detect(t.Context()); err == nil {
		t.Error("nonsense was taken for GPUs")
	}
	fakeSMI(t, "while :; do :; done")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Detect(ctx); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("a hanging nvidia-smi: %v", err)
	}
}

func TestParseGPUs(t *testing.T) {
	shared, err := parseGPUs("0, GPU-1, NVIDIA GB10, [N/A], [N/A]\n")
	if err != nil || len(shared) != 1 || shared[0].Memory != 0 {
		t.Errorf("%+v, %v", shared, err)
	}
	for _, bad := range []string{"x, GPU-1, name, 1, 1\n", "0, 1, name, 1, 1\n", "0, GPU-1, name, 1\n", "0, [Unknown Error], name, 1, 1\n", "\"\n"} {
		if gpus, err := parseGPUs(bad); err == nil {
			t.Errorf("%q was read as %+v", bad, gpus)
		}
	}
}

func TestVisible(t *testing.T) {
	gpus, err := parseGPUs(twoGPUs)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"": "", "-1": "", "0": "0", "1,0": "10", "0,1": "01", "0,7,1": "0", "GPU-9b2d": "1", "GPU-": "", " 1 , 0": "10", "NoDevFiles": "",
	}
	for value, want := range cases {
		got := ""
		for _, g := range visible(gpus, value) {
			got += string(rune('0' + g.Index))
		}
		if got != want {
			t.Errorf("CUDA_VISIBLE_DEVICES=%q leaves %q, want %q", value, got, want)
		}
	}
}

func TestSlots(t *testing.T) {
	gpus := []GPU{{UUID: "GPU-a"}, {UUID: "GPU-b"}, {UUID: "GPU-c"}}
	cases := []struct {
		machine Machine
		n       int
		want    string // threads and GPUs per slot
	}{
		{Machine{Cores: 8}, 0, "8:"},
		{Machine{Cores: 8}, 3, "2: 2: 2:"},
		{Machine{Cores: 2}, 4, "1: 1: 1: 1:"},
		{Machine{Cores: 4, GPUs: gpus}, 1, "4:abc"},
		{Machine{Cores: 4, GPUs: gpus}, 2, "2:ac 2:b"},
		{Machine{Cores: 4, GPUs: gpus[:1]}, 2, "2:a 2:a"},
		{Machine{Cores: 4, GPUs: gpus[:2]}, 4, "1:a 1:b 1:a 1:b"},
	}
	for _, c := range cases {
		var got []string
		for _, s := range c.machine.Slots(c.n) {
			text := string(rune('0'+s.Threads)) + ":"
			for _, g := range s.GPUs {
				text += strings.TrimPrefix(g.UUID, "GPU-")
			}
			got = append(got, text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%d slots of %+v: %q, want %q", c.n, c.machine, got, c.want)
		}
	}
	if s := (Machine{Memory: 100}).Slots(3)[2]; s.Memory != 33 {
		t.Errorf("memory of a third of 100 bytes: %d", s.Memory)
	}
}

func TestSlotEnvironment(t *testing.T) {
	env := Slot{Threads: 3}.Env()
	for _, want := range []string{"OMP_NUM_THREADS=3", "OPENBLAS_NUM_THREADS=3", "MKL_NUM_THREADS=3"} {
		if !slices.Contains(env, want) {
			t.Errorf("%q lacks %s", env, want)
		}
	}
	if strings.Contains(strings.Join(env, " "), visibleDevices) {
		t.Errorf("%q hides GPUs that were not looked for", env)
	}
	if env = (Slot{Threads: 1, NoGPU: true}).Env(); !slices.Contains(env, "CUDA_VISIBLE_DEVICES=") {
		t.Errorf("%q does not hide the GPUs", env)
	}
	env = Slot{Threads: 1, GPUs: []GPU{{UUID: "GPU-a"}, {UUID: "GPU-b"}}}.Env()
	if !slices.Contains(env, "CUDA_VISIBLE_DEVICES=GPU-a,GPU-b") {
		t.Errorf("%q lacks the GPUs", env)
	}
}
