package metafeatures_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/metaml/metaml/metafeatures"
	"github.com/metaml/metaml/metafeatures/dataset"
)

// A file is read, described, and compared with another task.
func ExampleExtract() {
	folder, err := os.MkdirTemp("", "metafeatures")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "flowers.csv")
	table := "petals,colour,kind\n3.1,red,rose\n5.2,white,lily\n,red,rose\n5.0,white,lily\n3.3,pink,rose\n5.1,white,lily\n"
	if err := os.WriteFile(file, []byte(table), 0o600); err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	data, err := dataset.Read(ctx, file, dataset.Options{Target: "kind"})
	if err != nil {
		log.Fatal(err)
	}
	vector, err := metafeatures.Extract(ctx, data, metafeatures.Options{})
	if err != nil {
		log.Fatal(err)
	}
	values := vector.Map()
	for _, name := range []string{"nr_inst", "nr_cat", "missing_share", "class_ent", "nr_levels.mean"} {
		fmt.Printf("%s %.3f\n", name, values[name])
	}
	// Output:
	// nr_inst 6.000
	// nr_cat 1.000
	// missing_share 0.083
	// class_ent 1.000
	// nr_levels.mean 3.000
}

// Meta-features of prior tasks give the scale; the nearest of them is the most similar.
func ExampleScaler() {
	prior := []map[string]float64{
		{"log_nr_inst": 5, "cat_share": 0},
		{"log_nr_inst": 7, "cat_share": 0.5},
		{"log_nr_inst": 9, "cat_share": 1},
	}
	scaler := metafeatures.FitScaler(metafeatures.Similarity(), prior)
	query := scaler.Transform(map[string]float64{"log_nr_inst": 7.5, "cat_share": 0.4})
	for i, task := range prior {
		fmt.Printf("task %d: %.2f\n", i, metafeatures.Distance(query, scaler.Transform(task), metafeatures.L1))
	}
	// Output:
	// task 0: 1.02
	// task 1: 0.22
	// task 2: 0.97
}
