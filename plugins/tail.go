package plugins

import (
	"io"
	"strings"
	"sync"
)

// tailSize is how much of a process's standard error is kept, in bytes.
const tailSize = 64 << 10

// tail is a writer that keeps the last tailSize bytes and copies all to echo. It is safe for concurrent use.
type tail struct {
	echo io.Writer // nil for none
	mu   sync.Mutex
	kept []byte // a ring once it is full
	next int    // where the ring's oldest byte is
}

// Write keeps the end of p; it never fails, and what echo makes of it does not matter.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if t.echo != nil {
		_, _ = t.echo.Write(p)
	}
	if len(p) > tailSize {
		p = p[len(p)-tailSize:]
	}
	if room := tailSize - len(t.kept); room > 0 {
		fill := min(room, len(p))
		t.kept = append(t.kept, p[:fill]...)
		p = p[fill:]
	}
	for len(p) > 0 {
		copied := copy(t.kept[t.next:], p)
		t.next = (t.next + copied) % tailSize
		p = p[copied:]
	}
	return n, nil
}

// String returns what was kept, in order; bytes that are not valid UTF-8 are replaced.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.kept[t.next:])+string(t.kept[:t.next]), "\uFFFD")
}
