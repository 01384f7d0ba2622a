package importers

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxBytes bounds what is read of one file after decompression: 4 GiB.
const maxBytes = 4 << 30

// A compressed file that grows by more than bombRatio, after its first bombFloor bytes, is refused: rows by the million
// that differ in nothing take kilobytes to send.
const (
	bombRatio = 250
	bombFloor = 64 << 20
)

// maxPart bounds what is read for one record of a file: 32 MiB. A gigabyte without a line end takes a megabyte to send.
const maxPart = 32 << 20

// File is an open file of a source.
type File struct {
	io.Reader
	Name    string // without folder, as found: "runs.csv" or "runs.csv.gz"
	limited *limited
	close   []io.Closer
}

// NextPart tells that a record is complete and the next one begins. Reading fails after 32 MiB without such a call;
// a reader that never calls it can read no more than that.
func (f *File) NextPart() { f.limited.part = maxPart }

// newFile returns the file whose content r reads.
func newFile(ctx context.Context, name string, r io.Reader, closers ...io.Closer) *File {
	l := &limited{ctx: ctx, r: r, left: maxBytes, part: maxPart}
	return &File{Reader: l, Name: name, limited: l, close: closers}
}

// Open opens the file of that name in a folder, or the one with .gz added. The error wraps fs.ErrNotExist if there
// is neither. Reading ends with ctx.
func Open(ctx context.Context, dir, name string) (*File, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file; the importer reads a folder: %w", dir, ErrInvalid)
	}
	f, err := os.Open(filepath.Join(dir, name))
	if err == nil {
		return newFile(ctx, name, bufio.NewReader(f), f), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, packedErr := os.Open(filepath.Join(dir, name+".gz"))
	if packedErr != nil {
		return nil, fmt.Errorf("%s has no %s, plain or .gz: %w", dir, name, fs.ErrNotExist)
	}
	packed := &counter{r: f}
	z, err := gzip.NewReader(bufio.NewReader(packed))
	if err != nil {
		f.Close()
		return nil, Invalidf(Place{File: name + ".gz"}, "%w", err)
	}
	file := newFile(ctx, name+".gz", z, z, f)
	file.limited.packed = packed
	return file, nil
}

// Close closes the file.
func (f *File) Close() error {
	var err error
	for _, c := range f.close {
		err = errors.Join(err, c.Close())
	}
	return err
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// limited ends with an error after too many bytes, in all, for one part or for what they were unpacked from, or when its
// context ends.
type limited struct {
	ctx        context.Context
	r          io.Reader
	left, part int64
	packed     *counter // nil where nothing is unpacked
}

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	l.part -= int64(n)
	switch {
	case l.left < 0:
		return n, fmt.Errorf("more than %d GiB: %w", maxBytes>>30, ErrInvalid)
	case l.packed != nil && maxBytes-l.left > bombFloor && (maxBytes-l.left)/bombRatio > l.packed.n:
		return n, fmt.Errorf("it grows more than %d-fold when unpacked, as no table does: %w", bombRatio, ErrInvalid)
	case l.part < 0:
		return n, fmt.Errorf("a record of more than %d MiB; is a quote not closed?: %w", maxPart>>20, ErrInvalid)
	}
	return n, err
}
