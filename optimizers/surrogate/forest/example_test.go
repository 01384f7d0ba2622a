package forest_test

import (
	"fmt"

	"github.com/metaml/metaml/optimizers/surrogate/forest"
)

// A single tree finds the step between 3 and 10.
func ExampleFit() {
	x := [][]float64{{1}, {2}, {3}, {10}, {11}}
	y := [][]float64{{0}, {1}, {2}, {9}, {9}}
	opt := forest.Tree()
	opt.MaxDepth = 1
	f, err := forest.Fit(x, y, opt)
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, variance := f.PredictVariance([]float64{2.5})
	fmt.Printf("cut %.1f, mean %.1f, variance %.2f\n", f.Nodes(0)[0].Cut, mean[0], variance[0])
	fmt.Println("weights of the training rows", f.Proximity([]float64{20}))
	// Output:
	// cut 6.5, mean 1.0, variance 0.67
	// weights of the training rows [0 0 0 0.5 0.5]
}
