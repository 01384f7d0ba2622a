package metafeatures

import (
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/metaml/metaml/metafeatures/dataset"
)

var update = flag.Bool("update", false, "write the golden files")

// TestNames compares the names of all features with lists, one of the default groups and one of the others, so that
// none changes by accident: knowledge bases hold them. Run with -update after a change that is meant, and think of
// the definition's version.
func TestNames(t *testing.T) {
	others := slices.DeleteFunc(Groups(), func(g string) bool { return slices.Contains(DefaultGroups(), g) })
	for file, groups := range map[string][]string{"testdata/names.golden": nil, "testdata/othernames.golden": others} {
		var lines []string
		for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
			for _, f := range mustExtract(t, generated(200, 12, task, 1), Options{Groups: groups}).Features {
				lines = append(lines, strings.Join([]string{string(task), f.Group, f.Name}, " "))
			}
		}
		slices.Sort(lines)
		got := strings.Join(lines, "\n") + "\n"
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the features are not those of %s:\n%s", file, got)
		}
	}
}

// scaled multiplies and shifts the numeric features.
func scaled(d *dataset.Dataset, factor, shift float64) *dataset.Dataset {
	s := *d
	s.Features = slices.Clone(d.Features)
	for j, c := range d.Features {
		if c.Kind != dataset.Numeric {
			continue
		}
		c.Values = slices.Clone(c.Values)
		for i := range c.Values {
			c.Values[i] = c.Values[i]*factor + shift
		}
		s.Features[j] = c
	}
	return &s
}

// TestUnits checks how features follow the units of columns: those for comparing tasks not at all, others in
// proportion. Powers of two keep ties and rounding as they are.
func TestUnits(t *testing.T) {
	for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
		d := generated(300, 8, task, 2)
		for j := range d.Features {
			if c := d.Features[j]; c.Kind != dataset.Numeric { // dummies have no unit
				d.Features[j] = numberColumn(c.Name, c.Values)
			}
		}
		want := mustExtract(t, d, Options{}).Map()
		got := mustExtract(t, scaled(d, 8, 0), Options{}).Map()
		for _, name := range Similarity() {
			if math.Abs(got[name]-want[name]) > 1e-9*max(1, math.Abs(want[name])) {
				t.Errorf("%s: %s is %v in other units, %v before", task, name, got[name], want[name])
			}
		}
		for name, factor := range map[string]float64{
			"sd.mean": 8, "var.mean": 64, "cov.mean": 64, "eigenvalues.mean": 64, "range.mean": 8, "iq_range.sd": 8,
			"mad.mean": 8, "mean.mean": 8, "t_mean.mean": 8, "median.mean": 8,
		} {
			close(t, name, got[name], factor*want[name])
		}
		moved := mustExtract(t, scaled(d, 1, 4), Options{Groups: []string{Statistical}}).Map()
		for _, name := range []string{"sd.mean", "cor.mean", "skewness.mean", "kurtosis.mean", "mad.mean", "p_trace", "eigenvalues.mean"} {
			close(t, name, moved[name], want[name])
		}
		close(t, "mean.mean", moved["mean.mean"], want["mean.mean"]+4)
	}
}

