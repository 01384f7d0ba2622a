// Package aslib imports scenarios of the algorithm selection library (Bischl et al. 2016): a folder with
// description.txt, algorithm_runs.arff, feature_values.arff and, optionally, feature_runstatus.arff. Instances become
// tasks, algorithms become configurations of one categorical hyperparameter.
package aslib

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/metaml/metaml/kb/importers"
	"github.com/metaml/metaml/kb/record"
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// Parameter is the hyperparameter that names the algorithm.
const Parameter = "algorithm"

// Extractor returns the name under which a scenario's instance features are recorded.
func Extractor(scenario string) string { return "foreign:aslib/" + scenario }

// Import reads the folder. A run's status becomes complete (ok), timed_out (timeout), out_of_memory (memout), crashed
// (crash) or failed (not_applicable, other); only complete runs have measures. A repetition beyond the first is the
// run's seed. Features are means over repetitions; those of a step that failed are left out. Errors name file, line
// and column and wrap importers.ErrInvalid, or fs.ErrNotExist for a file that is missing.
func Import(ctx context.Context, dir string, opt importers.Options) ([]record.Record, importers.Report, error) {
	im := &importer{ctx: ctx, dir: dir, opt: opt, tasks: map[string]record.ID{}}
	var err error
	if im.description, err = readDescription(ctx, dir); err != nil {
		return nil, importers.Report{}, err
	}
	for _, step := range []func() error{im.addProtocol, im.readAlgorithms, im.readRuns, im.readFeatures} {
		if err := step(); err != nil {
			return nil, importers.Report{}, err
		}
	}
	im.report.Source = im.scenario
	im.report.Tasks = len(im.tasks)
	return im.records, im.report, nil
}

// importer is the state of one import.
type importer struct {
	description
	ctx context.Context
	dir string
	opt importers.Options

	protocol, space record.ID
	tasks           map[string]record.ID
	records         []record.Record
	report          importers.Report
}

func (im *importer) addProtocol() error {
	at := importers.Place{File: "description.txt"}
	p := &record.Protocol{Resampling: "aslib/" + im.scenario}
	if im.cutoff > 0 {
		p.Resampling += fmt.Sprintf(", cutoff %g s", im.cutoff)
	}
	for _, m := range im.measures {
		p.Metrics = append(p.Metrics, record.Metric{Name: m.name, Maximize: m.maximize})
	}
	identified, err := importers.Identify(at, p)
	im.protocol = identified.ID
	im.records = append(im.records, p)
	return err
}

const runsFile = "algorithm_runs.arff"

// readAlgorithms passes over the runs once to know all algorithms, whose space every run names.
func (im *importer) readAlgorithms() error {
	r, err := openRelation(im.ctx, im.dir, runsFile, "instance_id", "repetition", "algorithm", "runstatus")
	if err != nil {
		return err
	}
	defer r.Close()
	column, _ := r.Column("algorithm")
	seen := map[string]bool{}
	err = r.Rows(func() error {
		a, err := r.Text(column)
		seen[a] = true
		return err
	})
	if err != nil {
		return err
	}
	at := importers.Place{File: r.Name}
	if len(seen) == 0 {
		return importers.Invalidf(at, "there are no runs")
	}
	h := space.Hyperparameter{Name: Parameter, Type: space.TypeCategorical}
	for _, a := range slices.Sorted(maps.Keys(seen)) {
		h.Choices = append(h.Choices, space.String(a))
	}
	im.report.Configs = len(h.Choices)
	s, err := space.New([]space.Hyperparameter{h})
	if err != nil {
		return importers.Invalidf(at, "%w", err)
	}
	identified, err := importers.Identify(at, &record.Space{Space: s})
	im.space = identified.ID
	im.records = append(im.records, identified.Record)
	return err
}

