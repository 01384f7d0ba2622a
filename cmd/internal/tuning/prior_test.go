package tuning

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// TestPriorIsKept writes a prior as a study keeps it, and reads it back.
func TestPriorIsKept(t *testing.T) {
	s, err := space.New([]space.Hyperparameter{{Name: "x", Low: 0, High: 1}})
	if err != nil {
		t.Fatal(err)
	}
	at := func(x float64) space.Config { return space.Config{"x": space.Float(x)} }
	prior := study.Prior{Tasks: []study.WeightedTask{
		{Name: "a", Weight: 0.75, Results: []study.EarlierResult{{Config: at(0), Loss: 3}, {Config: at(1), Loss: -1e300}}},
		{Name: "b", Weight: 0.25, Results: []study.EarlierResult{{Config: at(1), Loss: 0.5}, {Config: at(0.5), Loss: 0.25}, {Config: at(0), Loss: 0}}},
	}}
	kept, err := KeepPrior(prior)
	if err != nil || len(kept.Configs) != 3 {
		t.Fatalf("%+v, %v", kept, err)
	}
	text, err := json.Marshal(kept)
	var back Prior
	if err == nil {
		err = json.Unmarshal(text, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got, err := back.Study(s); err != nil || !reflect.DeepEqual(*got, prior) {
		t.Errorf("read back %+v, %v", got, err)
	}
	if kept, err := KeepPrior(study.Prior{}); kept != nil || err != nil {
		t.Errorf("of no tasks %+v, %v are kept", kept, err)
	}
	if got, err := (*Prior)(nil).Study(s); got != nil || err != nil {
		t.Errorf("of nothing: %+v, %v", got, err)
	}
	for want, change := range map[string]func(*Prior){
		"configuration 2":           func(p *Prior) { p.Configs[1] = space.Config{"y": space.Int(1)} },
		"task b: 3 losses of 2":     func(p *Prior) { p.Tasks[1].At = p.Tasks[1].At[:2] },
		"there is no configuration": func(p *Prior) { p.Tasks[0].At[0] = 3 },
	} {
		var broken Prior
		if err := json.Unmarshal(text, &broken); err != nil {
			t.Fatal(err)
		}
		change(&broken)
		if _, err := broken.Study(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
