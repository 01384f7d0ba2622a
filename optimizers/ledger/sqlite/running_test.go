package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func TestRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.study")
	expect := func(when string, want bool) {
		t.Helper()
		if got, err := Running(path); got != want || err != nil {
			t.Errorf("%s: running %v, %v", when, got, err)
		}
	}
	expect("without a study", false)
	l := create(t, path)
	expect("while it is made", true)
	view, err := View(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	l.Close()
	expect("while it is only read", false)
	if l, err = Open(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	expect("opened again", true)
	l.Close()
	os.Remove(path + ".lock")
	expect("without a lock file", false)
}

// TestLookingKeepsNobodyOut opens a study again and again while another one looks whether it is run.
func TestLookingKeepsNobodyOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.study")
	create(t, path).Close()
	done := make(chan struct{})
	var looker sync.WaitGroup
	looker.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				Running(path)
				time.Sleep(20 * time.Microsecond)
			}
		}
	})
	for range 600 {
		unlock, err := lock(path)
		if err != nil {
			t.Fatal(err)
		}
		unlock()
		time.Sleep(20 * time.Microsecond)
	}
	close(done)
	looker.Wait()
}
