// Package child is for processes that an evaluator starts to measure with: they end with it and leave nothing behind.
package child

// keptBytes is how much of what a child says is kept.
const keptBytes = 64 << 10

// LastBytes is a writer that keeps the last 64 KiB written to it. The zero LastBytes is ready for use by one goroutine.
type LastBytes struct{ kept []byte }

// Write never fails.
func (l *LastBytes) Write(p []byte) (int, error) {
	l.kept = append(l.kept, p...)
	if over := len(l.kept) - keptBytes; over > keptBytes {
		l.kept = append(l.kept[:0], l.kept[over:]...)
	}
	return len(p), nil
}

// String returns what was kept.
func (l *LastBytes) String() string { return string(l.kept[max(0, len(l.kept)-keptBytes):]) }

// Reset forgets it.
func (l *LastBytes) Reset() { l.kept = l.kept[:0] }
