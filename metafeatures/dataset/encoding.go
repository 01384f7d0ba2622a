package dataset

import (
	"bytes"
	"context"
	"errors"
	"io"
	"unicode/utf8"
)

// The values of Options.Encoding.
const (
	// UTF8 refuses text that is not UTF-8.
	UTF8 = "utf-8"
	// Latin1 reads every byte as a character of Windows-1252, which is ISO 8859-1 with printable characters in the
	// place of the control characters from 0x80 to 0x9F.
	Latin1 = "latin-1"
)

// errNotUTF8 is the cause of errors about text in another encoding.
var errNotUTF8 = errors.New("not UTF-8")

// latin1Note is what a user is told.
const latin1Note = "the text is not UTF-8 and is read as Latin-1 (Windows-1252)"

// beyondASCII returns where the first byte beyond ASCII is, -1 if there is none.
func beyondASCII(text []byte) int {
	return bytes.IndexFunc(text, func(c rune) bool { return c >= utf8.RuneSelf })
}

// looksLikeLatin1 says that the first character beyond ASCII is none in UTF-8, and that no control characters say this
// is no text at all. A sequence cut off by the end of the text does not count, unless that is all the text there is.
func looksLikeLatin1(text []byte, whole bool) bool {
	i := beyondASCII(text)
	if i < 0 || !whole && !utf8.FullRune(text[i:]) || bytes.ContainsFunc(text, isControl) {
		return false
	}
	_, size := utf8.DecodeRune(text[i:])
	return size == 1
}

// isControl tells the control characters that text files do not have: all but tabs, line ends and page breaks.
func isControl(c rune) bool { return c < ' ' && (c < '\t' || c > '\r') }

// isLatin1 reads a file again as far as its first character beyond ASCII, to see whether it looks like Latin-1.
func isLatin1(ctx context.Context, path string) bool {
	src, err := openSource(ctx, path, nil)
	if err != nil {
		return false
	}
	defer src.Close()
	block := make([]byte, 64<<10)
	kept := 0 // the beginning of a sequence
	for ctx.Err() == nil {
		n, err := src.text.Read(block[kept:])
		text := block[:kept+n]
		if looksLikeLatin1(text, err != nil) {
			return true
		}
		i := beyondASCII(text)
		if err != nil || i >= 0 && utf8.FullRune(text[i:]) {
			return false
		}
		kept = 0
		if i >= 0 {
			kept = copy(block, text[i:])
		}
	}
	return false
}

// latin1Reader gives Latin-1 text as UTF-8.
type latin1Reader struct {
	src     io.Reader
	block   [4096]byte
	pending []byte // of the converted text
	out     []byte // its memory
	err     error  // what the source ended with
}

// Read implements io.Reader.
func (l *latin1Reader) Read(p []byte) (int, error) {
	for len(l.pending) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		var n int
		n, l.err = l.src.Read(l.block[:])
		l.out = l.out[:0]
		for _, b := range l.block[:n] {
			l.out = utf8.AppendRune(l.out, windows1252(b))
		}
		l.pending = l.out
	}
	n := copy(p, l.pending)
	l.pending = l.pending[n:]
	return n, nil
}

// windows1252 is the character of a byte. The five bytes without one stay the control characters of Latin-1.
func windows1252(b byte) rune {
	const c1 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"
	if b < 0x80 || b > 0x9f {
		return rune(b)
	}
	n := byte(0x80)
	for _, c := range c1 {
		if n == b {
			return c
		}
		n++
	}
	return rune(b)
}