// task returns the id of an instance's task, adding it at the first mention.
func (im *importer) task(at importers.Place, instance string) (record.ID, error) {
	if id, known := im.tasks[instance]; known {
		return id, nil
	}
	fingerprint, err := importers.Fingerprint("aslib", im.scenario, instance)
	if err != nil {
		return "", importers.Invalidf(at, "%w", err)
	}
	task, err := importers.Identify(at, &record.Task{Fingerprint: fingerprint})
	if err != nil {
		return "", err
	}
	label, err := importers.Identify(at, &record.Label{Task: task.ID, Name: instance, Source: "aslib/" + im.scenario})
	im.tasks[instance] = task.ID
	im.records = append(im.records, task.Record, label.Record)
	return task.ID, err
}

// runColumns are the positions of what a row of algorithm_runs.arff says.
type runColumns struct {
	instance, repetition, algorithm, status int
	measures                                []int
}

func (im *importer) readRuns() error {
	r, err := openRelation(im.ctx, im.dir, runsFile)
	if err != nil {
		return err
	}
	defer r.Close()
	var c runColumns
	for name, at := range map[string]*int{
		"instance_id": &c.instance, "repetition": &c.repetition, "algorithm": &c.algorithm, "runstatus": &c.status,
	} {
		if *at, err = r.Column(name); err != nil {
			return err
		}
	}
	for _, m := range im.measures {
		at, err := r.Column(m.name)
		if err != nil {
			return err
		}
		c.measures = append(c.measures, at)
	}
	return r.Rows(func() error {
		run, err := im.run(r, c)
		if err != nil {
			return err
		}
		im.records = append(im.records, run)
		im.report.Runs++
		return nil
	})
}

func (im *importer) run(r *relation, c runColumns) (*record.Run, error) {
	instance, err := r.Text(c.instance)
	if err != nil {
		return nil, err
	}
	task, err := im.task(r.At(c.instance), instance)
	if err != nil {
		return nil, err
	}
	algorithm, err := r.Text(c.algorithm)
	if err != nil {
		return nil, err
	}
	repetition, err := r.Integer(c.repetition)
	if err != nil {
		return nil, err
	}
	run := &record.Run{
		Task: task, Protocol: im.protocol, Space: im.space, Config: space.Config{Parameter: space.String(algorithm)},
		Seed: uint64(repetition - 1), Evaluator: record.Evaluator{Name: "import/aslib", Version: im.scenario}, Contributor: im.opt.Contributor,
	}
	word, err := r.Text(c.status)
	if err != nil {
		return nil, err
	}
	if err := setStatus(run, word); err != nil {
		return nil, importers.Invalidf(r.At(c.status), "%w", err)
	}
	if err := im.setMeasures(run, r, c); err != nil {
		return nil, err
	}
	if err := record.Validate(run); err != nil {
		return nil, importers.Invalidf(r.At(-1), "%w", err)
	}
	return run, nil
}

// setStatus translates ASlib's word for how a run ended.
func setStatus(run *record.Run, word string) error {
	switch word {
	case "ok":
		run.Status = study.Complete
		return nil
	case "timeout":
		run.Status = study.TimedOut
	case "memout":
		run.Status = study.OutOfMemory
	case "crash":
		run.Status = study.Crashed
	case "not_applicable", "other":
		run.Status = study.Failed
	default:
		return fmt.Errorf("%q is none of ok, timeout, memout, not_applicable, crash, other", word)
	}
	run.Reason = "runstatus " + word
	return nil
}

// setMeasures reads the performance. The first run time also is the run's cost, the cutoff that of a time-out.
func (im *importer) setMeasures(run *record.Run, r *relation, c runColumns) error {
	for i, m := range im.measures {
		v, there, err := r.Number(c.measures[i])
		if err == nil {
			err = importers.CheckValue(r.At(c.measures[i]), v)
		}
		if err != nil {
			return err
		}
		if m.runtime && v < 0 {
			return importers.Invalidf(r.At(c.measures[i]), "%v seconds", v)
		}
		if m.runtime && run.Cost.Wall == 0 {
			switch {
			case run.Status == study.TimedOut && im.cutoff > 0:
				run.Cost.Wall = im.cutoff
			case there:
				run.Cost.Wall = v
			}
		}
		if run.Status != study.Complete {
			continue
		}
		if !there {
			return importers.Invalidf(r.At(c.measures[i]), "missing though runstatus is ok")
		}
		run.Measures = append(run.Measures, record.Measure{Metric: m.name, Validation: []float64{record.Round6(v)}})
	}
	record.SortMeasures(run.Measures)
	run.Cost = record.RoundCost(run.Cost)
	return nil
}

