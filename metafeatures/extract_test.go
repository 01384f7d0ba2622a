package metafeatures

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// timeless is a vector without its costs, which differ from run to run.
func timeless(v Vector) Vector {
	v.Features = slices.Clone(v.Features)
	for i := range v.Features {
		v.Features[i].CPU = 0
		if math.IsNaN(v.Features[i].Value) {
			v.Features[i].Value = -12345 // comparable
		}
	}
	return v
}

// TestDeterminism checks that the same seed gives the same vector, and another one the same where nothing is drawn.
func TestDeterminism(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		d := generated(1500, 30, task, 1)
		opt := Options{
			Groups: Groups(), MaxCells: 20_000, MaxProducts: 50_000, MaxEncoded: 25, TreeRows: 400, PairRows: 200, MaxItems: 9000,
		}
		a, b := mustExtract(t, d, opt), mustExtract(t, d, opt)
		if !reflect.DeepEqual(timeless(a), timeless(b)) {
			t.Errorf("%s: two extractions differ", task)
		}
		opt.Seed = 1
		c := mustExtract(t, d, opt)
		if reflect.DeepEqual(timeless(a), timeless(c)) {
			t.Errorf("%s: another seed draws the same samples", task)
		}
		opt.Groups = []string{General}
		if e := mustExtract(t, d, opt); !reflect.DeepEqual(timeless(e).Features, timeless(a).Features[:len(e.Features)]) {
			t.Errorf("%s: counts depend on the seed", task)
		}
	}
}

// TestGroups checks that each group alone gives what it gives among the others, and what every feature carries.
func TestGroups(t *testing.T) {
	d := generated(700, 12, dataset.Classification, 2)
	all := timeless(mustExtract(t, d, Options{Groups: Groups()}))
	if all.Extractor != "metaml/1" {
		t.Errorf("extractor %q", all.Extractor)
	}
	seen := make(map[string]bool)
	for _, g := range Groups() {
		alone := timeless(mustExtract(t, d, Options{Groups: []string{g}}))
		var within []Feature
		for _, f := range all.Features {
			if f.Group == g {
				within = append(within, f)
			}
		}
		if len(within) == 0 || !reflect.DeepEqual(alone.Features, within) {
			t.Errorf("%s alone differs from %s among all", g, g)
		}
	}
	for _, f := range all.Features {
		if f.Version != 1 || seen[f.Name] {
			t.Errorf("%s: version %d, seen before: %v", f.Name, f.Version, seen[f.Name])
		}
		seen[f.Name] = true
	}
}

// TestCost checks that the costs of the features add up to the work that was measured, and are not negative.
func TestCost(t *testing.T) {
	var sum time.Duration
	for _, f := range mustExtract(t, generated(3000, 30, dataset.Classification, 3), Options{}).Features {
		if f.CPU < 0 {
			t.Errorf("%s cost %v", f.Name, f.CPU)
		}
		sum += f.CPU
	}
	if sum <= 0 {
		t.Errorf("all features together cost %v", sum)
	}
}

// TestInvariance checks that the order of rows and columns and the order in which labels appear change nothing but
// what hangs on folds and ties.
func TestInvariance(t *testing.T) {
	d := generated(400, 9, dataset.Classification, 4)
	opt := Options{Groups: []string{General, Statistical, InfoTheory}}
	want := mustExtract(t, d, opt).Map()
	order := rand.New(rand.NewPCG(5, 5)).Perm(400)
	shuffled := *d
	shuffled.Features = slices.Clone(d.Features)
	for j, c := range d.Features {
		shuffled.Features[len(d.Features)-1-j] = permuted(c, order)
	}
	// The first categorical feature has a dummy more: it stays first.
	for j, c := range shuffled.Features {
		if c.Name == "c2" {
			shuffled.Features = slices.Insert(slices.Delete(shuffled.Features, j, j+1), 0, c)
			break
		}
	}
	shuffled.Target = permuted(d.Target, order)
	got := mustExtract(t, &shuffled, opt).Map()
	if len(got) != len(want) {
		t.Errorf("%d features, want %d", len(got), len(want))
	}
	for name, v := range want {
		if math.Abs(got[name]-v) > 1e-7*max(1, math.Abs(v)) {
			t.Errorf("%s: %v, in another order %v", name, v, got[name])
		}
	}
}

