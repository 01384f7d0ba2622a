//go:build unix

package plugins

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"

	"github.com/metaml/metaml/optimizers/study"
	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

// playEvaluator measures x² and does what the parameter "do" says on the way.
func playEvaluator() {
	loaded := ""
	ServeEvaluator(EvaluatorPlugin{
		Description: Description{
			Name: "square", Version: "1.2.3", Lock: "abc",
			Metrics:    map[string][]study.Objective{"regression": {{Metric: "rmse"}, {Metric: "r2", Maximize: true}}},
			Fidelities: []study.Range{{Name: "rows", Low: 10, High: 1000, Log: true, Integer: true}},
		},
		Load: func(_ context.Context, path string, protocol []byte, fingerprint string) error {
			switch fingerprint {
			case "unreadable":
				return fmt.Errorf("%s/table.json: no such file", path)
			case "deadly, the second time":
				if _, err := os.Stat(path); err == nil {
					panic("cannot load twice")
				}
				return os.WriteFile(path, nil, 0o600)
			}
			loaded = path + " " + string(protocol) + " " + fingerprint
			return nil
		},
		Evaluate: func(ctx context.Context, s study.Suggestion, l Limits, report func(study.Observation) error) (study.Trial, error) {
			return evaluateSquare(ctx, s, l, report, loaded)
		},
	})
}

func evaluateSquare(
	ctx context.Context, s study.Suggestion, l Limits, report func(study.Observation) error, loaded string,
) (study.Trial, error) {
	x := s.Config["x"].Float()
	t := study.Trial{Suggestion: s, Status: study.Complete}
	observe := func(step, steps int) study.Observation {
		return study.Observation{Step: step, Steps: steps, Metrics: map[string]float64{"rmse": x * x, "step": float64(step)}}
	}
	switch s.Config["do"].Text() {
	case "steps":
		for step := 1; step <= 1000; step++ {
			if err := report(observe(step, 1000)); err != nil {
				t.Status, t.Checkpoint = study.Pruned, "/checkpoint"
				break
			}
			if step > 3 {
				time.Sleep(time.Millisecond)
			}
		}
		return t, nil
	case "report and hang":
		if err := report(observe(1, 2)); err != nil {
			return t, err
		}
		select {}
	case "exit":
		fmt.Fprintln(os.Stderr, "Segmentation fault in liblightgbm")
		os.Exit(11)
	case "panic":
		panic("index out of range: 7")
	case "fail":
		return t, fmt.Errorf("the GPU fell off the bus")
	case "NaN":
		t.Observations = []study.Observation{{Metrics: map[string]float64{"rmse": math.NaN()}}}
		return t, nil
	case "limits":
		t.Reason = fmt.Sprintf("%v %v %d %d; loaded %s; pid %d", l.Wall, l.Fit, l.Memory, l.Threads, loaded, os.Getpid())
	case "environment":
		t.Reason = strings.Join(os.Environ(), "\n")
	case "child", "daemon":
		child := exec.Command("sleep", "1000")
		child.SysProcAttr = &syscall.SysProcAttr{Setsid: s.Config["do"].Text() == "daemon"}
		child.Stdout, child.Stderr = os.NewFile(1, "stdout"), os.NewFile(2, "stderr") // it holds the pipes to the host
		if err := child.Start(); err != nil {
			return t, err
		}
		t.Reason = fmt.Sprint(child.Process.Pid)
	case "grow":
		return growForEver()
	case "stdout":
		fmt.Println("noise on standard output")
		_, _ = syscall.Write(1, []byte("raw noise, once as one huge line:"+string(make([]byte, 1<<20))))
	}
	t.Observations = []study.Observation{observe(0, 0)}
	return t, nil
}

func growForEver() (study.Trial, error) {
	var kept [][]byte
	for {
		block := make([]byte, 16<<20)
		for i := range block {
			block[i] = 1
		}
		kept = append(kept, block)
		if len(kept) == 20 {
			select {} // 320 MB are enough for any limit in these tests
		}
	}
}

