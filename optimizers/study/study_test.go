package study

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

func TestStatusNames(t *testing.T) {
	for s := Pending; s <= Crashed; s++ {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Status
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Errorf("%s read back as %v, %v", text, back, err)
		}
		if s.Final() != (s != Pending) {
			t.Errorf("%v is final: %v", s, s.Final())
		}
	}
	bad := Status(7)
	if _, err := bad.MarshalText(); err == nil || bad.Final() || bad.String() != "status(7)" {
		t.Errorf("status 7 is %v, final %v", bad, bad.Final())
	}
	if err := bad.UnmarshalText([]byte("done")); err == nil {
		t.Error("status done is read")
	}
}

func TestObjectiveLoss(t *testing.T) {
	if got := (Objective{Metric: "m"}).Loss(0.25); got != 0.25 {
		t.Errorf("minimised: %v", got)
	}
	if got := (Objective{Metric: "m", Maximize: true}).Loss(0.25); got != -0.25 {
		t.Errorf("maximised: %v", got)
	}
}

// TestTrialJSON pins the form in which logs keep trials: seeds, which may exceed 2^53, are strings, and nothing is
// lost.
func TestTrialJSON(t *testing.T) {
	trial := Trial{
		Suggestion: Suggestion{
			ID: 3, Config: space.Config{"x": space.Int(1), "k": space.Null()}, Fidelity: Fidelity{"epochs": 9},
			Seed: 1<<64 - 1, Parent: 1, Origin: "sobol",
		},
		Status: Complete, Losses: []float64{0.5}, Checkpoint: "c",
		Observations: []Observation{{Step: 1, Steps: 2, Metrics: map[string]float64{"m": 0.5}, Cost: Cost{Wall: 2}}},
	}
	b, err := json.Marshal(trial)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"id":3,"config":{"k":null,"x":1},"fidelity":{"epochs":9},"seed":"18446744073709551615","parent":1,"origin":"sobol",` +
		`"status":"complete","losses":[0.5],"observations":[{"step":1,"steps":2,"metrics":{"m":0.5},"cost":{"wall":2}}],"checkpoint":"c"}`
	if string(b) != want {
		t.Errorf("trial written as\n%s\nwant\n%s", b, want)
	}
	var back Trial
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, trial) {
		t.Errorf("read back %+v, %v", back, err)
	}
}

// FuzzTrial reads trials as logs and journals hold them: what is read is written, and read again, as the same.
func FuzzTrial(f *testing.F) {
	for _, seed := range []string{
		`{"id":3,"config":{"k":null,"x":1.5},"seed":"18446744073709551615","status":"complete","losses":[0.5]}`,
		`{"id":1,"config":{},"fidelity":{"epochs":9},"seed":"0","parent":2,"origin":"sobol","status":"pruned","observations":[{"step":1,"metrics":{"m":-0.0},"cost":{"wall":2}}],"checkpoint":"c"}`,
		`{"id":1,"seed":7,"status":"done"}`, `{"status":"timed_out","reason":"\ud800"}`, `{"id":-1}`, `{"config":{"x":1e999}}`, `{"losses":[null]}`, `null`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var trial Trial
		if json.Unmarshal(data, &trial) != nil {
			return
		}
		b, err := json.Marshal(trial)
		if err != nil {
			t.Fatalf("%s is read and cannot be written: %v", data, err)
		}
		var back Trial
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatalf("%s is written as %s, which cannot be read: %v", data, b, err)
		}
		if again, err := json.Marshal(back); err != nil || string(again) != string(b) {
			t.Fatalf("%s became %s: %v", b, again, err)
		}
	})
}
