package function

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"github.com/metaml/metaml/plugins/internal/child"
)

// markerGrace is how long, after a trial's end, the rest of what it printed is waited for.
const markerGrace = time.Second

// output keeps the end of what trials print. A marker, a line that no trial can know, divides what was printed before
// a trial's end from what comes after.
type output struct {
	marker string
	passed chan struct{} // has one token once a marker went by

	mu   sync.Mutex
	kept child.LastBytes
	tail []byte // the last bytes, shorter than the marker
}

func newOutput(marker string) *output { return &output{marker: marker, passed: make(chan struct{}, 1)} }

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.kept.Write(p)
	seen := append(o.tail, p...)
	if bytes.Contains(seen, []byte(o.marker)) {
		select {
		case o.passed <- struct{}{}:
		default:
		}
	}
	o.tail = bytes.Clone(seen[max(0, len(seen)-len(o.marker)+1):])
	return len(p), nil
}

// reset forgets what was printed so far.
func (o *output) reset() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.kept.Reset()
	select {
	case <-o.passed:
	default:
	}
}

// await waits for the marker.
func (o *output) await() {
	select {
	case <-o.passed:
	case <-time.After(markerGrace):
	}
}

// last returns the line that tells most, as ": line": the one by which Python names a fatal error, for what follows it
// is a stack, else the last before the marker. It is empty if nothing was printed.
func (o *output) last() string {
	const longest = 300
	o.mu.Lock()
	text, _, _ := strings.Cut(o.kept.String(), o.marker)
	o.mu.Unlock()
	last := ""
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			last = line
		}
		if strings.HasPrefix(line, "Fatal Python error: ") {
			break
		}
	}
	if last == "" {
		return ""
	}
	if len(last) > longest {
		last = last[:longest] + "…"
	}
	return ": " + strings.ToValidUTF8(last, "")
}
