package dataset

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// A compressed file that grows by more than bombRatio, after its first bombFloor bytes, is refused.
	bombRatio = 250
	bombFloor = 64 << 20
	// A zstd file may need to look back this far, which is what it costs in memory.
	zstdWindow = 128 << 20
)

// source is the text of a file or pipe, decompressed, without its byte order mark.
type source struct {
	name    string // for messages
	packed  bool
	parquet bool     // the text is a Parquet file
	file    *os.File // where the source is one
	text    io.Reader
	close   []func() error
}

// openSource opens a path, or stdin for "-", and looks through gzip and zstd by content.
func openSource(ctx context.Context, path string, stdin io.Reader) (*source, error) {
	s := &source{name: path}
	raw, err := s.open(ctx, path, stdin)
	if err != nil {
		return nil, err
	}
	if err := s.decode(raw); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close releases the file and the decoder.
func (s *source) Close() {
	for i := len(s.close) - 1; i >= 0; i-- {
		s.close[i]() // only read from: nothing can be lost
	}
}

func (s *source) open(ctx context.Context, path string, stdin io.Reader) (io.Reader, error) {
	if path == "-" {
		s.name = "standard input"
		if stdin == nil {
			return nil, &Error{File: s.name, Message: "is not connected", Err: ErrOption}
		}
		return &pipe{ctx: ctx, r: stdin, done: make(chan readResult, 1)}, nil
	}
	named := isPipe(path)
	f, err := openFile(ctx, path, named)
	if ctx.Err() != nil {
		return nil, errors.Join(context.Cause(ctx), closeOpened(f))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &Error{File: path, Message: "does not exist", Err: ErrNotFound, Cause: err}
	}
	if err != nil {
		return nil, &Error{File: path, Message: "cannot be opened: " + reason(err), Cause: err}
	}
	s.close = append(s.close, f.Close)
	if named {
		return &pipe{ctx: ctx, r: f, done: make(chan readResult, 1)}, nil
	}
	s.file = f
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, &Error{File: path, Message: "is a directory", Advice: "name one data file in it", Err: ErrData}
	}
	return f, nil
}

// isPipe reports whether a path is a named pipe, which can be read once only and keeps its readers waiting.
func isPipe(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&fs.ModeNamedPipe != 0
}

// openFile opens a file. A named pipe is not open before its writer is, so it is given up when ctx ends, and whatever
// is opened later is closed.
func openFile(ctx context.Context, path string, named bool) (*os.File, error) {
	if !named {
		return os.Open(path)
	}
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened)
	go func() {
		f, err := os.Open(path)
		select {
		case done <- opened{f, err}:
		case <-ctx.Done():
			_ = closeOpened(f)
		}
	}()
	select {
	case got := <-done:
		return got.file, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func closeOpened(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

// reason is the part of a file error that is not yet in the message: neither the operation nor the path.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// decode sets s.text to the decompressed text of raw.
func (s *source) decode(raw io.Reader) error {
	counted := &countingReader{r: raw}
	in := bufio.NewReaderSize(counted, 64<<10)
	head, err := in.Peek(8)
	if len(head) == 0 && err != io.EOF {
		return s.broken("reading", err)
	}
	var packed string
	var unpacked io.Reader
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		packed = "gzip"
		z, err := gzip.NewReader(in)
		if err != nil {
			return s.broken(packed, err)
		}
		unpacked = z
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")):
		packed = "zstd"
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return s.broken(packed, err)
		}
		s.close = append(s.close, func() error { z.Close(); return nil })
		unpacked = z
	default:
		return s.plain(in, "")
	}
	return s.plain(bufio.NewReaderSize(&unpacker{source: s, format: packed, r: unpacked, packed: counted}, 64<<10), packed)
}

// plain checks the first bytes of the text and drops a byte order mark.
func (s *source) plain(in *bufio.Reader, packed string) error {
	s.packed = packed != ""
	head, err := in.Peek(16)
	if err != nil && err != io.EOF {
		var known *Error
		if errors.As(err, &known) {
			return err
		}
		return s.broken("reading", err)
	}
	if len(head) == 0 {
		return &Error{File: s.name, Message: "is empty", Err: ErrData}
	}
	if s.parquet = packed == "" && bytes.HasPrefix(head, []byte(parquetMagic)); s.parquet {
		s.text = in
		return nil
	}
	if format, advice := foreignFormat(head); format != "" {
		if packed != "" {
			format += " inside " + packed
		}
		return &Error{File: s.name, Message: "is " + format + ", not CSV, TSV, ARFF or Parquet", Advice: advice, Err: ErrData}
	}
	if bytes.HasPrefix(head, []byte("\xef\xbb\xbf")) {
		in.Discard(3) // they are in the buffer
	}
	s.text = in
	return nil
}

