package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/space/canonical"
	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// across sends a message through its bytes, as gRPC does.
func across[M proto.Message](t *testing.T, m, received M) M {
	t.Helper()
	b, err := proto.Marshal(m)
	if err == nil {
		err = proto.Unmarshal(b, received)
	}
	if err != nil {
		t.Fatal(err)
	}
	return received
}

// same compares two values, -0 and 0 told apart.
func same(a, b any) bool {
	return reflect.DeepEqual(a, b) && fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}

func testSpace(t *testing.T) space.Space {
	t.Helper()
	mixed := []space.Value{space.String("sqrt"), space.Float(0.5), space.Null(), space.Int(3), space.Bool(true)}
	s, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("knn")}},
		{Name: "svm.C", Type: space.TypeFloat, Low: 1e-3, High: 1e3, Log: true, When: space.Equals("learner", space.String("svm"))},
		{Name: "knn.k", Type: space.TypeInt, Low: 1, High: 31, Step: 2, When: space.Equals("learner", space.String("knn"))},
		{Name: "max_features", Type: space.TypeCategorical, Choices: mixed, Default: space.Null(), HasDefault: true},
	}, *space.And(*space.Equals("learner", space.String("knn")), *space.Equals("max_features", space.Null())))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestRoundTrips(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(1, 2))}
	for range 2000 {
		roundTrip(t, g.value(), EncodeValue, DecodeValue, &pb.Value{})
		roundTrip(t, g.suggestion(), EncodeSuggestion, DecodeSuggestion, &pb.Suggestion{})
		roundTrip(t, g.observation(), EncodeObservation, DecodeObservation, &pb.Observation{})
		roundTrip(t, g.trial(), EncodeTrial, DecodeTrial, &pb.Trial{})
	}
}

// roundTrip encodes, sends and decodes a domain value and wants it back.
func roundTrip[D any, M proto.Message](t *testing.T, d D, encode func(D) (M, error), decode func(M) (D, error), empty M) {
	t.Helper()
	m, err := encode(d)
	if err != nil {
		t.Fatalf("%+v: %v", d, err)
	}
	got, err := decode(across(t, m, empty))
	if err != nil || !same(got, d) {
		t.Fatalf("%#v\ncame back as\n%#v, %v", d, got, err)
	}
}

