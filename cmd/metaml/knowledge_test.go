package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/grow"
	"github.com/metaml/metaml/kb/pack"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/kb/seed"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
	"github.com/metaml/metaml/plugins/python"
)

// The size of a made-up knowledge base, per type of task.
const (
	madeTasks   = 30
	madeConfigs = 20
)

// madeOnce is the file's content, made once: extracting meta-features takes a while.
var madeOnce = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "metaml-test-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "made.db")
	if err := fillKnowledge(context.Background(), path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// makeKnowledge writes a made-up knowledge base to a file.
func makeKnowledge(path string) error {
	content, err := madeOnce()
	if err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

// fillKnowledge fills a file with a made-up knowledge base: generated data with their real meta-features, and, in
// place of training, losses that depend on the learner and on the size of the data.
func fillKnowledge(ctx context.Context, path string) error {
	store, err := kb.Open(ctx, kb.Options{Path: path})
	if err != nil {
		return err
	}
	defer store.Close()
	for _, plan := range []struct {
		task   dataset.TaskType
		metric record.Metric
	}{{dataset.Classification, record.Metric{Name: "balanced_accuracy", Maximize: true}}, {dataset.Regression, record.Metric{Name: "rmse"}}} {
		data, err := python.SklearnSpace(string(plan.task))
		if err != nil {
			return err
		}
		searched, err := space.Parse(data)
		if err != nil {
			return err
		}
		design, err := grow.Design(searched, "learner", madeConfigs, 1)
		if err != nil {
			return err
		}
		protocol := &record.Protocol{Resampling: "cv", Folds: 3, Repeats: 1, Metrics: []record.Metric{plan.metric}}
		ids, err := store.Add(ctx, protocol, &record.Space{Space: searched})
		if err != nil {
			return err
		}
		for i := range madeTasks {
			records, err := madeTask(ctx, plan.task, i, design, ids, plan.metric)
			if err != nil {
				return err
			}
			if _, err := store.Add(ctx, records...); err != nil {
				return err
			}
		}
	}
	return nil
}

// madeTask returns the records of one made-up task: itself, its meta-features, its label and its runs.
func madeTask(ctx context.Context, taskType dataset.TaskType, i int, design []space.Config, ids []record.ID, metric record.Metric) ([]record.Record, error) {
	rng := rand.New(rand.NewPCG(uint64(i), uint64(len(taskType))))
	rows, columns := 60+25*i, 3+i%7
	d, err := dataset.Read(ctx, "-", dataset.Options{Name: fmt.Sprintf("made-%d", i), Task: taskType,
		Stdin: strings.NewReader(madeData(rng, taskType, rows, columns))})
	if err != nil {
		return nil, err
	}
	v, err := metafeatures.Extract(ctx, d, metafeatures.Options{})
	if err != nil {
		return nil, err
	}
	task := &record.Task{Fingerprint: d.Fingerprint, Target: d.Target.Name, Type: string(taskType), Rows: rows, Columns: columns}
	id, err := record.Identify(task)
	if err != nil {
		return nil, err
	}
	values := v.Map()
	for name, value := range values {
		values[name] = record.Round6(value)
	}
	records := []record.Record{task, &record.Features{Task: id, Extractor: v.Extractor, Values: values},
		&record.Label{Task: id, Name: fmt.Sprintf("%s-%02d", taskType, i), Group: fmt.Sprintf("group-%d", i/2)}}
	for c, config := range design {
		quality := madeQuality(config, rows, rng)
		if !metric.Maximize {
			quality = 100 * float64(i+1) * (1 - quality)
		}
		run := &record.Run{Task: id, Protocol: ids[0], Space: ids[1], Config: config, Status: study.Complete,
			Evaluator: record.Evaluator{Name: "made"}, Cost: study.Cost{CPU: float64(c+1) / 10}, Time: 1_700_000_000,
			Measures: []record.Measure{{Metric: metric.Name, Validation: []float64{record.Round6(quality)}}}}
		records = append(records, run)
	}
	return records, nil
}

// madeQuality is a score between 0.5 and 1: some learners like few rows, others many.
func madeQuality(config space.Config, rows int, rng *rand.Rand) float64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(config["learner"].Text()))
	likes := 60 + float64(h.Sum32()%800)
	fit := math.Abs(math.Log(float64(rows) / likes))
	return 0.95 - 0.1*math.Min(3, fit) + 0.03*rng.NormFloat64()
}

// madeData generates a CSV file whose target depends on its first columns.
func madeData(rng *rand.Rand, taskType dataset.TaskType, rows, columns int) string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	record := make([]string, columns+1)
	for j := range columns {
		record[j] = fmt.Sprintf("x%d", j)
	}
	record[columns] = "y"
	_ = w.Write(record)
	for range rows {
		sum := rng.NormFloat64()
		for j := range columns {
			x := rng.NormFloat64()
			if j%3 == 2 {
				x = float64(rng.IntN(4))
			}
			sum += x / float64(j+1)
			record[j] = strconv.FormatFloat(x, 'g', 5, 64)
		}
		record[columns] = strconv.FormatFloat(10*sum, 'g', 6, 64)
		if taskType == dataset.Classification {
			record[columns] = "no"
			if sum > 0.5 {
				record[columns] = "yes"
			}
		}
		_ = w.Write(record)
	}
	w.Flush()
	return b.String()
}

// scriptKnowledge is the script command `knowledge FILE`: it makes up a knowledge base.
func scriptKnowledge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: knowledge FILE")
	}
	ts.Check(makeKnowledge(ts.MkAbs(args[0])))
}

// madeKnowledge makes up a knowledge base for a test in Go and returns its file.
func madeKnowledge(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "made.db")
	if err := makeKnowledge(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// seedHasRuns reports whether the knowledge base that comes with the program knows anything. Where
// METAML_STRICT=1 says that everything must be tested, it has to.
func seedHasRuns(t *testing.T) bool {
	t.Helper()
	set, err := pack.Decode(seed.Pack())
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Runs) == 0 && os.Getenv("METAML_STRICT") == "1" {
		t.Fatal("the seed holds no runs")
	}
	return len(set.Runs) > 0
}
