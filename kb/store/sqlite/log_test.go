package sqlite

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/store/storetest"
)

// killed returns a database whose writer died before it folded its log, with n transactions of one record each in the
// log.
func killed(t *testing.T, n int) (path string, log []byte) {
	t.Helper()
	live := filepath.Join(t.TempDir(), "live.sqlite")
	s := mustOpen(t, live, Options{})
	for i := range n {
		if _, err := s.Add(t.Context(), storetest.Task(t, i)); err != nil {
			t.Fatal(err)
		}
	}
	path = filepath.Join(t.TempDir(), "kb.sqlite")
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(live + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path+suffix, b, 0o600); err != nil {
			t.Fatal(err)
		}
		log = b
	}
	return path, log
}

// TestCheckReadsTheLog damages one thing of a log at a time.
func TestCheckReadsTheLog(t *testing.T) {
	path, good := killed(t, 12)
	const frame = frameHead + 4096
	last := len(good) - frame
	if (len(good)-logHead)%frame != 0 || last < 12*frame {
		t.Fatalf("a log of %d bytes", len(good))
	}
	for _, tc := range []struct {
		name   string
		damage func(b []byte) []byte
		want   string // "" for nothing to complain about
	}{
		{"nothing", func(b []byte) []byte { return b }, ""},
		{"no log", func([]byte) []byte { return nil }, ""},
		{"the head is cut", func(b []byte) []byte { return b[:logHead-1] }, ""},
		{"the last frame is cut, as when a writer dies", func(b []byte) []byte { return b[:len(b)-1] }, ""},
		{"only a frame's head was written", func(b []byte) []byte { return b[:last+frameHead] }, ""},
		{"a bit of the first frame's page", flipAt(logHead + frameHead + 100), "frame 1 of its log"},
		{"a bit of the third frame's page", flipAt(logHead + 2*frame + frameHead), "frame 3 of its log"},
		{"a salt of the second frame", flipAt(logHead + frame + 8), "frame 2 of its log"},
		{"a checksum of the second frame", flipAt(logHead + frame + 20), "frame 2 of its log"},
		{"a bit of the last frame's page", flipAt(len(good) - 1), "is damaged"},
		{"magic", flipAt(0), "the head of its log"},
		{"byte order", flipAt(3), "the head of its log"},
		{"page size", flipAt(10), "the head of its log"},
		{"salt of the head", flipAt(17), "the head of its log"},
		{"checksum of the head", flipAt(31), "the head of its log"},
		// A transaction that was given up leaves frames of the same time, and none of them ends it.
		{"frames given up", func(b []byte) []byte {
			left := append([]byte(nil), b[last:]...)
			binary.BigEndian.PutUint32(left[4:], 0)
			return append(append(b, left...), left...)
		}, ""},
		// What lies behind the end of a log that is used again is older.
		{"older frames", func(b []byte) []byte {
			left := append([]byte(nil), b[logHead:]...)
			for i := 0; i < len(left); i += frame {
				left[i+8] ^= 1
			}
			return append(b, left...)
		}, ""},
	} {
		if err := os.WriteFile(path+"-wal", tc.damage(append([]byte(nil), good...)), 0o600); err != nil {
			t.Fatal(err)
		}
		finding, err := checkLog(path)
		if err != nil || (finding == "") != (tc.want == "") || !strings.Contains(finding, tc.want) {
			t.Errorf("%s: %q, %v; want %q", tc.name, finding, err, tc.want)
		}
	}
	os.Remove(path + "-wal")
	if finding, err := checkLog(path); finding != "" || err != nil {
		t.Errorf("without a log: %q, %v", finding, err)
	}
}

func flipAt(i int) func([]byte) []byte {
	return func(b []byte) []byte { b[i] ^= 1; return b }
}

// TestCheckWhileWriting looks for false alarms: the log of a store that is being written to is in order, whatever moment
// it is looked at, and so is one that was folded and begun anew.
func TestCheckWhileWriting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kb.sqlite")
	s := mustOpen(t, path, Options{})
	done := make(chan error, 1)
	go func() {
		var err error
		for i := 0; i < 400 && err == nil; i++ {
			_, err = s.Add(t.Context(), storetest.Task(t, 2*i), storetest.Task(t, 2*i+1))
		}
		done <- err
	}()
	for looks := 0; ; looks++ {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			t.Logf("%d looks", looks)
			return
		default:
		}
		if finding, err := checkLog(path); finding != "" || err != nil {
			t.Fatalf("look %d: %q, %v", looks, finding, err)
		}
	}
}

// TestPageSizesOfLogs: the head of a log is sound with any page size that SQLite has, powers of two from 512 to 65536, in
// either order of bytes, and with no other.
func TestPageSizesOfLogs(t *testing.T) {
	for size, want := range map[uint32]bool{0: false, 256: false, 511: false, 512: true, 4096: true, 4097: false, 6144: false, 65536: true, 131072: false} {
		for _, magic := range []uint32{logMagic, logMagic | 1} {
			var head [logHead]byte
			binary.BigEndian.PutUint32(head[:], magic)
			binary.BigEndian.PutUint32(head[8:], size)
			copy(head[16:], "saltsalt")
			sum := &logReader{order: binary.LittleEndian}
			if magic&1 != 0 {
				sum.order = binary.BigEndian
			}
			sum.add(head[:24])
			binary.BigEndian.PutUint32(head[24:], sum.sum[0])
			binary.BigEndian.PutUint32(head[28:], sum.sum[1])
			if _, ok := openLog(head); ok != want {
				t.Errorf("pages of %d bytes, magic %x: sound is %v", size, magic, ok)
			}
			head[20] ^= 1
			if _, ok := openLog(head); ok {
				t.Errorf("pages of %d bytes: a damaged head passes", size)
			}
		}
	}
}