// permuted reorders a column's rows and numbers its levels by first appearance again.
func permuted(c dataset.Column, order []int) dataset.Column {
	p := c
	p.Values, p.Levels = make([]float64, len(order)), nil
	code := make(map[float64]float64)
	for i, r := range order {
		v := c.Values[r]
		if c.Levels != nil && !math.IsNaN(v) {
			if _, ok := code[v]; !ok {
				code[v] = float64(len(p.Levels))
				p.Levels = append(p.Levels, c.Levels[int(v)])
			}
			v = code[v]
		}
		p.Values[i] = v
	}
	return p
}

// TestInputsUnchanged checks that extraction leaves the dataset as it is.
func TestInputsUnchanged(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		a, b := generated(300, 10, task, 6), generated(300, 10, task, 6)
		mustExtract(t, a, Options{})
		for j := range a.Features {
			if !slices.EqualFunc(a.Features[j].Values, b.Features[j].Values, same) {
				t.Errorf("%s: column %d has changed", task, j)
			}
		}
		if !slices.EqualFunc(a.Target.Values, b.Target.Values, same) {
			t.Errorf("%s: the target has changed", task)
		}
	}
}

func same(a, b float64) bool { return a == b || (math.IsNaN(a) && math.IsNaN(b)) }

// TestBudget checks that a spent budget skips groups and says so, and that an ended context is an error.
func TestBudget(t *testing.T) {
	d := generated(5000, 40, dataset.Classification, 7)
	v := mustExtract(t, d, Options{Budget: time.Nanosecond})
	if len(v.Skipped) == 0 || !strings.Contains(v.Skipped[len(v.Skipped)-1], "landmarking") {
		t.Errorf("skipped %q", v.Skipped)
	}
	for _, f := range v.Features {
		if f.Group == Landmarking {
			t.Fatalf("%s of a skipped group is there", f.Name)
		}
	}
	if v := mustExtract(t, d, Options{Budget: time.Hour}); len(v.Skipped) != 0 {
		t.Errorf("an hour is spent: %q", v.Skipped)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	if _, err := Extract(ctx, d, Options{}); !errors.Is(err, reason) {
		t.Errorf("error %v after cancelling", err)
	}
}

// TestNotes checks that samples are spoken of, and nothing else is.
func TestNotes(t *testing.T) {
	d := generated(900, 20, dataset.Classification, 8)
	all := Options{
		Groups: Groups(), MaxCells: -1, MaxProducts: -1, MaxEncoded: -1, LandmarkRows: -1, TreeRows: -1, PairRows: -1, MaxItems: -1,
	}
	if v := mustExtract(t, d, all); len(v.Notes) != 0 {
		t.Errorf("notes without samples: %q", v.Notes)
	}
	sampled := mustExtract(t, d, Options{
		Groups: Groups(), MaxCells: 1000 * 5, MaxProducts: 2000, MaxEncoded: 6, LandmarkRows: 100, TreeRows: 200, PairRows: 50, MaxItems: 100,
	})
	for _, want := range []string{
		"statistical and info-theory look at 5 of 20 columns",
		"covariances and landmarkers look at 6 of", "covariances look at 95 of 900 rows", "landmarkers look at 100 of 900 rows",
		"trees of model-based look at 200 of 900 rows", "groups that compare rows in pairs look at 50 of 900 rows", "two_itemset looks at",
	} {
		if !slices.ContainsFunc(sampled.Notes, func(n string) bool { return strings.HasPrefix(n, want) }) {
			t.Errorf("%q is missing in %q", want, sampled.Notes)
		}
	}
	rows := mustExtract(t, generated(2000, 4, dataset.Regression, 8), Options{MaxCells: 4 * 1500})
	if !slices.Contains(rows.Notes, "statistical and info-theory look at 1500 of 2000 rows") {
		t.Errorf("notes %q", rows.Notes)
	}
}

// TestSampleIsClose checks that values from samples are estimates of those from all rows.
func TestSampleIsClose(t *testing.T) {
	d := generated(8000, 12, dataset.Classification, 9)
	whole := mustExtract(t, d, Options{MaxCells: -1, MaxProducts: -1}).Map()
	part := mustExtract(t, d, Options{MaxCells: 12 * 2000, MaxProducts: 300_000}).Map()
	for _, name := range []string{"mean.mean", "sd.mean", "iq_range.mean", "mad.mean", "attr_ent.mean", "p_trace", "cor.mean"} {
		if math.Abs(part[name]-whole[name]) > 0.15*math.Abs(whole[name])+0.06 {
			t.Errorf("%s: %v on a sample, %v on all rows", name, part[name], whole[name])
		}
	}
}

func TestInvalid(t *testing.T) {
	good := generated(20, 3, dataset.Classification, 1)
	empty, narrow, ragged, untyped := *good, *good, *good, *good
	empty.Rows = 0
	narrow.Features = nil
	ragged.Features = slices.Clone(good.Features)
	ragged.Features[1].Values = ragged.Features[1].Values[:7]
	untyped.Task = ""
	for name, c := range map[string]struct {
		d    *dataset.Dataset
		opt  Options
		want error
		says string
	}{
		"group":    {good, Options{Groups: []string{"generall"}}, ErrOption, "generall"},
		"summary":  {good, Options{Summaries: []string{"mode"}}, ErrOption, "mode"},
		"rows":     {&empty, Options{}, dataset.ErrData, "no rows"},
		"features": {&narrow, Options{}, dataset.ErrData, "no usable feature"},
		"ragged":   {&ragged, Options{}, dataset.ErrData, `"c1" has 7 values for 20 rows`},
		"task":     {&untyped, Options{}, dataset.ErrData, "task type"},
	} {
		_, err := Extract(context.Background(), c.d, c.opt)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v, want one that wraps %v and says %q", name, err, c.want, c.says)
		}
	}
}

