package resource

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// GPU is one NVIDIA GPU.
type GPU struct {
	Index  int    // as nvidia-smi counts
	UUID   string // "GPU-…", which means the same GPU to every program
	Name   string // as "NVIDIA H100 80GB HBM3"
	Memory int64  // total bytes; 0 if the driver does not say
	Free   int64  // bytes that nobody used when it was looked at; 0 if the driver does not say
}

const (
	// queryTimeout bounds nvidia-smi, which hangs when a driver is in trouble.
	queryTimeout = 10 * time.Second
	// visibleDevices is the variable by which CUDA is told which GPUs to use.
	visibleDevices = "CUDA_VISIBLE_DEVICES"
)

// detectGPUs asks nvidia-smi, and leaves out what CUDA_VISIBLE_DEVICES hides from this process.
func detectGPUs(ctx context.Context) ([]GPU, error) {
	program, err := exec.LookPath("nvidia-smi")
	if err != nil {
		return nil, nil // no driver, no GPU
	}
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	query := exec.CommandContext(ctx, program, "--query-gpu=index,uuid,name,memory.total,memory.free", "--format=csv,noheader,nounits")
	query.WaitDelay = time.Second
	out, err := query.Output()
	said := strings.TrimSpace(string(out)) // it explains itself on standard output
	if strings.Contains(said, "No devices were found") {
		return nil, nil // a driver without a GPU; some versions call that an error
	}
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi: %w: %s", errors.Join(ctx.Err(), err), said)
	}
	gpus, err := parseGPUs(string(out))
	if err != nil {
		return nil, fmt.Errorf("nvidia-smi: %w", err)
	}
	if only, restricted := os.LookupEnv(visibleDevices); restricted {
		gpus = visible(gpus, only)
	}
	return gpus, nil
}

// parseGPUs reads what nvidia-smi prints: a line per GPU with index, UUID, name, memory and free
// memory in MiB.
func parseGPUs(out string) ([]GPU, error) {
	lines := csv.NewReader(strings.NewReader(out))
	lines.FieldsPerRecord = 5
	lines.TrimLeadingSpace = true
	records, err := lines.ReadAll()
	if err != nil {
		return nil, err
	}
	var gpus []GPU
	for i, record := range records {
		index, err := strconv.Atoi(record[0])
		if err != nil || !strings.HasPrefix(record[1], "GPU-") {
			return nil, fmt.Errorf("line %d: %q is not index, UUID, name, memory, free memory", i+1, record)
		}
		gpus = append(gpus, GPU{index, record[1], record[2], mebibytes(record[3]), mebibytes(record[4])})
	}
	return gpus, nil
}

// mebibytes reads a number of MiB as bytes: 0 for "[N/A]", as on machines whose GPU shares their memory.
func mebibytes(text string) int64 { return scaled(text, 20) }

// scaled reads a number of units of 2^shift bytes as bytes, 0 if it is none.
func scaled(text string, shift uint) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64>>shift {
		return 0
	}
	return n << shift
}

// visible returns the GPUs that a value of CUDA_VISIBLE_DEVICES leaves, in its order. As CUDA does, it ends at the
// first entry that is none of them.
func visible(gpus []GPU, value string) []GPU {
	var out []GPU
	for entry := range strings.SplitSeq(value, ",") {
		entry = strings.TrimSpace(entry)
		i := slices.IndexFunc(gpus, func(g GPU) bool {
			return entry == strconv.Itoa(g.Index) || len(entry) > len("GPU-") && strings.HasPrefix(g.UUID, entry)
		})
		if i < 0 {
			break
		}
		out = append(out, gpus[i])
	}
	return out
}
