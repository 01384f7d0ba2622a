package pyenv

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// needPython skips a test on machines without a suitable Python.
func needPython(t *testing.T) interpreter {
	t.Helper()
	t.Setenv(PythonVariable, "")
	i, err := find(t.Context(), func(string) {})
	if err != nil {
		if os.Getenv("METAML_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return i
}

// wheelhouse makes a folder with one wheel, tells pip to look nowhere else, and returns a lock of it.
func wheelhouse(t *testing.T) []byte {
	t.Helper()
	var data bytes.Buffer
	w := zip.NewWriter(&data)
	const info = "metaml_probe-1.0.dist-info/"
	for _, file := range [][2]string{
		{"metaml_probe.py", "answer = 42\n"},
		{info + "METADATA", "Metadata-Version: 2.1\nName: metaml-probe\nVersion: 1.0\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{info + "RECORD", "metaml_probe.py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"},
	} {
		f, err := w.Create(file[0])
		if err == nil {
			_, err = f.Write([]byte(file[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "metaml_probe-1.0-py3-none-any.whl"), data.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PIP_NO_INDEX", "1")
	t.Setenv("PIP_FIND_LINKS", dir)
	t.Setenv("PIP_NO_CACHE_DIR", "1")
	sum := sha256.Sum256(data.Bytes())
	return []byte("metaml-probe==1.0 --hash=sha256:" + hex.EncodeToString(sum[:]) + "\n")
}

// withoutUV hides uv, if the machine has it, behind a PATH of the interpreter's folder alone.
func withoutUV(t *testing.T, python interpreter) {
	t.Helper()
	if _, err := exec.LookPath("uv"); err == nil {
		t.Setenv("PATH", only(t, "python3", "#!/bin/sh\nexec "+python.path+" \"$@\"\n"))
	}
}

// only returns a folder with one executable script.
func only(t *testing.T, name, script string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// answer asks an environment for what is in the test's package.
func answer(e Environment) string {
	out, err := exec.Command(e.Python, "-c", "import metaml_probe; print(metaml_probe.answer)").CombinedOutput()
	if err != nil {
		return fmt.Sprint(err, string(out))
	}
	return strings.TrimSpace(string(out))
}

func TestEnsureMakesAnEnvironmentOnce(t *testing.T) {
	withoutUV(t, needPython(t))
	var lines []string
	options := Options{Dir: t.TempDir(), Locks: [][]byte{wheelhouse(t)}, Progress: func(l string) { lines = append(lines, l) }}
	before, err := Look(t.Context(), options)
	if err != nil || before.Ready || before.Path != "" || before.Python == "" {
		t.Errorf("before: %+v, %v", before, err)
	}
	if entries, _ := os.ReadDir(options.Dir); len(entries) > 0 {
		t.Errorf("looking made %v", entries)
	}
	first, err := Ensure(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := Look(t.Context(), options); err != nil || !after.Ready || after.Path != first.Python {
		t.Errorf("after: %+v, %v, want %s", after, err, first.Python)
	}
	if got := answer(first); got != "42" {
		t.Errorf("the package says %q", got)
	}
	if len(first.Key) != 16 || len(first.Lock) != 64 || len(lines) == 0 {
		t.Errorf("environment %+v, progress %v", first, lines)
	}
	if entries, _ := filepath.Glob(filepath.Join(options.Dir, "*.making")); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
	lines = nil
	t.Setenv("PIP_FIND_LINKS", "/nowhere")
	second, err := Ensure(t.Context(), options)
	if err != nil || second != first || len(lines) > 0 {
		t.Errorf("again: %+v, %v, progress %v", second, err, lines)
	}
	options.Locks = append(options.Locks, []byte("# another lock\n"))
	if _, err := Ensure(t.Context(), options); !errors.Is(err, ErrInstall) {
		t.Errorf("another lock: %v", err)
	}
}

func TestEnsureAtTheSameTime(t *testing.T) {
	withoutUV(t, needPython(t))
	dir, content := t.TempDir(), wheelhouse(t)
	var mu sync.Mutex
	made := 0
	progress := func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if strings.HasPrefix(line, "making") {
			made++
		}
	}
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			e, err := Ensure(t.Context(), Options{Dir: dir, Locks: [][]byte{content}, Progress: progress})
			if err != nil || answer(e) != "42" {
				t.Errorf("%v, %s", err, answer(e))
			}
		})
	}
	wait.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}

func TestEnsureRepairsWhatAKilledProcessOrAnUpgradeLeft(t *testing.T) {
	python := needPython(t)
	withoutUV(t, python)
	options := Options{Dir: t.TempDir(), Locks: [][]byte{wheelhouse(t)}}
	key := hash([]byte(hash(options.Locks...)), []byte(python.version), []byte(python.platform))[:16]
	folder := filepath.Join(options.Dir, key)
	// A process that was killed while it installed left this; a Python that was removed leaves a dangling link.
	for _, dir := range []string{filepath.Join(folder+".making", "bin"), filepath.Dir(interpreterIn(folder))} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(options.Dir, "removed-python"), interpreterIn(folder)); err != nil {
		t.Fatal(err)
	}
	e, err := Ensure(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	if e.Key != key || answer(e) != "42" {
		t.Errorf("%+v: %s", e, answer(e))
	}
}

func TestEnsureLeavesNothingAfterAFailure(t *testing.T) {
	withoutUV(t, needPython(t))
	lock := wheelhouse(t)
	changed := slices.Clone(lock)
	if changed[len(changed)-2]++; changed[len(changed)-2] == ':' || changed[len(changed)-2] == 'g' {
		changed[len(changed)-2] = '0'
	}
	for name, test := range map[string]struct {
		lock  []byte
		words string
	}{
		"another hash": {changed, "a package differs from the locked one"},
		"no wheel":     {[]byte("metaml-nothing==1.0 --hash=sha256:" + strings.Repeat("0", 64) + "\n"), PythonVariable},
		"no hash":      {[]byte("metaml-probe==1.0\n"), "hash"},
	} {
		dir := t.TempDir()
		_, err := Ensure(t.Context(), Options{Dir: dir, Locks: [][]byte{test.lock}})
		if !errors.Is(err, ErrInstall) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", name, err)
		}
		left, _ := os.ReadDir(dir)
		for _, entry := range left {
			if entry.Name() != "sources" && !strings.HasSuffix(entry.Name(), ".lock") {
				t.Errorf("%s left %s", name, entry.Name())
			}
		}
	}
}

func TestEnsureEndsWithItsContext(t *testing.T) {
	withoutUV(t, needPython(t))
	options := Options{Dir: t.TempDir(), Locks: [][]byte{wheelhouse(t)}}
	ctx, cancel := context.WithCancel(t.Context())
	options.Progress = func(line string) {
		if strings.HasPrefix(line, "installing") {
			cancel()
		}
	}
	if _, err := Ensure(ctx, options); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestUVIsPreferred(t *testing.T) {
	python := needPython(t)
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	script := fmt.Sprintf(`#!/bin/sh
echo "$@" >> %s
case $1 in
venv) shift $(($# - 1)); exec %s -m venv --without-pip "$1" ;;
esac
`, log, python.path)
	t.Setenv("PATH", only(t, "uv", script)+string(os.PathListSeparator)+os.Getenv("PATH"))
	e, err := Ensure(t.Context(), Options{Dir: dir, Locks: [][]byte{wheelhouse(t)}})
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	calls := strings.Split(strings.TrimSpace(string(data)), "\n")
	if len(calls) != 2 || !strings.HasPrefix(calls[0], "venv ") || !strings.HasPrefix(calls[1], "pip install ") ||
		!strings.Contains(calls[1], "--require-hashes --only-binary :all: --no-deps") {
		t.Errorf("uv was called with %q", calls)
	}
	if _, err := os.Stat(e.Python); err != nil {
		t.Error(err)
	}
}

func TestUVProvidesAPythonWhereThereIsNone(t *testing.T) {
	python := needPython(t)
	script := "#!/bin/sh\ncase \"$1 $2\" in 'python find') echo " + python.path + " ;; esac\n"
	t.Setenv("PATH", only(t, "uv", script))
	i, err := find(t.Context(), func(string) {})
	if err != nil || i != python {
		t.Errorf("%+v, %v, want %+v", i, err, python)
	}
}

func TestThePythonOfTheUserIsUsedAsItIs(t *testing.T) {
	python := needPython(t)
	t.Setenv(PythonVariable, python.path)
	e, err := Ensure(t.Context(), Options{Dir: t.TempDir(), Locks: [][]byte{[]byte("not installed")}})
	if err != nil {
		t.Fatal(err)
	}
	if e.Python != python.path || e.Key != "" || e.Lock != "" {
		t.Errorf("%+v", e)
	}
	path, args, env := e.Module("metaml.evaluators.sklearn", "x")
	if path != python.path || !slices.Equal(args, []string{"-m", "metaml.evaluators.sklearn", "x"}) {
		t.Errorf("%s %v", path, args)
	}
	cmd := exec.Command(path, "-c", "import metaml; print(metaml.__version__)")
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil || strings.TrimSpace(string(out)) != "0.1.0" {
		t.Errorf("%v %s", err, out)
	}
	e.Lock = "abc"
	if _, _, env := e.Module("m"); !slices.Contains(env, "METAML_LOCK=abc") {
		t.Errorf("environment %v", env)
	}
}

func TestUnsuitablePythons(t *testing.T) {
	answers := func(lines string) string { return "#!/bin/sh\necho '" + lines + "'\n" }
	for name, test := range map[string]struct{ script, words string }{
		"too old":     {answers("/usr/bin/python3\n3.8\n8\nlinux-x86_64"), "Python 3.8 is too old, 3.11 or newer is needed"},
		"Python 2":    {answers("/usr/bin/python\n2.7\n-1\nlinux-x86_64"), "Python 2.7 is too old"},
		"too new":     {answers("/usr/bin/python3\n3.99\n99\nlinux-x86_64"), "newer than the locked packages"},
		"no Python":   {answers("hello"), "it is no Python"},
		"not numbers": {answers("a\nb\nc\nd"), "it is no Python"},
		"broken":      {"#!/bin/sh\necho 'no such library' >&2\nexit 1\n", "no such library"},
	} {
		t.Setenv("PATH", only(t, "python3", test.script))
		_, err := find(t.Context(), func(string) {})
		if !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), test.words) || !strings.Contains(err.Error(), PythonVariable) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Look(t.Context(), Options{Dir: t.TempDir()}); !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("looking, %s: %v", name, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := find(t.Context(), func(string) {}); !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), "none on PATH") {
		t.Errorf("an empty PATH: %v", err)
	}
	t.Setenv(PythonVariable, "/nowhere/python")
	_, err := Ensure(t.Context(), Options{Dir: t.TempDir()})
	if !errors.Is(err, ErrNoPython) || !strings.Contains(err.Error(), "METAML_PYTHON=/nowhere/python") {
		t.Errorf("a wrong METAML_PYTHON: %v", err)
	}
}

func TestSourcesAreUnpackedOnce(t *testing.T) {
	dir := t.TempDir()
	folder, err := unpack(dir)
	if err != nil {
		t.Fatal(err)
	}
	files, err := sourceFiles()
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		got, err := os.ReadFile(filepath.Join(folder, file.path))
		if err != nil || !bytes.Equal(got, file.content) {
			t.Errorf("%s: %v", file.path, err)
		}
	}
	before, err := os.Stat(folder)
	if err != nil {
		t.Fatal(err)
	}
	again, err := unpack(dir)
	after, _ := os.Stat(folder)
	if err != nil || again != folder || !os.SameFile(before, after) {
		t.Errorf("again %s, %v", again, err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("entries %v", entries)
	}
}

func TestLockIsExclusive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, func() { t.Error("nobody has it") })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, err := lock(ctx, path, cancel); !errors.Is(err, context.Canceled) {
		t.Errorf("a second lock: %v", err)
	}
	waited := make(chan struct{})
	go func() { <-waited; unlock() }()
	again, err := lock(t.Context(), path, func() { close(waited) })
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestHashTellsListsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][][]byte{nil, {nil}, {[]byte("ab")}, {[]byte("a"), []byte("b")}, {[]byte("b"), []byte("a")}, {[]byte("ab"), nil}} {
		seen[hash(parts...)] = true
	}
	if len(seen) != 6 {
		t.Errorf("%d different hashes", len(seen))
	}
}

func TestDefaultFolder(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data")
	if dir, err := defaultDir(); err != nil || dir != filepath.Join("/data", "metaml", "pyenv") {
		t.Error(dir, err)
	}
	t.Setenv("XDG_DATA_HOME", "relative") // which the specification says to ignore
	t.Setenv("HOME", "/home/me")
	if dir, err := defaultDir(); err != nil || dir != "/home/me/.local/share/metaml/pyenv" {
		t.Error(dir, err)
	}
}

func TestRunReportsTheLastLines(t *testing.T) {
	_, err := run(t.Context(), "/bin/sh", "-c", "printf 'one\\n\\ntwo\\rthree\\nfour\\n' >&2; exit 3")
	if err == nil || !strings.HasSuffix(err.Error(), "exit status 3: two; three; four") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := run(ctx, "/bin/sh", "-c", "sleep 60"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}
