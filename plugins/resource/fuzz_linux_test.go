package resource

import "testing"

// FuzzProc reads what the kernel's files might hold: no number of bytes is negative.
func FuzzProc(f *testing.F) {
	f.Add([]byte("MemTotal: 16384 kB\n"))
	f.Add([]byte("MemTotal: 9223372036854775807 kB\n"))
	f.Add([]byte("MemTotal: -5\n"))
	f.Add([]byte("17 (a) b) S 1 17 0"))
	f.Add([]byte(") S"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := parseMeminfo(b); n < 0 {
			t.Fatalf("%q: %d bytes", b, n)
		}
		_, _, _ = parseStat(b) // anything but a panic
	})
}