func TestProblemAndPriorRoundTrip(t *testing.T) {
	g := generator{rand.New(rand.NewPCG(3, 4))}
	s := testSpace(t)
	for range 200 {
		p := g.problem(s)
		m, err := EncodeProblem(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DecodeProblem(across(t, m, &pb.Problem{}))
		if err != nil || !sameJSON(t, got.Space, p.Space) {
			t.Fatalf("space %+v came back as %+v, %v", p.Space, got.Space, err)
		}
		got.Space = p.Space
		if !same(got, p) {
			t.Fatalf("%+v came back as %+v", p, got)
		}
		prior := g.prior(s)
		text, err := EncodePrior(prior)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodePrior(text)
		if err != nil || !sameJSON(t, back, prior) {
			t.Fatalf("%+v came back as %+v, %v", prior, back, err)
		}
	}
}

func sameJSON(t *testing.T, a, b any) bool {
	t.Helper()
	x, errX := canonical.Marshal(a)
	y, errY := canonical.Marshal(b)
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	return string(x) == string(y)
}

func TestNoPriorIsNoPrior(t *testing.T) {
	text, err := EncodePrior(nil)
	if text != "" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if p, err := DecodePrior(""); p != nil || err != nil {
		t.Errorf("%v, %v", p, err)
	}
	empty, err := EncodePrior(&study.Prior{})
	if p, _ := DecodePrior(empty); p == nil || err != nil {
		t.Errorf("the empty prior, %q, is none: %v", empty, err)
	}
}

func TestEveryStatusIsTheSameNumberOnTheWire(t *testing.T) {
	for s := study.Pending; s <= study.Crashed; s++ {
		m, err := EncodeStatus(s)
		if err != nil || m.String() != "STATUS_"+strings.ToUpper(s.String()) {
			t.Errorf("%s is sent as %s, %v", s, m, err)
		}
	}
	if len(pb.Status_name) != int(study.Crashed)+1 {
		t.Errorf("the protocol has %d statuses, the domain %d", len(pb.Status_name), study.Crashed+1)
	}
}

func TestWhatCannotBeSentIsNamed(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	config := func(v space.Value) study.Suggestion { return study.Suggestion{Config: space.Config{"a.b": v}} }
	cases := []struct {
		want string
		err  error
	}{
		{"config.a.b: NaN", second(EncodeSuggestion(config(space.Float(nan))))},
		{"config.a.b: +Inf", second(EncodeSuggestion(config(space.Float(inf))))},
		{"config.a.b: integer", second(EncodeSuggestion(config(space.Int(1<<53 + 2))))},
		{"config.a.b.text: ", second(EncodeSuggestion(config(space.String("\xff"))))},
		{"config: ", second(EncodeSuggestion(study.Suggestion{Config: space.Config{"\xff": space.Null()}}))},
		{"fidelity.rows: NaN", second(EncodeSuggestion(study.Suggestion{Fidelity: study.Fidelity{"rows": nan}}))},
		{"fidelity: ", second(EncodeSuggestion(study.Suggestion{Fidelity: study.Fidelity{"\xff": 1}}))},
		{"origin: ", second(EncodeSuggestion(study.Suggestion{Origin: "\xff"}))},
		{"step: -1", second(EncodeObservation(study.Observation{Step: -1}))},
		{"steps: -1", second(EncodeObservation(study.Observation{Steps: -1}))},
		{"metrics.auc: +Inf", second(EncodeObservation(study.Observation{Metrics: map[string]float64{"auc": inf}}))},
		{"fidelity.rows: +Inf", second(EncodeObservation(study.Observation{Fidelity: study.Fidelity{"rows": inf}}))},
		{"cost.fit: -1", second(EncodeObservation(study.Observation{Cost: study.Cost{Fit: -1}}))},
		{"cost.memory: NaN", second(EncodeObservation(study.Observation{Cost: study.Cost{Memory: nan}}))},
		{"status: status(9)", second(EncodeTrial(study.Trial{Status: 9}))},
		{"losses[1]: NaN", second(EncodeTrial(study.Trial{Losses: []float64{0, nan}}))},
		{"reason: ", second(EncodeTrial(study.Trial{Reason: "\xff"}))},
		{"checkpoint: ", second(EncodeTrial(study.Trial{Checkpoint: "\xff"}))},
		{"suggestion.origin: ", second(EncodeTrial(study.Trial{Suggestion: study.Suggestion{Origin: "\xff"}}))},
		{"observations[0].metrics.x: NaN", second(EncodeTrial(study.Trial{Observations: []study.Observation{{Metrics: map[string]float64{"x": nan}}}}))},
		{"objectives[0].metric: is missing", second(EncodeProblem(study.Problem{Objectives: make([]study.Objective, 1)}))},
		{"fidelities[0].name: is missing", second(EncodeProblem(study.Problem{Fidelities: make([]study.Range, 1)}))},
		{"fidelities[0].low: ", second(EncodeProblem(study.Problem{Fidelities: []study.Range{{Name: "x", Low: 0, High: 1}}}))},
		{"fidelities[0].high: +Inf", second(EncodeProblem(study.Problem{Fidelities: []study.Range{{Name: "x", Low: 1, High: inf}}}))},
	}
	for _, c := range cases {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("%v, want %q", c.err, c.want)
		}
	}
	prior := &study.Prior{Tasks: []study.WeightedTask{{Weight: nan}}}
	if _, err := EncodePrior(prior); !errors.Is(err, canonical.ErrNumber) {
		t.Errorf("a prior with NaN: %v", err)
	}
}