// instanceSums add up an instance's features over repetitions.
type instanceSums struct {
	sums   map[string]float64
	counts map[string]int
}

// readFeatures adds the features of instances that have runs.
func (im *importer) readFeatures() error {
	failed, err := im.failedSteps()
	if err != nil {
		return err
	}
	r, err := openRelation(im.ctx, im.dir, "feature_values.arff", "instance_id", "repetition")
	if err != nil {
		return err
	}
	defer r.Close()
	instance, _ := r.Column("instance_id")
	repetition, _ := r.Column("repetition")
	all := map[string]*instanceSums{}
	err = r.Rows(func() error {
		name, err := r.Text(instance)
		if err != nil {
			return err
		}
		n, err := r.Integer(repetition)
		if err != nil {
			return err
		}
		if all[name] == nil {
			all[name] = &instanceSums{map[string]float64{}, map[string]int{}}
		}
		return all[name].add(r, failed[stepRun{name, n}], instance, repetition)
	})
	if err != nil {
		return err
	}
	return im.addFeatures(importers.Place{File: r.Name}, all)
}

// add adds the current row's features except those named and those in the columns given.
func (s *instanceSums) add(r *relation, without map[string]bool, columns ...int) error {
	for i, feature := range r.Attributes {
		if slices.Contains(columns, i) || without[feature] {
			continue
		}
		v, there, err := r.Number(i)
		if err != nil {
			return err
		}
		if there {
			s.sums[feature] += v
			s.counts[feature]++
		}
	}
	return nil
}

func (im *importer) addFeatures(at importers.Place, all map[string]*instanceSums) error {
	unused := 0
	for _, name := range slices.Sorted(maps.Keys(all)) {
		task, known := im.tasks[name]
		if !known {
			unused++
			continue
		}
		values := map[string]float64{}
		for feature, sum := range all[name].sums {
			values[feature] = record.Round6(sum / float64(all[name].counts[feature]))
		}
		if len(values) == 0 {
			continue
		}
		f, err := importers.Identify(at, &record.Features{Task: task, Extractor: Extractor(im.scenario), Values: values})
		if err != nil {
			return err
		}
		im.records = append(im.records, f.Record)
	}
	if unused > 0 {
		im.report.Notes = append(im.report.Notes, fmt.Sprintf("%d instances have features and no runs: left out", unused))
	}
	return nil
}

// stepRun is one computation of an instance's features.
type stepRun struct {
	instance   string
	repetition int
}

// failedSteps returns the features that a failed step should have provided. Without the file there are none.
func (im *importer) failedSteps() (map[stepRun]map[string]bool, error) {
	r, err := openRelation(im.ctx, im.dir, "feature_runstatus.arff", "instance_id", "repetition")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	instance, _ := r.Column("instance_id")
	repetition, _ := r.Column("repetition")
	failed := map[stepRun]map[string]bool{}
	err = r.Rows(func() error {
		name, err := r.Text(instance)
		if err != nil {
			return err
		}
		n, err := r.Integer(repetition)
		if err != nil {
			return err
		}
		without := map[string]bool{}
		for i, step := range r.Attributes {
			if i == instance || i == repetition || r.row[i].text == "ok" {
				continue
			}
			for _, feature := range im.steps[step] {
				without[feature] = true
			}
		}
		failed[stepRun{name, n}] = without
		return nil
	})
	return failed, err
}
