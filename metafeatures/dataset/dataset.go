// Package dataset reads tabular data: CSV, TSV and ARFF, plain or compressed, and Parquet, from a file or a pipe. It finds out
// what each column is, which one is the target and what kind of task that makes, keeps memory bounded by a seeded
// sample of rows, splits rows for resampling, and stages the result for evaluators in other languages.
//
// The way of a file: openSource decompresses, lineReader cuts lines, csvReader or arffReader makes records of numbers
// and texts, table keeps them or a sample of them by column, and finish judges each column's kind and the task.
//
// A cell that reads as a number is that number, however written. A column is numeric if all its cells are numbers or
// missing, also if they are few distinct integers. Of the others, two truth values (true/false, yes/no, t/f, y/n, in
// any case of letters) are boolean, dates in one form are dates, and texts are categorical; in them a number is a
// level named by its shortest form. Left out are columns without values, with always the same value, with texts that
// mostly differ from row to row (text, or identifier if they are single words), and identifiers: integers that differ
// in every row and either count from 0 or 1, time aside, or are named like keys.
package dataset

import "errors"

// ErrData is wrapped by every error about the content of a file: broken, inconsistent or unusable data.
var ErrData = errors.New("invalid data")

// ErrNotFound is wrapped by errors about a file or column that does not exist.
var ErrNotFound = errors.New("not found")

// ErrOption is wrapped by errors about options that contradict each other or the data.
var ErrOption = errors.New("invalid option")

// Kind is what a column holds.
type Kind uint8

// The kinds of columns. Numeric and Date (seconds since 1970) hold numbers; Categorical and Boolean hold level
// codes; Text, Identifier, Constant and Missing columns are recognised, reported, and left out of the features.
const (
	Numeric Kind = iota
	Categorical
	Boolean
	Date
	Text
	Identifier
	Constant
	Missing
)

// Column is one column of the sampled rows. For Numeric and Date, Values are the numbers; for Categorical and
// Boolean, they are codes into Levels (0, 1, …). NaN is a missing value either way.
type Column struct {
	Name         string
	Kind         Kind
	Values       []float64
	Levels       []string // in order of first appearance in the file
	MissingCount int      // among Values
	// DateOrder is how dates written with slashes were read: MonthFirst or DayFirst; empty for all others.
	DateOrder string
}

// The values of Column.DateOrder.
const (
	MonthFirst = "month_first"
	DayFirst   = "day_first"
)

// TaskType is the kind of prediction task.
type TaskType string

// The task types, spelled as in records and on the command line.
const (
	Classification TaskType = "classification"
	Regression     TaskType = "regression"
)

// Dropped is a column left out of the features, and why.
type Dropped struct {
	Name   string
	Kind   Kind
	Reason string
}

// Dataset is a table ready for meta-features and evaluation. Rows whose target is missing are left out.
type Dataset struct {
	Name      string   // the file's name without folder and extensions
	Features  []Column // usable columns in file order
	Target    Column   // Categorical (classes) for classification, Numeric for regression; no missing values
	Task      TaskType
	Rows      int // rows in memory
	TotalRows int // rows with a target in the file

	DecimalComma bool // numbers in the file were read with a decimal comma
	Dropped      []Dropped
	Notes        []string // what a user should know: sampling, unlabelled rows, …; one sentence each
	Fingerprint  string   // SHA-256 of header, target and all rows as parsed; equal data, equal fingerprint
}
