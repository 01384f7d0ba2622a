package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/cmd/internal/term"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// churn is a suggestion about a small made-up dataset, without any recommendation.
func churn() *suggestion {
	return &suggestion{
		file: "data/churn.csv.gz", elapsed: 210 * time.Millisecond,
		data: &dataset.Dataset{
			Task: dataset.Classification, Rows: 4, TotalRows: 7043,
			Features: []dataset.Column{
				{Name: "age", Kind: dataset.Numeric}, {Name: "city", Kind: dataset.Categorical, MissingCount: 1}, {Name: "since", Kind: dataset.Date},
			},
			Target:  dataset.Column{Name: "churned", Levels: []string{"no", "yes"}, Values: []float64{0, 0, 0, 1}},
			Dropped: []dataset.Dropped{{Name: "id", Kind: dataset.Identifier}},
		},
		advice: &warmstart.Advice{Tasks: 263, Configs: 100, Neighbors: []warmstart.Neighbor{{Name: "credit"}, {Name: "adult"}, {Name: "HMDA"}, {Name: "x"}}},
	}
}

func head(t *testing.T, s *suggestion, width int) string {
	t.Helper()
	var b strings.Builder
	if err := headTable(s, width).Write(&b, width); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestHead(t *testing.T) {
	distance := 0.412
	s := churn()
	s.advice.Metric.Name = "balanced_accuracy"
	s.advice.Distance, s.advice.Nearest, s.advice.Usual, s.advice.InDistribution = &distance, "x", [2]float64{0.25, 0.75}, true
	want := "" +
		"churn.csv.gz  7,043 rows x 4 columns (1 numeric, 1 categorical, 1 date, 1 left out), 8.3 % missing\n" +
		"left out      id (identifier)\n" +
		"task          binary classification of churned, 25 % is yes; metric balanced accuracy\n" +
		"known         263 classification tasks and 100 configurations; weighing most: credit, adult, HMDA; nearest: x (distance\n" +
		"              0.41, usual 0.25-0.75) (0.21 s)\n"
	if got := head(t, s, 0); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	for _, line := range strings.Split(head(t, s, 60), "\n") {
		if len(line) > 60 {
			t.Errorf("%d columns on a screen of 60: %q", len(line), line)
		}
	}
}

func TestKnown(t *testing.T) {
	far := 3.14
	for _, c := range []struct {
		name   string
		change func(*warmstart.Advice)
		want   string
	}{
		{"unlike anything", func(a *warmstart.Advice) { a.Distance, a.Usual = &far, [2]float64{0.4, 1.2} },
			"nothing like it among 263 classification tasks and 100 configurations (distance 3.14, usual 0.40-1.20): " +
				"these are the safest all-round choices, not a judgement about your data (0.21 s)"},
		{"nothing to compare", func(*warmstart.Advice) {},
			"263 classification tasks and 100 configurations, but none described by the same meta-features: these are all-round choices (0.21 s)"},
		{"a single task", func(a *warmstart.Advice) {
			a.Distance, a.Nearest, a.InDistribution, a.Tasks, a.Configs, a.Neighbors = &far, "credit", true, 1, 1, a.Neighbors[:1]
		}, "1 classification task and 1 configuration; weighing most: credit; nearest: credit (distance 3.140, usual 0.000-0.000) (0.21 s)"},
	} {
		s := churn()
		c.change(s.advice)
		if got := describeKnown(s); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestTask(t *testing.T) {
	s := churn()
	s.data.Target = dataset.Column{Name: "kind", Levels: []string{"a", "b", "c"}, Values: []float64{0, 0, 1, 1, 2}}
	if got, want := describeTask(s.data, ""), "classification into 3 classes of kind, 20 % is c; metric "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	s.data.Task, s.data.Target = dataset.Regression, dataset.Column{Name: "price", Values: []float64{3, 1234567.8, -2.5}}
	if got, want := describeTask(s.data, "rmse"), "regression of price, -2.5 to 1.23e+06; metric rmse"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestRecommendations shows expectations in the metric where they can be told in it, and as regrets where not.
func TestRecommendations(t *testing.T) {
	s := churn()
	value, interval := 0.7684, [2]float64{0.741, 0.789}
	s.advice.Recommendations = []warmstart.Recommendation{{Rank: 1, Learner: "knn", Config: space.Config{"learner": space.String("knn"), "knn.k": space.Int(5)},
		ExpectedRegret: 0.31, Interval: [2]float64{0.1, 0.5}, ExpectedMetric: &value, MetricInterval: &interval, Reasons: []string{"the best", "more"}}}
	for _, c := range []struct{ metric, want string }{
		{"known", "#  learner  expected  80 % interval  why\n1  knn         0.768  0.741 - 0.789  the best\n   k 5\n"},
		{"unknown", "#  learner  regret  80 % interval  why\n1  knn        0.31    0.10 - 0.50  the best\n   k 5\n"},
	} {
		if c.metric == "unknown" {
			s.advice.Recommendations[0].ExpectedMetric = nil
		}
		var b strings.Builder
		if err := recommendationTable(s).Write(&b, 0); err != nil {
			t.Fatal(err)
		}
		if b.String() != c.want {
			t.Errorf("metric %s: got\n%swant\n%s", c.metric, b.String(), c.want)
		}
	}
}

// TestGainsAddUp to what the conclusion says: the way from a median configuration to the best one known.
func TestGainsAddUp(t *testing.T) {
	s := churn()
	s.matrix = &transfer.Matrix{}
	s.advice.Neighbors = nil
	for i, regret := range []float64{.32, .24, .19} {
		s.advice.Recommendations = append(s.advice.Recommendations, warmstart.Recommendation{Rank: i + 1, Alone: .32, ExpectedRegret: regret})
	}
	sum := 0.
	for _, gain := range explained(s).gains {
		sum += gain
	}
	if math.Abs(sum-.81) > 1e-9 || !strings.Contains(conclusion(s), "go 81 % of the way") {
		t.Errorf("gains sum to %v; %s", sum, conclusion(s))
	}
}

func TestSeconds(t *testing.T) {
	for want, s := range map[string]float64{"<0.01 s": .0012, "0.01 s": .006, "0.32 s": .317, "12.3 s": 12.3456} {
		if got := seconds(&s); got != want {
			t.Errorf("%v: %q, want %q", s, got, want)
		}
	}
	if got := seconds(nil); got != "-" {
		t.Errorf("unknown: %q", got)
	}
}

func TestHowFar(t *testing.T) {
	s := churn()
	if got := howFar(s); !strings.Contains(got, "no meta-features") {
		t.Errorf("got %q", got)
	}
	distance := 0.5
	s.advice.Distance, s.advice.InDistribution = &distance, true
	if got := howFar(s); !strings.Contains(got, "speaks about data like these") {
		t.Errorf("got %q", got)
	}
	s.advice.InDistribution = false
	if got := howFar(s); !strings.Contains(got, "nothing similar") {
		t.Errorf("got %q", got)
	}
}

func TestShort(t *testing.T) {
	if got := short("a name that is by far too long for one line of the screen\x1b"); got != "a name that is by far too lon…" {
		t.Errorf("got %q", got)
	}
	if got := short("größe\n"); got != term.Clean("größe\n") {
		t.Errorf("got %q", got)
	}
}

func TestHyperparameters(t *testing.T) {
	sp, err := space.New([]space.Hyperparameter{
		{Name: "learner", Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.String("knn")}},
		{Name: "svm.C", Type: space.TypeFloat, Low: 0, High: 100},
		{Name: "svm.shrinking", Type: space.TypeBool},
		{Name: "kernel", Type: space.TypeCategorical, Choices: []space.Value{space.String("svm"), space.Null()}},
	})
	if err != nil {
		t.Fatal(err)
	}
	config := space.Config{"learner": space.String("svm"), "kernel": space.Null(), "svm.C": space.Float(31.25789), "svm.shrinking": space.Bool(true)}
	if got, want := hyperparameters(sp, config, "svm"), "C 31.3  shrinking true  kernel null"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := hyperparameters(space.Space{}, space.Config{"b": space.Int(2), "a": space.Int(1)}, ""), "a 1  b 2"; got != want {
		t.Errorf("without a space: got %q, want %q", got, want)
	}
}

// TestConclusionSpeaksOfTheMetric: where expectations are told in the metric, nothing explains regrets.
func TestConclusion(t *testing.T) {
	value, interval := 0.8, [2]float64{0.7, 0.9}
	r := warmstart.Recommendation{Rank: 1, ExpectedRegret: 0.25, ExpectedMetric: &value, MetricInterval: &interval}
	for _, c := range []struct {
		recommendations []warmstart.Recommendation
		want            string
	}{
		{[]warmstart.Recommendation{r}, "Trying it is expected to go 75 % of the way from a median configuration to the best one known for such data."},
		{[]warmstart.Recommendation{r, r}, "Trying all 2 and keeping the best is expected to go 75 % of the way from a median configuration to the best one known for such data." +
			"\nEach line's expectation is for the best of it and those above."},
		{[]warmstart.Recommendation{{ExpectedRegret: 1.5}}, "Trying it is expected to go 0 % of the way from a median configuration to the best one known for such data." +
			"\nRegret 0 is the best configuration known for such data, 1 a median one."},
	} {
		s := &suggestion{advice: &warmstart.Advice{Recommendations: c.recommendations}}
		if got := conclusion(s); got != c.want {
			t.Errorf("got\n%s\nwant\n%s", got, c.want)
		}
	}
}

func TestShellQuote(t *testing.T) {
	for word, want := range map[string]string{
		"a/b-1.csv": "a/b-1.csv", "größe": "größe", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$x": "'$x'", "#3": "'#3'",
	} {
		if got := shellQuote(word); got != want {
			t.Errorf("shellQuote(%q) = %s, want %s", word, got, want)
		}
	}
}
