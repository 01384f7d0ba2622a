package python_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/plugins"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
	"github.com/metaml/metaml/plugins/python"
)

// files returns the paths of the files that Python can need.
func files(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var paths []string
	err := fs.WalkDir(fsys, "metaml", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "__pycache__" {
			return fs.SkipDir
		}
		if err == nil && !entry.IsDir() && !strings.HasSuffix(path, ".pyi") { // read by type checkers only
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

func TestEveryFileIsEmbedded(t *testing.T) {
	want, got := files(t, os.DirFS(".")), files(t, python.Sources)
	if !slices.Equal(want, got) {
		t.Errorf("embedded %v\nthe folder has %v", got, want)
	}
	if !slices.Contains(got, "metaml/evaluators/sklearn/__init__.py") || len(got) < 40 {
		t.Errorf("only %v", got)
	}
}

func TestSpacesParse(t *testing.T) {
	for task, learners := range map[string]int{"classification": 14, "regression": 11} {
		data, err := python.SklearnSpace(task)
		if err != nil {
			t.Fatal(err)
		}
		s, err := space.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", task, err)
		}
		if err := s.Validate(s.Default()); err != nil {
			t.Errorf("%s: the default: %v", task, err)
		}
		learner, _ := s.Parameter("learner")
		if len(learner.Choices) != learners || len(learner.Weights) != learners {
			t.Errorf("%s has %d learners with %d weights, want %d", task, len(learner.Choices), len(learner.Weights), learners)
		}
		for _, choice := range learner.Choices {
			checkLearner(t, s, choice)
		}
	}
	if _, err := python.SklearnSpace("ranking"); err == nil {
		t.Error("a space for ranking")
	}
}

// checkLearner checks that a learner's default is valid and that its own hyperparameters, and no other learner's, are
// active.
func checkLearner(t *testing.T, s space.Space, learner space.Value) {
	t.Helper()
	c, err := s.Complete(space.Config{"learner": learner})
	if err != nil {
		t.Errorf("%s: %v", learner, err)
		return
	}
	own := 0
	for name := range c {
		prefix, _, found := strings.Cut(name, ".")
		switch {
		case found && prefix == learner.Text():
			own++
		case found && prefix != "features":
			t.Errorf("%s has %s", learner, name)
		}
	}
	if own == 0 {
		t.Errorf("%s has no hyperparameters", learner)
	}
}

// python3 returns a command of the test environment, run in this folder.
func python3(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	e := environment(t)
	cmd := exec.CommandContext(t.Context(), e.Python, args...)
	cmd.Env = append(os.Environ(), "PYTHONPATH=.", "PYTHONDONTWRITEBYTECODE=1", "OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1")
	return cmd
}

// The messages in Python are generated from the same file as those in Go, by
// python -m grpc_tools.protoc -I ../proto --python_out=. --pyi_out=. metaml/v1/plugin.proto
func TestMessagesAreGeneratedFromTheSameFile(t *testing.T) {
	const script = "import sys; from metaml.v1 import plugin_pb2 as m; sys.stdout.buffer.write(m.DESCRIPTOR.serialized_pb)"
	out, err := python3(t, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	got := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(out, got); err != nil {
		t.Fatal(err)
	}
	want := protodesc.ToFileDescriptorProto(pb.File_metaml_v1_plugin_proto)
	forgetJSONNames(want.MessageType)
	forgetJSONNames(got.MessageType)
	if !proto.Equal(want, got) {
		t.Error("the messages in Python are of another version of plugin.proto")
	}
}

// forgetJSONNames removes the names that one generator writes down and the other derives.
func forgetJSONNames(messages []*descriptorpb.DescriptorProto) {
	for _, m := range messages {
		for _, f := range m.Field {
			f.JsonName = nil
		}
		forgetJSONNames(m.NestedType)
	}
}

func TestHandshakeWordsAreTheHosts(t *testing.T) {
	const script = "from metaml.sdk import handshake as h; print(h.COOKIE_KEY, h.COOKIE_VALUE, h.APP_PROTOCOL)"
	out, err := python3(t, "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	h := plugins.Handshake
	if got, want := strings.Fields(string(out)), []string{h.MagicCookieKey, h.MagicCookieValue, "1"}; !slices.Equal(got, want) {
		t.Errorf("Python says %v, Go %v", got, want)
	}
	if h.ProtocolVersion != 1 {
		t.Errorf("the host speaks version %d", h.ProtocolVersion)
	}
}

// TestPython runs the test suite, the linter and the type checker of the Python package.
func TestPython(t *testing.T) {
	if testing.Short() {
		t.Skip("the Python suite takes half a minute")
	}
	cache := filepath.Join(t.TempDir(), "cache")
	checkPython(t, ".", map[string][]string{
		"pytest": {"-m", "pytest", "-q", "tests"},
		"ruff":   {"-m", "ruff", "check", "--no-cache", "metaml", "tests", "examples"},
		"format": {"-m", "ruff", "format", "--no-cache", "--check", "metaml", "tests", "examples"},
		"mypy":   {"-m", "mypy", "--cache-dir", cache, "metaml", "tests", "examples"},
	})
}

// TestRecommendationTable does the same for the programs of .peers/recommend, which have tests of their own.
func TestRecommendationTable(t *testing.T) {
	if testing.Short() {
		t.Skip("the type checker takes a while")
	}
	config, err := filepath.Abs("pyproject.toml")
	if err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(t.TempDir(), "cache")
	checkPython(t, filepath.Join("..", "..", ".peers", "recommend"), map[string][]string{
		"pytest": {"-m", "pytest", "-q", "-p", "no:cacheprovider", "."},
		"ruff":   {"-m", "ruff", "check", "--no-cache", "."},
		"format": {"-m", "ruff", "format", "--no-cache", "--check", "."},
		"mypy":   {"-m", "mypy", "--cache-dir", cache, "--config-file", config, "."},
	})
}

// checkPython runs each of the programs in the folder.
func checkPython(t *testing.T, folder string, programs map[string][]string) {
	t.Helper()
	for name, args := range programs {
		t.Run(name, func(t *testing.T) {
			cmd := python3(t, args...)
			cmd.Dir = folder
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
