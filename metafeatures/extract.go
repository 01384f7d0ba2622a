package metafeatures

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// Extractor names the definitions of this package as a whole. It changes when any of them does.
const Extractor = "metaml/1"

// The groups, by pymfe's names, in the order in which they are computed: the default ones from cheap to dear, then
// the others.
const (
	General     = "general"
	Statistical = "statistical"
	InfoTheory  = "info-theory"
	Landmarking = "landmarking"
	ModelBased  = "model-based"
	Clustering  = "clustering"
	Concept     = "concept"
	Itemset     = "itemset"
	Complexity  = "complexity"
	Relative    = "relative"
	Subsampled  = "subsampled"
)

// ErrOption is wrapped by errors about unknown sets, groups and summaries.
var ErrOption = errors.New("metafeatures: invalid option")

// Options says what to extract and how much work to spend. The zero value computes the default groups with
// their default limits. Limits bound the work, not the data: above them values come from seeded samples, which
// Vector.Notes says. A negative limit means none.
//
// What the default limits do to values of 100,000 rows and 100 columns is measured by
// "metaml bench metafeatures --rows 100000 --columns 100 --samples 4": between draws the median feature of a group
// varies, by its standard deviation relative to its mean, by 1 % in statistical, info-theory and concept, nothing in
// general and itemset, 10 % in complexity, and 15 % in landmarking (spreads over folds included), clustering and
// model-based.
type Options struct {
	Set       string        // one of Sets; "": MetaML
	Groups    []string      // of the set; nil: DefaultGroups, of sets other than MetaML all
	Summaries []string      // of features with a value per column, class or fold; see Summaries. nil: mean, sd
	Budget    time.Duration // of CPU time, after which the groups not finished are skipped; 0: none
	Seed      uint64        // of samples and of random landmarkers

	MaxCells     int // rows x columns seen by statistical and info-theory; 0: 600,000
	MaxProducts  int // multiplications spent on one covariance matrix, by sampling rows; 0: 15,000,000
	MaxEncoded   int // columns, dummy columns included, in covariance matrices and landmarkers; 0: 120
	LandmarkRows int // rows of the landmarkers' stratified sample; 0: 500

	SubsampleShare float64 // of the landmarkers' rows, in (0,1], on which subsampled computes them; 0: 1/2

	TreeRows int // rows of the stratified sample that model-based grows its tree on; 0: 10,000
	PairRows int // rows of the stratified sample of clustering, concept and complexity; 0: 2000
	MaxItems int // values of two_itemset, by drawing pairs of columns; 0: 1,000,000
}

const (
	defaultMaxCells     = 600_000
	defaultMaxProducts  = 15_000_000
	defaultMaxEncoded   = 120
	defaultLandmarkRows = 500
	defaultTreeRows     = 10_000
	defaultPairRows     = 2000
	defaultMaxItems     = 1_000_000

	defaultSubsampleShare = 0.5
)

// group computes some of the meta-features.
type group struct {
	name    string
	version int // of its definitions
	compute func(*extraction) ([]measure, error)
}

// ownGroups computes the set MetaML.
func ownGroups() []group {
	return []group{
		{General, 1, (*extraction).general},
		{Statistical, 1, (*extraction).statistical},
		{InfoTheory, 1, (*extraction).infoTheory},
		{Landmarking, 1, (*extraction).landmarking},
		{ModelBased, 1, (*extraction).modelBased},
		{Clustering, 1, (*extraction).clustering},
		{Concept, 1, (*extraction).concept},
		{Itemset, 1, (*extraction).itemset},
		{Complexity, 1, (*extraction).complexity},
		{Relative, 1, (*extraction).relativeLandmarking},
		{Subsampled, 1, (*extraction).subsampledLandmarking},
	}
}

// Groups returns the names of all groups in the order in which they are computed.
func Groups() []string { return groupNames(ownGroups()) }

func groupNames(groups []group) []string {
	var names []string
	for _, g := range groups {
		names = append(names, g.name)
	}
	return names
}

// DefaultGroups returns the groups that are computed where none are named: the cheap ones, which suffice to compare
// tasks (see Similarity).
func DefaultGroups() []string { return []string{General, Statistical, InfoTheory, Landmarking} }

// measure is a meta-feature before it is summarised: a single number, or a value per column, class or fold.
type measure struct {
	name   string
	values []float64
	single bool
}

func one(name string, value float64) measure {
	return measure{name: name, values: []float64{value}, single: true}
}

func each(name string, values []float64) measure { return measure{name: name, values: values} }

