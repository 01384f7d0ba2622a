package term

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that only moves when told.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

func TestProgressWithoutTerminalWritesALineNowAndThen(t *testing.T) {
	var out bytes.Buffer
	c := &clock{now: time.Unix(0, 0)}
	p := NewProgress(&out, "grow", 10, 100, ProgressOptions{Now: c.read})
	for range 60 {
		c.now = c.now.Add(time.Second)
		p.Step("")
	}
	p.Step("2 failed")
	p.Say("left out: %s", "x.csv")
	p.Close()
	want := "grow: 40 of 100, 1 min left\ngrow: 70 of 100, 30 s left\nleft out: x.csv\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestProgressShowsTheNote(t *testing.T) {
	var out bytes.Buffer
	c := &clock{now: time.Unix(0, 0)}
	p := NewProgress(&out, "grow", 0, 2, ProgressOptions{Now: c.read, Every: time.Nanosecond})
	c.now = c.now.Add(time.Second)
	p.Step("1 failed\x1b")
	if got, want := out.String(), "grow: 1 of 2, 1 failed\\x1b, 1 s left\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestProgressInSeconds: of a time no more than all of it is over, however long the last piece takes.
func TestProgressInSeconds(t *testing.T) {
	var out bytes.Buffer
	c := &clock{now: time.Unix(0, 0)}
	p := NewProgress(&out, "tuning", 0, 90, ProgressOptions{Now: c.read, Seconds: true})
	c.now = c.now.Add(900 * time.Millisecond) // a late start makes no estimate longer
	for range 120 {
		c.now = c.now.Add(time.Second)
		p.Step("")
	}
	want := "tuning: 30 s of 1 min 30 s, 1 min left\ntuning: 1 min of 1 min 30 s, 30 s left\n" +
		"tuning: 1 min 30 s of 1 min 30 s\ntuning: 1 min 30 s of 1 min 30 s\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

// TestProgressBar draws on a terminal that is a buffer: the bar ends at the last state, and lines said meanwhile
// stay whole.
func TestProgressBar(t *testing.T) {
	out := &lockedBuffer{}
	p := NewProgress(out, "grow", 0, 50, ProgressOptions{Terminal: true, Width: 100})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			for range 10 {
				p.Step("7 failed")
			}
		})
	}
	p.Say("a line that stays")
	wg.Wait()
	p.Close()
	text := out.String()
	for _, want := range []string{"a line that stays\n", "50 of 50, 7 failed", "grow", "█"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
}

func TestProgressBarStoppedEarly(t *testing.T) {
	out := &lockedBuffer{}
	p := NewProgress(out, "grow", 0, 50, ProgressOptions{Terminal: true})
	p.Step("")
	p.Close()
	if text := out.String(); !strings.Contains(text, "1 of 50") || strings.Contains(text, "50 of 50") {
		t.Errorf("the last state is wrong: %q", text)
	}
}

// lockedBuffer is a buffer for several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
