//go:build unix

package plugins

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockedBuffer is a buffer that a process's supervisor writes while the test may read.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestBadStartsAreOneClearError(t *testing.T) {
	notExecutable := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(notExecutable, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		command Command
		want    string
	}{
		"exits":          {playing(t, "exit 3"), "it ended before the handshake (exit status 3); its last words: ImportError: no module named sklearn"},
		"babbles":        {playing(t, "babble"), `it said "hello, I am no plugin" instead of the handshake`},
		"silent":         {playing(t, "silent"), "no handshake within 300ms"},
		"one endless":    {playing(t, "endless line"), `it said "zzz`},
		"other protocol": {playing(t, "net/rpc"), "unsupported plugin protocol"},
		"other version":  {playing(t, "future"), `the handshake "1|7|unix|/nowhere|grpc" was refused`},
		"no socket":      {playing(t, "no socket"), "the plugin process was lost during Describe"},
		"another kind":   {playing(t, "optimizer"), "unknown service metaml.v1.Evaluator"},
		"not there":      {Command{Path: "/does/not/exist"}, "no such file"},
		"no program":     {Command{Path: notExecutable}, "permission denied"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "silent" {
				c.command.StartTimeout = 300 * time.Millisecond
			}
			e, err := StartEvaluator(t.Context(), "bad", c.command)
			if err == nil {
				_ = e.Close()
				t.Fatal("it started")
			}
			if !strings.HasPrefix(err.Error(), "evaluator bad: ") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%q, want %q in one line", err, c.want)
			}
			var process *ProcessError
			if errors.As(err, &process) && process.PID != 0 && alive(process.PID) {
				t.Errorf("process %d lives on", process.PID)
			}
		})
	}
}

// TestKilledStartsAreRepeated kills a plugin before it can answer, twice or for ever; one that ends by itself is started
// once.
func TestKilledStartsAreRepeated(t *testing.T) {
	for _, c := range []struct {
		lives  string
		starts int
	}{{"1", 1}, {"2", 2}, {"3", 3}, {"4", 3}} {
		mark := filepath.Join(t.TempDir(), "mark")
		e, err := StartEvaluator(t.Context(), "mayfly", playing(t, "mayfly", "METAML_TEST_MARK="+mark, "METAML_TEST_LIVES="+c.lives))
		if err == nil {
			_ = e.Close()
		}
		if (err == nil) != (c.lives < "4") {
			t.Errorf("the start that is not killed is number %s: %v", c.lives, err)
		}
		if err != nil && (!errors.Is(err, ErrStart) || !strings.Contains(err.Error(), "it ended before the handshake (signal: killed)")) {
			t.Errorf("error %v", err)
		}
		if born, err := os.Stat(mark); err != nil || int(born.Size()) != c.starts {
			t.Errorf("the start that is not killed is number %s: %v starts, want %d (%v)", c.lives, born.Size(), c.starts, err)
		}
	}
}

// TestOptimizerKilledAtTheStart kills an optimizer while it opens the study.
func TestOptimizerKilledAtTheStart(t *testing.T) {
	o := startOptimizer(t, accident{On: "open", How: "kill", Mark: filepath.Join(t.TempDir(), "mark")})
	if _, err := o.Ask(t.Context(), 1, 1); err != nil {
		t.Error(err)
	}
	settings := json.RawMessage(`{"On":"open","How":"kill"}`)
	if o, err := StartOptimizer(t.Context(), "drift", playing(t, "optimizer"), testProblem(t), settings, nil); !errors.Is(err, ErrLost) {
		t.Errorf("killed at every start: %v, %v", o, err)
	}
}

// TestNoHandshakeLineUpsetsTheHost starts programs that say damaged handshakes.
func TestNoHandshakeLineUpsetsTheHost(t *testing.T) {
	lines := []string{
		"", "|", "|||||||", "1|1|unix||grpc", "1|1|tcp||grpc", "1|1|tcp|127.0.0.1:1|grpc", "1|1|udp|x|grpc", "x|1|unix|/x|grpc",
		"1|-1|unix|/x|grpc", "1|99999999999999999999|unix|/x|grpc", "1|1|unix|/x|", "1|1|unix|/x", "1|1|unix|\x01|grpc",
		"1|1|unix|/x|grpc|" + strings.Repeat("A", 60), "1|1|unix|/dev/null|grpc", "2|1|unix|/x|grpc",
		"1|1|unix|/" + strings.Repeat("x", 200) + "|grpc",
	}
	r := rand.New(rand.NewPCG(7, 7))
	for range 15 {
		line := []byte("1|1|unix|/tmp/nobody|grpc|")
		for range 1 + r.IntN(4) {
			line[r.IntN(len(line))] = byte(1 + r.IntN(255))
		}
		lines = append(lines, string(line))
	}
	for i, line := range lines {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			e, err := StartEvaluator(t.Context(), "bad", playing(t, "say", "METAML_TEST_LINE="+line))
			if err == nil {
				_ = e.Close()
				t.Fatalf("%q was taken for a handshake", line)
			}
			var process *ProcessError
			if !errors.As(err, &process) || strings.Contains(err.Error(), "\n") || alive(process.PID) {
				t.Errorf("%q: %v; want a ProcessError in one line and a dead process", line, err)
			}
		})
	}
}

