package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

const (
	// maxLine is the longest line, or quoted record of several lines, that is read.
	maxLine = 32 << 20
	// firstBuffer is the size at which the buffer starts; it doubles when a line, or what is looked at, does not fit.
	firstBuffer = 16 << 10
	// maxPeek is how much of a file is looked at to find out its format, if its lines are not longer.
	maxPeek = 64 << 10
)

// errLongLine is what lineReader returns for a line beyond maxLine.
var errLongLine = errors.New("line too long")

// lineReader cuts text into lines in one reused buffer. A line stays valid until the next call.
type lineReader struct {
	ctx   context.Context
	src   io.Reader
	buf   []byte
	start int   // of the current line
	after int   // where the line after it begins
	end   int   // of the text in buf
	lines int64 // lines begun so far
	eof   bool
	sep   byte // '\n', or '\r' in files that have no other line end
}

func newLineReader(ctx context.Context, src io.Reader) *lineReader {
	return &lineReader{ctx: ctx, src: src, buf: make([]byte, firstBuffer+1), sep: '\n'}
}

// peek returns the beginning of the text: maxPeek bytes, or more if needed to have three whole lines, or all there
// is. Nothing is consumed.
func (l *lineReader) peek() (head []byte, whole bool, err error) {
	newlines, returns, seen := 0, 0, 0
	for {
		newlines += bytes.Count(l.buf[seen:l.end], []byte{'\n'})
		returns += bytes.Count(l.buf[seen:l.end], []byte{'\r'})
		seen = l.end
		if l.eof || l.end >= maxLine || l.end >= maxPeek && max(newlines, returns) >= 3 {
			break
		}
		if err := l.fill(); err != nil {
			return nil, false, err
		}
	}
	if newlines == 0 && returns > 0 {
		l.sep = '\r'
	}
	return l.buf[:l.end], l.eof, nil
}

// next returns the next line without its line end; io.EOF after the last.
func (l *lineReader) next() ([]byte, error) {
	l.start = l.after
	if l.start == l.end && l.eof {
		return nil, io.EOF
	}
	line, err := l.upTo(l.start)
	if err == nil && len(line) == 0 && l.eof && l.start == l.end {
		return nil, io.EOF
	}
	l.lines++
	return line, err
}

// extend adds the next line to the current one, line end included. False: there is none.
func (l *lineReader) extend() ([]byte, bool, error) {
	if l.after >= l.end && l.eof {
		return nil, false, nil
	}
	line, err := l.upTo(l.after)
	l.lines++
	return line, err == nil, err
}

// upTo finds the first line end at or after from and returns the line from l.start to it.
func (l *lineReader) upTo(from int) ([]byte, error) {
	for {
		if i := bytes.IndexByte(l.buf[from:l.end], l.sep); i >= 0 {
			end := from + i
			l.after = end + 1
			return l.trimmed(end), nil
		}
		if l.end-l.start > maxLine {
			return nil, errLongLine
		}
		if l.eof {
			l.after = l.end
			return l.trimmed(l.end), nil
		}
		scanned := l.end - l.start
		if err := l.fill(); err != nil {
			return nil, err
		}
		from = l.start + scanned
	}
}

// unfinished tells whether the current line is the last one and has no line end.
func (l *lineReader) unfinished() bool {
	return l.eof && l.after == l.end && !bytes.HasSuffix(l.buf[:l.end], []byte{l.sep})
}

func (l *lineReader) trimmed(end int) []byte {
	if end > l.start && l.buf[end-1] == '\r' {
		end--
	}
	return l.buf[l.start:end]
}

// fill reads more text behind l.end, moving the current line to the front of a buffer that is grown if need be. One
// byte is always free behind the text.
func (l *lineReader) fill() error {
	if err := l.ctx.Err(); err != nil {
		return context.Cause(l.ctx)
	}
	if l.start > 0 {
		copy(l.buf, l.buf[l.start:l.end])
		l.end -= l.start
		l.after -= l.start
		l.start = 0
	}
	if l.end == len(l.buf)-1 {
		grown := make([]byte, min(2*(len(l.buf)-1), maxLine+firstBuffer)+1)
		copy(grown, l.buf[:l.end])
		l.buf = grown
	}
	for range 100 {
		n, err := l.src.Read(l.buf[l.end : len(l.buf)-1])
		l.end += n
		if err == io.EOF {
			l.eof = true
			return nil
		}
		if n > 0 || err != nil {
			return err
		}
	}
	return fmt.Errorf("reading: %w", io.ErrNoProgress)
}
