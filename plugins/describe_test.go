//go:build unix

package plugins

import (
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestDescribeStartsAndEndsAPlugin(t *testing.T) {
	about, err := Describe(t.Context(), KindOptimizer, "random", playing(t, "random"))
	if err != nil || about.Name != "random" || !about.Capabilities.Conditions {
		t.Errorf("%+v, %v", about, err)
	}
}

// TestDescribeNamesABadPlugin is about programs that are no plugin, or one of the other kind.
func TestDescribeNamesABadPlugin(t *testing.T) {
	for role, want := range map[string]string{
		"exit 3":    "ImportError: no module named sklearn",
		"babble":    `"hello, I am no plugin" instead of the handshake`,
		"silent":    "no handshake within 500ms",
		"evaluator": "optimizer odd",
		"future":    "refused",
	} {
		command := playing(t, role)
		if role == "silent" {
			command.StartTimeout = 500 * time.Millisecond
		}
		_, err := Describe(t.Context(), KindOptimizer, "odd", command)
		if err == nil || !strings.Contains(err.Error(), "optimizer odd") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", role, err, want)
		}
		var process *ProcessError
		if errors.As(err, &process) && process.PID > 0 && syscall.Kill(process.PID, 0) == nil {
			t.Errorf("%s still runs", role)
		}
	}
}