// playNoisyEvaluator writes more to standard error than is kept, then serves.
func playNoisyEvaluator() {
	for i := range 20000 {
		fmt.Fprintf(os.Stderr, "line %d\n", i)
	}
	fmt.Fprintln(os.Stderr, "last line \xff")
	playEvaluator()
}

// playMayfly appends a line to the file METAML_TEST_MARK and is killed, before the handshake, until there are as many
// lines as METAML_TEST_LIVES says; then it serves.
func playMayfly() {
	mark, err := os.OpenFile(os.Getenv("METAML_TEST_MARK"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err == nil {
		_, err = mark.WriteString("\n")
	}
	if err != nil {
		panic(err)
	}
	born, err := mark.Stat()
	if err != nil {
		panic(err)
	}
	if lives := os.Getenv("METAML_TEST_LIVES"); fmt.Sprint(born.Size()) != lives {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	playEvaluator()
}

// shortOfDisk is how many bytes a file of playShortOfDisk's can have.
const shortOfDisk = 2000

// playShortOfDisk is playEvaluator where files cannot grow beyond shortOfDisk.
func playShortOfDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: shortOfDisk, Max: shortOfDisk}); err != nil {
		panic(err)
	}
	playEvaluator()
}

// brokenEvaluator answers what no well-behaved plugin can send with the SDK.
type brokenEvaluator struct {
	pb.UnimplementedEvaluatorServer
	messages []*pb.EvaluateResponse
}

func (b brokenEvaluator) Describe(context.Context, *pb.DescribeRequest) (*pb.DescribeResponse, error) {
	return &pb.DescribeResponse{Name: "broken"}, nil
}

func (b brokenEvaluator) Evaluate(m *pb.EvaluateRequest, stream grpc.ServerStreamingServer[pb.EvaluateResponse]) error {
	for _, message := range b.messages {
		if err := stream.Send(message); err != nil {
			return err
		}
	}
	return nil
}

// breakages are what playBrokenEvaluator can send, by the value of METAML_TEST_BREAK.
func breakages() map[string][]*pb.EvaluateResponse {
	trial := func(t *pb.Trial) *pb.EvaluateResponse {
		return &pb.EvaluateResponse{Event: &pb.EvaluateResponse_Trial{Trial: t}}
	}
	observation := func(o *pb.Observation) *pb.EvaluateResponse {
		return &pb.EvaluateResponse{Event: &pb.EvaluateResponse_Observation{Observation: o}}
	}
	seven := &pb.Suggestion{Id: 7}
	return map[string][]*pb.EvaluateResponse{
		"no trial":       {observation(&pb.Observation{})},
		"neither":        {{}},
		"NaN metric":     {observation(&pb.Observation{Metrics: map[string]float64{"rmse": math.NaN()}})},
		"NaN loss":       {trial(&pb.Trial{Suggestion: seven, Status: pb.Status_STATUS_COMPLETE, Losses: []float64{1, math.NaN()}})},
		"wrong id":       {trial(&pb.Trial{Suggestion: &pb.Suggestion{Id: 47}, Status: pb.Status_STATUS_COMPLETE})},
		"pending":        {trial(&pb.Trial{Suggestion: seven})},
		"unknown status": {trial(&pb.Trial{Suggestion: seven, Status: 66})},
		"no suggestion":  {trial(&pb.Trial{Status: pb.Status_STATUS_COMPLETE})},
		"two trials": {
			trial(&pb.Trial{Suggestion: seven, Status: pb.Status_STATUS_COMPLETE}),
			trial(&pb.Trial{Suggestion: seven, Status: pb.Status_STATUS_COMPLETE}),
		},
	}
}

func playBrokenEvaluator() {
	serve(KindEvaluator, func() {}, func(s *grpc.Server) {
		pb.RegisterEvaluatorServer(s, brokenEvaluator{messages: breakages()[os.Getenv("METAML_TEST_BREAK")]})
	})
}
