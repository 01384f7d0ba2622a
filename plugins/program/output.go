package program

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"github.com/metaml/metaml/optimizers/study"
)

// longestLine bounds what is kept of a line of output, in bytes; what is beyond is read and dropped.
const longestLine = 1 << 20

// output reads a program's standard output as it comes.
type output struct {
	e      *evaluator
	report func(study.Observation) error
	last   string              // the last line that is not blank
	found  string              // what the pattern found last
	curve  []study.Observation // reported on the way
	stop   error               // what report said, once it was an error

}

// read reads lines until the end. A line that is a JSON object with the metric and a step or a fidelity is a point of
// the learning curve, and reported at once.
func (o *output) read(r io.Reader) {
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		line, err := readLine(lines)
		if text := strings.TrimSpace(line); text != "" {
			o.take(text)
		}
		if err != nil {
			return // the end, or the pipe of a dead process
		}
	}
}

// readLine reads a line, of which it keeps longestLine bytes.
func readLine(r *bufio.Reader) (string, error) {
	var line bytes.Buffer
	for {
		piece, more, err := r.ReadLine()
		line.Write(piece[:min(len(piece), longestLine-line.Len())])
		if err != nil || !more {
			return line.String(), err
		}
	}
}

func (o *output) take(text string) {
	o.last = text
	if o.e.pattern != nil {
		if m := o.e.pattern.FindStringSubmatch(text); m != nil {
			o.found = m[1]
		}
	}
	point, ok := o.e.point(text)
	if !ok {
		return
	}
	o.curve = append(o.curve, point)
	if o.stop == nil {
		o.stop = o.report(point)
	}
}

// point reads a line of a learning curve.
func (e *evaluator) point(text string) (study.Observation, bool) {
	if !strings.HasPrefix(text, "{") {
		return study.Observation{}, false
	}
	var line struct {
		Step, Steps int
		Fidelity    study.Fidelity
	}
	metrics, err := readMetrics(text)
	if err != nil || json.Unmarshal([]byte(text), &line) != nil || line.Step < 1 && len(line.Fidelity) == 0 {
		return study.Observation{}, false
	}
	if _, ok := metrics[e.protocol.metric()]; !ok {
		return study.Observation{}, false
	}
	delete(metrics, "step")
	delete(metrics, "steps")
	return study.Observation{Step: line.Step, Steps: line.Steps, Fidelity: line.Fidelity, Metrics: metrics}, true
}

// readMetrics returns the numbers of a JSON object.
func readMetrics(text string) (map[string]float64, error) {
	var fields map[string]any
	if err := json.Unmarshal([]byte(text), &fields); err != nil {
		return nil, err
	}
	metrics := map[string]float64{}
	for name, v := range fields {
		if x, ok := v.(float64); ok {
			metrics[name] = x
		}
	}
	return metrics, nil
}

// result returns the metrics at the end.
func (o *output) result(dir string) (map[string]float64, error) {
	name := o.e.protocol.metric()
	switch {
	case o.e.protocol.Result:
		text, err := os.ReadFile(resultFile(dir))
		if errors.Is(err, os.ErrNotExist) {
			return nil, errors.New("the program wrote no result file {result}")
		}
		if err != nil {
			return nil, err
		}
		return value(name, strings.TrimSpace(string(text)), "the result file")
	case o.e.pattern != nil && o.found == "":
		return nil, fmt.Errorf("no line of the program's output matches %q", o.e.protocol.Pattern)
	case o.e.pattern != nil:
		return value(name, o.found, "what the pattern found")
	case o.last == "":
		return nil, errors.New("the program printed nothing; the last line of its output has to be the metric")
	}
	return value(name, o.last, "the last line of the program's output")
}

// value reads a number, or a JSON object with the metric.
func value(name, text, where string) (map[string]float64, error) {
	if x, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%s is %s", name, text)
		}
		return map[string]float64{name: x}, nil
	}
	metrics, err := readMetrics(text)
	if err != nil && strings.HasPrefix(text, "{") {
		return nil, fmt.Errorf("%s is no JSON, which has neither NaN nor Infinity: %.80q", where, text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is neither a number nor a JSON object: %.80q", where, text)
	}
	if _, ok := metrics[name]; !ok {
		return nil, fmt.Errorf("%s has no number %q: %.80q", where, name, text)
	}
	return metrics, nil
}
