package resource

import (
	"strings"
	"testing"
)

// FuzzParseGPUs reads anything that nvidia-smi might print: it is refused, or lists GPUs whose memory makes sense.
func FuzzParseGPUs(f *testing.F) {
	f.Add("0, GPU-1, NVIDIA H100, 81559, 81000\n1, GPU-2, \"a, b\", [N/A], -1\n")
	f.Add("0, GPU-1, x, 99999999999999999, 9223372036854775807\n")
	f.Add("\"\n")
	f.Fuzz(func(t *testing.T, out string) {
		gpus, err := parseGPUs(out)
		if err != nil {
			return
		}
		for _, g := range gpus {
			if !strings.HasPrefix(g.UUID, "GPU-") || g.Memory < 0 || g.Free < 0 {
				t.Fatalf("%q: %+v", out, g)
			}
		}
		for _, g := range visible(gpus, out) {
			if g.UUID == "" {
				t.Fatalf("%q: a GPU without an id is visible", out)
			}
		}
	})
}
