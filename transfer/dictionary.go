package transfer

import (
	"cmp"
	"hash/maphash"
	"reflect"
	"strings"

	"github.com/metaml/metaml/optimizers/space"
)

// dictionary numbers distinct configurations by content. Runs read from a pack share their maps, so most look-ups
// end at the map's address; the others cost a hash that needs no canonical JSON.
type dictionary struct {
	seed    maphash.Seed
	byMap   map[uintptr]int
	byHash  map[uint64][]int
	configs []space.Config
}

func newDictionary() *dictionary {
	return &dictionary{seed: maphash.MakeSeed(), byMap: make(map[uintptr]int), byHash: make(map[uint64][]int)}
}

// number returns the number of c, which is new if no equal configuration was seen. The maps must stay reachable
// and unchanged as long as the dictionary is used.
func (d *dictionary) number(c space.Config) int {
	address := reflect.ValueOf(c).Pointer()
	if n, ok := d.byMap[address]; ok && address != 0 {
		return n
	}
	n := d.find(c)
	d.byMap[address] = n
	return n
}

func (d *dictionary) find(c space.Config) int {
	h := d.hash(c)
	for _, n := range d.byHash[h] {
		if d.configs[n].Equal(c) {
			return n
		}
	}
	n := len(d.configs)
	d.configs = append(d.configs, c)
	d.byHash[h] = append(d.byHash[h], n)
	return n
}

// hash adds up the hashes of the entries, so that their order does not matter. 1 and 1.0 are the same.
func (d *dictionary) hash(c space.Config) uint64 {
	type entry struct {
		name  string
		value space.Value
	}
	var sum uint64
	for name, v := range c {
		if v.IsNumber() {
			v = space.Float(v.Float())
		}
		sum += maphash.Comparable(d.seed, entry{name, v})
	}
	return sum
}

// compareConfigs orders configurations as a person would list them: by learner, then by the values of their
// hyperparameters in the order of the names, null before false, true, numbers and words.
func compareConfigs(x, y Config) int {
	if order := strings.Compare(x.Learner, y.Learner); order != 0 {
		return order
	}
	xs, ys := x.Values.Names(), y.Values.Names()
	for i := range min(len(xs), len(ys)) {
		if order := strings.Compare(xs[i], ys[i]); order != 0 {
			return order
		}
		if order := compareValues(x.Values[xs[i]], y.Values[ys[i]]); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(xs), len(ys))
}

func compareValues(a, b space.Value) int {
	if a.IsNumber() && b.IsNumber() {
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Or(cmp.Compare(a.Kind(), b.Kind()), strings.Compare(a.Text(), b.Text()))
}
