package optimizerbench

import (
	"fmt"
	"math"
	"testing"
)

// cell is a result with given regrets on a problem of spread 1000, so that the logarithms are those of regret + 1.
func cell(problem, method string, runs ...float64) Cell {
	return Cell{SchemaVersion: 1, Problem: problem, Method: method, Seeds: len(runs), Budget: 100, Spread: 1000, Runs: runs}
}

// TestDifferences compares with SciPy 1.17:
//
//	d = np.log10(np.array([9, 19, 29.0]) + 1) - np.log10(np.array([99, 99, 399.0]) + 1)
//	scipy.stats.t.interval(0.95, 2, d.mean(), d.std(ddof=1) / 3 ** .5)
//	(-1.4852459846902190, -0.3973598426059934) around -0.9413029136481063
func TestDifferences(t *testing.T) {
	cells := []Cell{cell("p", "a", 9, 19, 29), cell("p", "b", 99, 99, 399), cell("q", "a", 1, 2, 3), cell("q", "b", 1, 2)}
	got := Differences(cells, "a", "b")
	if len(got) != 2 || got[0].Seeds != 3 || got[1].Seeds != 2 { // on q b has the first two runs alone
		t.Fatalf("%+v", got)
	}
	d := got[0]
	for _, c := range []struct{ got, want float64 }{{d.Mean, -0.9413029136481063}, {d.Low, -1.4852459846902190}, {d.High, -0.3973598426059934}} {
		if math.Abs(c.got-c.want) > 1e-9 {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if d.Verdict != Better || Differences(cells, "b", "a")[0].Verdict != Worse {
		t.Errorf("verdicts %v and %v", d.Verdict, Differences(cells, "b", "a")[0].Verdict)
	}
	if one := Differences([]Cell{cell("p", "a", 1), cell("p", "b", 2)}, "a", "b"); one[0].Verdict != Open || !math.IsInf(one[0].High, 1) {
		t.Errorf("of one run: %+v", one)
	}
}

// TestDifferencesPairRuns leaves out what has other seeds or another budget, which Compare compares all the same.
func TestDifferencesPairRuns(t *testing.T) {
	ours, seeds, longer := cell("p", "a", 1, 2), cell("p", "b", 1, 2), cell("p", "b", 1, 2)
	seeds.SeedBase, longer.Budget = 7, 1000
	for _, other := range []Cell{seeds, longer, cell("q", "b", 1, 2), cell("p", "b")} {
		if got := Differences([]Cell{ours, other}, "a", "b"); len(got) != 0 {
			t.Errorf("compared with %+v: %+v", other, got)
		}
	}
	if d := Compare(ours, longer); d.Seeds != 2 || d.Verdict != NotWorse {
		t.Errorf("the same regrets after longer: %+v", d)
	}
	if d := Compare(ours, seeds); d.Seeds != 0 || d.Verdict != Open || !math.IsInf(d.High, 1) {
		t.Errorf("no common seed: %+v", d)
	}
}

func TestOnNamesUnusualBudgets(t *testing.T) {
	for want, c := range map[string]Cell{
		"branin": {Problem: "branin", Budget: 100}, "branin@50": {Problem: "branin", Budget: 50},
		"mlp_digits":     {Problem: "mlp_digits", Budget: 25, Credited: map[string]Quartiles{"25": {}}},
		"mlp_digits@100": {Problem: "mlp_digits", Budget: 100, Credited: map[string]Quartiles{"25": {}}},
	} {
		if got := c.On(); got != want {
			t.Errorf("%+v is %q, want %q", c, got, want)
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, tc := range []struct {
		low, high float64
		want      Verdict
	}{
		{-1, -0.01, Better}, {-1, 0.09, NotWorse}, {0.01, 0.09, NotWorse}, {-1, 0.1, Open}, {0.01, 0.1, Worse}, {math.Inf(-1), math.Inf(1), Open},
	} {
		if got := judge(tc.low, tc.high); got != tc.want {
			t.Errorf("from %v to %v: %v, want %v", tc.low, tc.high, got, tc.want)
		}
	}
}

// TestRanks ranks three methods by hand. On p, by seed: a 1 2, b 2 1, c 3 3; on q: a and b tie at 1.5, c 3. r has no c.
func TestRanks(t *testing.T) {
	cells := []Cell{
		cell("p", "a", 1, 5), cell("p", "b", 2, 4), cell("p", "c", 3, 6),
		cell("q", "a", 1, 1), cell("q", "b", 1, 1), cell("q", "c", 2, 2),
		cell("r", "a", 1, 1), cell("r", "b", 2, 2),
	}
	ranks, problems := Ranks(cells)
	if problems != 2 || len(ranks) != 3 {
		t.Fatalf("%+v over %d problems", ranks, problems)
	}
	for i, want := range []Rank{{"a", 1.5}, {"b", 1.5}, {"c", 3}} {
		if ranks[i] != want {
			t.Errorf("%+v, want %+v", ranks[i], want)
		}
	}
	// Between a and b alone the differences on p, q and r are 0, 0 and -1.
	d := CompareRanks(cells, "a", "b")
	if d.Problems != 3 || math.Abs(d.Mean+1./3) > 1e-12 || d.Low != -1 || d.High != 0 || d.Verdict != Open {
		t.Errorf("%+v", d)
	}
	if d := CompareRanks(cells, "a", "c"); d.Problems != 2 || d.Verdict != Open || !math.IsInf(d.Low, -1) {
		t.Errorf("of two problems: %+v", d)
	}
	if d := CompareRanks(cells, "a", "nothing"); d.Problems != 0 {
		t.Errorf("%+v", d)
	}
}

// TestRankVerdict: what is better on every problem is better on the whole.
func TestRankVerdict(t *testing.T) {
	var cells []Cell
	for i := range 5 {
		name := fmt.Sprint(i)
		cells = append(cells, cell(name, "a", 1, 1), cell(name, "b", 2, 2))
	}
	if d := CompareRanks(cells, "a", "b"); d.Verdict != Better || d.Mean != -1 {
		t.Errorf("%+v", d)
	}
	if d := CompareRanks(cells, "b", "a"); d.Verdict != Worse {
		t.Errorf("%+v", d)
	}
}

func TestPeers(t *testing.T) {
	ours := cell("p", "tpe", 1)
	ours.Versions = map[string]string{own: "1"}
	theirs := cell("p", "optuna-tpe", 1)
	theirs.Versions = map[string]string{"optuna": "5"}
	if got := Peers([]Cell{ours, theirs, theirs}); len(got) != 1 || got[0] != "optuna-tpe" {
		t.Errorf("peers %v", got)
	}
}

// TestQuantile compares with numpy.quantile([1, 2, 4, 8], [.25, .5, .75]).
func TestQuantile(t *testing.T) {
	sorted := []float64{1, 2, 4, 8}
	for q, want := range map[float64]float64{0: 1, 0.25: 1.75, 0.5: 3, 0.75: 5, 1: 8} {
		if got := quantile(sorted, q); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
}