func TestWhatTheProtocolForbidsIsNamed(t *testing.T) {
	value := func(v *pb.Value) *pb.Suggestion { return &pb.Suggestion{Config: map[string]*pb.Value{"k": v}} }
	nan := math.NaN()
	cases := []struct {
		want string
		err  error
	}{
		{"config.k: is missing", second(DecodeSuggestion(value(nil)))},
		{"config.k: is missing", second(DecodeSuggestion(value(&pb.Value{})))},
		{"config.k: null must be true", second(DecodeSuggestion(value(&pb.Value{Kind: &pb.Value_Null{}})))},
		{"config.k: integer 9007199254740993", second(DecodeSuggestion(value(&pb.Value{Kind: &pb.Value_Integer{Integer: 1<<53 + 1}})))},
		{"config.k: integer -9007199254740993", second(DecodeSuggestion(value(&pb.Value{Kind: &pb.Value_Integer{Integer: -1<<53 - 1}})))},
		{"config.k: NaN", second(DecodeSuggestion(value(&pb.Value{Kind: &pb.Value_Number{Number: nan}})))},
		{"config.k: integer 1e+300", second(DecodeSuggestion(value(&pb.Value{Kind: &pb.Value_Number{Number: 1e300}})))},
		{"fidelity.f: NaN", second(DecodeSuggestion(&pb.Suggestion{Fidelity: map[string]float64{"f": nan}}))},
		{"is missing", second(DecodeSuggestion(nil))},
		{"is missing", second(DecodeObservation(nil))},
		{"metrics.m: NaN", second(DecodeObservation(&pb.Observation{Metrics: map[string]float64{"m": nan}}))},
		{"fidelity.m: NaN", second(DecodeObservation(&pb.Observation{Fidelity: map[string]float64{"m": nan}}))},
		{"steps: -3", second(DecodeObservation(&pb.Observation{Steps: -3}))},
		{"cost.cpu: -2", second(DecodeObservation(&pb.Observation{Cost: &pb.Cost{Cpu: -2}}))},
		{"is missing", second(DecodeTrial(nil))},
		{"suggestion: is missing", second(DecodeTrial(&pb.Trial{}))},
		{"status: status 7 is unknown", second(DecodeTrial(&pb.Trial{Suggestion: &pb.Suggestion{}, Status: 7}))},
		{"status: status -1 is unknown", second(DecodeTrial(&pb.Trial{Suggestion: &pb.Suggestion{}, Status: -1}))},
		{"losses[0]: NaN", second(DecodeTrial(&pb.Trial{Suggestion: &pb.Suggestion{}, Losses: []float64{nan}}))},
		{"observations[1]: is missing", second(DecodeTrial(&pb.Trial{Suggestion: &pb.Suggestion{}, Observations: []*pb.Observation{{}, nil}}))},
		{"is missing", second(DecodeProblem(nil))},
		{"space_json: is missing", second(DecodeProblem(&pb.Problem{}))},
		{"space_json: ", second(DecodeProblem(&pb.Problem{SpaceJson: "{"}))},
		{"objectives[0].metric: is missing", second(DecodeObjectives("objectives", []*pb.Objective{nil}))},
		{"fidelities[0].name: is missing", second(DecodeRanges("fidelities", []*pb.Range{nil}))},
		{"fidelities[0].low: 3 is not above 0", second(DecodeRanges("fidelities", []*pb.Range{{Name: "x", Low: 3, High: 2}}))},
		{"fidelities[0].low: NaN", second(DecodeRanges("fidelities", []*pb.Range{{Name: "x", Low: nan, High: 2}}))},
		{`json: unknown field "surprise"`, second(DecodePrior(`{"surprise":1}`))},
		{"more than one JSON value", second(DecodePrior(`{} {}`))},
		{"unexpected EOF", second(DecodePrior(`{`))},
	}
	for i, c := range cases {
		if c.err == nil || !strings.HasPrefix(c.err.Error(), c.want) {
			t.Errorf("case %d: %v, want %q", i, c.err, c.want)
		}
	}
}

func second[A any](_ A, err error) error { return err }

// FuzzDecodeTrial feeds arbitrary bytes to the decoders: what they accept must survive a round trip, and whatever
// they accept can be written as JSON, for that is where it is stored.
func FuzzDecodeTrial(f *testing.F) {
	g := generator{rand.New(rand.NewPCG(5, 6))}
	for range 20 {
		m, err := EncodeTrial(g.trial())
		if err != nil {
			f.Fatal(err)
		}
		b, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var m pb.Trial
		if proto.Unmarshal(b, &m) != nil {
			return
		}
		trial, err := DecodeTrial(&m)
		if err != nil {
			return
		}
		roundTrip(t, trial, EncodeTrial, DecodeTrial, &pb.Trial{})
		if _, err := json.Marshal(trial); err != nil {
			t.Errorf("%+v cannot be stored: %v", trial, err)
		}
	})
}

// FuzzDecodeProblem does the same for what an optimizer is opened with.
func FuzzDecodeProblem(f *testing.F) {
	f.Add(`{"order":["x"],"parameters":{"x":{"type":"float","low":0,"high":1}}}`, `{"tasks":[{"name":"a","weight":1,"results":[]}]}`)
	f.Add(`{}`, `{}`)
	f.Fuzz(func(t *testing.T, spaceJSON, priorJSON string) {
		p, err := DecodeProblem(&pb.Problem{SpaceJson: spaceJSON})
		if err == nil {
			m, err := EncodeProblem(p)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := DecodeProblem(m); err != nil || !sameJSON(t, again.Space, p.Space) {
				t.Errorf("%s came back as %+v, %v", m.GetSpaceJson(), again.Space, err)
			}
		}
		prior, err := DecodePrior(priorJSON)
		if err == nil && prior != nil {
			if _, err := EncodePrior(prior); err != nil {
				t.Errorf("%s was read, but: %v", priorJSON, err)
			}
		}
	})
}
