package plugins

import (
	"context"
	"iter"

	"google.golang.org/protobuf/proto"

	pb "github.com/metaml/metaml/plugins/proto/metaml/v1"
)

const (
	// largestTell and mostTrials bound one Tell: plugins in other languages take messages of 4 MB by default.
	largestTell = 1 << 20
	mostTrials  = 500
)

// replayLog is what an optimizer's process was told, in order, for the process that may have to take its place.
type replayLog struct{ entries []logEntry }

// logEntry is either a trial or an observation.
type logEntry struct {
	trial       *pb.Trial
	observation *pb.ObserveRequest
}

func (l *replayLog) tell(trials []*pb.Trial) {
	for _, t := range trials {
		l.entries = append(l.entries, logEntry{trial: t})
	}
}

func (l *replayLog) observe(request *pb.ObserveRequest) {
	l.entries = append(l.entries, logEntry{observation: request})
}

// steps yields the calls that replay the log, trials in batches.
func (l *replayLog) steps() iter.Seq[func(context.Context, pb.OptimizerClient) error] {
	return func(yield func(func(context.Context, pb.OptimizerClient) error) bool) {
		for i := 0; i < len(l.entries); {
			if request := l.entries[i].observation; request != nil {
				i++
				if !yield(replayObservation(request)) {
					return
				}
				continue
			}
			var trials []*pb.Trial
			for ; i < len(l.entries) && l.entries[i].trial != nil; i++ {
				trials = append(trials, l.entries[i].trial)
			}
			for batch := range batches(trials) {
				if !yield(replayTrials(batch)) {
					return
				}
			}
		}
	}
}

func replayTrials(trials []*pb.Trial) func(context.Context, pb.OptimizerClient) error {
	return func(ctx context.Context, plugin pb.OptimizerClient) error {
		_, err := plugin.Tell(ctx, &pb.TellRequest{Trials: trials})
		return err
	}
}

// replayObservation tells an observation again; the decision was made the first time.
func replayObservation(request *pb.ObserveRequest) func(context.Context, pb.OptimizerClient) error {
	return func(ctx context.Context, plugin pb.OptimizerClient) error {
		_, err := plugin.Observe(ctx, request)
		return err
	}
}

// batches splits trials into runs that fit one message; a trial that does not fit has a message of its own.
func batches(trials []*pb.Trial) iter.Seq[[]*pb.Trial] {
	return func(yield func([]*pb.Trial) bool) {
		begin, size := 0, 0
		for i, t := range trials {
			next := proto.Size(t)
			if i > begin && (size+next > largestTell || i-begin == mostTrials) {
				if !yield(trials[begin:i]) {
					return
				}
				begin, size = i, 0
			}
			size += next
		}
		if begin < len(trials) {
			yield(trials[begin:])
		}
	}
}
