package metafeatures

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// BenchmarkExtract is the default set on the sizes that its cost is promised for.
func BenchmarkExtract(b *testing.B) {
	for _, shape := range []struct{ rows, columns int }{
		{10_000, 50}, {100_000, 100}, {7_000, 170}, {600_000, 2},
	} {
		for _, task := range []dataset.TaskType{dataset.Classification, dataset.Regression} {
			d := generated(shape.rows, shape.columns, task, 1)
			for _, group := range append([]string{"all"}, Groups()...) {
				opt := Options{Groups: []string{group}}
				if group == "all" {
					opt.Groups = nil
				}
				b.Run(fmt.Sprintf("%dx%d/%s/%s", shape.rows, shape.columns, task, group), func(b *testing.B) {
					b.ReportAllocs()
					var spent time.Duration
					for b.Loop() {
						v, err := Extract(context.Background(), d, opt)
						if err != nil {
							b.Fatal(err)
						}
						for _, f := range v.Features {
							spent += f.CPU
						}
					}
					b.ReportMetric(spent.Seconds()*1000/float64(b.N), "cpu-ms/op")
				})
			}
		}
	}
}
