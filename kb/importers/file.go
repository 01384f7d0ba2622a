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

// File is an open file of a source.
type File struct {
	io.Reader
	Name  string // without folder, as found: "runs.csv" or "runs.csv.gz"
	close []io.Closer
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
		return &File{Reader: limit(ctx, bufio.NewReader(f)), Name: name, close: []io.Closer{f}}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, packedErr := os.Open(filepath.Join(dir, name+".gz"))
	if packedErr != nil {
		return nil, fmt.Errorf("%s has no %s, plain or .gz: %w", dir, name, fs.ErrNotExist)
	}
	z, err := gzip.NewReader(bufio.NewReader(f))
	if err != nil {
		f.Close()
		return nil, Invalidf(Place{File: name + ".gz"}, "%w", err)
	}
	return &File{Reader: limit(ctx, z), Name: name + ".gz", close: []io.Closer{z, f}}, nil
}

// Close closes the file.
func (f *File) Close() error {
	var err error
	for _, c := range f.close {
		err = errors.Join(err, c.Close())
	}
	return err
}

// limited ends with an error after too many bytes, or when its context ends.
type limited struct {
	ctx  context.Context
	r    io.Reader
	left int64
}

func limit(ctx context.Context, r io.Reader) io.Reader { return &limited{ctx, r, maxBytes} }

func (l *limited) Read(p []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return n, fmt.Errorf("more than %d GiB: %w", maxBytes>>30, ErrInvalid)
	}
	return n, err
}