// TestIdentities checks relations between features that hold for all data.
func TestIdentities(t *testing.T) {
	for seed := range uint64(5) {
		for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
			d := generated(150+10*int(seed), 7, task, seed)
			v := mustExtract(t, d, Options{Summaries: []string{"mean", "sd", "sum", "min", "max", "count"}}).Map()
			close(t, "attr_to_inst", v["attr_to_inst"]*v["inst_to_attr"], 1)
			close(t, "nr_attr", v["nr_cat"]+v["nr_num"], v["nr_attr"])
			close(t, "nr_disc", v["nr_disc"], v["can_cor.count"])
			close(t, "roy_root", v["roy_root"], v["can_cor.max"]*v["can_cor.max"]/(1-v["can_cor.max"]*v["can_cor.max"]))
			close(t, "ns_ratio", v["ns_ratio"], v["attr_ent.sum"]/v["mut_inf.sum"]-1)
			close(t, "cor.count", v["cor.count"], v["sd.count"]*(v["sd.count"]-1)/2)
			if v["target_cor.max"] > v["can_cor.max"]+1e-9 {
				t.Errorf("one column correlates by %v, all of them by %v", v["target_cor.max"], v["can_cor.max"])
			}
			for _, name := range []string{"cor", "can_cor", "target_cor", "attr_conc", "class_conc", "sparsity"} {
				if v[name+".min"] < -1e-6 || v[name+".max"] > 1+1e-6 {
					t.Errorf("%s ranges from %v to %v", name, v[name+".min"], v[name+".max"])
				}
			}
			if task == dataset.Classification {
				close(t, "freq_class", v["freq_class.sum"], 1)
			}
		}
	}
}

// TestTraceOfComplete checks that without missing values the eigenvalues add up to the variances.
func TestTraceOfComplete(t *testing.T) {
	d := generated(120, 4, dataset.Classification, 3)
	v := mustExtract(t, d, Options{Groups: []string{Statistical}, Summaries: []string{"sum"}}).Map()
	close(t, "trace", v["eigenvalues.sum"], v["var.sum"])
}

// FuzzExtract checks that no table, however odd, makes extraction panic, fail or give a value that is not finite.
func FuzzExtract(f *testing.F) {
	// Tables of random bytes, of few different values and of many.
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 1))
		table := make([]byte, (2+rng.IntN(6))*(1+rng.IntN(60)))
		values := 1 + rng.IntN(256)
		for i := range table {
			table[i] = byte(rng.IntN(values))
		}
		f.Add(uint8(seed), seed%2 == 0, table)
	}
	f.Add(uint8(2), false, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	f.Add(uint8(1), true, []byte{0, 0, 255, 255, 1, 254, 253})
	f.Fuzz(func(t *testing.T, width uint8, regression bool, data []byte) {
		columns := 2 + int(width)%6
		rows := len(data) / columns
		if rows == 0 || rows > 60 {
			return
		}
		var features []dataset.Column
		var target dataset.Column
		for j := range columns {
			cells := data[j*rows : (j+1)*rows]
			if j == 0 {
				target = fuzzTarget(cells, regression)
				continue
			}
			features = append(features, fuzzColumn(cells, j%2 == 0))
		}
		for _, set := range Sets() {
			groups, err := GroupsOf(set)
			if err != nil {
				t.Fatal(err)
			}
			v := mustExtract(t, datasetOf(target, features...), Options{Set: set, Groups: groups, Summaries: Summaries()})
			seen := make(map[string]bool)
			for _, feature := range v.Features {
				if seen[feature.Name] {
					t.Fatalf("%s: %s is there twice", set, feature.Name)
				}
				seen[feature.Name] = true
			}
		}
	})
}

func fuzzTarget(cells []byte, regression bool) dataset.Column {
	if regression {
		values := make([]float64, len(cells))
		for i, b := range cells {
			values[i] = math.Ldexp(float64(b%16)-8, int(b/16)*120-960)
		}
		return numberColumn("y", values)
	}
	labels := make([]string, len(cells))
	for i, b := range cells {
		labels[i] = string(rune('a' + b%5))
	}
	return levelsColumn("y", labels)
}

func fuzzColumn(cells []byte, levels bool) dataset.Column {
	labels, values := make([]string, len(cells)), make([]float64, len(cells))
	for i, b := range cells {
		values[i] = float64(b % 16)
		labels[i] = string(rune('a' + b%9))
		switch b {
		case 255:
			values[i], labels[i] = math.NaN(), ""
		case 254:
			values[i] = math.MaxFloat64
		case 253:
			values[i] = -math.MaxFloat64
		case 252:
			values[i] = math.SmallestNonzeroFloat64
		}
	}
	if levels {
		return levelsColumn("c", labels)
	}
	return numberColumn("c", values)
}
