package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/store/storetest"
)

// childTask, in the environment, makes the test binary play another process: "write PATH FIRST COUNT GOROUTINES"
// adds tasks and prints each id once Add has returned; "read PATH" prints the number of entries.
const childTask = "METAML_SQLITE_TEST_CHILD"

func TestMain(m *testing.M) {
	if task := os.Getenv(childTask); task != "" {
		if err := playChild(strings.Split(task, "\n")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func playChild(args []string) error {
	s, err := Open(args[1], Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	if args[0] == "read" {
		entries, _, err := readAll(context.Background(), s)
		fmt.Println(len(entries))
		return err
	}
	first, _ := strconv.Atoi(args[2])
	count, _ := strconv.Atoi(args[3])
	goroutines, _ := strconv.Atoi(args[4])
	failures := make(chan error, goroutines)
	for g := range goroutines {
		go func() { failures <- writeTasks(s, first+g*count, count) }()
	}
	for range goroutines {
		if err := <-failures; err != nil {
			return err
		}
	}
	return nil
}

func writeTasks(s *Store, first, count int) error {
	for i := range count {
		e := storetest.Task(new(testing.T), first+i)
		if _, err := s.Add(context.Background(), e); err != nil {
			return err
		}
		if _, err := fmt.Println(e.ID); err != nil {
			return err
		}
	}
	return nil
}

func child(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childTask+"="+strings.Join(args, "\n"))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKilledWriterLosesNothing kills a writing process at random instants: every id it printed, which it does
// after Add has returned, must be there, and the file must be sound.
func TestKilledWriterLosesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	acknowledged := map[record.ID]bool{}
	for round := range 15 {
		cmd := child(t, "write", path, fmt.Sprint(round*100000), "100000", "1")
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// From before the file exists, in round 0, to the middle of writing, after some additions and some time.
		enough, delay := round*rng.IntN(5), time.Duration(rng.IntN(3000))*time.Microsecond
		if round == 0 {
			time.AfterFunc(delay, func() { cmd.Process.Kill() })
		}
		for lines := bufio.NewScanner(stdout); lines.Scan(); enough-- {
			if id := record.ID(lines.Text()); id.Valid() { // the last line may be cut
				acknowledged[id] = true
			}
			if enough <= 0 {
				time.AfterFunc(delay, func() { cmd.Process.Kill() })
			}
		}
		cmd.Wait()

		s := mustOpen(t, path, Options{})
		entries, findings, err := readAll(t.Context(), s)
		if len(findings) != 0 || err != nil {
			t.Fatalf("round %d: %v, %v", round, findings, err)
		}
		there := map[record.ID]bool{}
		for _, e := range entries {
			there[e.ID] = true
		}
		for id := range acknowledged {
			if !there[id] {
				t.Fatalf("round %d: record %s was acknowledged and is lost", round, id)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acknowledged) == 0 {
		t.Fatal("no process lived long enough to add anything")
	}
	t.Logf("%d records acknowledged, none lost", len(acknowledged))
}

// TestManyProcessesWrite has 4 processes with 8 goroutines each create and fill one file, with 10 records per goroutine or,
// with METAML_SOAK=1, a thousand. Every record is written by two of them.
func TestManyProcessesWrite(t *testing.T) {
	const processes, goroutines = 4, 8
	each := 10
	if os.Getenv("METAML_SOAK") == "1" {
		each = 1000
	}
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	var group sync.WaitGroup
	for p := range processes {
		first := p / 2 * goroutines * each // two processes write the same records
		cmd := child(t, "write", path, fmt.Sprint(first), fmt.Sprint(each), fmt.Sprint(goroutines))
		cmd.Stdout = io.Discard
		group.Go(func() {
			if err := cmd.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	s := mustOpen(t, path, Options{})
	defer s.Close()
	entries, findings, err := readAll(t.Context(), s)
	if want := processes / 2 * goroutines * each; len(entries) != want || len(findings) != 0 || err != nil {
		t.Errorf("%d entries, want %d, %v, %v", len(entries), want, findings, err)
	}
	there := map[record.ID]bool{}
	for i := range processes / 2 * goroutines * each {
		there[storetest.Task(t, i).ID] = true
	}
	for _, e := range entries {
		if !there[e.ID] {
			t.Fatalf("record %s (number %d) is there twice, or nobody wrote it", e.ID, e.Sequence)
		}
		delete(there, e.ID)
	}
}
