//go:build unix

package dataset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// namedPipe makes a named pipe, into which text is written once somebody reads it; no text: nobody writes.
func namedPipe(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.csv")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if text == "" {
		return path
	}
	wrote := make(chan error, 1)
	go func() { wrote <- os.WriteFile(path, []byte(text), 0) }()
	t.Cleanup(func() {
		if err := <-wrote; err != nil && !errors.Is(err, syscall.EPIPE) {
			t.Error(err)
		}
	})
	return path
}

// TestNamedPipe reads a table that another process writes, and tells Latin-1 without reading it again.
func TestNamedPipe(t *testing.T) {
	d, err := Read(t.Context(), namedPipe(t, "x,name,y\n1,a,0\n2,b,1\n3,a,0\n4,b,1\n"), Options{})
	if err != nil || d.TotalRows != 4 || d.Name != "p" {
		t.Fatalf("%+v, %v", d, err)
	}
	d, err = Read(t.Context(), namedPipe(t, "x,name,y\n1,caf\xe9,0\n2,b,1\n3,caf\xe9,0\n4,b,1\n"), Options{})
	if err != nil || d.TotalRows != 4 || !strings.Contains(strings.Join(d.Notes, " "), "Latin-1") {
		t.Fatalf("%+v, %v", d, err)
	}
}

// TestNamedPipeWithoutWriter is given up when the context ends, before anybody writes and while somebody does.
func TestNamedPipeWithoutWriter(t *testing.T) {
	stop := errors.New("stopped by the test")
	ctx, cancel := context.WithCancelCause(t.Context())
	began := make(chan struct{})
	path := namedPipe(t, "")
	go func() {
		<-began
		cancel(stop)
	}()
	close(began)
	if _, err := Read(ctx, path, Options{}); !errors.Is(err, stop) {
		t.Errorf("nobody writes: %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	path = namedPipe(t, "")
	opened := make(chan *os.File)
	go func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Error(err)
		}
		_, _ = w.WriteString("x,y\n1,2\n")
		cancel(stop)
		opened <- w
	}()
	if _, err := Read(ctx, path, Options{}); !errors.Is(err, stop) {
		t.Errorf("the writer waits: %v", err)
	}
	_ = (<-opened).Close()
}
