//go:build unix

package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestReadOnlyFolder reads a store whose folder cannot be written to, as on a read-only home. Since permissions
// do not bind root, root has another process do it as nobody.
func TestReadOnlyFolder(t *testing.T) {
	dir, err := os.MkdirTemp("", "metaml-readonly-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "kb.sqlite")
	content, err := os.ReadFile(filled(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o700)

	cmd := child(t, "read", path)
	if os.Getuid() == 0 {
		if _, err := os.Stat("/proc/self/exe"); err == nil {
			cmd.Path = "/proc/self/exe" // nobody may not look into the folder of the test binary
		}
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	out, err := cmd.Output()
	if err != nil || strings.TrimSpace(string(out)) != "6" {
		t.Errorf("read %q entries, want 6: %v", out, err)
	}
}