func TestStartEndsWithItsContext(t *testing.T) {
	cause := errors.New("changed my mind")
	ctx, cancel := context.WithCancelCause(t.Context())
	command := playing(t, "silent")
	command.StartTimeout = time.Hour
	time.AfterFunc(50*time.Millisecond, func() { cancel(cause) })
	if _, err := StartEvaluator(ctx, "silent", command); !errors.Is(err, cause) {
		t.Errorf("%v, want %v", err, cause)
	}
	if _, err := StartEvaluator(ctx, "silent", command); !errors.Is(err, cause) {
		t.Errorf("with an ended context: %v", err)
	}
}

func TestChecksumIsVerified(t *testing.T) {
	command := playing(t, "evaluator")
	program, err := os.ReadFile(command.Path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	command.Checksum = sum[:]
	e, err := StartEvaluator(t.Context(), "pinned", command)
	if err != nil {
		t.Fatal(err)
	}
	_ = e.Close()
	command.Checksum = slices.Clone(sum[:])
	command.Checksum[31] ^= 1
	if _, err := StartEvaluator(t.Context(), "changed", command); !errors.Is(err, ErrStart) || !errors.Is(err, ErrChecksum) {
		t.Errorf("with another checksum: %v", err)
	}
}

func TestPluginsSeeTheAllowedEnvironmentOnly(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_SECRET_ACCESS_KEY": "canary", "METAML_TOKEN": "canary", "PYTHONPATH": "canary", "SSH_AUTH_SOCK": "canary",
		"OMP_NUM_THREADS": "64", "METAML_HOME": "/home/metaml", "LC_ALL": "C.UTF-8",
	} {
		t.Setenv(name, value)
	}
	e := startEvaluator(t, "evaluator", "OMP_NUM_THREADS=2", "PYTHONHASHSEED=0")
	got, err := e.Evaluate(t.Context(), asking("environment"), nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := strings.Split(got.Reason, "\n")
	for _, want := range []string{"OMP_NUM_THREADS=2", "PYTHONHASHSEED=0", "METAML_HOME=/home/metaml", "LC_ALL=C.UTF-8", "PATH=" + os.Getenv("PATH")} {
		if !slices.Contains(seen, want) {
			t.Errorf("the plugin does not see %s", want)
		}
	}
	if strings.Contains(got.Reason, "canary") || slices.Contains(seen, "OMP_NUM_THREADS=64") {
		t.Errorf("the plugin sees too much:\n%s", got.Reason)
	}
}

func TestEnvironment(t *testing.T) {
	in := []string{
		"PATH=/bin", "Path=C:\\", "HOME=/root", "CUDA_VISIBLE_DEVICES=0", "METAML_HOME=/m", "METAML_API_KEY=x",
		"METAML_PLUGIN=cookie", "OPENAI_API_KEY=x", "PASSWORD=x", "broken", "=C:=C:\\", "XDG_CACHE_HOME=/c", "PATHS=x",
	}
	want := []string{"PATH=/bin", "Path=C:\\", "HOME=/root", "CUDA_VISIBLE_DEVICES=0", "METAML_HOME=/m", "XDG_CACHE_HOME=/c"}
	if got := Environment(in); !slices.Equal(got, want) {
		t.Errorf("Environment = %q, want %q", got, want)
	}
}

func TestSocketFolderIsPrivateAndShort(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), strings.Repeat("long", 20)))
	folder, err := socketFolder()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.Remove(folder) }()
	info, err := os.Stat(folder)
	if err != nil || info.Mode().Perm() != 0o700 || len(folder) > longestSocketFolder {
		t.Errorf("%s: %v, %v", folder, info.Mode(), err)
	}
}

func TestLastWords(t *testing.T) {
	cases := map[string]string{
		"":         "",
		"\n  \n":   "",
		"a\nb\n\n": "b",
		"Traceback (most recent call last):\n  File \"x.py\"\nValueError: no\n": "ValueError: no",
		"panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/x.go:3\n":       "panic: boom",
		"fatal error: out of memory\n\nruntime stack:\n":                        "fatal error: out of memory",
		strings.Repeat("ä", 400):                                                strings.Repeat("ä", 150) + "…",
	}
	for in, want := range cases {
		if got := lastWords(in); got != want {
			t.Errorf("lastWords(%.40q) = %q, want %q", in, got, want)
		}
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var all bytes.Buffer
	kept := &tail{echo: &all}
	for i := range 600 {
		piece := bytes.Repeat([]byte{byte('a' + i%26)}, i*7%400)
		if i == 100 {
			piece = bytes.Repeat([]byte("0123456789"), tailSize/5)
		}
		if n, err := kept.Write(piece); n != len(piece) || err != nil {
			t.Fatal(n, err)
		}
		whole := all.Bytes()
		if want := string(whole[max(0, len(whole)-tailSize):]); kept.String() != want {
			t.Fatalf("after %d bytes: kept %d bytes that are not the end", len(whole), len(kept.String()))
		}
	}
}
