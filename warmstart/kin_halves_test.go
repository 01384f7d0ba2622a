package warmstart_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/metaml/metaml/kb"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
	"github.com/metaml/metaml/transfer"
	"github.com/metaml/metaml/warmstart"
)

// halves are the meta-features of two random halves, without a row in common, of every data set of 500 to 4,000 rows, of a
// type and unknown to m, that a folder with an inventory.csv (file, name, task, target, rows) holds.
func halves(b *testing.B, folder string, m *transfer.Matrix) [][2][]float64 {
	b.Helper()
	f, err := os.Open(filepath.Join(folder, "inventory.csv"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	column := func(name string) int { return slices.Index(lines[0], name) }
	known := map[string]bool{}
	for _, task := range m.Tasks {
		known[task.Name] = true
	}
	var out [][2][]float64
	for _, line := range lines[1:] {
		rows, err := strconv.Atoi(line[column("rows")])
		if err != nil || rows < 500 || rows > 4000 || line[column("task")] != m.Type || known[line[column("name")]] {
			continue
		}
		d, err := dataset.Read(b.Context(), filepath.Join(folder, line[column("file")]), dataset.Options{Target: line[column("target")]})
		if err != nil {
			b.Logf("left out: %v", err)
			continue
		}
		var half [2][]float64
		for i, part := range divided(b, d) {
			v, err := metafeatures.Extract(b.Context(), part, metafeatures.Options{})
			if err != nil {
				b.Fatal(err)
			}
			values := map[string]float64{}
			for _, feature := range v.Features {
				if !math.IsNaN(feature.Value) {
					values[feature.Name] = feature.Value
				}
			}
			half[i] = m.Vector(values)
		}
		out = append(out, half)
	}
	return out
}

// divided returns the rows of d in two random halves.
func divided(b *testing.B, d *dataset.Dataset) [2]*dataset.Dataset {
	b.Helper()
	split, err := dataset.NewSplit(d, dataset.SplitOptions{TestFraction: .5, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	first := d.Training(split)
	other := slices.Clone(split.Assignments[0])
	for row, fold := range other {
		other[row] = -1
		if fold < 0 {
			other[row] = 0
		}
	}
	split.Assignments = [][]int8{other}
	return [2]*dataset.Dataset{first, d.Training(split)}
}

// BenchmarkHalvesAreKin counts of how many data sets one half is a near-duplicate of the other, beside the tasks of the
// seed: by its distance alone, and with the isolated ones; and for how many a task of the seed is taken for one.
func BenchmarkHalvesAreKin(b *testing.B) {
	folder := os.Getenv("METAML_DATASETS")
	if folder == "" {
		b.Skip("METAML_DATASETS names no folder of data sets with an inventory.csv")
	}
	k, err := kb.Open(b.Context(), kb.Options{NoOwn: true, CacheDir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer k.Close()
	set, err := k.Snapshot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for range b.N {
		var all, near, isolated, strangers float64
		for _, taskType := range []string{record.Classification, record.Regression} {
			m, err := transfer.New(set, transfer.Options{Type: taskType})
			if err != nil {
				b.Fatal(err)
			}
			m = warmstart.Comparable(m)
			for _, half := range halves(b, folder, m) {
				beside := *m
				beside.Tasks = append(slices.Clip(m.Tasks), transfer.Task{Features: half[0]})
				last := len(m.Tasks)
				plain, _ := beside.Kin(half[1], false)
				wide, _ := beside.Kin(half[1], true)
				all++
				near += one(slices.Contains(plain, last))
				isolated += one(slices.Contains(wide, last))
				strangers += one(slices.ContainsFunc(wide, func(t int) bool { return t != last }))
			}
		}
		b.ReportMetric(all, "datasets")
		b.ReportMetric(near, "near")
		b.ReportMetric(isolated, "near-or-isolated")
		b.ReportMetric(strangers, "with-strangers")
	}
}

func one(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
