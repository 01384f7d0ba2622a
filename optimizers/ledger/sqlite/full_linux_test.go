package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/metaml/metaml/optimizers"
	"github.com/metaml/metaml/optimizers/study"
)

// mountSmall mounts a file system of that size, in the words of mount, or with a flag changes that of one.
func mountSmall(t *testing.T, dir, size string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, "size="+size); err != nil {
		if flags != 0 {
			t.Fatal(err)
		}
		t.Skipf("a small disk cannot be mounted, which takes root: %v", err)
	}
}

// TestDiskFull creates and fills studies on disks of several sizes. There is no half of a study and no half of an event;
// what was acknowledged is there; with room again, the study goes on.
func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	for _, size := range []string{"4k", "8k", "16k", "36k", "44k", "64k", "100k", "200k"} {
		t.Run(size, func(t *testing.T) {
			dir := t.TempDir()
			mountSmall(t, dir, size, 0)
			defer func() {
				if err := syscall.Unmount(dir, 0); err != nil {
					t.Error(err)
				}
			}()
			path := filepath.Join(dir, "s.study")
			acknowledged := fillStudy(t, path)
			mountSmall(t, dir, "8m", syscall.MS_REMOUNT)
			if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) { // it could not even be created
				create(t, path).Close()
			}
			l, err := Open(ctx, path)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			if got := len(events(t, l)); got != acknowledged {
				t.Errorf("%d events, %d were acknowledged", got, acknowledged)
			}
			if err := l.Append(ctx, event(acknowledged+1)); err != nil {
				t.Errorf("with room again: %v", err)
			}
			if got := events(t, l); len(got) != acknowledged+1 || got[acknowledged].Trial.ID != study.TrialID(acknowledged+1) {
				t.Errorf("%d events at last", len(got))
			}
		})
	}
}

func event(n int) optimizers.Event {
	return optimizers.Event{Trial: study.Trial{Suggestion: study.Suggestion{ID: study.TrialID(n), Origin: strings.Repeat("x", 200)}}}
}

// fillStudy creates a study and appends to it until there is no room, and returns how many events it holds.
func fillStudy(t *testing.T, path string) (acknowledged int) {
	t.Helper()
	ctx := context.Background()
	l, err := Create(ctx, path, header(t))
	for err == nil {
		if err = l.Append(ctx, event(acknowledged+1)); err == nil {
			acknowledged++
		}
		if acknowledged > 5000 {
			t.Fatal("the disk is never full")
		}
	}
	if !errors.Is(err, ErrStorage) && !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("after %d events: %v", acknowledged, err)
	}
	if !strings.Contains(err.Error(), "s.study") {
		t.Errorf("%v does not name the file", err)
	}
	if l != nil {
		if err := l.Close(); err != nil && !errors.Is(err, ErrStorage) {
			t.Errorf("closing: %v", err)
		}
	}
	if _, err := os.Stat(path + ".new"); err == nil {
		t.Error("half of a study is left behind")
	}
	t.Logf("%d events fitted: %v", acknowledged, err)
	return acknowledged
}
