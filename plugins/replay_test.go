package plugins

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

func TestBatchesFitAndLoseNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		trials := make([]*pb.Trial, r.IntN(2000))
		for i := range trials {
			trials[i] = &pb.Trial{}
			if r.IntN(100) == 0 {
				trials[i].Reason = strings.Repeat("x", r.IntN(2*largestTell))
			}
		}
		var whole []*pb.Trial
		for batch := range batches(trials) {
			size := proto.Size(&pb.TellRequest{Trials: batch})
			if len(batch) == 0 || len(batch) > mostTrials || len(batch) > 1 && size > largestTell+10*len(batch) {
				t.Fatalf("a batch of %d trials and %d bytes", len(batch), size)
			}
			whole = append(whole, batch...)
		}
		if !slices.Equal(whole, trials) {
			t.Fatalf("%d trials became %d", len(trials), len(whole))
		}
	}
}

// recordingClient writes down what it is called with.
type recordingClient struct {
	pb.OptimizerClient
	calls []string
}

func (c *recordingClient) Tell(_ context.Context, m *pb.TellRequest, _ ...grpc.CallOption) (*pb.TellResponse, error) {
	text := ""
	for _, t := range m.GetTrials() {
		text += t.GetReason()
	}
	c.calls = append(c.calls, "tell("+text+")")
	return nil, nil
}

func (c *recordingClient) Observe(_ context.Context, m *pb.ObserveRequest, _ ...grpc.CallOption) (*pb.ObserveResponse, error) {
	c.calls = append(c.calls, fmt.Sprintf("observe(%d)", m.GetId()))
	return nil, nil
}

func TestReplayKeepsTheOrder(t *testing.T) {
	var l replayLog
	l.tell([]*pb.Trial{{Reason: "a"}, {Reason: "b"}})
	l.observe(&pb.ObserveRequest{Id: 1})
	l.observe(&pb.ObserveRequest{Id: 2})
	l.tell([]*pb.Trial{{Reason: "c"}})
	said := &recordingClient{}
	for step := range l.steps() {
		if err := step(t.Context(), said); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(said.calls, " "); got != "tell(ab) observe(1) observe(2) tell(c)" {
		t.Errorf("replayed %s", got)
	}
	for range l.steps() {
		break // an early end must be possible
	}
}