// foreignFormat recognises binary files by their first bytes.
func foreignFormat(head []byte) (format, advice string) {
	const export = "export it as CSV"
	const decompress = "decompress it, or compress it with gzip or zstd"
	for _, f := range []struct{ magic, format, advice string }{
		{"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx)", "export the sheet as CSV, or unpack the archive"},
		{"PK\x05\x06", "an empty zip archive", "unpack the archive"},
		{parquetMagic, "a Parquet file", "unpack it: Parquet data are compressed by themselves"},
		{"SQLite format 3\x00", "an SQLite database", "export a table as CSV"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", export},
		{"ARROW1", "an Arrow (Feather) file", export},
		{"\x89HDF", "an HDF5 file", export},
		{"\x93NUMPY", "a NumPy array", export},
		{"%PDF-", "a PDF document", export},
		{"BZh", "a bzip2 file", decompress},
		{"\xfd7zXZ\x00", "an xz file", decompress},
		{"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "unpack the archive"},
		{"\x1f\x8b", "a gzip file", "unpack it once"},
		{"\x28\xb5\x2f\xfd", "a zstd file", "unpack it once"},
		{"\xff\xfe", "UTF-16 text", "save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
		{"\xfe\xff", "UTF-16 text", "save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.format, f.advice
		}
	}
	return "", ""
}

// broken is the error for compressed data or a pipe that cannot be read on.
func (s *source) broken(format string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if format == "reading" {
		return &Error{File: s.name, Message: "cannot be read: " + reason(err), Cause: err}
	}
	message := fmt.Sprintf("has corrupt %s data (%s)", format, strings.TrimPrefix(err.Error(), format+": "))
	if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
		message = fmt.Sprintf("has %s data that is cut off", format)
	}
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
		message = fmt.Sprintf("needs a zstd window of more than %d MiB", zstdWindow>>20)
	}
	return &Error{File: s.name, Message: message, Advice: "copy or download it again, or compress it anew", Err: ErrData, Cause: err}
}

// countingReader counts what went through it.
type countingReader struct {
	r io.Reader
	n int64
}

// Read implements io.Reader.
func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacker reads decompressed text, names the file in errors, and refuses what grows beyond all measure.
type unpacker struct {
	source *source
	format string
	r      io.Reader
	packed *countingReader
	n      int64
}

// Read implements io.Reader.
func (u *unpacker) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	if u.n > bombFloor && u.n/bombRatio > u.packed.n {
		return n, &Error{File: u.source.name,
			Message: fmt.Sprintf("grows more than %d-fold when unpacked, as no table does", bombRatio),
			Advice:  "unpack it yourself if you trust it", Err: ErrData}
	}
	if err != nil && err != io.EOF {
		err = u.source.broken(u.format, err)
	}
	return n, err
}

// pipe reads what may keep its reader waiting for ever, and gives up when ctx ends. The read that then still waits is
// left behind with a buffer of its own.
type pipe struct {
	ctx  context.Context
	r    io.Reader
	buf  []byte
	done chan readResult
}

type readResult struct {
	n   int
	err error
}

// Read implements io.Reader.
func (p *pipe) Read(into []byte) (int, error) {
	if p.ctx.Done() == nil {
		return p.r.Read(into)
	}
	if err := p.ctx.Err(); err != nil {
		return 0, context.Cause(p.ctx)
	}
	if len(p.buf) < len(into) {
		p.buf = make([]byte, len(into))
	}
	buf := p.buf[:len(into)]
	go func() {
		n, err := p.r.Read(buf)
		p.done <- readResult{n, err}
	}()
	select {
	case got := <-p.done:
		return copy(into, buf[:got.n]), got.err
	case <-p.ctx.Done():
		return 0, context.Cause(p.ctx)
	}
}
