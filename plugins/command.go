package plugins

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"github.com/hashicorp/go-plugin"
)

const (
	// defaultStartTimeout is what a plugin has from its start to its first answer.
	defaultStartTimeout = 5 * time.Second
	// defaultCallTimeout is what an optimizer has for one answer.
	defaultCallTimeout = 2 * time.Minute
)

// Command says how to start a plugin's process.
type Command struct {
	// Path is the program, Args its arguments without the program's name.
	Path string
	Args []string
	// Env adds to, and wins over, the few variables that a plugin gets from the host (see Environment): NAME=value.
	Env []string
	// Dir is the working directory; empty means the host's.
	Dir string
	// StartTimeout bounds the time from the start to the answer to Describe; 0 means 5 s, which is plenty for a Go
	// program. Python needs longer on a loaded machine.
	StartTimeout time.Duration
	// CallTimeout bounds every call but Load and Evaluate; 0 means 2 min. A plugin that does not answer in time is
	// killed.
	CallTimeout time.Duration
	// Stderr gets a copy of what the plugin writes to standard error; nil means none. Every process
	// makes one write at a time.
	Stderr io.Writer
	// Checksum is the SHA-256 that the program must have; nil means any.
	Checksum []byte
}

// SelfCommand returns the command that starts the running program again with other arguments. On Linux it does so
// through /proc, so that a program replaced on disk since then does not matter.
func SelfCommand(args ...string) (Command, error) {
	if runtime.GOOS == "linux" {
		return Command{Path: "/proc/self/exe", Args: args}, nil
	}
	path, err := os.Executable()
	return Command{Path: path, Args: args}, err
}

func (c Command) startTimeout() time.Duration {
	if c.StartTimeout > 0 {
		return c.StartTimeout
	}
	return defaultStartTimeout
}

func (c Command) callTimeout() time.Duration {
	if c.CallTimeout > 0 {
		return c.CallTimeout
	}
	return defaultCallTimeout
}

// verify compares the program with its pinned checksum. Whoever may replace the program between this check and its
// execution may run what they like, so pinned programs belong in folders that only their owner can write.
func (c Command) verify() error {
	if c.Checksum == nil {
		return nil
	}
	path, err := exec.LookPath(c.Path)
	if err != nil {
		return err
	}
	secure := plugin.SecureConfig{Checksum: bytes.Clone(c.Checksum), Hash: sha256.New()}
	same, err := secure.Check(path)
	if err != nil {
		return err
	}
	if !same {
		return fmt.Errorf("%s: %w", path, ErrChecksum)
	}
	return nil
}

// exec returns the command with its whole environment: the host's allowed variables, go-plugin's, and the
// command's own.
func (c Command) exec(pluginEnv []string) *exec.Cmd {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir = c.Dir
	cmd.Env = append(Environment(os.Environ()), c.Env...)
	cmd.Env = append(cmd.Env, pluginEnv...)
	return cmd
}
