package term

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// ProgressOptions say how to show progress. The zero value writes lines half a minute apart.
type ProgressOptions struct {
	Terminal bool             // draw a bar that moves; else write a line now and then
	Width    int              // of the terminal; 0 is 80
	Every    time.Duration    // between lines where there is no terminal; 0 is 30 s
	Now      func() time.Time // nil is time.Now
	Seconds  bool             // the pieces of work are seconds: of them no more than all are shown, in words
}

// Progress shows how far a long piece of work has come. Its methods may be called from several goroutines.
type Progress struct {
	out   io.Writer
	opt   ProgressOptions
	label string
	total int
	first int // finished before the start
	start time.Time
	note  atomic.Value // string; read by the bar's goroutine, which must not wait for Step

	mu       sync.Mutex
	done     int
	lastLine time.Time

	bars *mpb.Progress // nil without a terminal
	bar  *mpb.Bar
}

// NewProgress starts to show progress on out for total pieces of work, of which done are already finished. Pass
// io.Discard to be quiet. Call Close at the end.
func NewProgress(out io.Writer, label string, done, total int, opt ProgressOptions) *Progress {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Every == 0 {
		opt.Every = 30 * time.Second
	}
	if opt.Width == 0 {
		opt.Width = 80
	}
	start := opt.Now()
	p := &Progress{out: out, opt: opt, label: Clean(label), total: total, first: done, done: done, start: start, lastLine: start}
	p.note.Store("")
	if opt.Terminal {
		p.draw()
	}
	return p
}

// draw starts the bar.
func (p *Progress) draw() {
	p.bars = mpb.New(mpb.WithOutput(p.out), mpb.WithWidth(p.opt.Width), mpb.ForceTTY(), mpb.ForceAutoRefresh())
	style := mpb.BarStyle().Lbound("").Rbound("").Filler("█").Tip("█").Padding("░")
	p.bar = p.bars.New(int64(p.total), style,
		mpb.BarWidth(max(10, p.opt.Width/4)),
		mpb.PrependDecorators(decor.Name(p.label+"  ")),
		mpb.AppendDecorators(decor.Any(func(s decor.Statistics) string { return "  " + p.state(int(s.Current)) })))
	p.bar.SetCurrent(int64(p.done))
}

// Step says that one more piece is finished; note, where not empty, replaces what stands behind the counts, such as
// "3 failed".
func (p *Progress) Step(note string) {
	if note != "" {
		p.note.Store(Clean(note))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	if p.bar != nil {
		p.bar.SetCurrent(int64(p.done))
		return
	}
	if now := p.opt.Now(); now.Sub(p.lastLine) >= p.opt.Every {
		p.lastLine = now
		fmt.Fprintf(p.out, "%s: %s\n", p.label, p.state(p.done))
	}
}

// Say writes a line that stays, above the bar if there is one.
func (p *Progress) Say(format string, args ...any) {
	text := Clean(fmt.Sprintf(format, args...)) + "\n"
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bars != nil {
		_, _ = p.bars.Write([]byte(text))
		return
	}
	_, _ = io.WriteString(p.out, text)
}

// Close ends the bar and leaves it on the screen as it stands.
func (p *Progress) Close() {
	if p.bar == nil {
		return
	}
	if !p.bar.Completed() {
		p.bar.Abort(false)
	}
	p.bars.Wait()
}

// state says how far it is: 88 of 400, 3 failed, 6 min left.
func (p *Progress) state(done int) string {
	text := Count(done) + " of " + Count(p.total)
	if p.opt.Seconds {
		text = seconds(min(done, p.total)) + " of " + seconds(p.total)
	}
	if note := p.note.Load().(string); note != "" {
		text += ", " + note
	}
	if left := p.left(done); left > 0 {
		text += ", " + Duration(left) + " left"
	}
	return text
}

// seconds writes a number of them in words.
func seconds(n int) string { return Duration(time.Duration(n) * time.Second) }

// left estimates the remaining time from the pace since the start; 0 where nothing is finished or left.
func (p *Progress) left(done int) time.Duration {
	finished, remaining := done-p.first, p.total-done
	if finished <= 0 || remaining <= 0 {
		return 0
	}
	if p.opt.Seconds {
		return time.Duration(remaining) * time.Second
	}
	pace := p.opt.Now().Sub(p.start).Seconds() / float64(finished)
	return max(time.Second, time.Duration(pace*float64(remaining)*float64(time.Second)).Round(time.Second))
}
