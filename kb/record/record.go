// Package record defines what the knowledge base remembers: tasks, their meta-features and labels, evaluation
// protocols, search spaces, runs, and retractions. Records are immutable and content-addressed: a record's id is
// the SHA-256 of its canonical JSON (RFC 8785), so that two knowledge bases merge by set union.
package record

import (
	"github.com/metaml/metaml/optimizers/space"
	"github.com/metaml/metaml/optimizers/study"
)

// ID identifies a record: the SHA-256 of its canonical bytes in lower-case hexadecimal.
type ID string

// Kind is a record's kind, the value of its JSON key "kind".
type Kind string

// The kinds of records.
const (
	KindTask       Kind = "task"
	KindFeatures   Kind = "features"
	KindLabel      Kind = "label"
	KindProtocol   Kind = "protocol"
	KindSpace      Kind = "space"
	KindRun        Kind = "run"
	KindRetraction Kind = "retraction"
)

// Record is one of *Task, *Features, *Label, *Protocol, *Space, *Run, *Retraction.
type Record interface {
	// Kind tells which.
	Kind() Kind

	verbatim() string
	setVerbatim(string)
}

// Task types.
const (
	Classification = "classification"
	Regression     = "regression"
)

// Task is a dataset with a target, known by fingerprint only. A task imported without its data has as fingerprint
// the hash of source kind, scenario and the source's task id, and may leave Type, Rows and Columns unknown (zero).
type Task struct {
	origin
	Fingerprint string `json:"fingerprint"`
	Target      string `json:"target,omitempty"`
	Type        string `json:"type,omitempty"`
	Rows        int    `json:"rows,omitempty"`
	Columns     int    `json:"columns,omitempty"`
}

// Features are a task's meta-features under one extractor version, or "foreign:SOURCE" for imported ones, whose
// names are the source's own. Undefined values are absent.
type Features struct {
	origin
	Task      ID                 `json:"task"`
	Extractor string             `json:"extractor"`
	Values    map[string]float64 `json:"values"`
}

// Label names a task for people. Group is shared by siblings: tasks of the same or a related study, never counted
// as independent evidence.
type Label struct {
	origin
	Task        ID       `json:"task"`
	Name        string   `json:"name"`
	Group       string   `json:"group,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Source      string   `json:"source,omitempty"`
	Licence     string   `json:"licence,omitempty"`
}

// Metric is a measure with its direction.
type Metric struct {
	Name     string `json:"name"`
	Maximize bool   `json:"maximize,omitempty"`
}

// Protocol is how configurations were evaluated; results of different protocols are never mixed silently. The
// first metric is the primary one. Imported results whose protocol is unknown carry what their source says in
// Resampling.
type Protocol struct {
	origin
	Resampling   string   `json:"resampling"` // "cv", or the source's own words
	Folds        int      `json:"folds,omitempty"`
	Repeats      int      `json:"repeats,omitempty"`
	TestFraction float64  `json:"test_fraction,omitempty"`
	SplitSeed    uint64   `json:"split_seed,omitempty"`
	RowCap       int      `json:"row_cap,omitempty"`
	Metrics      []Metric `json:"metrics"`
}

// Space is a search space; a Run names it by this record's id.
type Space struct {
	origin
	Space space.Space `json:"space"`
}

// Measure is one metric's values: per fold on validation data, and per fold's model on the outer test split.
// Imported means are a single validation value. Numbers are rounded to 6 significant digits when recorded.
type Measure struct {
	Metric     string    `json:"metric"`
	Validation []float64 `json:"validation,omitempty"`
	Test       []float64 `json:"test,omitempty"`
}

// CurvePoint is the primary metric's mean validation value at a lower fidelity of the same run.
type CurvePoint struct {
	Fidelity study.Fidelity `json:"fidelity,omitempty"`
	Value    float64        `json:"value"`
}

// Evaluator says what measured a run: its name, version, and the hash of the lock file of its environment.
type Evaluator struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Lock    string `json:"lock,omitempty"`
}

// Run is one evaluation of a configuration on a task under a protocol. Measures are sorted by metric and present
// only for complete runs; Reason explains any other status. Split is the hash of the row split used. Time is when
// it ended, in seconds since 1970; Contributor and Machine are opaque words.
type Run struct {
	origin
	Task        ID             `json:"task"`
	Protocol    ID             `json:"protocol"`
	Space       ID             `json:"space"`
	Config      space.Config   `json:"config"`
	Fidelity    study.Fidelity `json:"fidelity,omitempty"`
	Seed        uint64         `json:"seed,omitempty"`
	Status      study.Status   `json:"status"`
	Measures    []Measure      `json:"measures,omitempty"`
	Curve       []CurvePoint   `json:"curve,omitempty"`
	Cost        study.Cost     `json:"cost,omitzero"`
	Split       string         `json:"split,omitempty"`
	Reason      string         `json:"reason,omitempty"`
	Evaluator   Evaluator      `json:"evaluator"`
	Contributor string         `json:"contributor,omitempty"`
	Machine     string         `json:"machine,omitempty"`
	Time        int64          `json:"time,omitempty"`
}

// Retraction withdraws a record. It counts if its contributor is the target's; else it hides the target locally
// only.
type Retraction struct {
	origin
	Target      ID     `json:"target"`
	Contributor string `json:"contributor,omitempty"`
	Reason      string `json:"reason,omitempty"`
	Time        int64  `json:"time,omitempty"`
}

// Kind returns KindTask.
func (*Task) Kind() Kind { return KindTask }

// Kind returns KindFeatures.
func (*Features) Kind() Kind { return KindFeatures }

// Kind returns KindLabel.
func (*Label) Kind() Kind { return KindLabel }

// Kind returns KindProtocol.
func (*Protocol) Kind() Kind { return KindProtocol }

// Kind returns KindSpace.
func (*Space) Kind() Kind { return KindSpace }

// Kind returns KindRun.
func (*Run) Kind() Kind { return KindRun }

// Kind returns KindRetraction.
func (*Retraction) Kind() Kind { return KindRetraction }
