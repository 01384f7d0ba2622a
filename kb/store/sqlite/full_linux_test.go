package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store"
	"github.com/metaml/metaml/kb/store/storetest"
)

// smallDisk mounts a file system of some KiB, which resize changes. Without the right to mount the test is skipped.
func smallDisk(t *testing.T, size string) (dir string, resize func(size string)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("METAML_STRICT") == "1" && os.Getuid() == 0 && !errors.Is(err, syscall.EPERM) {
			t.Fatal(err)
		}
		t.Skipf("a small disk cannot be mounted, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir, func(size string) {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size="+size); err != nil {
			t.Fatal(err)
		}
	}
}

// fill adds until the disk is full and returns the entries of all additions that succeeded, and the error of the one
// that did not.
func fill(t *testing.T, s *Store, from int) (acknowledged []store.Entry, full error) {
	t.Helper()
	for i := from; i < from+5000; i++ {
		batch := []store.Entry{storetest.Task(t, 3*i), storetest.Run(t, i, 0), storetest.Task(t, 3*i+1)}
		if _, err := s.Add(t.Context(), batch...); err != nil {
			return acknowledged, err
		}
		acknowledged = append(acknowledged, batch...)
	}
	t.Fatal("the disk is never full")
	return nil, nil
}

// TestDiskFull fills disks of several sizes, so that there is no room at one write or another. What was acknowledged is
// there, whole, and nothing else; with room again, the same store goes on.
func TestDiskFull(t *testing.T) {
	for _, size := range []string{"4k", "12k", "60k", "100k", "256k", "300k"} {
		t.Run(size, func(t *testing.T) {
			dir, resize := smallDisk(t, size)
			s := mustOpen(t, filepath.Join(dir, "kb.sqlite"), Options{})
			acknowledged, full := fill(t, s, 0)
			if !errors.Is(full, store.ErrStorage) || !strings.Contains(full.Error(), "kb.sqlite") {
				t.Errorf("after %d entries: %v, want ErrStorage and the file", len(acknowledged), full)
			}
			if again, err := s.Add(t.Context(), storetest.Task(t, 99999)); err == nil {
				t.Logf("%d small record still fitted", again)
				acknowledged = append(acknowledged, storetest.Task(t, 99999))
			}
			resize("8m")
			sameEntries(t, s, acknowledged)
			if _, err := s.Add(t.Context(), storetest.Task(t, 100000)); err != nil {
				t.Fatalf("with room again: %v", err)
			}
			sameEntries(t, s, append(acknowledged, storetest.Task(t, 100000)))
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// sameEntries reads a store through another handle, as another process would.
func sameEntries(t *testing.T, s *Store, want []store.Entry) {
	t.Helper()
	reader := mustOpen(t, s.Path(), Options{ReadOnly: true})
	defer reader.Close()
	got, findings, err := readAll(t.Context(), reader)
	if err != nil || len(findings) > 0 {
		t.Fatalf("damaged: %v, %v", findings, err)
	}
	there := map[record.ID]bool{}
	for _, e := range got {
		if _, err := e.Record(); err != nil {
			t.Error(err)
		}
		there[e.ID] = true
	}
	for _, e := range want {
		if !there[e.ID] {
			t.Fatalf("%s was acknowledged and is lost", e.ID)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d entries, %d were acknowledged", len(got), len(want))
	}
}
