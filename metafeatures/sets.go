package metafeatures

import (
	"fmt"
	"slices"
	"strings"

	"github.com/metaml/metaml/metafeatures/dataset"
)

// The named sets: metaml's own, and those under which other projects record tasks, so that a knowledge base of theirs
// can be asked about new data.
const (
	// MetaML is everything of this package.
	MetaML = "metaml"
	// PyMFE is what pymfe 0.4.4 computes, by its names: MetaML without what is metaml's own. pymfe describes
	// classification alone; for regression there is what its definitions give for a numeric target.
	PyMFE = "pymfe"
	// AutoSklearn is the 46 meta-features of auto-sklearn (Feurer et al. 2015), by its names.
	AutoSklearn = "auto-sklearn"
	// AutoSklearnKNN is those of AutoSklearn by which auto-sklearn finds the nearest tasks, which are all but
	// landmarkers and principal components: 37 for classification, 31 for regression.
	AutoSklearnKNN = "auto-sklearn-knn"
	// FLAML is the 4 of FLAML's zero-shot recommendation (Wang et al. 2023), by its names.
	FLAML = "flaml"
	// OpenML is OpenML's data qualities, by its names, without its Weka landmarkers.
	OpenML = "openml"
)

// set is a named set: some groups with definitions and names of their own.
type set struct {
	name      string
	extractor string   // what records carry
	defaults  []string // groups computed where none are named
	groups    []group
	keep      func(measure string, task dataset.TaskType) bool // nil: everything the groups compute
}

func allSets() []set {
	own, sklearn, flaml, openml := ownGroups(), autoSklearnGroups(), flamlGroups(), openMLGroups()
	return []set{
		{name: MetaML, extractor: Extractor, defaults: DefaultGroups(), groups: own},
		{name: PyMFE, extractor: "pymfe/1", defaults: groupNames(own), groups: own, keep: knownToPyMFE},
		{name: AutoSklearn, extractor: "auto-sklearn/1", defaults: groupNames(sklearn), groups: sklearn},
		{
			name: AutoSklearnKNN, extractor: "auto-sklearn-knn/1",
			defaults: []string{General, Statistical, InfoTheory}, groups: sklearn, keep: comparedByAutoSklearn,
		},
		{name: FLAML, extractor: "flaml/1", defaults: groupNames(flaml), groups: flaml},
		{name: OpenML, extractor: "openml/1", defaults: groupNames(openml), groups: openml},
	}
}

// Sets returns the names of the named sets, metaml's own first.
func Sets() []string {
	var names []string
	for _, s := range allSets() {
		names = append(names, s.name)
	}
	return names
}

// GroupsOf returns the groups of a named set in the order in which they are computed; an unknown set is an ErrOption.
func GroupsOf(name string) ([]string, error) {
	s, err := setOf(name)
	return groupNames(s.groups), err
}

// setOf finds a set; "" is MetaML.
func setOf(name string) (set, error) {
	if name == "" {
		name = MetaML
	}
	for _, s := range allSets() {
		if s.name == name {
			return s, nil
		}
	}
	return set{}, fmt.Errorf("%w: no set %q; there are %s", ErrOption, name, strings.Join(Sets(), ", "))
}

// chosen returns the measures that belong to the set.
func (s set) chosen(measures []measure, task dataset.TaskType) []measure {
	if s.keep == nil {
		return measures
	}
	return slices.DeleteFunc(measures, func(m measure) bool { return !s.keep(m.name, task) })
}

// knownToPyMFE says whether pymfe has a measure of that name.
func knownToPyMFE(name string, _ dataset.TaskType) bool {
	base, _, _ := strings.Cut(name, ".")
	return !slices.Contains(ownMeasures(), base) && !strings.HasSuffix(base, "_r2") && !strings.HasPrefix(base, "reg_")
}

// ownMeasures lists what is metaml's own among the measures of its groups, what describes regressions (…_r2 and reg_…)
// aside.
func ownMeasures() []string {
	return []string{
		"log_nr_inst", "log_nr_attr", "log_nr_class", "log_attr_to_inst", "cat_share", "missing_share",
		"incomplete_attr_share", "incomplete_inst_share", "class_imbalance", "nr_levels", "target_levels_share",
		"outlier_attr_share", "normal_attr_share", "target_cor", "target_skewness", "target_kurtosis",
		"target_outlier_share", "target_cv", "decision_tree", "target_conceptvar", "target_impconceptvar",
	}
}

// comparedByAutoSklearn leaves out what depends on the target's classes where there are none, and principal components.
func comparedByAutoSklearn(name string, task dataset.TaskType) bool {
	if strings.HasPrefix(name, "PCA") || strings.HasPrefix(name, "Landmark") {
		return false
	}
	return task == dataset.Classification || !strings.HasPrefix(name, "Class") && name != "NumberOfClasses"
}
