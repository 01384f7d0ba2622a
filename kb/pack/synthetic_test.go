package pack

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// synthetic makes a knowledge base like those that evaluations fill: classification tasks of 100 to 2,000 rows
// with accuracies that count rows, losses and areas that do not, costs, learning curves and failures.
func synthetic(t testing.TB, tasks, configs int) *record.Set {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	set := record.NewSet()
	put := func(r record.Record) record.ID {
		id, err := record.Identify(r)
		if err != nil {
			t.Fatal(err)
		}
		set.Put(id, r)
		return id
	}
	sp, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("lightgbm"), space.String("svm")}},
		{Name: "lightgbm.learning_rate", Type: space.TypeFloat, Low: 0.01, High: 0.3, Log: true, When: space.Equals("learner", space.String("lightgbm"))},
	})
	if err != nil {
		t.Fatal(err)
	}
	run := record.Run{
		Protocol: put(&record.Protocol{Resampling: "cv", Folds: 3, Repeats: 1, TestFraction: 0.25, RowCap: 2000, Metrics: []record.Metric{
			{Name: "balanced_accuracy", Maximize: true}, {Name: "accuracy", Maximize: true}, {Name: "log_loss"}, {Name: "roc_auc", Maximize: true},
		}}),
		Space: put(&record.Space{Space: sp}), Evaluator: record.Evaluator{Name: "sklearn", Version: "1", Lock: strings.Repeat("ab", 32)},
		Contributor: "metaml", Machine: "seed", Time: 1700000000,
	}
	var design []space.Config
	for i := range configs {
		c := space.Config{
			"learner": space.String("lightgbm"), "scaler": space.String("standard"), "features": space.String("none"),
			"lightgbm.learning_rate": space.Float(math.Exp(rng.Float64()*3 - 4)), "lightgbm.num_leaves": space.Int(int64(4 + rng.IntN(252))),
			"lightgbm.extra_trees": space.Bool(i%2 == 0), "lightgbm.lambda_l2": space.Float(record.Round6(rng.Float64())), "class_weight": space.Null(),
		}
		if i%3 == 0 {
			c = space.Config{"learner": space.String("svm"), "svm.C": space.Float(math.Exp2(rng.Float64()*17 - 5))}
		}
		design = append(design, c)
	}
	for i := range tasks {
		run.Task = put(&record.Task{Fingerprint: fmt.Sprintf("%064x", rng.Uint64()), Target: "class", Type: record.Classification, Rows: 100 + rng.IntN(1900), Columns: 3 + rng.IntN(60)})
		rows := set.Tasks[run.Task].Rows
		values := map[string]float64{}
		for f := range 60 {
			values[fmt.Sprintf("feature_%d.mean", f)] = record.Round6(rng.NormFloat64() * math.Exp(rng.NormFloat64()*3))
		}
		put(&record.Features{Task: run.Task, Extractor: "metaml/1", Values: values})
		put(&record.Label{Task: run.Task, Name: fmt.Sprint("dataset ", i), Group: fmt.Sprint("group ", i/2), Source: "somewhere", Licence: "CC0"})
		run.Split = fmt.Sprintf("%016x", rng.Uint64())
		level := rng.Float64()
		for _, c := range design {
			r := run
			r.Config = c
			r.Time += int64(rng.IntN(5))
			run.Time = r.Time
			measure(rng, &r, rows, level)
			set.Runs = append(set.Runs, &r)
		}
	}
	return set
}

// measure gives a run results.
func measure(rng *rand.Rand, r *record.Run, rows int, level float64) {
	if rng.IntN(50) == 0 {
		r.Status, r.Reason = study.TimedOut, "limit of 10 s"
		r.Cost = record.RoundCost(study.Cost{Wall: 10 + rng.Float64()})
		return
	}
	r.Status = study.Complete
	p := 0.5 + 0.5*math.Min(1, math.Max(0, level+0.15*rng.NormFloat64()))
	share := func(n int, p float64) (k int) {
		for range n {
			if rng.Float64() < p {
				k++
			}
		}
		return k
	}
	names := []string{"accuracy", "balanced_accuracy", "log_loss", "roc_auc"}
	r.Measures = make([]record.Measure, len(names))
	for i, n := range names {
		r.Measures[i] = record.Measure{Metric: n, Validation: make([]float64, 3), Test: make([]float64, 3)}
	}
	for fold := range 3 {
		for test, n := range []int{rows / 4, rows / 4} {
			a, b := n/3, n-n/3
			ka, kb := share(a, p), share(b, p)
			values := []float64{
				float64(ka+kb) / float64(n), (float64(ka)/float64(a) + float64(kb)/float64(b)) / 2,
				(1.2 - p) * (1 + 0.1*rng.NormFloat64()), p + 0.03*rng.NormFloat64(),
			}
			for i, v := range values {
				if test == 0 {
					r.Measures[i].Validation[fold] = record.Round6(v)
				} else {
					r.Measures[i].Test[fold] = record.Round6(v)
				}
			}
		}
	}
	cpu := math.Exp(rng.NormFloat64()) * float64(rows) / 1000
	r.Cost = record.RoundCost(study.Cost{Wall: cpu * (1 + 0.05*rng.Float64()), CPU: cpu, Fit: cpu * 0.9, Predict: cpu * 0.02, Memory: 1.5e8 * (1 + 0.1*rng.Float64())})
	if r.Config["learner"].Text() == "lightgbm" {
		for _, n := range []float64{55, 167} {
			r.Curve = append(r.Curve, record.CurvePoint{Fidelity: study.Fidelity{"iterations": n}, Value: record.Round6(p + 0.02*rng.NormFloat64())})
		}
	}
}

// TestSizes holds the size of a pack per run, and shows where the bytes are. A run has 24 values of up to six
// digits, most of which are noise that nothing can compress.
func TestSizes(t *testing.T) {
	b, err := Encode(synthetic(t, 40, 50), Options{})
	if err != nil {
		t.Fatal(err)
	}
	h, _, err := readHead(b)
	if err != nil {
		t.Fatal(err)
	}
	names := [sections]string{"texts", "dictionaries", "features", "runs", "slots", "exponents", "low", "middle", "high", "exact"}
	for i, p := range h.parts {
		t.Logf("%-14s %9d -> %8d", names[i], p.raw, p.length)
	}
	perRun := float64(len(b)) / float64(h.Runs)
	t.Logf("%d runs, %d bytes, %.1f per run", h.Runs, len(b), perRun)
	if perRun > 70 {
		t.Errorf("%.1f bytes per run", perRun)
	}
}

func BenchmarkDecode(b *testing.B) {
	packed, err := Encode(synthetic(b, 270, 100), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(packed); err != nil {
			b.Fatal(err)
		}
	}
}