// operations counts the elementary operations of one extraction.
func operations(t *testing.T, d *dataset.Dataset, opt Options) float64 {
	t.Helper()
	x := newTestExtraction(t, d, opt)
	for _, g := range ownGroups() {
		if _, err := x.run(g); err != nil {
			t.Fatal(err)
		}
	}
	return float64(x.operations)
}

// TestGrowth checks the growth of the work: at most linear in rows and quadratic in columns, and none in the work
// that is limited.
func TestGrowth(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		unlimited := Options{MaxCells: -1, MaxProducts: -1, MaxEncoded: -1}
		small := operations(t, generated(1000, 20, task, 1), unlimited)
		if long := operations(t, generated(4000, 20, task, 1), unlimited); long > 4.4*small {
			t.Errorf("%s: four times the rows cost %.1f times the work", task, long/small)
		}
		if wide := operations(t, generated(1000, 80, task, 1), unlimited); wide > 17*small {
			t.Errorf("%s: four times the columns cost %.1f times the work", task, wide/small)
		}
		limits := Options{MaxCells: 40_000, MaxProducts: 1_000_000, MaxEncoded: 20}
		base := operations(t, generated(4000, 40, task, 1), limits)
		for _, shape := range [][2]int{{16_000, 40}, {4000, 160}} {
			cells := float64(2 * shape[0] * shape[1]) // the counts that look at all rows
			if large := operations(t, generated(shape[0], shape[1], task, 1), limits); large > 1.2*base+cells {
				t.Errorf("%s: %v rows and columns cost %v operations, %v of the limits' size", task, shape, large, base)
			}
		}
	}
}

// TestAllocation checks that memory grows with the sample and not with the data.
func TestAllocation(t *testing.T) {
	bytes := func(rows int) float64 {
		d := generated(rows, 10, dataset.Classification, 1)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		mustExtract(t, d, Options{MaxCells: 10 * 2000})
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	bytes(4000) // what is allocated once only
	small, large := bytes(4000), bytes(104_000)
	if extra := large - small; extra > 12*100_000 {
		t.Errorf("100,000 more rows take %.0f bytes more, want at most 12 each", extra)
	}
}