// Extract computes the meta-features of a dataset on one goroutine. The result depends on dataset, options and
// nothing else, except that a budget decides by the clock which groups are there. The time of a group includes what
// it is the first to need. It fails on unknown options, on
// a dataset without rows or features (wrapping dataset.ErrData), and when ctx ends.
func Extract(ctx context.Context, d *dataset.Dataset, opt Options) (Vector, error) {
	opt, err := opt.resolve()
	if err != nil {
		return Vector{}, err
	}
	if err := check(d); err != nil {
		return Vector{}, err
	}
	named, err := setOf(opt.Set)
	if err != nil {
		return Vector{}, err
	}
	runtime.LockOSThread() // whose CPU time is measured
	defer runtime.UnlockOSThread()
	x := newExtraction(ctx, d, opt)
	v := Vector{Extractor: named.extractor}
	for _, g := range named.groups {
		if !slices.Contains(opt.Groups, g.name) {
			continue
		}
		start := cpuTime()
		measures, err := x.run(g)
		if errors.Is(err, errSpent) {
			v.Skipped = append(v.Skipped, fmt.Sprintf("%s: the budget of %v CPU time was spent", g.name, opt.Budget))
			continue
		}
		if err != nil {
			return Vector{}, fmt.Errorf("extracting meta-features (%s): %w", g.name, err)
		}
		measures = named.chosen(measures, d.Task)
		v.Features = append(v.Features, summarised(measures, g, opt.Summaries, cpuTime()-start)...)
	}
	v.Notes = x.notes
	return v, nil
}

// run computes one group unless the time is over.
func (x *extraction) run(g group) ([]measure, error) {
	if err := x.over(); err != nil {
		return nil, err
	}
	return g.compute(x)
}

// summarised turns measures into features; the group's time is shared out equally among them.
func summarised(measures []measure, g group, summaries []string, spent time.Duration) []Feature {
	var features []Feature
	for _, m := range measures {
		if m.single {
			features = append(features, Feature{Name: m.name, Value: m.values[0]})
			continue
		}
		for _, s := range summaries {
			features = append(features, summarise(m, s)...)
		}
	}
	for i := range features {
		features[i].Group, features[i].Version = g.name, g.version
		features[i].CPU = spent / time.Duration(len(features))
	}
	return features
}

// resolve checks the options and puts in the defaults.
func (o Options) resolve() (Options, error) {
	named, err := setOf(o.Set)
	if err != nil {
		return o, err
	}
	if o.Groups == nil {
		o.Groups = named.defaults
	}
	for _, g := range o.Groups {
		if names := groupNames(named.groups); !slices.Contains(names, g) {
			return o, fmt.Errorf("%w: no group %q; there are %s", ErrOption, g, strings.Join(names, ", "))
		}
	}
	if o.Summaries == nil {
		o.Summaries = []string{"mean", "sd"}
	}
	for _, s := range o.Summaries {
		if !slices.Contains(Summaries(), s) {
			return o, fmt.Errorf("%w: no summary %q; there are %s", ErrOption, s, strings.Join(Summaries(), ", "))
		}
	}
	if o.SubsampleShare == 0 {
		o.SubsampleShare = defaultSubsampleShare
	}
	if !(o.SubsampleShare > 0 && o.SubsampleShare <= 1) {
		return o, fmt.Errorf("%w: SubsampleShare %v is not in (0,1]", ErrOption, o.SubsampleShare)
	}
	o.MaxCells = limit(o.MaxCells, defaultMaxCells)
	o.MaxProducts = limit(o.MaxProducts, defaultMaxProducts)
	o.MaxEncoded = limit(o.MaxEncoded, defaultMaxEncoded)
	o.LandmarkRows = limit(o.LandmarkRows, defaultLandmarkRows)
	o.TreeRows = limit(o.TreeRows, defaultTreeRows)
	o.PairRows = limit(o.PairRows, defaultPairRows)
	o.MaxItems = limit(o.MaxItems, defaultMaxItems)
	return o, nil
}

const unlimited = math.MaxInt

func limit(value, fallback int) int {
	switch {
	case value < 0:
		return unlimited
	case value == 0:
		return fallback
	}
	return value
}

// check refuses what no meta-feature is defined for, and columns whose length contradicts the dataset's.
func check(d *dataset.Dataset) error {
	if len(d.Features) == 0 {
		return fmt.Errorf("%w: %s has no usable feature columns", dataset.ErrData, d.Name)
	}
	if d.Rows == 0 {
		return fmt.Errorf("%w: %s has no rows with a target", dataset.ErrData, d.Name)
	}
	if d.Task != dataset.Classification && d.Task != dataset.Regression {
		return fmt.Errorf("%w: %s has task type %q", dataset.ErrData, d.Name, d.Task)
	}
	for _, c := range append([]dataset.Column{d.Target}, d.Features...) {
		if len(c.Values) != d.Rows {
			return fmt.Errorf("%w: column %q has %d values for %d rows", dataset.ErrData, c.Name, len(c.Values), d.Rows)
		}
	}
	return nil
}
