package page_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/seed"
	"github.com/metaml/metaml/kb/seed/page"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

func TestWriteCountsAndEscapes(t *testing.T) {
	set := &record.Set{
		Tasks:     map[record.ID]*record.Task{"t": {Type: "regression", Rows: 9, Columns: 2}},
		Labels:    []*record.Label{{Task: "t", Name: "a|b", Source: "somewhere", Licence: "BSD", Group: "g"}, {Task: "gone", Name: "no task"}},
		Protocols: map[record.ID]*record.Protocol{"p": {Metrics: []record.Metric{{Name: "rmse"}, {Name: "mae"}}}},
	}
	for i, status := range []study.Status{study.Complete, study.Complete, study.Failed, study.TimedOut, study.Crashed} {
		set.Runs = append(set.Runs, &record.Run{Task: "t", Protocol: "p", Config: space.Config{"x": space.Int(int64(i / 2))}, Status: status,
			Cost: study.Cost{CPU: 720}, Evaluator: record.Evaluator{Name: "sklearn", Version: "1", Lock: "0123456789abcdef"}})
	}
	var b bytes.Buffer
	if err := page.Write(&b, set); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--configs 3 ", "| rmse, mae | 1 | 3 | 2 | 1 | 1 | 1 | 1.0 |", "sklearn 1, lock 0123456789ab.", `| a\|b | regression | 9 | 2 | somewhere | BSD | g |`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, b.String())
		}
	}
	if strings.Contains(b.String(), "no task") {
		t.Error("a label without task is listed")
	}
}

func TestPageBesideTheSeedIsTrue(t *testing.T) {
	set, err := pack.Decode(seed.Pack())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := page.Write(&b, set); err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Error("kb/seed/README.md differs from what the seed says: go generate ./kb/seed")
	}
}

// The test tasks must stay unseen for ever.
func TestSeedHoldsNoTestTask(t *testing.T) {
	set, err := pack.Decode(seed.Pack())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range set.Labels {
		if l.Group == "" || grow.HeldOut(l.Group, 5) {
			t.Errorf("%s of group %q must not be in the seed", l.Name, l.Group)
		}
		if l.Source == "" {
			t.Errorf("%s has no origin", l.Name)
		}
	}
}
