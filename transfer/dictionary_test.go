package transfer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/metaml/metaml/optimizers/space"
)

// randomValue draws from few values of every kind, so that equal ones come up.
func randomValue(rng *rand.Rand) space.Value {
	switch rng.IntN(5) {
	case 0:
		return space.Null()
	case 1:
		return space.Bool(rng.IntN(2) == 0)
	case 2:
		return space.Int(int64(rng.IntN(3)))
	case 3:
		return space.Float(float64(rng.IntN(6)) / 2)
	}
	return space.String([]string{"a", "b", "1"}[rng.IntN(3)])
}

func randomConfigs(rng *rand.Rand, n int) []space.Config {
	configs := make([]space.Config, n)
	for i := range configs {
		configs[i] = space.Config{}
		for range rng.IntN(4) {
			configs[i][fmt.Sprint("p", rng.IntN(3))] = randomValue(rng)
		}
	}
	return configs
}

// TestNumbersAgreeWithEqual: two configurations have the same number exactly if they are equal, 1 and 1.0 included,
// "1" and null not.
func TestNumbersAgreeWithEqual(t *testing.T) {
	configs := randomConfigs(rand.New(rand.NewPCG(1, 1)), 400)
	d := newDictionary()
	numbers := make([]int, len(configs))
	for i, c := range configs {
		numbers[i] = d.number(c)
	}
	same := 0
	for i, c := range configs {
		for j := range i {
			if c.Equal(configs[j]) != (numbers[i] == numbers[j]) {
				t.Fatalf("%v and %v have numbers %d and %d", c, configs[j], numbers[i], numbers[j])
			}
			if numbers[i] == numbers[j] {
				same++
			}
		}
	}
	if same == 0 {
		t.Error("no two configurations were equal: nothing was tested")
	}
	for i, c := range configs {
		if again := d.number(c.Clone()); again != numbers[i] {
			t.Fatalf("a copy of %v has number %d, it has %d", c, again, numbers[i])
		}
	}
}

// TestConfigurationsAreTotallyOrdered: antisymmetric, transitive, and equal only if the configurations are.
func TestConfigurationsAreTotallyOrdered(t *testing.T) {
	values := randomConfigs(rand.New(rand.NewPCG(2, 2)), 60)
	configs := make([]Config, len(values))
	for i, v := range values {
		configs[i] = Config{Values: v, Learner: Learner(v)}
	}
	for _, x := range configs {
		for _, y := range configs {
			xy := compareConfigs(x, y)
			if sign(xy) != -sign(compareConfigs(y, x)) || (xy == 0) != x.Values.Equal(y.Values) {
				t.Fatalf("%v and %v compare as %d", x.Values, y.Values, xy)
			}
			for _, z := range configs {
				if xy <= 0 && compareConfigs(y, z) <= 0 && compareConfigs(x, z) > 0 {
					t.Fatalf("%v, %v, %v are in no order", x.Values, y.Values, z.Values)
				}
			}
		}
	}
	if !slices.IsSortedFunc([]Config{
		{Learner: "a", Values: space.Config{"z": space.Int(9)}},
		{Learner: "b", Values: space.Config{"x": space.Int(2)}},
		{Learner: "b", Values: space.Config{"x": space.Int(10)}},
		{Learner: "b", Values: space.Config{"x": space.Int(10), "y": space.Int(0)}},
		{Learner: "b", Values: space.Config{"y": space.Null()}},
	}, compareConfigs) {
		t.Error("by learner, by value as a number, the shorter before the longer")
	}
}
