package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins"
)

// The evaluator faulty and the program faulty-program measure (x - 0.3)² and testify as the evaluator judge does, by
// the number of the trial. faultVariable names what they do wrong.
const faultVariable = "METAML_FAULT"

// faultyTrial is the trial at which they do it.
const faultyTrial = 3

// faulty is the evaluator.
func faulty() {
	if os.Getenv(faultVariable) == "dead" {
		fmt.Fprintln(os.Stderr, "libcuda.so.1: cannot open shared object file")
		os.Exit(3)
	}
	s, err := space.New([]space.Hyperparameter{{Name: "x", Type: space.TypeFloat, Low: 0, High: 1}})
	if err != nil {
		panic(err)
	}
	plugins.ServeEvaluator(plugins.EvaluatorPlugin{
		Description: plugins.Description{Name: "faulty", Version: "1",
			Spaces:  map[string]space.Space{record.Classification: s},
			Metrics: map[string][]study.Objective{record.Classification: {{Metric: "loss"}}}},
		Evaluate: func(_ context.Context, g study.Suggestion, _ plugins.Limits, _ func(study.Observation) error) (study.Trial, error) {
			x := g.Config["x"].Float()
			loss, err := measure(fmt.Sprint(g.ID), x)
			t := study.Trial{Suggestion: g, Status: study.Complete,
				Observations: []study.Observation{{Metrics: map[string]float64{"loss": loss}}}}
			if os.Getenv(faultVariable) == "other" && g.ID == faultyTrial {
				t.ID = 47
			}
			return t, err
		},
	})
}

// faultyProgram is the program, with the trial's number and x for arguments.
func faultyProgram() {
	var x float64
	if _, err := fmt.Sscan(os.Args[2], &x); err != nil {
		panic(err)
	}
	loss, err := measure(os.Args[1], x)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(loss)
}

// measure measures, and does wrong at one trial; a flood, at every.
func measure(trial string, x float64) (float64, error) {
	if err := testify("begin %s\n", trial); err != nil {
		return 0, err
	}
	loss := (x - .3) * (x - .3)
	fault := os.Getenv(faultVariable)
	if trial == fmt.Sprint(faultyTrial) || fault == "flood" || fault == "slow" || fault == "crash" {
		loss = misbehave(fault, loss)
	}
	return loss, testify("end %s\n", trial)
}

// misbehave does what is wrong and returns the loss, as far as that is to be.
func misbehave(fault string, loss float64) float64 {
	switch fault {
	case "hang":
		time.Sleep(time.Hour)
	case "deaf":
		signal.Ignore(syscall.SIGTERM, os.Interrupt)
		time.Sleep(time.Hour)
	case "slow":
		time.Sleep(10 * time.Second)
	case "flood":
		line := strings.Repeat("noise ", 10000) + "\n"
		for range 500 { // 30 MB
			_, _ = os.Stdout.WriteString(line)
		}
	case "eat":
		var eaten [][]byte
		for range 1000 { // 20 GB
			b := make([]byte, 20<<20)
			for i := 0; i < len(b); i += 4096 {
				b[i] = 1
			}
			eaten = append(eaten, b)
			time.Sleep(20 * time.Millisecond)
		}
		loss = float64(len(eaten))
	case "nan":
		return math.NaN()
	case "exit":
		fmt.Fprintln(os.Stderr, "Segmentation fault in liblightgbm")
		os.Exit(11)
	case "crash":
		if crashNow() {
			os.Exit(12)
		}
	}
	return loss
}

// crashNow reports every second time that it is asked to crash: a trial whose evaluator crashed once is repeated.
func crashNow() bool {
	text, err := os.ReadFile(os.Getenv(judgeVariable))
	if err != nil {
		panic(err)
	}
	return strings.Count(string(text), "begin ")%2 == 1
}
