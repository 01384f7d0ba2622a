package tunebench

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzJournal opens any file as that of a benchmark's runs: it is refused and stays as it is, or what it holds is read
// again the same, and goes on.
func FuzzJournal(f *testing.F) {
	const head = `{"schema_version":1,"identity":"one"}` + "\n"
	for _, seed := range []string{
		"", head, head + `{"task":"a","method":"tpe/cold","seed":1,"rows":[3,2],"versions":{"l":"2"}}` + "\n",
		head + `{"task":"a","method":"x","seed":2,"results":[{"config":{"x":1},"loss":0.5,"test":null,"status":"failed","seconds":1}]}` + "\n",
		head + `{"task":"a","method":"x","seed":1,"rows":[-1]}` + "\n", head + `{"task":"a","rows":[0`, "nonsense\n", "\x00\n", head + "null\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "runs.jsonl")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(path, "one", lineup())
		if err != nil {
			if now, err := os.ReadFile(path); err != nil || string(now) != string(text) {
				t.Fatalf("a file that was refused became %q, %v", now, err)
			}
			return
		}
		before := j.Finished
		if err := j.Add(Key{"b", "y", 7}, []int{1}, nil); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if j, err = OpenJournal(path, "one", lineup()); err != nil {
			t.Fatalf("%q was read, but not again: %v", text, err)
		}
		defer j.Close()
		before[Key{"b", "y", 7}] = []int{1}
		if !reflect.DeepEqual(j.Finished, before) {
			t.Fatalf("%v became %v", before, j.Finished)
		}
	})
}
